package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.telemetry.TraceReceiver;
import dev.atomic.shared.telemetry.TraceReceiver.Seen;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// A job's spans at a real receiver, from api, worker and agent.
@Tag("engine")
class TracesIT {
    private static final String CLIENT_SPAN = "b7ad6b7169203331";
    private static final String PROMPT = "say hello to traces";
    private static final String ALL = "[\"spec\",\"code\",\"verify\",\"docs\"]";
    private static final Duration MOST = Duration.ofSeconds(60);

    private static ModelServer model;
    private static TraceReceiver receiver;
    private static Stack stack;

    private final Client client = stack.client();
    private final String trace = UUID.randomUUID().toString().replace("-", "");

    @BeforeAll
    static void start() throws IOException {
        model = new ModelServer();
        receiver = new TraceReceiver();
        Map<String, String> settings = new HashMap<>(model.settings());
        settings.put("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
        settings.put("OTEL_EXPORTER_OTLP_HEADERS", "x-key=trace-secret");
        settings.put("ATOMIC_LOG_FORMAT", "json");
        stack = Stack.start(1, settings);
        Client client = stack.client();
        Stack.await(
                "the engine to be seen",
                MOST,
                () -> client.get("/health").body().path("docker").asString("").equals("available"));
    }

    @AfterAll
    static void stop() {
        stack.close();
        receiver.close();
        model.close();
    }

    @BeforeEach
    void answers() {
        receiver.answer(200);
        model.script(_ -> new ModelServer.Answer(ScriptedModel.CODE, null, 0));
    }

    @AfterEach
    void goOn() {
        receiver.answer(200);
    }

    @Test
    void aWholeJobIsOneTraceThroughApiWorkerAndAgent() {
        UUID id = submitInTrace(ALL);
        assertSucceeded(id);
        awaitSpans(13);

        Seen request = only("POST /api/jobs");
        assertThat(request.service()).isEqualTo("atomic-api");
        assertThat(request.parent()).as("below the client's own").isEqualTo(CLIENT_SPAN);
        assertThat(request.attributes())
                .containsEntry("http.route", "/api/jobs")
                .containsEntry("atomic.job.id", id.toString());
        Seen attempt = only("attempt");
        assertThat(attempt.service()).isEqualTo("atomic-worker");
        assertThat(attempt.instance()).isEqualTo("worker-1");
        assertThat(attempt.parent()).isEqualTo(request.id());
        assertThat(attempt.attributes())
                .containsEntry("atomic.outcome", "succeeded")
                .containsEntry("atomic.job.attempt", "1");
        assertThat(below(attempt)).containsExactly("spec", "code", "verify", "docs");
        assertThat(below(only("verify"))).containsExactly("sandbox");
        assertThat(only("sandbox").attributes()).containsEntry("atomic.verification", "passed");
        for (String stage : List.of("spec", "code", "docs")) {
            assertThat(below(only(stage))).as(stage).containsExactly("chat");
            Seen chat = child(only(stage));
            assertThat(chat.kind()).isEqualTo(3);
            assertThat(chat.attributes())
                    .containsEntry("gen_ai.operation.name", "chat")
                    .containsEntry("gen_ai.provider.name", "openai")
                    .containsEntry("gen_ai.response.model", "scripted-1")
                    .containsEntry("gen_ai.usage.input_tokens", "10")
                    .containsKey("gen_ai.usage.output_tokens");
            Seen call = child(chat);
            assertThat(call.service()).isEqualTo("atomic-agent");
            assertThat(call.name()).isEqualTo("chat gpt-4.1-mini");
            assertThat(call.attributes())
                    .containsEntry("gen_ai.request.model", "gpt-4.1-mini")
                    .doesNotContainKey("gen_ai.usage.input_tokens");
            assertThat(call.began()).isGreaterThanOrEqualTo(chat.began());
        }
        assertThat(spans()).noneMatch(Seen::error);
        assertThat(stack.hasLogged("worker-1", "\"trace\":\"" + trace + "\"")).isTrue();
        assertThat(stack.hasLogged("agent", "\"trace\": \"" + trace + "\"")).isTrue();
        assertNothingSecret();
    }

    @Test
    void aFailureIsACodeOnEachLevel() {
        model.script(_ -> new ModelServer.Answer("", null, 400));
        UUID id = submitInTrace("[\"code\"]");
        JsonNode job = client.awaitEnd(id, MOST);
        assertThat(job.get("status").stringValue()).isEqualTo("failed");
        String code = job.at("/error/code").stringValue();
        awaitSpans(5);

        for (String name : List.of("attempt", "code", "chat")) {
            assertThat(only(name).error()).as(name).isTrue();
            assertThat(only(name).attributes()).as(name).containsEntry("error.type", code);
        }
        assertThat(only("chat gpt-4.1-mini").attributes())
                .containsEntry("error.type", "invalid_request");
        assertNothingSecret();
    }

    @Test
    void anAttemptThatDiedHasNoEndAndTheNextIsInTheSameTrace() throws IOException {
        CountDownLatch hold = new CountDownLatch(1);
        model.script(_ -> new ModelServer.Answer(ScriptedModel.CODE, hold, 0));
        UUID id = submitInTrace("[\"code\"]");
        client.awaitEvent(id, "chunk", "code", Duration.ofSeconds(30));
        stack.kill("worker-1");
        hold.countDown();
        stack.start("worker-1");
        stack.awaitReady("worker-1");
        assertSucceeded(id);
        Stack.await("the next attempt", MOST, () -> spans().stream().anyMatch(this::isAttempt));

        assertThat(only("attempt").attributes())
                .containsKey("atomic.job.fence")
                .doesNotContainEntry("atomic.job.fence", "1");
        assertThat(only("attempt").parent()).isEqualTo(only("POST /api/jobs").id());
    }

    @Test
    void otherDoorsAreNamedAndAnApiRefusesWhatIsNoTrace() {
        Client.Answer answer =
                client.post(
                        "/v1/responses",
                        "{\"input\":\"" + PROMPT + "\",\"background\":true}",
                        "traceparent",
                        "00-" + trace + "-" + CLIENT_SPAN + "-00");
        assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
        client.post(
                "/api/execute",
                "{\"language\":\"python\",\"files\":[{\"path\":\"main.py\",\"content\":\"print(1)\"}]}",
                "traceparent",
                "00-" + trace + "-" + CLIENT_SPAN + "-01");
        Stack.await("both", MOST, () -> named("POST /api/execute").size() == 1);
        Stack.await("both", MOST, () -> named("POST /v1/responses").size() == 1);
        Stack.await("its attempts", MOST, () -> named("attempt").size() == 2);

        UUID id = client.submit("{\"prompt\":\"x\",\"pipeline\":[]}", "traceparent", "00-zz");
        Stack.await(
                "a trace of its own",
                MOST,
                () ->
                        receiver.spans().stream()
                                .filter(this::isAttempt)
                                .anyMatch(span -> id.toString().equals(job(span))));
    }

    @Test
    void aReceiverThatHangsHoldsUpNeitherJobsNorTheStop() throws IOException {
        receiver.hang();
        for (int i = 0; i < 3; i++) {
            assertSucceeded(submitInTrace("[\"code\"]"));
        }
        for (String name : List.of("worker-1", "agent")) {
            assertThat(stack.stopTimed(name)).as(name).isLessThan(Duration.ofSeconds(20));
            stack.start(name);
            stack.awaitReady(name);
        }
        receiver.answer(503);
        assertSucceeded(submitInTrace("[\"code\"]"));
        for (String name : List.of("api", "worker-1", "agent")) {
            Stack.await(
                    name + " to say so", MOST, () -> stack.hasLogged(name, "doesn't take spans"));
        }
    }

    private UUID submitInTrace(String pipeline) {
        return client.submit(
                "{\"prompt\":\"" + PROMPT + "\",\"pipeline\":" + pipeline + "}",
                "traceparent",
                "00-" + trace + "-" + CLIENT_SPAN + "-01");
    }

    private void assertSucceeded(UUID id) {
        JsonNode job = client.awaitEnd(id, MOST);
        assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
    }

    private void awaitSpans(int count) {
        Stack.await(count + " spans", MOST, () -> spans().size() >= count);
        assertThat(spans()).hasSize(count);
    }

    private void assertNothingSecret() {
        assertThat(receiver.keys()).isNotEmpty().containsOnly("trace-secret");
        for (String secret :
                List.of(PROMPT, "print('hello')", "hello", "test-key", "trace-secret")) {
            assertThat(receiver.bodies()).noneMatch(body -> body.contains(secret));
        }
    }

    private List<Seen> spans() {
        return receiver.of(trace).toList();
    }

    private List<Seen> named(String name) {
        return receiver.of(trace).filter(span -> span.name().equals(name)).toList();
    }

    private boolean isAttempt(Seen span) {
        return span.name().equals("attempt");
    }

    private static String job(Seen span) {
        return span.attributes().getOrDefault("atomic.job.id", "");
    }

    private Seen only(String name) {
        assertThat(named(name)).as(name).hasSize(1);
        return named(name).getFirst();
    }

    private List<Seen> children(Seen of) {
        List<Seen> found =
                new ArrayList<>(
                        receiver.of(trace).filter(span -> span.parent().equals(of.id())).toList());
        found.sort((one, other) -> Long.compare(one.began(), other.began()));
        return found;
    }

    private List<String> below(Seen of) {
        return children(of).stream().map(Seen::name).toList();
    }

    private Seen child(Seen of) {
        assertThat(children(of)).as(of.name()).hasSize(1);
        return children(of).getFirst();
    }
}
