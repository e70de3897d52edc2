package dev.atomic.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.worker.TestClaims;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Chunks a second through one agent process and one client of the worker's. A benchmark, no test:
/// `./mvnw -pl worker -am test -Dtest=AgentThroughputBench
/// -Dsurefire.failIfNoSpecifiedTests=false`.
///
/// The time to a request's first chunk tells whether anything piles up: it comes behind all that
/// was read or sent before it.
class AgentThroughputBench {
    private static final int AT_ONCE = 64;
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final Duration MEASURED = Duration.ofSeconds(20);
    private static final List<String> PROMPTS =
            List.of(
                    "Write an LRU cache",
                    "Write a bank account ledger",
                    "Write an expression calculator",
                    "Build a real-time chat application");

    @TempDir Path directory;

    private final AtomicLong chunks = new AtomicLong();
    private final ConcurrentLinkedQueue<Waited> firsts = new ConcurrentLinkedQueue<>();

    private record Waited(long at, long nanos) {}

    @Test
    void measure() throws Exception {
        Path socket = directory.resolve("agent.sock");
        Duration most = Duration.ofMinutes(1);
        try (AgentProcess agent =
                        AgentProcess.launch(
                                socket,
                                Map.of(
                                        "ATOMIC_OFFLINE_CHUNK_DELAY_MS",
                                        "0",
                                        "ATOMIC_LOG_LEVEL",
                                        "WARN"));
                AgentClient client =
                        new AgentClient(
                                new AgentSettings(socket, 4, most, most, most, most, most));
                ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            await().atMost(most).until(client::isHealthy);
            long begin = System.nanoTime() + WARM_UP.toNanos();
            long end = begin + MEASURED.toNanos();
            List<Future<?>> asking = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                int first = i;
                asking.add(threads.submit(() -> ask(client, first, end)));
            }
            sleepUntil(begin);
            long before = chunks.get();
            Duration ours = cpu(ProcessHandle.current());
            Duration theirs = cpu(agent.handle());
            long resident = residentMib(agent.handle());
            sleepUntil(end);
            double seconds = (System.nanoTime() - begin) / 1e9;
            System.out.printf(
                    "%,.0f chunks/s over %.1f s, %d requests at once; agent %.2f cores, client %.2f;"
                            + " agent's RSS %d → %d MiB; first chunk p50 %s in the first half, %s in the second%n",
                    (chunks.get() - before) / seconds,
                    seconds,
                    AT_ONCE,
                    cpu(agent.handle()).minus(theirs).toMillis() / 1e3 / seconds,
                    cpu(ProcessHandle.current()).minus(ours).toMillis() / 1e3 / seconds,
                    resident,
                    residentMib(agent.handle()),
                    median(begin, begin + MEASURED.toNanos() / 2),
                    median(begin + MEASURED.toNanos() / 2, end));
            for (Future<?> one : asking) {
                one.get();
            }
        }
    }

    private void ask(AgentClient client, int first, long end) {
        for (int i = first; System.nanoTime() < end; i++) {
            String prompt = PROMPTS.get(i % PROMPTS.size());
            AgentRequest request =
                    new AgentRequest(
                            "GENERATE_CODE",
                            prompt,
                            Map.of("original_prompt", prompt, "language", "python"),
                            null,
                            null,
                            null);
            long asked = System.nanoTime();
            boolean[] begun = {false};
            AgentReply reply =
                    client.generate(
                            request,
                            TestClaims.claim(),
                            (_, _) -> {
                                chunks.incrementAndGet();
                                if (!begun[0]) {
                                    begun[0] = true;
                                    long now = System.nanoTime();
                                    firsts.add(new Waited(now, now - asked));
                                }
                                return true;
                            });
            assertThat(reply).isInstanceOf(AgentReply.Completed.class);
        }
    }

    private String median(long from, long to) {
        long[] waits =
                firsts.stream()
                        .filter(each -> each.at() - from >= 0 && each.at() - to < 0)
                        .mapToLong(Waited::nanos)
                        .sorted()
                        .toArray();
        return "%.1f ms".formatted(waits[waits.length / 2] / 1e6);
    }

    private static void sleepUntil(long nanos) throws InterruptedException {
        Thread.sleep(Duration.ofNanos(Math.max(0, nanos - System.nanoTime())));
    }

    private static Duration cpu(ProcessHandle process) {
        return process.info().totalCpuDuration().orElseThrow();
    }

    private static long residentMib(ProcessHandle process) throws Exception {
        String statm = Files.readString(Path.of("/proc/" + process.pid() + "/statm"));
        return Long.parseLong(statm.split(" ")[1]) * 4096 >> 20;
    }
}
