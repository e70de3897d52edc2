package dev.atomic.api.relay;

import dev.atomic.shared.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// A client of `/ws/stream` on a real socket, which reads only when asked to, if wanted.
public final class SocketClient implements WebSocket.Listener, AutoCloseable {
    private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
    private final StringBuilder part = new StringBuilder();
    private final boolean eager;
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    final WebSocket socket;

    private SocketClient(WebSocket.Builder builder, URI uri, boolean eager) {
        this.eager = eager;
        this.socket = builder.buildAsync(uri, this).join();
    }

    public static SocketClient open(HttpClient http, int port, String key) {
        return new SocketClient(
                http.newWebSocketBuilder().header("X-API-Key", key), uri(port), true);
    }

    public static SocketClient open(HttpClient http, int port) {
        return new SocketClient(http.newWebSocketBuilder(), uri(port), true);
    }

    /// One that reads nothing until [#read()].
    static SocketClient reluctant(HttpClient http, int port) {
        return new SocketClient(http.newWebSocketBuilder(), uri(port), false);
    }

    private static URI uri(int port) {
        return URI.create("ws://127.0.0.1:" + port + "/ws/stream");
    }

    @Override
    public void onOpen(WebSocket webSocket) {
        if (eager) {
            webSocket.request(Long.MAX_VALUE);
        }
    }

    void read() {
        socket.request(Long.MAX_VALUE);
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        part.append(data);
        if (last) {
            received.add(Json.STORED.readTree(part.toString()));
            part.setLength(0);
        }
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        closed.complete(statusCode);
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        closed.complete(-1);
    }

    public void send(String json) {
        socket.sendText(json.replace('\'', '"'), true).join();
    }

    public JsonNode next() throws InterruptedException {
        JsonNode message = received.poll(60, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("no message");
        }
        return message;
    }

    /// Everything up to the first message of this type, which is the last.
    public List<JsonNode> until(String type) throws InterruptedException {
        List<JsonNode> messages = new ArrayList<>();
        do {
            messages.add(next());
        } while (!messages.getLast().path("type").asString().equals(type));
        return messages;
    }

    @Override
    public void close() {
        socket.abort();
    }
}
