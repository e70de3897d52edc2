package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.telemetry.Metric;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What Prometheus would read of a stack that has run a job of each kind.
@Tag("engine")
class MetricsIT {
    /// Stay at 0 unless something goes wrong, and the pool may be empty at any moment.
    private static final Set<Metric> MAY_BE_ZERO =
            EnumSet.of(
                    Metric.ADMISSION_REFUSED,
                    Metric.QUEUE_DEPTH,
                    Metric.QUEUE_HEAD_AGE,
                    Metric.SLOTS_BUSY,
                    Metric.MODEL_COST,
                    Metric.MODEL_UNPRICED,
                    Metric.RELAY_FOLLOWERS,
                    Metric.JOB_WITHDRAWN,
                    Metric.ATTEMPT_RETRIED,
                    Metric.ATTEMPT_LOST,
                    Metric.FENCE_LOST,
                    Metric.SANDBOX_POOL_READY,
                    Metric.WEBHOOK);

    private static ModelServer model;
    private static Stack stack;

    private final Client client = stack.client();

    @BeforeAll
    static void start() throws IOException {
        model = new ModelServer();
        stack = Stack.start(1, model.settings());
        Client client = stack.client();
        Stack.await(
                "the engine to be seen",
                Duration.ofSeconds(30),
                () -> client.get("/health").body().path("docker").asString("").equals("available"));
    }

    @AfterAll
    static void stop() {
        stack.close();
        model.close();
    }

    @Test
    void everyMeterOfTheTableIsThereAndFedByOneJobOfEachKind() throws Exception {
        model.script(_ -> new ModelServer.Answer(ScriptedModel.CODE, null, 0));
        UUID generated =
                client.submit("{\"prompt\":\"say hello\",\"pipeline\":[\"code\",\"verify\"]}");
        try (Stream<String> lines = client.stream(generated, 0)) {
            assertThat(lines.toList()).contains("event: succeeded");
        }
        Client.Answer executed =
                client.post(
                        "/api/execute",
                        "{\"language\":\"python\",\"files\":[{\"path\":\"main.py\",\"content\":\"print(1)\"}]}");
        assertThat(executed.body().get("status").stringValue()).isEqualTo("succeeded");
        String same = "{\"prompt\":\"%s\",\"pipeline\":[]}";
        client.submit(same.formatted("one"), "Idempotency-Key", "used");
        assertThat(
                        client.post("/api/jobs", same.formatted("two"), "Idempotency-Key", "used")
                                .status())
                .isEqualTo(422);

        for (Map.Entry<Metric.Source, String> process :
                Map.of(Metric.Source.API, "api", Metric.Source.WORKER, "worker-1").entrySet()) {
            String scrape = scrape(process.getValue());
            List<String> wrong = new ArrayList<>();
            for (Metric metric : Metric.values()) {
                if (metric.source() != process.getKey()) {
                    continue;
                }
                double total = total(scrape, metric);
                if (total < 0 || (total == 0 && !MAY_BE_ZERO.contains(metric))) {
                    wrong.add(metric.prometheus() + " " + total);
                }
            }
            assertThat(wrong).as("not there (-1) or not fed (0), in:%n%s", scrape).isEmpty();
            assertThat(scrape).contains("hikaricp_connections_active", "jvm_memory_used_bytes");
        }
        assertThat(scrape("api"))
                .contains("atomic_admission_refused_total{code=\"idempotency_mismatch\"} 1.0");
        assertThat(scrape("worker-1"))
                .contains(
                        "atomic_verdict_total{kind=\"run\",status=\"passed\"} 2.0",
                        "atomic_job_ended_total{state=\"succeeded\"}",
                        "atomic_stage_seconds_count{outcome=\"succeeded\",stage=\"code\"} 1");
    }

    /// The sum over all series; of timers and summaries, of their counts. -1: there is none.
    private static double total(String scrape, Metric metric) {
        String name =
                switch (metric.type()) {
                    case COUNTER, GAUGE -> metric.prometheus();
                    case TIMER, SUMMARY -> metric.prometheus() + "_count";
                };
        return Pattern.compile("^" + name + "(?:\\{.*\\})? (\\S+)$", Pattern.MULTILINE)
                .matcher(scrape)
                .results()
                .mapToDouble(line -> Double.parseDouble(line.group(1)))
                .reduce(Double::sum)
                .orElse(-1);
    }

    private String scrape(String process) throws IOException {
        String port = Files.readString(stack.home().resolve("run").resolve(process + ".port"));
        return new Client(URI.create("http://127.0.0.1:" + port.strip()))
                .get("/actuator/prometheus")
                .raw()
                .body();
    }
}
