package dev.atomic.api.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.NodeClients;
import dev.atomic.api.RunningApi;
import dev.atomic.api.openai.PlayedJobs;
import dev.atomic.db.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The protocol's own conformance tests against the real api. Tools and resources that they want
/// stand beside ours; whatever takes time is a job.
class McpConformanceIT {
    private static final Path PAGE = Path.of("..", "docs", "mcp-conformance.md");
    private static final List<String> REVISIONS = List.of("2026-07-28", "2025-11-25");

    /// What needs something that we don't have, and so don't declare, by what the names of such
    /// scenarios begin with. The rest must pass.
    private static final Map<String, String> NOT_OURS =
            Map.ofEntries(
                    Map.entry("prompts-", "no prompts"),
                    Map.entry("completion-", "no completion of arguments"),
                    Map.entry("caching", "no prompts"),
                    Map.entry("logging-", "no logging"),
                    Map.entry("tools-call-with-logging", "no logging"),
                    Map.entry("tools-call-sampling", "we ask the client nothing"),
                    Map.entry("tools-call-elicitation", "we ask the client nothing"),
                    Map.entry("elicitation-", "we ask the client nothing"),
                    Map.entry("input-required-", "we ask the client nothing"),
                    Map.entry("tasks-mrtr-", "we ask the client nothing"),
                    Map.entry("tasks-status-", "the suite skips it"),
                    Map.entry("tasks-lifecycle", "a job that fails is a result"),
                    Map.entry("resources-subscribe", "no subscriptions"),
                    Map.entry("resources-unsubscribe", "no subscriptions"),
                    Map.entry("server-session-", "no sessions"),
                    Map.entry("server-sse-", "no sessions"),
                    Map.entry("http-custom-header-", "no tool has headers of its own"),
                    Map.entry("json-schema-", "no tool has such a schema"));

    @Test
    void whatAppliesPassesAndThePageSaysWhatDoesNot(@TempDir Path directory) throws Exception {
        List<Result> results = run(directory).map(Result::of).toList();
        assertThat(results.stream().filter(each -> each.reason() == null && each.fails()))
                .isEmpty();
        for (String name : NOT_OURS.keySet()) {
            assertThat(results).anyMatch(each -> each.scenario().startsWith(name) && each.lacks());
        }
        assertThat(Files.readString(PAGE)).contains(table(results));
    }

    private static Stream<String> run(Path directory) throws Exception {
        try (TestDatabase database = TestDatabase.h2();
                RunningApi api =
                        RunningApi.on(
                                database.variables(),
                                Map.of("spring.profiles.active", ConformanceTools.PROFILE));
                PlayedJobs _ = new PlayedJobs(api)) {
            String url = api.uri("/mcp").toString();
            Stream<String> arguments = Stream.concat(Stream.of(url), REVISIONS.stream());
            return NodeClients.run(
                            directory,
                            NodeClients.CONFORMANCE,
                            "conformance.mjs",
                            arguments.toArray(String[]::new))
                    .lines()
                    .filter(line -> line.contains("\t"));
        }
    }

    /// A scenario at the wire format of a revision.
    ///
    /// @param checks of those that count, how many passed
    /// @param failed what didn't pass; empty when all did
    private record Result(
            String revision, String scenario, boolean isRequired, String checks, String failed) {
        static Result of(String line) {
            String[] parts = line.split("\t", -1);
            String checks = parts[3] + " of " + parts[4];
            return new Result(parts[0], parts[1], parts[2].equals("true"), checks, parts[6]);
        }

        boolean fails() {
            return !failed.isEmpty();
        }

        /// Whether it fails, or has nothing to check.
        boolean lacks() {
            return fails() || checks.equals("0 of 0");
        }

        @Nullable String reason() {
            return NOT_OURS.entrySet().stream()
                    .filter(entry -> scenario.startsWith(entry.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
        }

        String cell() {
            String cell = isRequired ? checks : "(" + checks + ")";
            return lacks() ? cell + ": " + Objects.requireNonNull(reason()) : cell;
        }
    }

    private static String table(List<Result> results) {
        Map<String, Map<String, String>> cells = new TreeMap<>();
        for (Result result : results) {
            cells.computeIfAbsent(result.scenario(), _ -> new TreeMap<>())
                    .put(result.revision(), result.cell());
        }
        String rows =
                cells.entrySet().stream()
                        .map(row ->
                                "| `"
                                        + row.getKey()
                                        + "` | "
                                        + REVISIONS.stream()
                                                .map(each -> row.getValue().getOrDefault(each, ""))
                                                .collect(Collectors.joining(" | "))
                                        + " |\n")
                        .collect(Collectors.joining());
        return "| scenario | " + String.join(" | ", REVISIONS) + " |\n|---|---|---|\n" + rows;
    }
}
