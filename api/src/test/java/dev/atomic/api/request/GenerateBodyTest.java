package dev.atomic.api.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.api.submission.Submission;
import dev.atomic.shared.Json;
import dev.atomic.shared.Variables;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.VerifyKind;
import dev.atomic.shared.verify.VerifyPolicy;
import dev.atomic.shared.webhook.WebhookRules;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GenerateBodyTest {
    private static final String MIB = "a".repeat(1 << 20);

    private final GenerateBody bodies =
            new GenerateBody(
                    ApiSettings.from(new Variables(Map.of())),
                    WebhookRules.from(new Variables(Map.of())));

    @Test
    void whatAJobMayCostIsBoundedByWhatIsConfigured() {
        assertThat(read("{'prompt':'p'}").input().maxCostUsd()).isNull();
        assertThat(read("{'prompt':'p','max_cost_usd':0.25}").input().maxCostUsd()).isEqualTo(0.25);
        Variables variables = new Variables(Map.of("ATOMIC_JOB_MAX_COST_USD", "0.50"));
        GenerateBody bounded =
                new GenerateBody(
                        ApiSettings.from(variables), WebhookRules.from(new Variables(Map.of())));
        assertThat(bounded.read(Json.STRICT.readTree("{\"prompt\":\"p\"}")).input().maxCostUsd())
                .isEqualTo(0.5);
        assertThatThrownBy(() ->
                        bounded.read(
                                Json.STRICT.readTree("{\"prompt\":\"p\",\"max_cost_usd\":0.51}")))
                .hasMessage("max_cost_usd must be 0 to 0.5.");
    }

    @Test
    void aPromptAloneHasTheDefaults() {
        Submission submission = read("{'prompt':'p'}");
        assertThat(submission.input().language()).isEqualTo("python");
        assertThat(submission.input().framework()).isNull();
        assertThat(submission.input().pipeline()).containsExactly(StageName.values());
        assertThat(submission.input().policy()).isEqualTo(VerifyPolicy.REQUIRED);
        assertThat(submission.run().kind()).isEqualTo(VerifyKind.AUTO);
        assertThat(submission.input().timeoutSeconds()).isEqualTo(900);
        assertThat(submission.maxAttempts()).isEqualTo(4);
        assertThat(submission.priority()).isEqualTo(Priority.NORMAL);
    }

    @Test
    void everyFieldIsTaken() {
        Submission submission =
                read(
                        "{'prompt':'p','language':'Rust','framework':'axum','metadata':{'a':[1.50,null]},"
                                + "'files':[{'path':'a/b.py','content':'é'},{'path':'c','content':'AAE=','encoding':'base64'}],"
                                + "'pipeline':['verify','code'],'verify':{'policy':'best_effort','kind':'tests',"
                                + "'files':[{'path':'test_a.py','content':''}],'command':['pytest','-q']},"
                                + "'max_tokens':1000000,'temperature':0.5,'instructions':'short','priority':'high',"
                                + "'max_attempts':1,'timeout_seconds':60}");
        assertThat(submission.input().language()).isEqualTo("rust");
        assertThat(submission.input().framework()).isEqualTo("axum");
        assertThat(Json.write(submission.input().metadata())).isEqualTo("{\"a\":[1.50,null]}");
        assertThat(submission.files().get(0).text()).isEqualTo("é");
        assertThat(submission.files().get(1).content()).containsExactly(0, 1);
        assertThat(submission.verifyFiles()).hasSize(1);
        assertThat(submission.input().pipeline()).containsExactly(StageName.CODE, StageName.VERIFY);
        assertThat(submission.run().command()).containsExactly("pytest", "-q");
        assertThat(submission.input().temperature()).isEqualTo(0.5);
        assertThat(submission.input().timeoutSeconds()).isEqualTo(60);
    }

    @Test
    void languageAndFrameworkAreReadFromMetadataUnlessGiven() {
        Submission guides =
                read("{'prompt':'p','metadata':{'language':'javascript','framework':'express'}}");
        assertThat(guides.input().language()).isEqualTo("javascript");
        assertThat(guides.input().framework()).isEqualTo("express");
        assertThat(read("{'prompt':'p','language':'c','metadata':{'language':'javascript'}}"))
                .extracting(s -> s.input().language())
                .isEqualTo("c");
        assertThat(read("{'prompt':'p','metadata':{'language':5}}"))
                .as("metadata is the caller's own")
                .extracting(s -> s.input().language())
                .isEqualTo("python");
    }

    @Test
    void theOlderWayToAllowUnverifiedCode() {
        String allowed = "'metadata':{'allow_unverified':true}";
        assertThat(read("{'prompt':'p'," + allowed + "}").input().policy())
                .isEqualTo(VerifyPolicy.BEST_EFFORT);
        assertThat(
                        read("{'prompt':'p'," + allowed + ",'verify':{'policy':'required'}}")
                                .input()
                                .policy())
                .isEqualTo(VerifyPolicy.REQUIRED);
        assertThat(read("{'prompt':'p','metadata':{'allow_unverified':'true'}}").input().policy())
                .isEqualTo(VerifyPolicy.REQUIRED);
    }

    @Test
    void bounds() {
        String prompt = "😀".repeat(65_536);
        assertThat(read("{'prompt':'" + prompt + "'}").input().prompt()).isEqualTo(prompt);
        assertThat(read(with("'metadata':" + nested(16))).input().metadata()).containsKey("a");
        assertThat(read(with("'metadata':" + keys(64))).input().metadata()).hasSize(64);
        // With {"a":""} around it, 16 KiB.
        String text = "é".repeat((16_384 - 8) / 2);
        assertThat(read(with("'metadata':{'a':'" + text + "'}")).input().metadata())
                .containsEntry("a", text);
        assertThat(refusal(with("'metadata':{'a':'" + text + "b'}")).errors())
                .extracting(FieldError::field)
                .containsExactly("metadata");
        assertThat(read(with("'files':" + files(200, ""))).files()).hasSize(200);
        assertThat(read(with("'files':" + files(8, MIB))).files())
                .hasSize(8)
                .allSatisfy(file -> assertThat(file.content()).hasSize(1 << 20));
        Submission none = read(with("'pipeline':[],'temperature':2,'language':null,'files':null"));
        assertThat(none.input().pipeline()).isEmpty();
        assertThat(none.input().temperature()).isEqualTo(2);
        assertThat(none.input().language()).isEqualTo("python");
        assertThat(none.files()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refused(String field, String body) {
        ProblemException refusal = refusal(body);
        assertThat(refusal.status()).isEqualTo(400);
        assertThat(refusal.code()).isEqualTo("invalid_request");
        assertThat(refusal.errors()).extracting(FieldError::field).contains(field);
        assertThat(refusal.detail()).isNotBlank();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("prompt", "{}"),
                Arguments.of("prompt", "{'prompt':null}"),
                Arguments.of("prompt", "{'prompt':5}"),
                Arguments.of("prompt", "{'prompt':['p']}"),
                Arguments.of("prompt", "{'prompt':''}"),
                Arguments.of("prompt", "{'prompt':' \\n\\t\\u00a0\\u2003'}"),
                Arguments.of("prompt", "{'prompt':'a\\u0000b'}"),
                Arguments.of("prompt", "{'prompt':'\\ud800'}"),
                Arguments.of("prompt", "{'prompt':'\\udc00\\ud800'}"),
                Arguments.of("prompt", "{'prompt':'" + "a".repeat(65_537) + "'}"),
                Arguments.of("promt", with("'promt':'p'")),
                Arguments.of("language", with("'language':''")),
                Arguments.of("language", with("'language':' '")),
                Arguments.of("language", with("'language':1")),
                Arguments.of("language", with("'language':'" + "x".repeat(65) + "'")),
                Arguments.of("metadata.language", with("'metadata':{'language':'a\\u0007'}")),
                Arguments.of("framework", with("'framework':{}")),
                Arguments.of("metadata", with("'metadata':[]")),
                Arguments.of("metadata", with("'metadata':'x'")),
                Arguments.of("metadata", with("'metadata':" + nested(17))),
                Arguments.of("metadata", with("'metadata':" + keys(65))),
                Arguments.of("metadata", with("'metadata':{'a':'" + "x".repeat(16_384) + "'}")),
                Arguments.of("metadata.a[1].b", with("'metadata':{'a':[1,{'b':'\\u0000'}]}")),
                Arguments.of("metadata.a", with("'metadata':{'a':{'\\u0000':1}}")),
                Arguments.of("files", with("'files':{}")),
                Arguments.of("files", with("'files':" + files(201, ""))),
                Arguments.of("files", with("'files':" + files(9, MIB))),
                Arguments.of("files[0]", with("'files':['a']")),
                Arguments.of("files[0].path", with("'files':[{'content':''}]")),
                Arguments.of("files[0].path", with("'files':[{'path':'../a','content':''}]")),
                Arguments.of("files[0].path", with("'files':[{'path':'/a','content':''}]")),
                Arguments.of("files[0].path", with("'files':[{'path':'a\\\\b','content':''}]")),
                Arguments.of("files[0].path", with("'files':[{'path':'','content':''}]")),
                Arguments.of(
                        "files[1].path",
                        with("'files':[{'path':'A','content':''},{'path':'a','content':''}]")),
                Arguments.of(
                        "files[1].path",
                        with("'files':[{'path':'a','content':''},{'path':'a/b','content':''}]")),
                Arguments.of(
                        "files[1].path",
                        with("'files':[{'path':'a/b','content':''},{'path':'a','content':''}]")),
                Arguments.of("files[0].content", with("'files':[{'path':'a'}]")),
                Arguments.of("files[0].content", with("'files':[{'path':'a','content':1}]")),
                Arguments.of(
                        "files[0].content",
                        with("'files':[{'path':'a','content':'" + MIB + "b'}]")),
                Arguments.of(
                        "files[0].content",
                        with("'files':[{'path':'a','content':'?','encoding':'base64'}]")),
                Arguments.of(
                        "files[0].encoding",
                        with("'files':[{'path':'a','content':'','encoding':'hex'}]")),
                Arguments.of("files[0].mode", with("'files':[{'path':'a','content':'','mode':1}]")),
                Arguments.of("pipeline", with("'pipeline':'code'")),
                Arguments.of("pipeline", with("'pipeline':['verify']")),
                Arguments.of("pipeline[1]", with("'pipeline':['code','code']")),
                Arguments.of("pipeline[0]", with("'pipeline':['deploy']")),
                Arguments.of("pipeline[0]", with("'pipeline':[1]")),
                Arguments.of("verify", with("'verify':true")),
                Arguments.of("verify.policy", with("'verify':{'policy':'never'}")),
                Arguments.of("verify.kind", with("'verify':{'kind':1}")),
                Arguments.of("verify.image", with("'verify':{'image':'x'}")),
                Arguments.of("verify.command", with("'verify':{'command':[]}")),
                Arguments.of(
                        "verify.command",
                        with(
                                "'verify':{'command':['"
                                        + "a','".repeat(3)
                                        + "z".repeat(32_768)
                                        + "','"
                                        + "z".repeat(32_766)
                                        + "']}")),
                Arguments.of("verify.command[1]", with("'verify':{'command':['a',1]}")),
                Arguments.of(
                        "verify.files[0].path",
                        with("'verify':{'files':[{'path':'..','content':''}]}")),
                Arguments.of(
                        "verify.files[0].path",
                        with("'verify':{'files':[{'path':'-o.py','content':''}]}")),
                Arguments.of("files[0].path", with("'files':[{'path':'lib/@o.py','content':''}]")),
                Arguments.of("max_tokens", with("'max_tokens':0")),
                Arguments.of("max_tokens", with("'max_tokens':1000001")),
                Arguments.of("max_tokens", with("'max_tokens':1.5")),
                Arguments.of("max_tokens", with("'max_tokens':'5'")),
                Arguments.of("max_tokens", with("'max_tokens':99999999999999999999")),
                Arguments.of("temperature", with("'temperature':2.1")),
                Arguments.of("temperature", with("'temperature':-0.1")),
                Arguments.of("temperature", with("'temperature':'1'")),
                Arguments.of("temperature", with("'temperature':1e999999")),
                Arguments.of("instructions", with("'instructions':''")),
                Arguments.of("instructions", with("'instructions':false")),
                Arguments.of("priority", with("'priority':'urgent'")),
                Arguments.of("max_attempts", with("'max_attempts':0")),
                Arguments.of("max_attempts", with("'max_attempts':5")),
                Arguments.of("max_cost_usd", with("'max_cost_usd':-0.1")),
                Arguments.of("max_cost_usd", with("'max_cost_usd':1000001")),
                Arguments.of("max_cost_usd", with("'max_cost_usd':'1'")),
                Arguments.of("timeout_seconds", with("'timeout_seconds':901")),
                Arguments.of("timeout_seconds", with("'timeout_seconds':true")),
                Arguments.of("webhook", with("'webhook':'u'")),
                Arguments.of("webhook.url", with("'webhook':{}")),
                Arguments.of("webhook.url", with("'webhook':{'url':5}")),
                Arguments.of("webhook.url", with("'webhook':{'url':'http://example.com'}")),
                Arguments.of("webhook.url", with("'webhook':{'url':'https://127.0.0.1/'}")),
                Arguments.of(
                        "webhook.secret",
                        with("'webhook':{'url':'https://example.com','secret':'s'}")),
                Arguments.of("model", with("'model':1")));
    }

    @Test
    void aWebhookIsAnAddressThatMayBeCalled() {
        assertThat(read("{'prompt':'p','webhook':{'url':'https://example.com/a?b=c'}}").input())
                .extracting(JobInput::webhook)
                .isEqualTo("https://example.com/a?b=c");
        assertThat(read("{'prompt':'p'}").input().webhook()).isNull();
    }

    @Test
    void allErrorsAreToldAtOnce() {
        assertThat(refusal("{'x':1,'prompt':5,'priority':1}").errors())
                .extracting(FieldError::field)
                .containsExactly("x", "prompt", "priority");
    }

    @Test
    void aBodyThatIsNoObjectIsRefused() {
        assertThatThrownBy(() -> read("[]"))
                .isInstanceOf(ProblemException.class)
                .extracting(e -> ((ProblemException) e).code())
                .isEqualTo("invalid_request");
    }

    private ProblemException refusal(String body) {
        return catchThrowableOfType(ProblemException.class, () -> read(body));
    }

    private Submission read(String body) {
        byte[] json = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return bodies.read(JsonBody.parse(json));
    }

    private static String with(String field) {
        return "{'prompt':'p'," + field + "}";
    }

    private static String nested(int depth) {
        return "{'a':".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
    }

    private static String keys(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "'k" + i + "':1")
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String files(int count, String content) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{'path':'f" + i + "','content':'" + content + "'}")
                .collect(Collectors.joining(",", "[", "]"));
    }
}
