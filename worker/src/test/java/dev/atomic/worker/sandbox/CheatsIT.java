package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Match;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerifyKind;
import dev.atomic.worker.sandbox.run.RunBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Programs that give wrong answers and try to be called right (`ops/sandbox/cheats`), in each
/// grade of evidence.
@Tag("engine")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CheatsIT {
    private static final Path CHEATS = Path.of("../ops/sandbox/cheats");
    private static final Path TABLE = Path.of("../docs/sandbox.md");

    private static final Case ANSWER =
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

    private static SandboxUnderTest sandbox;

    /// By the cheat's name: its line of a table in the docs.
    private static final Map<String, String> lines = new TreeMap<>();

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
    @MethodSource("tested")
    void noneIsCalledRightByAJudge(String cheat) throws IOException {
        String forged = line(cheat, "**forged**");
        Verification found = sandbox.verify(run(cheat, true));
        // One that must be quicker than the tests may be too slow on a busy machine.
        for (int more = 5; more > 0 && !found.passed() && said(forged); more--) {
            found = sandbox.verify(run(cheat, true));
        }
        lines.put(cheat, found.passed() ? forged : line(cheat, "held"));
        assertThat(found.proof().evidence()).as("%s", found).isEqualTo(Evidence.REPORTED);
        Verification demanded = sandbox.verify(run(cheat, true).isolated());
        assertThat(demanded.passed()).as("%s", demanded).isFalse();
    }

    /// That a program can be built says nothing more, and is said of none that can't.
    @ParameterizedTest
    @MethodSource("compiled")
    void noneIsCalledBuiltThatIsNot(String cheat) throws IOException {
        Verification found = sandbox.verify(run(cheat, false).kind(VerifyKind.BUILD));
        lines.put(cheat, line(cheat, found.passed() ? "passed" : "failed"));
        assertThat(found.proof().evidence()).as("%s", found).isEqualTo(Evidence.OBSERVED);
        if (cheat.contains("/unbuilt_")) {
            assertThat(found.passed()).as("%s", found).isFalse();
        }
        Verification cpp = sandbox.verify(run(cheat, false, true).kind(VerifyKind.BUILD));
        assertThat(cpp.passed()).as("%s", cpp).isEqualTo(found.passed());
        Verification ran = sandbox.verify(run(cheat, false, true).cases(List.of(ANSWER)));
        assertThat(ran.passed()).as("%s", ran).isFalse();
    }

    @ParameterizedTest
    @MethodSource("cheats")
    void noneIsCalledRightByWhatCameOut(String cheat) throws IOException {
        Verification found = sandbox.verify(run(cheat, false).cases(List.of(ANSWER)));
        assertThat(found.passed()).as("%s", found).isFalse();
        assertThat(found.proof().evidence()).isEqualTo(Evidence.OBSERVED);
    }

    /// Which of them the tests' own report doesn't hold against, and which are built, is said in
    /// the docs. Comes last, when all have been tried; alone it tries them itself.
    @Test
    @Order(Integer.MAX_VALUE)
    void theDocsSayWhichForgeAReport() throws IOException {
        for (String cheat : tested().toList()) {
            if (!lines.containsKey(cheat)) {
                noneIsCalledRightByAJudge(cheat);
            }
        }
        for (String cheat : compiled().toList()) {
            if (!lines.containsKey(cheat)) {
                noneIsCalledBuiltThatIsNot(cheat);
            }
        }
        String docs = Files.readString(TABLE);
        assertThat(docs).contains(table(false)).contains(table(true));
    }

    private static String table(boolean isCompiled) {
        return lines.entrySet().stream()
                .filter(each -> isCompiled(each.getKey()) == isCompiled)
                .map(Map.Entry::getValue)
                .collect(Collectors.joining());
    }

    private static boolean said(String line) throws IOException {
        return Files.readString(TABLE).contains(line);
    }

    private static String line(String cheat, String found) throws IOException {
        String what = Files.readString(CHEATS.resolve(cheat + "/README")).strip();
        return "| " + cheat + " | " + what + " | " + found + " |\n";
    }

    private static RunBuilder run(String cheat, boolean withTests) throws IOException {
        return run(cheat, withTests, false);
    }

    /// @param asCpp C's sources as C++'s
    private static RunBuilder run(String cheat, boolean withTests, boolean asCpp)
            throws IOException {
        Path folder = CHEATS.resolve(cheat);
        Map<String, SourceFile> files = new TreeMap<>();
        for (Path file : files(folder, Integer.MAX_VALUE)) {
            String path = folder.relativize(file).toString();
            if (!path.equals("README")) {
                String name = asCpp ? path.replaceAll("\\.c$", ".cpp") : path;
                files.put(name, new SourceFile(name, Files.readAllBytes(file)));
            }
        }
        List<String> tests = new ArrayList<>();
        for (Path file : withTests ? files(folder.getParent(), 1) : List.<Path>of()) {
            String name = file.getFileName().toString();
            tests.add(name);
            files.put(name, new SourceFile(name, Files.readAllBytes(file)));
        }
        String language = asCpp ? "cpp" : folder.getParent().getFileName().toString();
        RunBuilder run = RunBuilder.of(language).callers(tests.toArray(String[]::new));
        files.values().forEach(run::file);
        return run;
    }

    private static List<Path> files(Path folder, int depth) throws IOException {
        try (Stream<Path> files = Files.walk(folder, depth)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static boolean isCompiled(String cheat) {
        return cheat.startsWith("c/");
    }

    static Stream<String> compiled() throws IOException {
        return cheats().filter(CheatsIT::isCompiled);
    }

    static Stream<String> tested() throws IOException {
        return cheats().filter(cheat -> !isCompiled(cheat));
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
