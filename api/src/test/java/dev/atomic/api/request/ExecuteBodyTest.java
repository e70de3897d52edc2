package dev.atomic.api.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.ProblemException.FieldError;
import dev.atomic.api.submission.Submission;
import dev.atomic.shared.Variables;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.Limits;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecuteBodyTest {
    private static final String FILES = "'files':[{'path':'main.py','content':'print(1)'}]";

    private final ExecuteBody bodies = new ExecuteBody(ApiSettings.from(new Variables(Map.of())));

    @Test
    void everyFieldIsTaken() {
        Submission submission =
                read(
                        "{'language':'python',"
                                + FILES
                                + ",'command':['python','main.py'],'args':['','-v'],'stdin':'x','collect':['out/**'],"
                                + "'limits':{'memory_mb':64,'cpu_millicores':500,'timeout_seconds':0.25,'pids':8}}");
        assertThat(submission.kind()).isEqualTo(Kind.EXECUTE);
        assertThat(submission.input().pipeline()).containsExactly(StageName.VERIFY);
        assertThat(submission.run().args()).containsExactly("", "-v");
        assertThat(submission.run().limits()).isEqualTo(new Limits(64, 500, 0.25, 8));
        assertThat(submission.run().collect()).containsExactly("out/**");
    }

    @Test
    void limitsLeftOutAreTheConfiguredOnes() {
        Submission submission =
                read("{'language':'bash'," + FILES + ",'limits':{'timeout_seconds':60}}");
        assertThat(submission.run().limits()).isEqualTo(new Limits(512, 1000, 60, 128));
    }

    @Test
    void aCommandNeedsNoFiles() {
        Submission submission =
                read("{'language':'python','files':[],'command':['python','-c','print(1)']}");
        assertThat(submission.run().command()).containsExactly("python", "-c", "print(1)");
        assertThat(submission.files()).isEmpty();
    }

    @Test
    void commandAndArgsHave64KiBTogether() {
        String half = "'" + "é".repeat(16_384) + "'";
        Submission most =
                read("{'language':'c','files':[],'command':[" + half + "],'args':[" + half + "]}");
        assertThat(most.run().args().getFirst()).hasSize(16_384);
        assertThat(
                        refusal(
                                        "{'language':'c','files':[],'command':["
                                                + half
                                                + "],'args':["
                                                + half
                                                + ",'a']}")
                                .errors())
                .containsExactly(
                        new FieldError("args", "may have at most 64 KiB together with command"));
        assertThat(
                        refusal(
                                        "{'language':'c','files':[],'command':["
                                                + half
                                                + ","
                                                + half
                                                + ",'a']}")
                                .errors())
                .containsExactly(new FieldError("command", "may have at most 64 KiB"));
    }

    @Test
    void theLargestStdinIsTaken() {
        String stdin = "é".repeat(1 << 20);
        Submission submission = read("{'language':'bash'," + FILES + ",'stdin':'" + stdin + "'}");
        assertThat(submission.run().stdin()).isEqualTo(stdin);
        assertThat(refusal("{'language':'bash',FILES,'stdin':'" + stdin + "a'}").errors())
                .extracting(FieldError::field)
                .containsExactly("stdin");
    }

    @Test
    void aRequestWeighsItsTextsToo() {
        long empty = weight("");
        assertThat(weight("a".repeat(1 << 20)) - empty).isEqualTo(8L << 20);
    }

    private long weight(String stdin) {
        Submission submission = read("{'language':'bash'," + FILES + ",'stdin':'" + stdin + "'}");
        return new Submission.Request("t", submission, null, "").weight();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "language | {FILES}",
                "files | {'language':'python'}",
                "files | {'language':'python','files':[]}",
                "metadata | {'language':'python',FILES,'metadata':{}}",
                "prompt | {'language':'python',FILES,'prompt':'p'}",
                "command | {'language':'python',FILES,'command':'python main.py'}",
                "command | {'language':'python',FILES,'command':['']}",
                "args[0] | {'language':'python',FILES,'args':[1]}",
                "stdin | {'language':'python',FILES,'stdin':1}",
                "collect[0] | {'language':'python',FILES,'collect':['../*']}",
                "limits | {'language':'python',FILES,'limits':[]}",
                "limits.disk | {'language':'python',FILES,'limits':{'disk':1}}",
                "limits.memory_mb | {'language':'python',FILES,'limits':{'memory_mb':513}}",
                "limits.memory_mb | {'language':'python',FILES,'limits':{'memory_mb':0}}",
                "limits.cpu_millicores | {'language':'python',FILES,'limits':{'cpu_millicores':1001}}",
                "limits.timeout_seconds | {'language':'python',FILES,'limits':{'timeout_seconds':60.1}}",
                "limits.timeout_seconds | {'language':'python',FILES,'limits':{'timeout_seconds':0}}",
                "limits.pids | {'language':'python',FILES,'limits':{'pids':129}}"
            })
    void refused(String field, String body) {
        ProblemException refusal = refusal(body);
        assertThat(refusal.code()).isEqualTo("invalid_request");
        assertThat(refusal.errors()).extracting(FieldError::field).contains(field);
    }

    @Test
    void aLanguageWithoutRuntimeIsRefused() {
        assertThat(refusal("{'language':'rust',FILES}").code()).isEqualTo("unsupported_language");
        assertThat(refusal("{'language':'node',FILES}").code()).isEqualTo("unsupported_language");
    }

    private ProblemException refusal(String body) {
        return catchThrowableOfType(
                ProblemException.class, () -> read(body.replace("FILES", FILES)));
    }

    private Submission read(String body) {
        byte[] json = body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return bodies.read(JsonBody.parse(json));
    }
}
