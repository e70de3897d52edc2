package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.job.Verification;
import dev.atomic.shared.job.VerificationStatus;
import dev.atomic.worker.sandbox.run.Language;
import dev.atomic.worker.sandbox.run.RunPlan;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.run.Step;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What follows from a finished run. Pure.
///
/// @param reason a word where the status and the exit code don't say it all
/// @param missing what `dependency_missing` is about
record Verdict(
        VerificationStatus status,
        String kind,
        @Nullable String reason,
        @Nullable String limit,
        Verification.@Nullable Tests tests,
        @Nullable Integer exitCode,
        @Nullable Integer signal,
        @Nullable Integer port,
        @Nullable Integer httpStatus,
        Verification.@Nullable Compile compile,
        List<String> missing) {
    private static final int SIGKILL = 9;
    private static final int SERVER_ERROR = 500;
    private static final int NO_SUCH_FILE = 2;
    private static final int NOT_STARTED = 127;

    /// @param end the transcript's, which has to be there
    static Verdict of(
            RunPlan.Steps plan, Language language, Transcript said, RunnerRecord.Ended end) {
        return new Judge(plan, language, said, end).judge();
    }

    private static Verdict plain(VerificationStatus status, String kind, @Nullable String reason) {
        return new Verdict(
                status, kind, reason, null, null, null, null, null, null, null, List.of());
    }

    private Verdict reason(String why, List<String> names) {
        return new Verdict(
                status,
                kind,
                why,
                limit,
                tests,
                exitCode,
                signal,
                port,
                httpStatus,
                compile,
                names);
    }

    private Verdict limited(VerificationStatus ended, String by) {
        return new Verdict(
                ended, kind, null, by, tests, null, SIGKILL, null, null, compile, List.of());
    }

    private Verdict end(@Nullable Integer exit, @Nullable Integer bySignal) {
        return new Verdict(
                status,
                kind,
                reason,
                limit,
                tests,
                exit,
                bySignal,
                port,
                httpStatus,
                compile,
                missing);
    }

    private Verdict tests(Verification.Tests counted) {
        return new Verdict(
                status,
                kind,
                reason,
                limit,
                counted,
                exitCode,
                signal,
                port,
                httpStatus,
                compile,
                missing);
    }

    private Verdict compiled(Verification.Compile how) {
        return new Verdict(
                status,
                kind,
                reason,
                limit,
                tests,
                exitCode,
                signal,
                port,
                httpStatus,
                how,
                missing);
    }

    private Verdict listening(int at, @Nullable Integer answered) {
        return new Verdict(
                status, kind, reason, limit, tests, null, null, at, answered, compile, missing);
    }

    private record Judge(
            RunPlan.Steps plan, Language language, Transcript said, RunnerRecord.Ended end) {
        Verdict judge() {
            Verdict natural = withCompile(natural());
            if (end.limit().equals("wall")) {
                return natural.limited(VerificationStatus.TIMED_OUT, "time");
            }
            if (end.limit().equals("output")) {
                return natural.limited(VerificationStatus.OUTPUT_LIMIT, "output");
            }
            if (natural.status == VerificationStatus.PASSED) {
                return natural;
            }
            if (end.oomKills() > 0) {
                return natural.limited(VerificationStatus.OUT_OF_MEMORY, "memory");
            }
            List<String> missing =
                    MissingImports.in(language, said.stderr().all() + said.stdout().all());
            return missing.isEmpty() || "compile_error".equals(natural.reason)
                    ? natural
                    : natural.reason("dependency_missing", missing);
        }

        /// What the program's own end says, limits left aside.
        private Verdict natural() {
            if (said.probed() != null) {
                return server(said.probed());
            }
            RunnerRecord.StepEnded failed = firstFailed();
            if (failed != null && failed.execErrno() != 0) {
                String why =
                        failed.execErrno() == NO_SUCH_FILE ? "command_not_found" : "not_executable";
                return failed(why).end(NOT_STARTED, null);
            }
            if (failed != null && failed.kind().equals(Step.Kind.COMPILE.wire())) {
                return failed("compile_error");
            }
            return switch (plan.proof()) {
                case TESTS -> tests(failed);
                case SERVER -> ended(failed("not_listening"), failed);
                case BUILD -> failed == null ? ran() : ended(failed("compile_error"), failed);
                case RUN, COMMAND -> failed == null ? ran() : ended(failed(null), failed);
            };
        }

        private Verdict ran() {
            return plain(VerificationStatus.PASSED, kind(), null).end(0, null);
        }

        private Verdict failed(@Nullable String why) {
            return plain(VerificationStatus.FAILED, kind(), why);
        }

        private Verdict ended(Verdict verdict, RunnerRecord.@Nullable StepEnded by) {
            if (by == null) {
                return verdict.end(0, null);
            }
            return by.stopped() ? verdict : verdict.end(by.exit(), by.signal());
        }

        private Verdict server(RunnerRecord.Probed probed) {
            boolean http = probed.answer().equals("http");
            boolean error = http && probed.status() >= SERVER_ERROR;
            return plain(
                            error ? VerificationStatus.FAILED : VerificationStatus.PASSED,
                            "server",
                            error ? "server_error" : null)
                    .listening(probed.port(), http ? probed.status() : null);
        }

        private Verdict tests(RunnerRecord.@Nullable StepEnded failed) {
            int run = 0;
            int bad = 0;
            boolean complete = said.ends().size() == plan.steps().size();
            for (RunnerRecord.StepEnded each : said.ends()) {
                TestReport report = said.report(each.step());
                run += report.tests().run();
                bad += report.tests().failed();
                complete &= report.isComplete(each);
            }
            return ended(testVerdict(complete, run, bad, failed), failed)
                    .tests(new Verification.Tests(run, bad));
        }

        private Verdict testVerdict(
                boolean complete, int run, int bad, RunnerRecord.@Nullable StepEnded failed) {
            if (!complete) {
                return failed("no_report");
            }
            if (bad > 0) {
                return failed(run == 0 && isAnyBroken() ? "collection_error" : null);
            }
            if (run == 0) {
                return failed("no_tests");
            }
            return failed == null ? plain(VerificationStatus.PASSED, kind(), null) : failed(null);
        }

        private boolean isAnyBroken() {
            return said.ends().stream().anyMatch(each -> said.report(each.step()).hasBroken());
        }

        private Verdict withCompile(Verdict verdict) {
            for (RunnerRecord.StepEnded each : said.ends()) {
                Integer exit = each.exit();
                if (each.kind().equals(Step.Kind.COMPILE.wire()) && exit != null) {
                    return verdict.compiled(
                            new Verification.Compile(
                                    exit, said.compiler().tail(), each.wallUs() / 1000));
                }
            }
            return verdict;
        }

        private RunnerRecord.@Nullable StepEnded firstFailed() {
            for (RunnerRecord.StepEnded each : said.ends()) {
                Integer exit = each.exit();
                if (exit == null || exit != 0) {
                    return each;
                }
            }
            return null;
        }

        private String kind() {
            return plan.proof().name().toLowerCase(Locale.ROOT);
        }
    }
}
