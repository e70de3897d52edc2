package dev.atomic.shared.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Json;
import dev.atomic.shared.Variables;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/// Spans against a real receiver: what arrives, and that nobody needs it.
@ExtendWith(OutputCaptureExtension.class)
class TracesTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final UUID JOB = UUID.fromString("0193b3a4-5d7e-7c2b-9a1f-0123456789ab");

    /// In the processes Launch's logging silences it; held here, as loggers are held weakly.
    private static final Logger SDK = Logger.getLogger("io.opentelemetry");

    private TraceReceiver receiver;

    @BeforeAll
    static void silence() {
        SDK.setLevel(Level.OFF);
    }

    @BeforeEach
    void start() throws IOException {
        receiver = new TraceReceiver();
    }

    @AfterEach
    void stop() {
        receiver.close();
    }

    private static Traces to(String endpoint) {
        return Traces.from(
                new Variables(
                        Map.of(
                                "OTEL_EXPORTER_OTLP_ENDPOINT",
                                endpoint,
                                "OTEL_EXPORTER_OTLP_HEADERS",
                                "x-key=hidden%20key",
                                "ATOMIC_NAME",
                                "worker-7")),
                "atomic-worker");
    }

    @Test
    void theSpansOfAJobHangTogetherAcrossProcesses() {
        Instant began = Instant.now().minusSeconds(2);
        TraceContext caller = TraceContext.of("00-" + TRACE + "-b7ad6b7169203331-01");
        try (Traces api = to(receiver.endpoint());
                Traces worker = to(receiver.endpoint())) {
            api.request("POST /api/jobs", began, caller, JOB).close();
            try (Span attempt = worker.attempt(TRACE, JOB);
                    Span stage = attempt.part("code");
                    Span call = stage.call("chat")) {
                attempt.set("atomic.job.attempt", 2).set("nothing", null);
                call.failed("overloaded");
                assertThat(call.traceparent()).matches("00-" + TRACE + "-[0-9a-f]{16}-01");
            }
        }
        assertThat(receiver.of(TRACE)).hasSize(4);
        TraceReceiver.Seen request = named("POST /api/jobs");
        assertThat(request.parent()).isEqualTo("b7ad6b7169203331");
        assertThat(request.kind()).isEqualTo(2);
        assertThat(request.ended() - request.began()).isGreaterThan(1_900_000_000L);
        TraceReceiver.Seen attempt = named("attempt");
        assertThat(attempt.parent()).isEqualTo(request.id());
        assertThat(attempt.kind()).isEqualTo(5);
        assertThat(attempt.service()).isEqualTo("atomic-worker");
        assertThat(attempt.instance()).isEqualTo("worker-7");
        assertThat(attempt.attributes()).isEqualTo(Map.of("atomic.job.attempt", "2"));
        assertThat(named("code").parent()).isEqualTo(attempt.id());
        assertThat(named("chat").parent()).isEqualTo(named("code").id());
        assertThat(named("chat").error()).isTrue();
        assertThat(named("chat").attributes()).isEqualTo(Map.of("error.type", "overloaded"));
        assertThat(receiver.keys()).isNotEmpty().containsOnly("hidden key");
        assertThat(receiver.bodies()).noneMatch(body -> body.contains("hidden key"));
    }

    @Test
    void aTraceThatBeginsWithTheRequestHasItsId() {
        TraceContext own = TraceContext.of(null);
        try (Traces api = to(receiver.endpoint())) {
            api.request("POST /api/jobs", Instant.now(), own, JOB).close();
            api.request("POST /api/jobs", Instant.now(), own, null).close();
        }
        assertThat(receiver.of(own.traceId()))
                .hasSize(2)
                .allSatisfy(span -> assertThat(span.parent()).isEmpty())
                .extracting(TraceReceiver.Seen::id)
                .doesNotHaveDuplicates();
    }

    @Test
    void aWrongTraceparentIsNone() {
        for (String wrong :
                List.of(
                        "",
                        TRACE,
                        "ff-" + TRACE + "-b7ad6b7169203331-01",
                        "00-" + "0".repeat(32) + "-b7ad6b7169203331-01",
                        "00-" + TRACE + "-0000000000000000-01",
                        "00-" + TRACE.toUpperCase(java.util.Locale.ROOT) + "-b7ad6b7169203331-01",
                        "00-" + TRACE + "-b7ad6b7169203331-01\nX: y")) {
            assertThat(TraceContext.of(wrong).traceId())
                    .matches("[0-9a-f]{32}")
                    .isNotEqualTo(TRACE);
            assertThat(TraceContext.of(wrong).parent()).isNull();
        }
        assertThat(TraceContext.of("cc-" + TRACE + "-b7ad6b7169203331-00-what-comes").traceId())
                .isEqualTo(TRACE);
    }

    @Test
    void aReceiverThatHangsHoldsUpNobody(CapturedOutput output) {
        receiver.hang();
        long began = System.nanoTime();
        Traces traces = to(receiver.endpoint());
        int many = 3 * Exports.MAX_PENDING;
        for (int i = 0; i < many; i++) {
            traces.attempt(TRACE, JOB).close();
        }
        assertThat(since(began)).isLessThan(Duration.ofSeconds(4));
        began = System.nanoTime();
        traces.close();
        assertThat(since(began)).isLessThan(Duration.ofSeconds(4));
        assertThat(output).contains(many + " spans were dropped").doesNotContain("hidden key");
    }

    @Test
    void aReceiverThatIsAwayIsToldOnceAndWhenItIsBack(CapturedOutput output) throws IOException {
        receiver.answer(503);
        try (Traces traces = to(receiver.endpoint())) {
            for (int i = 0; i < 1_200; i++) {
                traces.attempt(TRACE, JOB).close();
            }
            await().untilAsserted(() -> assertThat(output).contains("doesn't take spans"));
            receiver.answer(200);
            await().untilAsserted(() -> {
                traces.attempt(TRACE, JOB).close();
                assertThat(output).contains("takes spans again; 1");
            });
        }
        assertThat(output.getAll().split("doesn't take spans", -1)).hasSize(2);
        assertThat(receiver.spans()).isNotEmpty();
        try (ServerSocket free = new ServerSocket(0)) {
            int port = free.getLocalPort();
            free.close();
            Traces traces = to("http://127.0.0.1:" + port);
            traces.attempt(TRACE, JOB).close();
            traces.close();
            assertThat(output).contains("1 spans were dropped: http://127.0.0.1:" + port);
        }
    }

    @Test
    void withoutAnEndpointThereIsNothing() {
        Traces none = Traces.from(new Variables(Map.of()), "atomic-api");
        assertThat(none).isSameAs(Traces.OFF);
        assertThat(none.attempt(TRACE, JOB)).isSameAs(Span.NONE);
        assertThat(Span.NONE.part("a").call("b").set("c", 1).traceparent()).isNull();
    }

    /// The agent's tests read the same examples.
    @Test
    void theVariablesAreReadAsTheAgentReadsThem() throws IOException {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("mvnw"))) {
            at = at.getParent();
        }
        JsonNode all =
                Json.STRICT.readTree(
                        Files.readString(
                                at.resolve("python-agent/tests/golden/otlp_settings.json")));
        all.get("endpoints")
                .get("allowed")
                .properties()
                .forEach(each ->
                        assertThat(read("OTEL_EXPORTER_OTLP_ENDPOINT", each.getKey()).endpoint())
                                .hasToString(each.getValue().stringValue()));
        all.get("headers")
                .get("allowed")
                .properties()
                .forEach(each ->
                        assertThat(read("OTEL_EXPORTER_OTLP_HEADERS", each.getKey()).headers())
                                .isEqualTo(Json.STRICT.convertValue(each.getValue(), Map.class)));
        all.get("services")
                .get("allowed")
                .properties()
                .forEach(each ->
                        assertThat(read("OTEL_SERVICE_NAME", each.getKey()).service())
                                .isEqualTo(each.getValue().stringValue()));
        refused("OTEL_EXPORTER_OTLP_ENDPOINT", all.get("endpoints").get("refused"));
        refused("OTEL_EXPORTER_OTLP_HEADERS", all.get("headers").get("refused"));
        refused("OTEL_SERVICE_NAME", all.get("services").get("refused"));
    }

    private static TraceSettings read(String variable, String value) {
        Map<String, String> all =
                new HashMap<>(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"));
        all.put(variable, value);
        Optional<TraceSettings> found = TraceSettings.from(new Variables(all), "atomic-api");
        return found.orElseThrow();
    }

    private static void refused(String variable, JsonNode values) {
        assertThat(values).isNotEmpty();
        for (JsonNode value : values) {
            assertThatThrownBy(() -> read(variable, value.stringValue()))
                    .as(value.stringValue())
                    .isInstanceOf(SettingException.class)
                    .hasMessageStartingWith(variable)
                    .hasMessageNotContaining("secret");
        }
    }

    private TraceReceiver.Seen named(String name) {
        return receiver.of(TRACE)
                .filter(span -> span.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
