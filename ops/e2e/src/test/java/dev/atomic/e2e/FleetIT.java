package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Two apis and three workers on one PostgreSQL are one queue: it doesn't matter whom a client
/// asks.
@Tag("engine")
class FleetIT {
    private static final int LIMIT = 25;
    private static final int WORKERS = 3;
    private static final int SLOTS = 2;
    private static final String NOTHING = "{\"prompt\":\"nothing\",\"pipeline\":[]}";
    private static final String CODE = "Here it is.\n\n```python main.py\nprint('hello')\n```\n";
    private static final String HELD = "{\"prompt\":\"held\",\"pipeline\":[\"code\"]}";

    private static ModelServer model;
    private static Stack stack;

    private final List<Client> apis = List.of(stack.client("api"), stack.client("api-2"));
    private CountDownLatch hold = new CountDownLatch(1);

    @BeforeAll
    static void start() throws IOException {
        model = new ModelServer();
        Map<String, String> settings = new java.util.HashMap<>(model.settings());
        settings.put("ATOMIC_MAX_QUEUE_SIZE", Integer.toString(LIMIT));
        settings.put("ATOMIC_MAX_CONCURRENT", Integer.toString(SLOTS));
        stack = Stack.start(new Postgres(), 2, WORKERS, settings);
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
        }
        model.close();
    }

    @AfterEach
    void letGo() {
        hold.countDown();
        Stack.await(
                "the queue to be empty",
                Duration.ofSeconds(60),
                () ->
                        Stream.of("queued", "running")
                                .allMatch(status ->
                                        apis.getFirst()
                                                .get("/api/jobs?limit=1&status=" + status)
                                                .body()
                                                .path("jobs")
                                                .isEmpty()));
    }

    @Test
    void fiftySubmitsAtOnceWithOneKeyOverBothApisAreOneJob() throws Exception {
        String key = UUID.randomUUID().toString();
        List<Client.Answer> answers =
                atOnce(50, i -> api(i).post("/api/jobs", NOTHING, "Idempotency-Key", key));
        assertThat(answers).allMatch(answer -> answer.status() == 202);
        Set<String> ids = new HashSet<>();
        answers.forEach(answer -> ids.add(answer.body().get("id").stringValue()));
        assertThat(ids).hasSize(1);
        assertThat(answers)
                .filteredOn(answer ->
                        answer.raw().headers().firstValue("idempotency-replayed").isEmpty())
                .as("one of them made it")
                .hasSize(1);
        UUID id = UUID.fromString(ids.iterator().next());
        apis.getLast().awaitEnd(id, Duration.ofSeconds(30));
        apis.getFirst().checkLog(id);
    }

    @Test
    void theQueuesLimitIsExactOverBothApis() throws Exception {
        holdEverySlot();
        List<Client.Answer> answers = atOnce(3 * LIMIT, i -> api(i).post("/api/jobs", NOTHING));
        assertThat(answers).filteredOn(answer -> answer.status() == 202).hasSize(LIMIT);
        assertThat(answers)
                .filteredOn(answer -> answer.status() == 429)
                .hasSize(2 * LIMIT)
                .allMatch(answer -> retryAfter(answer) >= 1 && retryAfter(answer) <= 60);
        assertThat(apis.getLast().get("/api/metrics").body().get("queue_size").asInt())
                .isEqualTo(LIMIT);
        hold.countDown();
        for (Client.Answer answer : answers) {
            if (answer.status() == 202) {
                UUID id = UUID.fromString(answer.body().get("id").stringValue());
                assertThat(
                                apis.getFirst()
                                        .awaitEnd(id, Duration.ofSeconds(60))
                                        .get("status")
                                        .stringValue())
                        .isEqualTo("succeeded");
            }
        }
    }

    @Test
    void whoFollowsRetryAfterGetsItsJobIn() throws Exception {
        holdEverySlot();
        atOnce(LIMIT, i -> api(i).post("/api/jobs", NOTHING));
        Client.Answer refused = api(0).post("/api/jobs", NOTHING);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.body().get("code").stringValue()).isEqualTo("queue_full");
        hold.countDown();
        int waits = 0;
        while (refused.status() == 429) {
            assertThat(++waits).as("waits of what Retry-After said").isLessThanOrEqualTo(2);
            long until = System.nanoTime() + Duration.ofSeconds(retryAfter(refused)).toNanos();
            Stack.await(
                    "Retry-After", Duration.ofSeconds(61), () -> System.nanoTime() - until >= 0);
            refused = api(waits).post("/api/jobs", NOTHING);
        }
        assertThat(refused.status()).isEqualTo(202);
    }

    @Test
    void aJobSubmittedAtOneApiIsStreamedLiveAndCancelledThroughTheOther() throws Exception {
        script();
        UUID id = apis.getFirst().submit(HELD);
        List<String> types = new ArrayList<>();
        try (Stream<String> lines = apis.getLast().stream(id, 0)) {
            var each = lines.iterator();
            while (each.hasNext()) {
                String line = each.next();
                if (line.startsWith("event:")) {
                    types.add(line.substring(6).strip());
                    if (types.getLast().equals("chunk")) {
                        assertThat(
                                        apis.getLast()
                                                .post("/api/jobs/" + id + "/cancel", "{}")
                                                .status())
                                .isEqualTo(202);
                    }
                }
            }
        }
        assertThat(types).startsWith("queued", "started", "stage_started", "chunk");
        assertThat(types.getLast()).isEqualTo("cancelled");
        assertThat(types).hasSize(apis.getFirst().events(id).size());
    }

    private void holdEverySlot() throws Exception {
        script();
        List<UUID> held = new ArrayList<>();
        for (int i = 0; i < WORKERS * SLOTS; i++) {
            held.add(api(i).submit(HELD));
        }
        for (UUID id : held) {
            apis.getFirst().awaitEvent(id, "chunk", "code", Duration.ofSeconds(30));
        }
    }

    private void script() {
        CountDownLatch until = hold;
        model.script(_ -> new ModelServer.Answer(CODE, until, 0));
    }

    private Client api(int number) {
        return apis.get(number % apis.size());
    }

    private static int retryAfter(Client.Answer answer) {
        return Integer.parseInt(answer.raw().headers().firstValue("retry-after").orElse("-1"));
    }

    private static <T> List<T> atOnce(int count, IntFunction<T> task)
            throws InterruptedException, ExecutionException {
        CountDownLatch go = new CountDownLatch(1);
        List<Future<T>> started = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < count; i++) {
                int number = i;
                started.add(
                        threads.submit(() -> {
                            go.await();
                            return task.apply(number);
                        }));
            }
            go.countDown();
        }
        List<T> done = new ArrayList<>();
        for (Future<T> each : started) {
            done.add(each.get());
        }
        return done;
    }
}
