package dev.atomic.api.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.shared.job.WorkerRegistry.Beat;
import dev.atomic.shared.model.ModelProvider;
import dev.atomic.shared.model.ModelProviders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// Health and metrics, over all processes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StatusConformance {
    private static final WorkerRegistry.Question QUESTION =
            new WorkerRegistry.Question(Duration.ofSeconds(5), false, false);

    private final Callable<TestDatabase> open;
    private TestDatabase database;
    private RunningApi api;

    StatusConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        api = RunningApi.on(database, Map.of());
    }

    @AfterAll
    void stop() {
        api.close();
        database.close();
    }

    @Test
    void healthIsWhatTheWorkersSay() throws Exception {
        Answer nobody = api.get("/health");
        assertThat(nobody.status()).isEqualTo(200);
        assertThat(nobody.json().get("status").asString()).isEqualTo("degraded");
        assertThat(nobody.json().get("llm_agent").asString()).isEqualTo("unreachable");
        assertThat(nobody.json().get("docker").asString()).isEqualTo("unavailable");
        WorkerRegistry workers = api.bean(WorkerRegistry.class);
        workers.beat(new Beat(UUID.randomUUID(), "w1", "h", 1, 10, 2, true, false), QUESTION);
        workers.beat(new Beat(UUID.randomUUID(), "w2", "h", 2, 10, 0, false, true), QUESTION);
        JsonNode health =
                Awaitility.await()
                        .until(
                                () -> api.get("/health").json(),
                                h -> h.get("status").asString().equals("ok"));
        assertThat(health.get("llm_agent").asString()).isEqualTo("healthy");
        assertThat(health.get("docker").asString()).isEqualTo("available");
        assertThat(health.at("/detail/workers/running").intValue()).isEqualTo(2);
        assertThat(List.copyOf(health.propertyNames()))
                .containsExactly("status", "llm_agent", "docker", "uptime_ms", "detail");
    }

    @Test
    void aJobMayNameAModelThatAnAgentHas() throws Exception {
        String body = "{\"prompt\":\"Print hello\",\"model\":\"%s\"}";
        assertThat(api.get("/api/models").json().get("providers")).isEmpty();
        assertThat(api.post("/api/jobs", body.formatted("large")).status()).isEqualTo(503);

        ModelProviders told = api.bean(ModelProviders.class);
        told.tell("one", List.of(provider("openai", "ready", "large", "small")));
        told.tell(
                "two",
                List.of(
                        provider("openai", "cooling_down", "small", "extra"),
                        provider("offline", "ready", "offline-1")));
        told.tell("one", List.of(provider("openai", "probing", "large", "small")));
        JsonNode providers =
                Awaitility.await()
                        .until(
                                () -> api.get("/api/models").json().get("providers"),
                                found -> found.size() == 2);
        assertThat(providers.at("/0/name").asString()).isEqualTo("openai");
        assertThat(providers.at("/0/state").asString()).isEqualTo("probing");
        assertThat(providers.at("/0/models").valueStream().map(each -> each.get("id").asString()))
                .containsExactly("large", "small", "extra");

        for (String model : List.of("large", "openai/extra", "offline-1")) {
            assertThat(api.post("/api/jobs", body.formatted(model)).status()).isEqualTo(202);
        }
        Answer refused = api.post("/api/jobs", body.formatted("offline/large"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().get("code").asString()).isEqualTo("unknown_model");
        assertThat(refused.json().at("/errors/0/field").asString()).isEqualTo("model");
    }

    private static ModelProvider provider(String name, String state, String... models) {
        return new ModelProvider(
                name,
                state,
                null,
                null,
                Stream.of(models)
                        .map(id ->
                                new ModelProvider.Model(
                                        id, List.of(), null, null, null, null, null, null))
                        .toList());
    }

    @Test
    void metricsHaveTheGuidesEightFields() throws Exception {
        JsonNode metrics = api.get("/api/metrics").json();
        assertThat(List.copyOf(metrics.propertyNames()))
                .containsExactly(
                        "total_requests",
                        "successful_requests",
                        "failed_requests",
                        "average_latency_ms",
                        "success_rate",
                        "active_pipelines",
                        "queue_size",
                        "uptime_ms",
                        "detail");
        assertThat(metrics.get("success_rate").doubleValue()).isEqualTo(1.0);
        assertThat(metrics.get("queue_size").isIntegralNumber()).isTrue();
    }

    @Test
    void probes() throws Exception {
        for (String path :
                List.of(
                        "/actuator/health/liveness",
                        "/actuator/health/readiness",
                        "/actuator/prometheus")) {
            assertThat(api.get(path).status()).as(path).isEqualTo(200);
        }
        assertThat(api.get("/actuator/env").status()).isEqualTo(404);
    }
}
