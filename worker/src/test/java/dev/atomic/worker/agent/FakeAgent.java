package dev.atomic.worker.agent;

import dev.atomic.shared.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import tools.jackson.databind.JsonNode;

/// A server on a real Unix socket that speaks the agent's protocol and answers each request as a
/// test says: multiplexing, or one request at a time on a connection as the guide's own server.
public final class FakeAgent implements AutoCloseable {
    /// What a test makes of a request.
    @FunctionalInterface
    public interface Script {
        void answer(Peer peer, String id, JsonNode payload) throws Exception;
    }

    private final AFUNIXServerSocket listener;
    private final boolean multiplex;
    private final Script script;
    private final List<AFUNIXSocket> sockets = new CopyOnWriteArrayList<>();

    final AtomicInteger connections = new AtomicInteger();
    public final AtomicInteger requests = new AtomicInteger();
    final AtomicInteger running = new AtomicInteger();
    final AtomicInteger mostRunning = new AtomicInteger();
    final ConcurrentLinkedQueue<String> cancelled = new ConcurrentLinkedQueue<>();

    public FakeAgent(Path socket, boolean multiplex, Script script) throws IOException {
        this.multiplex = multiplex;
        this.script = script;
        this.listener = AFUNIXServerSocket.newInstance();
        listener.bind(AFUNIXSocketAddress.of(socket));
        Thread.ofPlatform().daemon().name("fake-agent").start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                AFUNIXSocket socket = listener.accept();
                sockets.add(socket);
                connections.incrementAndGet();
                Thread.ofPlatform().daemon().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private void serve(AFUNIXSocket socket) {
        try (socket) {
            Peer peer = new Peer(socket);
            var lines =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String line;
            while ((line = lines.readLine()) != null) {
                JsonNode frame = Json.STORED.readTree(line);
                String id = frame.get("id").asString();
                switch (frame.get("type").asInt()) {
                    case 4 ->
                            peer.send(
                                    id,
                                    5,
                                    multiplex
                                            ? Map.of(
                                                    "status",
                                                    "healthy",
                                                    "protocol",
                                                    2,
                                                    "multiplex",
                                                    true)
                                            : Map.of("status", "healthy"));
                    case 6 -> cancelled.add(frame.get("payload").get("request_id").asString());
                    case 0 -> {
                        requests.incrementAndGet();
                        if (multiplex) {
                            Thread.ofPlatform().daemon().start(() -> run(peer, id, frame));
                        } else {
                            run(peer, id, frame);
                        }
                    }
                    default -> throw new IOException("what is " + line);
                }
            }
        } catch (IOException gone) {
            // as a real one would
        }
    }

    private void run(Peer peer, String id, JsonNode frame) {
        mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
        try {
            script.answer(peer, id, frame.get("payload"));
        } catch (Exception e) {
            peer.hangUp();
        } finally {
            running.decrementAndGet();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (AFUNIXSocket socket : sockets) {
            socket.close();
        }
    }

    /// The other side of a connection.
    public static final class Peer {
        private final AFUNIXSocket socket;
        private final OutputStream output;

        Peer(AFUNIXSocket socket) throws IOException {
            this.socket = socket;
            this.output = socket.getOutputStream();
        }

        public void chunk(String id, int index, String delta) throws IOException {
            send(
                    id,
                    2,
                    Map.of(
                            "request_id",
                            id,
                            "delta",
                            delta,
                            "chunk_index",
                            index,
                            "is_final",
                            false));
        }

        public void thought(String id, String delta) throws IOException {
            send(
                    id,
                    2,
                    Map.of("request_id", id, "delta", delta, "reasoning", true, "is_final", false));
        }

        public void end(String id, int index, String delta) throws IOException {
            send(id, 2, last(id, index, delta));
        }

        public void end(String id, int index, String delta, double costUsd) throws IOException {
            Map<String, Object> last = new HashMap<>(last(id, index, delta));
            last.put("cost_usd", costUsd);
            send(id, 2, last);
        }

        private static Map<String, Object> last(String id, int index, String delta) {
            return Map.of(
                    "request_id",
                    id,
                    "delta",
                    delta,
                    "chunk_index",
                    index,
                    "is_final",
                    true,
                    "model",
                    "m",
                    "provider",
                    "p",
                    "input_tokens",
                    7,
                    "output_tokens",
                    3);
        }

        public void error(String id, Map<String, Object> payload) throws IOException {
            send(id, 3, payload);
        }

        void send(String id, int type, Map<String, Object> payload) throws IOException {
            raw(
                    Json.write(Map.of("id", id, "type", type, "timestamp", 0, "payload", payload))
                            + "\n");
        }

        void raw(String text) throws IOException {
            raw(text.getBytes(StandardCharsets.UTF_8));
        }

        void raw(byte[] bytes) throws IOException {
            synchronized (output) {
                output.write(bytes);
                output.flush();
            }
        }

        void hangUp() {
            try {
                socket.close();
            } catch (IOException e) {
                // gone already
            }
        }
    }
}
