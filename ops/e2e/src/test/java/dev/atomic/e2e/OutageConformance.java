package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// The agent and the database go away, hang, and come back: requests are answered at once, jobs
/// wait, and nothing that was acknowledged is lost. The same on both databases.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OutageConformance {
    private static final String NOTHING = "{\"prompt\":\"nothing\",\"pipeline\":[]}";
    private static final String CODE = "Here it is.\n\n```python main.py\nprint('hello')\n```\n";
    private static final Duration PROMPT = Duration.ofSeconds(3);

    private ModelServer model;
    private Stack stack;
    private Client client;
    private CountDownLatch hold = new CountDownLatch(1);

    /// Null for H2.
    abstract @Nullable Postgres postgres() throws IOException;

    @BeforeAll
    void start() throws IOException {
        model = new ModelServer();
        stack = Stack.start(postgres(), 1, 2, model.settings());
        client = stack.client();
    }

    @AfterAll
    void stop() {
        if (stack != null) {
            stack.close();
        }
        model.close();
    }

    @AfterEach
    void letGo() {
        hold.countDown();
        hold = new CountDownLatch(1);
    }

    @Test
    void aHungDatabaseIsAnswered503Within3SecondsByEveryRouteAndNothingIsLost() throws Exception {
        UUID running = submitHeldInCode("hung");
        UUID ended = client.submit(NOTHING);
        client.awaitEnd(ended, Duration.ofSeconds(30));
        String key = UUID.randomUUID().toString();
        long began = System.nanoTime();
        stack.pauseDatabase();
        try {
            // The first requests find connections that look alive, later ones find none.
            for (int round = 0; round < 3; round++) {
                all(routes(ended, running, key))
                        .forEach((route, answer) -> {
                            assertThat(answer.status()).as(route).isEqualTo(503);
                            assertThat(answer.took()).as(route).isLessThan(PROMPT);
                        });
                assertThat(client.get("/actuator/health/liveness").status()).isEqualTo(200);
            }
            // Longer than a worker may be silent: nobody is to be taken for lost afterwards.
            Stack.await(
                    "the pause's end",
                    Duration.ofSeconds(30),
                    () -> System.nanoTime() - began > Duration.ofSeconds(12).toNanos());
        } finally {
            stack.resumeDatabase();
        }
        awaitBack();
        UUID once = client.submit(NOTHING, "Idempotency-Key", key);
        assertThat(client.submit(NOTHING, "Idempotency-Key", key)).isEqualTo(once);
        hold.countDown();

        assertWentOnUndisturbed(running);
        assertThat(client.awaitEnd(once, Duration.ofSeconds(30)).get("status").stringValue())
                .isEqualTo("succeeded");
        client.checkLog(once);
        Stack.await(
                "both workers to be ready again",
                Duration.ofSeconds(30),
                () -> aliveWorkers() == 2);
    }

    @Test
    void acknowledgedJobsSurviveAKillOfTheDatabaseAndRun() throws IOException {
        List<UUID> accepted = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            accepted.add(client.submit(NOTHING));
            if (i == 20) {
                stack.killDatabase();
                Client.Answer refused =
                        client.post("/api/jobs", "{\"prompt\":\"x\",\"pipeline\":[]}");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.body().get("code").stringValue()).isEqualTo("unavailable");
                assertThat(refused.raw().headers().firstValue("retry-after")).isPresent();
                assertThat(client.get("/actuator/health/liveness").status()).isEqualTo(200);
                stack.startDatabase();
                awaitBack();
            }
        }
        for (UUID id : accepted) {
            assertThat(client.awaitEnd(id, Duration.ofSeconds(60)).get("status").stringValue())
                    .isEqualTo("succeeded");
            client.checkLog(id);
        }
    }

    /// `-Doutage.seconds=60` keeps it away for longer.
    @Test
    void aJobInHandOutlivesADatabaseThatIsGoneForLong() throws IOException {
        UUID running = submitHeldInCode("gone");
        stack.killDatabase();
        long until =
                System.nanoTime()
                        + Duration.ofSeconds(Integer.getInteger("outage.seconds", 12)).toNanos();
        Stack.await("the outage's end", Duration.ofMinutes(5), () -> System.nanoTime() - until > 0);
        // Its model goes on meanwhile.
        hold.countDown();
        stack.startDatabase();
        awaitBack();

        assertWentOnUndisturbed(running);
        UUID next = client.submit(NOTHING);
        assertThat(client.awaitEnd(next, Duration.ofSeconds(60)).get("status").stringValue())
                .isEqualTo("succeeded");
    }

    @Test
    void aJobWaitsForAnAgentThatIsDownAndUsesUpNoAttempt() throws IOException {
        stack.kill("agent");
        UUID id = submitCode("down");
        client.awaitEvent(id, "stage_started", "code", Duration.ofSeconds(20));
        awaitAgent("unreachable");

        stack.start("agent");

        hold.countDown();
        assertSucceededAtTheFirstAttempt(id);
    }

    @Test
    void aHungAgentKeepsNeitherACancelNorAWorkersStopWaitingAndUsesUpNoAttempt()
            throws IOException {
        awaitAgent("healthy");
        stack.signal("agent", "STOP");
        UUID cancelled;
        UUID kept;
        try {
            cancelled = submitCode("cancelled while hung");
            kept = submitCode("kept while hung");
            client.awaitEvent(kept, "stage_started", "code", Duration.ofSeconds(20));
            client.awaitEvent(cancelled, "stage_started", "code", Duration.ofSeconds(20));
            client.post("/api/jobs/" + cancelled + "/cancel", "{}");
            assertThat(
                            client.awaitEnd(cancelled, Duration.ofSeconds(10))
                                    .get("status")
                                    .stringValue())
                    .isEqualTo("cancelled");
            awaitAgent("unreachable");
            for (String worker : List.of("worker-1", "worker-2")) {
                assertThat(stack.stopTimed(worker)).isLessThan(Duration.ofSeconds(26));
                stack.start(worker);
                stack.awaitReady(worker);
            }
        } finally {
            stack.signal("agent", "CONT");
        }
        hold.countDown();
        assertSucceededAtTheFirstAttempt(kept);
    }

    private void awaitAgent(String state) {
        Stack.await(
                "health to say that the agent is " + state,
                Duration.ofSeconds(30),
                () -> client.get("/health").body().path("llm_agent").asString("").equals(state));
    }

    private int aliveWorkers() {
        return client.get("/health").body().at("/detail/workers/alive").asInt(-1);
    }

    private void awaitBack() {
        Stack.await(
                "the api to be back",
                Duration.ofSeconds(30),
                () -> client.get("/api/jobs?limit=1").status() == 200);
    }

    private void assertWentOnUndisturbed(UUID id) {
        assertSucceededAtTheFirstAttempt(id);
        assertThat(client.events(id))
                .as("its worker was never taken for lost")
                .noneMatch(event -> event.get("type").stringValue().equals("retrying"));
    }

    private void assertSucceededAtTheFirstAttempt(UUID id) {
        JsonNode job = client.awaitEnd(id, Duration.ofSeconds(60));
        assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isEqualTo(1);
        client.checkLog(id);
    }

    private UUID submitCode(String name) {
        CountDownLatch until = hold;
        model.script(_ -> new ModelServer.Answer(CODE, until, 0));
        return client.submit("{\"prompt\":\"" + name + "\",\"pipeline\":[\"code\"]}");
    }

    private UUID submitHeldInCode(String name) {
        UUID id = submitCode(name);
        client.awaitEvent(id, "chunk", "code", Duration.ofSeconds(30));
        return id;
    }

    private record Timed(int status, Duration took) {}

    /// What needs the database, by name.
    private Map<String, Supplier<Client.Answer>> routes(UUID ended, UUID running, String key) {
        Map<String, Supplier<Client.Answer>> routes = new LinkedHashMap<>();
        routes.put("submit", () -> client.post("/api/jobs", NOTHING, "Idempotency-Key", key));
        routes.put("generate", () -> client.post("/api/generate", NOTHING));
        routes.put(
                "execute",
                () ->
                        client.post(
                                "/api/execute",
                                "{\"language\":\"python\",\"files\":[{\"path\":\"main.py\",\"content\":\"1\"}]}"));
        routes.put("cancel", () -> client.post("/api/jobs/" + running + "/cancel", "{}"));
        for (String path :
                List.of(
                        "/api/jobs",
                        "/api/jobs/" + ended,
                        "/api/jobs/" + running + "?wait=1",
                        "/api/jobs/" + ended + "/events",
                        "/api/jobs/" + ended + "/files",
                        "/api/jobs/" + ended + "/files.zip",
                        "/api/metrics",
                        "/health",
                        "/actuator/health/readiness")) {
            routes.put(path, () -> client.get(path));
        }
        routes.put(
                "event stream",
                () ->
                        client.get(
                                "/api/jobs/" + running + "/events", "Accept", "text/event-stream"));
        return routes;
    }

    private static Map<String, Timed> all(Map<String, Supplier<Client.Answer>> routes)
            throws InterruptedException, ExecutionException {
        Map<String, Future<Timed>> asked = new LinkedHashMap<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            routes.forEach((route, ask) ->
                    asked.put(
                            route,
                            threads.submit(() -> {
                                long began = System.nanoTime();
                                int status = ask.get().status();
                                return new Timed(
                                        status, Duration.ofNanos(System.nanoTime() - began));
                            })));
        }
        Map<String, Timed> answers = new LinkedHashMap<>();
        for (Map.Entry<String, Future<Timed>> route : asked.entrySet()) {
            answers.put(route.getKey(), route.getValue().get());
        }
        return answers;
    }
}
