package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Match;
import dev.atomic.shared.verify.Verification;
import dev.atomic.worker.sandbox.run.RunBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Programs that give wrong answers and try to be called right (`ops/sandbox/cheats`), in each
/// grade of evidence.
@Tag("engine")
class CheatsIT {
    private static final Path CHEATS = Path.of("../ops/sandbox/cheats");
    private static final Path TABLE = Path.of("../docs/sandbox.md");

    private static SandboxUnderTest sandbox;

    /// By the cheat's name: whether its tests were reported to pass.
    private static final Map<String, Boolean> forged = new TreeMap<>();

    @BeforeAll
    static void start() {
        sandbox = new SandboxUnderTest(2);
        sandbox.awaitReady(1);
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @ParameterizedTest
    @MethodSource("cheats")
    void noneIsCalledRightByAJudge(String cheat) throws IOException {
        Verification found = sandbox.verify(run(cheat, true));
        forged.put(cheat, found.passed());
        assertThat(found.proof().evidence()).as("%s", found).isEqualTo(Evidence.REPORTED);
        Verification demanded = sandbox.verify(run(cheat, true).isolated());
        assertThat(demanded.passed()).as("%s", demanded).isFalse();
    }

    @ParameterizedTest
    @MethodSource("cheats")
    void noneIsCalledRightByWhatCameOut(String cheat) throws IOException {
        Case expected =
                new Case(
                        "answer",
                        List.of(),
                        "",
                        List.of(),
                        0,
                        "42\n",
                        null,
                        Match.TRIMMED,
                        Case.TOLERANCE,
                        5.0,
                        false);
        Verification found = sandbox.verify(run(cheat, false).cases(List.of(expected)));
        assertThat(found.passed()).as("%s", found).isFalse();
        assertThat(found.proof().evidence()).isEqualTo(Evidence.OBSERVED);
    }

    /// Which of them the tests' own report doesn't hold against is said in the docs.
    @Test
    void theDocsSayWhichForgeAReport() throws IOException {
        for (String cheat : cheats().toList()) {
            if (!forged.containsKey(cheat)) {
                forged.put(cheat, sandbox.verify(run(cheat, true)).passed());
            }
        }
        StringBuilder table = new StringBuilder();
        for (Map.Entry<String, Boolean> each : forged.entrySet()) {
            table.append("| ")
                    .append(each.getKey())
                    .append(" | ")
                    .append(Files.readString(CHEATS.resolve(each.getKey() + "/README")).strip())
                    .append(" | ")
                    .append(each.getValue() ? "**forged**" : "held")
                    .append(" |\n");
        }
        assertThat(Files.readString(TABLE)).contains(table);
    }

    private static RunBuilder run(String cheat, boolean withTests) throws IOException {
        boolean python = cheat.startsWith("python/");
        String tests = python ? "test_main.py" : "main.test.js";
        RunBuilder run = RunBuilder.of(python ? "python" : "javascript").callers(tests);
        Path folder = CHEATS.resolve(cheat);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String path = folder.relativize(file).toString();
                if (!path.equals("README")) {
                    run.file(new SourceFile(path, Files.readAllBytes(file)));
                }
            }
        }
        return withTests
                ? run.file(new SourceFile(tests, Files.readAllBytes(folder.resolveSibling(tests))))
                : run;
    }

    static Stream<String> cheats() throws IOException {
        try (Stream<Path> languages = Files.list(CHEATS)) {
            return languages
                    .filter(Files::isDirectory)
                    .flatMap(CheatsIT::of)
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static Stream<String> of(Path language) {
        try (Stream<Path> folders = Files.list(language)) {
            return folders
                    .filter(Files::isDirectory)
                    .map(folder -> CHEATS.relativize(folder).toString())
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
