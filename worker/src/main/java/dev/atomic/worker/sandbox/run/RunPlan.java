package dev.atomic.worker.sandbox.run;

import dev.atomic.shared.file.EntryFile;
import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.job.JobInput;
import dev.atomic.shared.verify.TestsBy;
import dev.atomic.shared.verify.VerifyKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is done with a set of files. Pure: nothing here has run anything.
public sealed interface RunPlan {
    /// @param proof what decides, one of the words of `verification.kind`
    /// @param callers how many of the steps, from the first, run the caller's tests or command
    /// @param sessions of tests, one behind the other; empty where no tests decide, or where the
    ///   caller said how they are run
    record Steps(Proof proof, List<Step> steps, int callers, List<TestSession> sessions)
            implements RunPlan {
        public Steps(Proof proof, List<Step> steps) {
            this(
                    proof,
                    steps,
                    proof == Proof.TESTS || proof == Proof.COMMAND ? steps.size() : 0,
                    List.of());
        }

        /// What of it was carried out when it was ended behind so many steps.
        public Steps first(int count) {
            return new Steps(
                    proof,
                    steps.subList(0, count),
                    Math.min(callers, count),
                    count > callers
                            ? sessions
                            : sessions.stream()
                                    .filter(each -> each.by() == TestsBy.CALLER)
                                    .toList());
        }

        public boolean isOfTests() {
            return proof == Proof.TESTS;
        }

        /// Whether a judge of its own can run these tests: they are Python's, and nothing was said
        /// about how they are run.
        public boolean canBeJudged(SandboxRun run) {
            return !sessions.isEmpty()
                    && Language.of(run.language()).equals(Optional.of(Language.PYTHON));
        }
    }

    /// Test files of one owner, run together and apart from the other's.
    record TestSession(TestsBy by, List<String> files) {}

    /// A program that is built once and started anew for each case.
    ///
    /// @param build steps that come first; a failure of one is the verdict
    /// @param argv of the program, without the case's arguments
    record Cases(List<Step> build, List<String> argv) implements RunPlan {}

    /// A program that is built and started as a server, to be sent requests.
    ///
    /// @param build steps that come first; a failure of one is the verdict
    record Exchanges(List<Step> build, List<String> argv) implements RunPlan {}

    /// There is nothing to run, which is a verdict already.
    ///
    /// @param reason as in `verification.reason`
    record Nothing(Proof proof, String reason) implements RunPlan {}

    /// There is no runtime for the language.
    record Unsupported() implements RunPlan {}

    /// What decides about a run.
    enum Proof {
        TESTS,
        CASES,
        HTTP,
        SERVER,
        RUN,
        BUILD,
        COMMAND
    }

    /// Cases or requests if there are any and nothing else was asked for; else the `command` if
    /// given; else the tests, if there are any; else the entry file.
    static RunPlan of(SandboxRun run) {
        Optional<Language> language = Language.of(run.language());
        if (language.isEmpty()) {
            return new Unsupported();
        }
        return new Planner(language.get(), run).plan();
    }

    /// The rules of one run.
    record Planner(Language language, SandboxRun run) {
        private JobInput.Run asked() {
            return run.run();
        }

        private List<SourceFile> files() {
            return run.files();
        }

        RunPlan plan() {
            return switch (asked().kind()) {
                case CASES -> cases();
                case HTTP -> exchanges();
                case AUTO -> automatic();
                case TESTS, SERVER, RUN, BUILD ->
                        asked().command().isEmpty() ? asFor(asked().kind()) : command();
            };
        }

        private RunPlan automatic() {
            if (!asked().checks().cases().isEmpty()) {
                return cases();
            }
            if (!asked().checks().requests().isEmpty()) {
                return exchanges();
            }
            if (!asked().command().isEmpty()) {
                return command();
            }
            List<String> tests = testFiles();
            return tests.isEmpty() ? program(Proof.RUN, Step.Kind.AUTO) : tests(tests);
        }

        private RunPlan asFor(VerifyKind kind) {
            List<String> tests = testFiles();
            return switch (kind) {
                case TESTS -> tests.isEmpty() ? new Nothing(Proof.TESTS, "no_tests") : tests(tests);
                case RUN -> program(Proof.RUN, Step.Kind.RUN);
                case SERVER -> program(Proof.SERVER, Step.Kind.SERVER);
                case BUILD -> build();
                case AUTO, CASES, HTTP -> throw new IllegalArgumentException("planned apart");
            };
        }

        private RunPlan cases() {
            return switch (asked().command().isEmpty()
                    ? program(Proof.CASES, Step.Kind.RUN)
                    : command()) {
                case Steps(Proof _, List<Step> steps, int _, List<TestSession> _) ->
                        new Cases(allButLast(steps), steps.getLast().argv());
                case RunPlan other -> other;
            };
        }

        private RunPlan exchanges() {
            return switch (asked().command().isEmpty()
                    ? program(Proof.HTTP, Step.Kind.SERVER)
                    : command()) {
                case Steps(Proof _, List<Step> steps, int _, List<TestSession> _) ->
                        new Exchanges(allButLast(steps), steps.getLast().argv());
                case RunPlan other -> other;
            };
        }

        private static List<Step> allButLast(List<Step> steps) {
            return steps.subList(0, steps.size() - 1);
        }

        private RunPlan command() {
            List<String> argv = concat(asked().command(), asked().args());
            Optional<List<String>> pytest = Toolchain.pytestArguments(argv);
            if (pytest.isPresent()) {
                return new Steps(Proof.TESTS, List.of(Toolchain.pytest(pytest.get())));
            }
            return switch (asked().kind()) {
                // Where tests decide, an exit code alone proves nothing.
                case TESTS -> new Nothing(Proof.TESTS, "no_report");
                case SERVER -> new Steps(Proof.SERVER, List.of(Step.of(Step.Kind.SERVER, argv)));
                case AUTO -> new Steps(Proof.COMMAND, List.of(Step.of(Step.Kind.AUTO, argv)));
                case RUN, BUILD, CASES, HTTP ->
                        new Steps(Proof.COMMAND, List.of(Step.of(Step.Kind.RUN, argv)));
            };
        }

        /// The caller's tests come first: nothing has run yet that could have changed them.
        private RunPlan tests(List<String> tests) {
            List<TestSession> sessions = new ArrayList<>();
            session(sessions, TestsBy.CALLER, tests.stream().filter(run::isCallers).toList());
            session(
                    sessions,
                    TestsBy.MODEL,
                    tests.stream().filter(path -> !run.isCallers(path)).toList());
            List<Step> steps = new ArrayList<>();
            int callers = 0;
            for (TestSession session : sessions) {
                if (language == Language.PYTHON) {
                    steps.add(
                            Toolchain.pytest(
                                    concat(Toolchain.local(session.files()), asked().args())));
                } else {
                    session.files().stream().map(Toolchain::nodeTest).forEach(steps::add);
                }
                callers = session.by() == TestsBy.CALLER ? steps.size() : callers;
            }
            // With arguments they are run as the caller said, whatever that leaves out.
            return new Steps(
                    Proof.TESTS, steps, callers, asked().args().isEmpty() ? sessions : List.of());
        }

        private static void session(List<TestSession> sessions, TestsBy by, List<String> files) {
            if (!files.isEmpty()) {
                sessions.add(new TestSession(by, files));
            }
        }

        private RunPlan program(Proof proof, Step.Kind kind) {
            Optional<SourceFile> entry = entry();
            if (language.isCompiled()) {
                List<String> sources = sources(entry);
                if (sources.isEmpty()) {
                    return new Nothing(proof, "no_entry_file");
                }
                List<String> argv = concat(List.of(Toolchain.PROGRAM), asked().args());
                return new Steps(
                        proof, List.of(Toolchain.compile(language, sources), Step.of(kind, argv)));
            }
            if (entry.isEmpty()) {
                return new Nothing(proof, "no_entry_file");
            }
            List<String> argv =
                    concat(Toolchain.interpret(language, entry.get().path()), asked().args());
            return new Steps(proof, List.of(Step.of(kind, argv)));
        }

        private RunPlan build() {
            List<String> sources =
                    files().stream().map(SourceFile::path).filter(language::owns).sorted().toList();
            if (sources.isEmpty()) {
                return new Nothing(Proof.BUILD, "no_entry_file");
            }
            List<Step> steps =
                    language.isCompiled()
                            ? List.of(Toolchain.compile(language, sources(entry())))
                            : Toolchain.check(language, sources);
            return new Steps(Proof.BUILD, steps);
        }

        private Optional<SourceFile> entry() {
            List<SourceFile> programs =
                    files().stream()
                            .filter(file ->
                                    language.owns(file.path()) && !language.ownsTest(file.path()))
                            .toList();
            return EntryFile.among(programs, SourceFile::path, file -> file.content().length);
        }

        /// All the sources go into one program; a test with a `main` of its own would clash with
        /// it.
        private List<String> sources(Optional<SourceFile> entry) {
            List<String> sources =
                    files().stream().map(SourceFile::path).filter(language::owns).sorted().toList();
            if (entry.isEmpty()) {
                return sources;
            }
            return sources.stream()
                    .filter(path -> path.equals(entry.get().path()) || !isTestSource(path))
                    .toList();
        }

        private static boolean isTestSource(String path) {
            String name = path.substring(path.lastIndexOf('/') + 1);
            return name.startsWith("test_")
                    || name.substring(0, name.lastIndexOf('.')).endsWith("_test");
        }

        private List<String> testFiles() {
            return files().stream()
                    .map(SourceFile::path)
                    .filter(language::ownsTest)
                    .sorted()
                    .toList();
        }

        private static List<String> concat(List<String> first, List<String> second) {
            List<String> all = new ArrayList<>(first);
            all.addAll(second);
            return all;
        }
    }
}
