package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.TestResult;
import dev.atomic.shared.verify.TestsBy;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
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
public record Verdict(
        VerificationStatus status,
        Verification.Proof proof,
        @Nullable String reason,
        Verification.Ending ending,
        Verification.Server server,
        Verification.@Nullable Compile compile,
        List<String> missing) {
    private static final String SIGKILL = SignalNames.of(9);
    private static final int SERVER_ERROR = 500;
    private static final int NO_SUCH_FILE = 2;
    private static final int NOT_STARTED = 127;

    /// @param end the transcript's, which has to be there
    public static Verdict of(
            RunPlan.Steps plan, Language language, Transcript said, RunnerRecord.Ended end) {
        return new Judge(plan, language, said, end).judge();
    }

    /// A verdict of cases or requests, which say themselves what each of them gave.
    public static Verdict ofCases(
            VerificationStatus status,
            Verification.Proof proof,
            @Nullable String reason,
            Verification.Ending ending,
            Transcript said) {
        return new Verdict(
                status, proof, reason, ending, Verification.Server.NONE, compile(said), List.of());
    }

    /// The same with what its cases gave.
    public Verdict proved(Verification.Proof by) {
        return new Verdict(status, by, reason, ending, server, compile, missing);
    }

    private static Verification.@Nullable Compile compile(Transcript said) {
        for (RunnerRecord.StepEnded each : said.ends()) {
            Integer exit = each.exit();
            if (each.kind().equals(Step.Kind.COMPILE.wire()) && exit != null) {
                return new Verification.Compile(exit, said.compiler().tail(), each.wallUs() / 1000);
            }
        }
        return null;
    }

    private static Verdict plain(
            VerificationStatus status, Verification.Proof proof, @Nullable String reason) {
        return new Verdict(
                status,
                proof,
                reason,
                Verification.Ending.NONE,
                Verification.Server.NONE,
                null,
                List.of());
    }

    public Verdict missing(List<String> names) {
        return new Verdict(status, proof, "dependency_missing", ending, server, compile, names);
    }

    public Verdict limited(VerificationStatus ended, String by) {
        return new Verdict(
                ended,
                proof,
                null,
                new Verification.Ending(null, SIGKILL, by),
                Verification.Server.NONE,
                compile,
                List.of());
    }

    private Verdict end(@Nullable Integer exit, @Nullable Integer bySignal) {
        String signal = bySignal == null ? null : SignalNames.of(bySignal);
        return new Verdict(
                status,
                proof,
                reason,
                new Verification.Ending(exit, signal, null),
                server,
                compile,
                missing);
    }

    /// The same, of a server that ended before it was asked to.
    private Verdict ended(RunnerRecord.StepEnded by) {
        return new Verdict(
                        VerificationStatus.FAILED,
                        proof,
                        "server_ended",
                        ending,
                        server,
                        compile,
                        missing)
                .end(by.exit(), by.signal());
    }

    private Verdict compiled(Verification.Compile how) {
        return new Verdict(status, proof, reason, ending, server, how, missing);
    }

    public Verdict listening(int at, @Nullable Integer answered) {
        return new Verdict(
                status,
                proof,
                reason,
                ending,
                new Verification.Server(at, answered),
                compile,
                missing);
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
                    : natural.missing(missing);
        }

        /// What the program's own end says, limits left aside.
        private Verdict natural() {
            RunnerRecord.Probed probed = said.probed();
            if (probed != null && said.ends().getLast().stopped()) {
                return server(probed);
            }
            // For a server that ended by itself, the way it ended says more than what it answered
            // before.
            if (probed != null && plan.proof() == RunPlan.Proof.SERVER) {
                return endedServer(probed, said.ends().getLast());
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
                case SERVER, HTTP -> ended(failed("not_listening"), failed);
                case BUILD -> failed == null ? ran() : ended(failed("compile_error"), failed);
                case RUN, COMMAND, CASES -> failed == null ? ran() : ended(failed(null), failed);
            };
        }

        private Verdict ran() {
            return plain(VerificationStatus.PASSED, seen(), null).end(0, null);
        }

        private Verdict failed(@Nullable String why) {
            return plain(VerificationStatus.FAILED, seen(), why);
        }

        private Verdict ended(Verdict verdict, RunnerRecord.@Nullable StepEnded by) {
            if (by == null) {
                return verdict.end(0, null);
            }
            return by.stopped() ? verdict : verdict.end(by.exit(), by.signal());
        }

        private Verdict server(RunnerRecord.Probed probed) {
            boolean http = probed.answer().equals("http");
            String fault =
                    switch (probed.answer()) {
                        case "http" -> probed.status() >= SERVER_ERROR ? "server_error" : null;
                        case "malformed" -> "malformed_answer";
                        case "silent" -> "not_answering";
                        default -> null;
                    };
            return plain(
                            fault == null ? VerificationStatus.PASSED : VerificationStatus.FAILED,
                            observed("server"),
                            fault)
                    .listening(probed.port(), http ? probed.status() : null);
        }

        private Verdict endedServer(RunnerRecord.Probed probed, RunnerRecord.StepEnded by) {
            Verdict answered = server(probed);
            Integer exit = by.exit();
            boolean good = exit != null && exit == 0 && !probed.answer().equals("closed");
            return good ? answered : answered.ended(by);
        }

        private Verdict tests(RunnerRecord.@Nullable StepEnded failed) {
            boolean complete = said.ends().size() == plan.steps().size();
            for (RunnerRecord.StepEnded each : said.ends()) {
                complete &= said.report(each.step()).isComplete(each) && !isEmptyBesideOthers(each);
            }
            return ended(testVerdict(complete, counted(), failed), failed);
        }

        /// A test file of the caller's that has a process of its own and declared nothing there,
        /// while others did: what it declares was kept from it.
        private boolean isEmptyBesideOthers(RunnerRecord.StepEnded step) {
            TestReport report = said.report(step.step());
            return step.step() < plan.callers()
                    && plan.steps().size() > 1
                    && report.results() == 0
                    && !report.hasBroken()
                    && said.ends().stream()
                            .anyMatch(each -> said.report(each.step()).results() > 0);
        }

        private Verdict testVerdict(
                boolean complete,
                Verification.Tests counted,
                RunnerRecord.@Nullable StepEnded failed) {
            if (!complete) {
                return failed("no_report");
            }
            if (counted.failed() > 0) {
                return failed(counted.run() == 0 && isAnyBroken() ? "collection_error" : null);
            }
            if (isAnyLeftOut() || (deselected() > 0 && !plan.sessions().isEmpty())) {
                return failed("tests_left_out");
            }
            if (counted.run() == 0) {
                return failed("no_tests");
            }
            return failed == null ? plain(VerificationStatus.PASSED, seen(), null) : failed(null);
        }

        private Verification.Tests counted() {
            int run = 0;
            int bad = 0;
            for (RunnerRecord.StepEnded each : said.ends()) {
                Verification.Tests tests = said.report(each.step()).tests();
                run += tests.run();
                bad += tests.failed();
            }
            return new Verification.Tests(run, bad, by());
        }

        private long deselected() {
            return said.ends().stream()
                    .mapToLong(each -> said.report(each.step()).deselected())
                    .sum();
        }

        private @Nullable TestsBy by() {
            return switch (plan.sessions().size()) {
                case 0 -> null;
                case 1 -> plan.sessions().getFirst().by();
                default -> TestsBy.BOTH;
            };
        }

        private boolean isAnyLeftOut() {
            return said.ends().stream().anyMatch(each -> said.report(each.step()).leftOut() > 0);
        }

        private boolean isAnyBroken() {
            return said.ends().stream().anyMatch(each -> said.report(each.step()).hasBroken());
        }

        private Verdict withCompile(Verdict verdict) {
            Verification.Compile how = compile(said);
            return how == null ? verdict : verdict.compiled(how);
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

        private Verification.Proof seen() {
            String kind = plan.proof().name().toLowerCase(Locale.ROOT);
            if (plan.proof() != RunPlan.Proof.TESTS) {
                return observed(kind);
            }
            return new Verification.Proof(
                    kind, Evidence.REPORTED, null, counted(), results(), null, score());
        }

        private List<TestResult> results() {
            TestResults all = new TestResults();
            said.ends().forEach(each -> said.report(each.step()).each().forEach(all::add));
            return all.kept();
        }

        private static Verification.Proof observed(String kind) {
            return new Verification.Proof(kind, Evidence.OBSERVED, null, null, null, null, null);
        }

        private @Nullable Double score() {
            int passed = 0;
            int counted = 0;
            for (RunnerRecord.StepEnded each : said.ends()) {
                passed += said.report(each.step()).passed();
                counted += said.report(each.step()).counted();
            }
            return counted == 0 ? null : (double) passed / counted;
        }
    }
}
