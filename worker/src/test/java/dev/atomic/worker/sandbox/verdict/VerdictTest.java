package dev.atomic.worker.sandbox.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.Limits;
import dev.atomic.shared.verify.TestResult;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.run.Language;
import dev.atomic.worker.sandbox.run.RunBuilder;
import dev.atomic.worker.sandbox.run.RunPlan;
import dev.atomic.worker.sandbox.run.RunPlan.Proof;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.Step;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What follows from what the runner said.
class VerdictTest {
    private static final RunPlan.Steps RUN = plan(Proof.RUN, Step.Kind.AUTO);
    private static final RunPlan.Steps TESTS = plan(Proof.TESTS, Step.Kind.TESTS);

    @Test
    void onlyAWholeReportOfPassedTestsPasses() {
        assertThat(tests(0, "collected 2", "passed a", "skipped b", "finished 0 2").status())
                .isEqualTo(VerificationStatus.PASSED);
        assertThat(reason(tests(0))).isEqualTo("no_report");
        assertThat(reason(tests(0, "collected 2", "passed a", "finished 0 1")))
                .isEqualTo("no_report");
        assertThat(reason(tests(0, "collected 1", "passed a"))).isEqualTo("no_report");
        assertThat(reason(tests(0, "collected 1", "passed a", "finished 0 1", "finished 0 1")))
                .isEqualTo("no_report");
        assertThat(reason(tests(0, "collected 1", "passed a", "finished 1 1")))
                .as("another end than was said")
                .isEqualTo("no_report");
        assertThat(reason(tests(5, "collected 0", "finished 5 0"))).isEqualTo("no_tests");
        assertThat(reason(tests(0, "collected 1", "skipped a", "finished 0 1")))
                .isEqualTo("no_tests");
    }

    @Test
    void aTestThatSomethingElseLeftOutIsNoPass() {
        Verdict left = tests(1, "collected 2", "passed a", "left_out b", "finished 1 2");
        assertThat(reason(left)).isEqualTo("tests_left_out");
        assertThat(left.proof().tests()).isEqualTo(new Verification.Tests(1, 0, null));
        assertThat(left.proof().score()).isEqualTo(0.5);
        assertThat(reason(tests(1, "collected 2", "failed a", "left_out b", "finished 1 2")))
                .isNull();
    }

    @Test
    void howEachTestEndedIsKept() {
        Verdict some =
                tests(
                        1,
                        "collected 3",
                        "passed a",
                        "error b",
                        "skipped \u0000\u009b1m",
                        "broken d.py",
                        "finished 1 3");
        assertThat(some.proof().testResults())
                .containsExactly(
                        new TestResult("a", TestResult.Status.PASSED),
                        new TestResult("b", TestResult.Status.FAILED),
                        new TestResult("??1m", TestResult.Status.SKIPPED),
                        new TestResult("d.py", TestResult.Status.FAILED));
        assertThat(judge(RUN, ended("none", 0), exit(0)).proof().testResults()).isNull();
    }

    @Test
    void ofManyTestsThoseThatFailedAreKept() {
        TestResults results = new TestResults();
        for (int i = 0; i < 1_000; i++) {
            results.add(new TestResult("p" + i, TestResult.Status.PASSED));
        }
        results.add(new TestResult("x".repeat(199) + "😀", TestResult.Status.FAILED));
        assertThat(results.kept()).hasSize(TestResults.MAX);
        assertThat(results.kept().get(198).name()).isEqualTo("p198");
        assertThat(results.kept().getLast().name()).isEqualTo("x".repeat(199));
        for (int i = 0; i < 1_000; i++) {
            results.add(new TestResult("f" + i, TestResult.Status.FAILED));
        }
        assertThat(results.kept()).hasSize(TestResults.MAX);
        assertThat(results.kept()).allMatch(each -> each.status() == TestResult.Status.FAILED);
        assertThat(results.kept().getLast().name()).isEqualTo("f198");
    }

    @Test
    void failedTestsAreCountedAndBrokenFilesAreFailures() {
        Verdict failed = tests(1, "collected 2", "passed a", "failed b", "finished 1 2");
        assertThat(failed.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(failed.reason()).isNull();
        assertThat(failed.proof().tests()).isEqualTo(new Verification.Tests(2, 1, null));
        Verdict broken = tests(2, "broken a.py", "collected 0", "finished 2 0");
        assertThat(broken.proof().tests()).isEqualTo(new Verification.Tests(0, 1, null));
        assertThat(broken.reason()).isEqualTo("collection_error");
        assertThat(reason(tests(1, "broken a.py", "collected 1", "failed b", "finished 1 1")))
                .as("tests of another file ran")
                .isNull();
    }

    @Test
    void limitsComeBeforeAnythingElse() {
        assertThat(judge(RUN, ended("wall", 0), exit(0)).status())
                .isEqualTo(VerificationStatus.TIMED_OUT);
        assertThat(judge(RUN, ended("output", 0), exit(0)).status())
                .isEqualTo(VerificationStatus.OUTPUT_LIMIT);
        Verdict memory = judge(RUN, ended("none", 1), killed(9));
        assertThat(memory.status()).isEqualTo(VerificationStatus.OUT_OF_MEMORY);
        assertThat(memory.ending().limit()).isEqualTo("memory");
        assertThat(memory.ending().exitCode()).isNull();
        assertThat(judge(RUN, ended("none", 1), exit(0)).status())
                .as("a child's end that the program coped with")
                .isEqualTo(VerificationStatus.PASSED);
    }

    @Test
    void aServerIsJudgedByItsAnswer() {
        assertThat(server("http", 404).status()).isEqualTo(VerificationStatus.PASSED);
        assertThat(server("http", 404).server().httpStatus()).isEqualTo(404);
        assertThat(server("http", 500).reason()).isEqualTo("server_error");
        assertThat(server("closed", 0).status()).isEqualTo(VerificationStatus.PASSED);
        assertThat(server("closed", 0).server().httpStatus()).isNull();
        assertThat(server("http", 200).ending().exitCode()).isNull();
        assertThat(reason(judge(plan(Proof.SERVER, Step.Kind.SERVER), ended("none", 0), exit(0))))
                .isEqualTo("not_listening");
    }

    @Test
    void aServerThatSaysNothingOrNothingOfHttpInItsNameIsNone() {
        assertThat(server("other", 0).status()).isEqualTo(VerificationStatus.PASSED);
        assertThat(server("silent", 0).status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(server("silent", 0).reason()).isEqualTo("not_answering");
        assertThat(server("silent", 0).server().port()).isEqualTo(8000);
        assertThat(server("malformed", 0).status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(server("malformed", 0).reason()).isEqualTo("malformed_answer");
        assertThat(server("malformed", 0).server().httpStatus()).isNull();
    }

    @Test
    void aProgramThatEndsBeforeItIsStoppedSaysItselfHowItWent() {
        RunnerRecord answered = new RunnerRecord.Probed(8000, "http", 200);
        Verdict failed = judge(RUN, ended("none", 0), answered, exit(1));
        assertThat(failed.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(failed.proof().kind()).isEqualTo("run");
        assertThat(failed.ending().exitCode()).isEqualTo(1);
        assertThat(judge(RUN, ended("none", 0), answered, exit(0)).status())
                .isEqualTo(VerificationStatus.PASSED);

        RunPlan.Steps server = plan(Proof.SERVER, Step.Kind.SERVER);
        Verdict crashed = judge(server, ended("none", 0), answered, exit(1));
        assertThat(crashed.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(crashed.reason()).isEqualTo("server_ended");
        assertThat(crashed.ending().exitCode()).isEqualTo(1);
        Verdict once = judge(server, ended("none", 0), answered, exit(0));
        assertThat(once.status()).isEqualTo(VerificationStatus.PASSED);
        assertThat(once.server().httpStatus()).isEqualTo(200);
        RunnerRecord gone = new RunnerRecord.Probed(8000, "closed", 0);
        assertThat(reason(judge(server, ended("none", 0), gone, exit(0))))
                .isEqualTo("server_ended");
    }

    @Test
    void missingImportsExplainAFailureAndNeverMakeOne() {
        String trace = "ModuleNotFoundError: No module named 'flask_login.x'\n";
        Verdict failed = judge(RUN, ended("none", 0), error(trace), exit(1));
        assertThat(failed.reason()).isEqualTo("dependency_missing");
        assertThat(failed.missing()).containsExactly("flask_login");
        assertThat(judge(RUN, ended("none", 0), error(trace), exit(0)).status())
                .isEqualTo(VerificationStatus.PASSED);
        assertThat(
                        MissingImports.in(
                                Language.JAVASCRIPT,
                                "Error: Cannot find module './mine'\nError [ERR_MODULE_NOT_FOUND]: Cannot find package 'express' imported from /workspace/main.mjs"))
                .containsExactly("express");
    }

    @Test
    void aRunIsRepeatedOnlyWhenTheEngineHeldItBack() {
        Limits one = RunBuilder.LIMITS;
        assertThat(Throttling.wasUnfair(time(2_000_000, 500_000, 1_200_000), one)).isTrue();
        assertThat(Throttling.wasUnfair(time(2_000_000, 1_990_000, 1_200_000), one))
                .as("it wanted more than its share")
                .isFalse();
        assertThat(Throttling.wasUnfair(time(2_000_000, 10_000, 0), one)).as("it slept").isFalse();
    }

    private static RunnerRecord.Ended time(long wallUs, long cpuUs, long throttledUs) {
        return new RunnerRecord.Ended("wall", wallUs, cpuUs, throttledUs, 0, 0, 0, 0);
    }

    private static Verdict tests(int exit, String... lines) {
        RunnerRecord[] said = new RunnerRecord[lines.length + 1];
        for (int i = 0; i < lines.length; i++) {
            said[i] = new RunnerRecord.Report(0, lines[i]);
        }
        said[lines.length] =
                new RunnerRecord.StepEnded(
                        0, "tests", exit, null, 0, 1, false, "none", RunnerRecord.Used.NOTHING);
        return judge(TESTS, ended("none", 0), said);
    }

    private static Verdict server(String answer, int status) {
        return judge(
                RUN,
                ended("none", 0),
                new RunnerRecord.Probed(8000, answer, status),
                new RunnerRecord.StepEnded(
                        0, "auto", null, 15, 0, 1, true, "none", RunnerRecord.Used.NOTHING));
    }

    private static Verdict judge(RunPlan.Steps plan, RunnerRecord.Ended end, RunnerRecord... said) {
        Transcript transcript = new Transcript(plan.steps(), (_, _) -> {});
        for (RunnerRecord each : said) {
            transcript.take(each);
        }
        transcript.take(end);
        return Verdict.of(plan, Language.PYTHON, transcript, end);
    }

    private static RunnerRecord error(String text) {
        return new RunnerRecord.Output(0, 2, text.getBytes(StandardCharsets.UTF_8));
    }

    private static RunnerRecord exit(int code) {
        return new RunnerRecord.StepEnded(
                0, "auto", code, null, 0, 1, false, "none", RunnerRecord.Used.NOTHING);
    }

    private static RunnerRecord killed(int signal) {
        return new RunnerRecord.StepEnded(
                0, "auto", null, signal, 0, 1, false, "none", RunnerRecord.Used.NOTHING);
    }

    private static RunnerRecord.Ended ended(String limit, long oomKills) {
        return new RunnerRecord.Ended(limit, 1000, 1000, 0, 1, oomKills, 0, 0);
    }

    private static String reason(Verdict verdict) {
        assertThat(verdict.status()).isEqualTo(VerificationStatus.FAILED);
        return verdict.reason();
    }

    private static RunPlan.Steps plan(Proof proof, Step.Kind kind) {
        return new RunPlan.Steps(proof, List.of(Step.of(kind, List.of("x"))));
    }
}
