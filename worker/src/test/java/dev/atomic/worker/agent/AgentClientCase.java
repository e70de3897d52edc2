package dev.atomic.worker.agent;

import dev.atomic.worker.TestClaims;
import dev.atomic.worker.claim.Claim;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A client and, as a test says, the agent it talks to.
@Timeout(60)
abstract class AgentClientCase {
    static final AgentRequest REQUEST =
            new AgentRequest(
                    "GENERATE_CODE", "Write it.", Map.of("language", "python"), null, null, null);

    @TempDir Path directory;

    final Claim claim = TestClaims.claim();
    final List<String> deltas = new CopyOnWriteArrayList<>();
    AgentClient client;

    @AfterEach
    void close() {
        if (client != null) {
            client.close();
        }
    }

    AgentReply ask() {
        return client.generate(
                REQUEST,
                claim,
                (delta, reasoning) -> {
                    deltas.add(reasoning ? "(" + delta + ")" : delta);
                    return true;
                });
    }

    FakeAgent agent(boolean multiplex, FakeAgent.Script script) throws Exception {
        client = new AgentClient(settings(30_000, 30_000, 60_000));
        return new FakeAgent(socket(), multiplex, script);
    }

    /// As jobs run: junixsocket stalls on virtual threads.
    static void onPlatformThread(Runnable work) {
        Thread.ofPlatform().daemon().start(work);
    }

    Path socket() {
        return directory.resolve("agent.sock");
    }

    AgentSettings settings(long firstChunkMs, long idleMs, long totalMs) {
        return settings(socket(), firstChunkMs, idleMs, totalMs);
    }

    static AgentSettings settings(Path socket, long firstChunkMs, long idleMs, long totalMs) {
        return new AgentSettings(
                socket,
                4,
                Duration.ofMinutes(1),
                Duration.ofSeconds(5),
                Duration.ofMillis(firstChunkMs),
                Duration.ofMillis(idleMs),
                Duration.ofMillis(totalMs));
    }
}
