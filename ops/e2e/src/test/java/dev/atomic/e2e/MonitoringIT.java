package dev.atomic.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The dashboard and the alerts of `ops/monitoring`, in a real Prometheus that reads a running
/// stack: nothing in them names what isn't measured.
@Timeout(300)
class MonitoringIT {
    private static final Path MONITORING = Stack.repository().resolve("ops/monitoring");
    private static final Path RUNBOOK = Stack.repository().resolve("docs/runbook.md");

    /// What stands in an expression and is never a metric's name: strings, selectors, ranges and
    /// groupings. These go first, because they stand between a function and its parenthesis.
    private static final Pattern INSIDE =
            Pattern.compile(
                    "\"[^\"]*\"|\\{[^}]*}|\\[[^]]*]|\\b(?:by|without|on|ignoring)\\s*\\([^)]*\\)");

    /// Functions, and words of the language.
    private static final Pattern WORDS =
            Pattern.compile("\\b\\w+\\s*\\(|\\b(?:and|or|unless|bool)\\b");

    private static final Pattern NAME = Pattern.compile("\\b[a-zA-Z_:][a-zA-Z0-9_:]*");

    @TempDir static Path directory;

    private static Stack stack;
    private static @Nullable Process prometheus;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        run("prometheus", "--version");
        stack = Stack.start(1, Map.of("ATOMIC_LOG_FORMAT", "json"));
        stack.client().submit("{\"prompt\":\"say hello\",\"pipeline\":[]}");
        int port = Stack.freePort();
        Path config = directory.resolve("prometheus.yml");
        Files.writeString(config, config());
        prometheus =
                new ProcessBuilder(
                                "prometheus",
                                "--config.file=" + config,
                                "--storage.tsdb.path=" + directory.resolve("data"),
                                "--web.listen-address=127.0.0.1:" + port)
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("prometheus.log").toFile())
                        .start();
        client = new Client(URI.create("http://127.0.0.1:" + port));
        Stack.await("Prometheus", Duration.ofSeconds(60), MonitoringIT::isReady);
        // Rates need two scrapes of each.
        Stack.await(
                "both processes to be scraped for a while",
                Duration.ofSeconds(60),
                () -> query("count_over_time(up{job=~\"atomic-.*\"}[1m]) >= 4").size() == 2);
    }

    private static boolean isReady() {
        try {
            return client.get("/-/ready").status() == 200;
        } catch (UncheckedIOException e) {
            return false; // not listening yet
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (prometheus != null) {
            prometheus.destroy();
            prometheus.waitFor(20, TimeUnit.SECONDS);
        }
        if (stack != null) {
            stack.close();
        }
    }

    private static String config() throws IOException {
        String example = Files.readString(MONITORING.resolve("prometheus.yml"));
        String worker = Files.readString(stack.home().resolve("run/worker-1.port")).strip();
        return example.replace("15s", "1s")
                .replace("alerts.yml", MONITORING.resolve("alerts.yml").toString())
                .replace("127.0.0.1:8080", URI.create(stack.url("api")).getAuthority())
                .replaceFirst("\"127\\.0\\.0\\.1:9101\".*]", "\"127.0.0.1:" + worker + "\"]");
    }

    @Test
    void eachPanelOfTheDashboardShowsSomethingOfARunningStack() throws IOException {
        JsonNode dashboard =
                JsonMapper.shared()
                        .readTree(Files.readString(MONITORING.resolve("dashboard.json")));
        List<String> empty = new ArrayList<>();
        for (JsonNode panel : dashboard.get("panels")) {
            for (JsonNode target : panel.get("targets")) {
                String query = target.get("expr").stringValue().replace("$__rate_interval", "10s");
                if (query(query).isEmpty()) {
                    empty.add(panel.get("title").stringValue() + ": " + query);
                }
                assertThat(namesIn(query)).as(query).isNotEmpty().isSubsetOf(known());
            }
        }
        assertThat(dashboard.get("panels").size()).isPositive();
        assertThat(empty).isEmpty();
    }

    @Test
    void eachAlertIsEvaluatedAndNamesWhatIsMeasured() {
        for (JsonNode alert : alerts()) {
            String expression = alert.get("query").stringValue();
            assertThat(namesIn(expression)).as(expression).isNotEmpty().isSubsetOf(known());
            Stack.await(
                    alert.get("name").stringValue() + " to be evaluated",
                    Duration.ofSeconds(20),
                    () ->
                            alerts().stream()
                                    .filter(now -> now.get("name").equals(alert.get("name")))
                                    .allMatch(now -> now.get("health").stringValue().equals("ok")));
        }
    }

    @Test
    void eachAlertIsRaisedWhenItShouldBeAndIsQuietOtherwise() throws Exception {
        run("promtool", "check", "rules", MONITORING.resolve("alerts.yml").toString());
        run("promtool", "test", "rules", MONITORING.resolve("alerts_test.yml").toString());
        String tests = Files.readString(MONITORING.resolve("alerts_test.yml"));
        for (JsonNode alert : alerts()) {
            String name = alert.get("name").stringValue();
            assertThat(tests).contains(name + " is raised", name + " is quiet");
        }
    }

    @Test
    void eachAlertHasItsSectionInTheRunbookAndLinksToIt() throws IOException {
        Set<String> sections =
                Pattern.compile("^## (\\w+)$", Pattern.MULTILINE)
                        .matcher(Files.readString(RUNBOOK))
                        .results()
                        .map(heading -> heading.group(1))
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> names = new TreeSet<>();
        for (JsonNode alert : alerts()) {
            String name = alert.get("name").stringValue();
            names.add(name);
            assertThat(alert.get("annotations").get("runbook").stringValue())
                    .isEqualTo("docs/runbook.md#" + name.toLowerCase(java.util.Locale.ROOT));
        }
        assertThat(sections).isEqualTo(names);
    }

    @Test
    void aJobsLogLinesNameItAndItsTraceInWorkerAndAgentAlike() throws IOException {
        UUID job =
                stack.client()
                        .submit("{\"prompt\":\"Write a CLI calculator\",\"pipeline\":[\"spec\"]}");
        Stack.await(
                "the job's lines",
                Duration.ofSeconds(60),
                () -> lines("worker-1", job).size() == 1 && lines("agent", job).size() == 1);
        JsonNode worker = lines("worker-1", job).getFirst();
        JsonNode agent = lines("agent", job).getFirst();
        assertThat(worker.get("message").stringValue()).isEqualTo("generate succeeded");
        assertThat(worker.get("trace").stringValue()).matches("[0-9a-f]{32}");
        assertThat(worker.get("attempt").stringValue()).isEqualTo("1");
        assertThat(agent.get("trace")).isEqualTo(worker.get("trace"));
        assertThat(agent.get("attempt")).isEqualTo(worker.get("attempt"));
        assertThat(agent.get("stage").stringValue()).isEqualTo("spec");
    }

    /// The lines of a process' log that name the job, each an object.
    private static List<JsonNode> lines(String process, UUID job) {
        try {
            return Files.readAllLines(stack.home().resolve("logs").resolve(process + ".log"))
                    .stream()
                    .filter(line -> line.contains("\"" + job + "\""))
                    .map(line -> JsonMapper.shared().readTree(line))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static List<JsonNode> alerts() {
        List<JsonNode> alerts = new ArrayList<>();
        for (JsonNode group : get("/api/v1/rules").get("groups")) {
            group.get("rules").forEach(alerts::add);
        }
        assertThat(alerts).isNotEmpty();
        return alerts;
    }

    private static Set<String> known() {
        return StreamSupport.stream(get("/api/v1/label/__name__/values").spliterator(), false)
                .map(JsonNode::stringValue)
                .collect(Collectors.toSet());
    }

    private static Set<String> namesIn(String expression) {
        Matcher names =
                NAME.matcher(
                        WORDS.matcher(INSIDE.matcher(expression).replaceAll(" ")).replaceAll(" "));
        Set<String> all = new HashSet<>();
        while (names.find()) {
            all.add(names.group());
        }
        return all;
    }

    private static JsonNode query(String expression) {
        return get("/api/v1/query?query=" + URLEncoder.encode(expression, UTF_8)).get("result");
    }

    private static JsonNode get(String path) {
        Client.Answer answer = client.get(path);
        assertThat(answer.status()).as(path + answer.raw().body()).isEqualTo(200);
        return answer.body().get("data");
    }

    private static void run(String... command) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            String what = command[0] + " isn't there: apt-get install prometheus";
            assertThat(System.getenv("CI")).as(what).isNotEqualTo("true");
            assumeThat(false).as(what).isTrue();
            return;
        }
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
