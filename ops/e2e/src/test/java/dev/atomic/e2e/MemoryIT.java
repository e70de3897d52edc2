package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// 256 MiB of heap are enough for an api and a worker with 10,000 jobs that wait and 500 open event
/// streams: what waits is in the database, what streams shares one tail.
class MemoryIT {
    private static final int JOBS = 10_000;
    private static final int STREAMS = 500;
    private static final int CLIENTS = 32;
    private static final String NOTHING = "{\"prompt\":\"nothing\",\"pipeline\":[]}";
    private static final Pattern USED = Pattern.compile("total \\d+K, used (\\d+)K");

    /// Heap in use after a full collection: as much again is left for what is under way.
    private static final int MAX_MB = 128;

    private static Stack stack;

    @BeforeAll
    static void start() throws IOException {
        stack =
                Stack.start(
                        null, 1, 0, Map.of("ATOMIC_MAX_QUEUE_SIZE", Integer.toString(2 * JOBS)));
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
        }
    }

    private final Client client = stack.client();

    @Test
    void tenThousandWaitingJobsAndFiveHundredStreamsFitInto256MiBEach() throws Exception {
        List<UUID> ids = submitAll();
        assertThat(client.get("/api/metrics").body().get("queue_size").asInt()).isEqualTo(JOBS);
        CountDownLatch opened = new CountDownLatch(STREAMS);
        CountDownLatch ended = new CountDownLatch(STREAMS);
        for (int i = 0; i < STREAMS; i++) {
            // Of the first jobs, so that the test needn't wait for all of them.
            AtomicInteger seen = new AtomicInteger();
            Consumer<String> line =
                    text -> {
                        if (text.startsWith("event:") && seen.getAndIncrement() == 0) {
                            opened.countDown();
                        }
                        if (text.startsWith("event:") && text.contains("succeeded")) {
                            ended.countDown();
                        }
                    };
            client.follow(ids.get(i * 2), line);
        }
        assertThat(opened.await(60, TimeUnit.SECONDS)).as("each stream has its job's log").isTrue();
        int apiMb = heapAfterCollection("api");

        stack.start("worker-1");
        stack.awaitReady("worker-1");
        assertThat(ended.await(120, TimeUnit.SECONDS))
                .as(() -> ended.getCount() + " streams never saw their job's end")
                .isTrue();
        int workerMb = heapAfterCollection("worker-1");

        System.out.println(
                "heap after a full collection: api "
                        + apiMb
                        + " MB with "
                        + JOBS
                        + " jobs waiting and "
                        + STREAMS
                        + " streams, "
                        + heapAfterCollection("api")
                        + " MB when those had ended; worker "
                        + workerMb
                        + " MB with some "
                        + client.get("/api/metrics").body().get("queue_size").asInt()
                        + " left; of 256 each");
        for (String name : List.of("api", "worker-1")) {
            assertThat(stack.isAlive(name)).isTrue();
            assertThat(stack.hasLogged(name, "OutOfMemoryError")).isFalse();
        }
        assertThat(apiMb).isLessThan(MAX_MB);
        assertThat(workerMb).isLessThan(MAX_MB);
    }

    /// In the order in which they are worked off.
    private List<UUID> submitAll() throws InterruptedException, ExecutionException {
        ConcurrentLinkedQueue<UUID> ids = new ConcurrentLinkedQueue<>();
        List<Future<?>> all = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                int mine = JOBS / CLIENTS + (i < JOBS % CLIENTS ? 1 : 0);
                all.add(
                        threads.submit(() -> {
                            for (int j = 0; j < mine; j++) {
                                ids.add(client.submit(NOTHING));
                            }
                        }));
            }
        }
        for (Future<?> each : all) {
            each.get();
        }
        return ids.stream().sorted().toList();
    }

    private static int heapAfterCollection(String name) throws IOException {
        jcmd(name, "GC.run");
        Matcher used = USED.matcher(jcmd(name, "GC.heap_info"));
        int kilobytes = 0;
        while (used.find()) {
            kilobytes += Integer.parseInt(used.group(1));
        }
        assertThat(kilobytes).as("what the JVM says of its heap was understood").isPositive();
        return kilobytes / 1024;
    }

    private static String jcmd(String name, String command) throws IOException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(stack.pid(name)),
                                command)
                        .redirectErrorStream(true)
                        .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
