package dev.atomic.worker.sandbox.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The command lines of the image's compilers, interpreters and test runners.
public final class Toolchain {
    /// Where a compiled program goes: outside the workspace, so that it isn't taken for a result.
    static final String PROGRAM = "/tmp/program";

    private static final String HARNESS = "/usr/local/lib/atomic/";
    private static final List<String> SESSION =
            List.of("python3", "-I", "-B", "-u", HARNESS + "session.py");
    private static final String CHECK_PYTHON =
            """
            import sys
            for path in sys.argv[1:]:
                with open(path, "rb") as file:
                    compile(file.read(), path, "exec", dont_inherit=True)
            """;

    private Toolchain() {}

    /// A session of pytest, without its arguments.
    static Step session() {
        return Step.of(Step.Kind.TESTS, joined(SESSION, List.of("reported")));
    }

    static Step pytest(List<String> arguments) {
        return Step.of(Step.Kind.TESTS, joined(session().argv(), arguments));
    }

    /// The session that holds the tests and calls the program over a channel.
    public static Step judge(List<String> files) {
        return Step.of(Step.Kind.JUDGE, joined(joined(SESSION, List.of("judge")), local(files)));
    }

    /// The server that holds the program.
    public static Step subject() {
        return Step.of(
                Step.Kind.SUBJECT, List.of("python3", "-I", "-B", "-u", HARNESS + "subject.py"));
    }

    /// What follows `pytest` or `python -m pytest`: such a command's tests are believed only
    /// through our own session, which runs the same pytest. Empty for any other command.
    static Optional<List<String>> pytestArguments(List<String> argv) {
        String first = argv.getFirst();
        if (first.equals("pytest") || first.equals("py.test")) {
            return Optional.of(argv.subList(1, argv.size()));
        }
        boolean module =
                (first.equals("python") || first.equals("python3"))
                        && argv.size() >= 3
                        && argv.get(1).equals("-m")
                        && argv.get(2).equals("pytest");
        return module ? Optional.of(argv.subList(3, argv.size())) : Optional.empty();
    }

    /// One file in a process of its own, as `node --test` runs it, with our reporter beside node's.
    static Step nodeTest(String path) {
        String recorder = HARNESS + "recorder.mjs";
        return Step.of(
                Step.Kind.TESTS,
                List.of(
                        "node",
                        "--import=file://" + recorder,
                        "--test-reporter=spec",
                        "--test-reporter-destination=stdout",
                        "--test-reporter=" + recorder,
                        "--test-reporter-destination=/dev/null",
                        local(path)));
    }

    static Step compile(Language language, List<String> sources) {
        List<String> options =
                language == Language.C
                        ? List.of("gcc", "-std=gnu17", "-O2", "-pthread", "-I.", "-o", PROGRAM)
                        : List.of("g++", "-std=gnu++20", "-O2", "-pthread", "-I.", "-o", PROGRAM);
        return Step.of(Step.Kind.COMPILE, joined(joined(options, local(sources)), List.of("-lm")));
    }

    static List<String> interpret(Language language, String path) {
        return switch (language) {
            case PYTHON -> List.of("python3", local(path));
            case JAVASCRIPT -> List.of("node", local(path));
            case BASH -> List.of("bash", local(path));
            case C, CPP -> List.of(PROGRAM);
        };
    }

    /// Reads the sources without running them.
    static List<Step> check(Language language, List<String> sources) {
        return switch (language) {
            case PYTHON ->
                    List.of(
                            Step.of(
                                    Step.Kind.RUN,
                                    joined(List.of("python3", "-I", "-c", CHECK_PYTHON), sources)));
            case JAVASCRIPT ->
                    sources.stream()
                            .map(path ->
                                    Step.of(Step.Kind.RUN, List.of("node", "--check", local(path))))
                            .toList();
            case BASH ->
                    sources.stream()
                            .map(path -> Step.of(Step.Kind.RUN, List.of("bash", "-n", local(path))))
                            .toList();
            case C, CPP -> List.of(compile(language, sources));
        };
    }

    /// Keeps a file's name from being taken for an option, or for a file of options.
    private static String local(String path) {
        return path.startsWith("-") || path.startsWith("@") ? "./" + path : path;
    }

    static List<String> local(List<String> paths) {
        return paths.stream().map(Toolchain::local).toList();
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
