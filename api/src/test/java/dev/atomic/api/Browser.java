package dev.atomic.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.shared.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/// A headless Chromium, driven over its own DevTools protocol.
public final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

    /// What the pages asked for, and what the browser complained of.
    public final List<String> requests = new CopyOnWriteArrayList<>();

    public final List<String> complaints = new CopyOnWriteArrayList<>();

    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final String session;

    /// @param directory for its profile
    public Browser(Path directory) throws Exception {
        process =
                new ProcessBuilder(
                                CHROMIUM.toString(),
                                "--headless",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-background-networking",
                                "--disable-dev-shm-usage",
                                "--remote-debugging-port=0",
                                "--remote-allow-origins=*",
                                "--window-size=1280,900",
                                "--user-data-dir=" + directory.resolve("chromium"),
                                "about:blank")
                        .redirectErrorStream(true)
                        .start();
        socket = http.newWebSocketBuilder().buildAsync(address(), new Listener()).join();
        JsonNode target = call("Target.createTarget", Map.of("url", "about:blank"), "");
        session =
                call(
                                "Target.attachToTarget",
                                Map.of(
                                        "targetId",
                                        target.path("targetId").asString(),
                                        "flatten",
                                        true),
                                "")
                        .path("sessionId")
                        .asString();
        for (String domain : List.of("Page", "Network", "Log", "Runtime")) {
            call(domain + ".enable", Map.of(), session);
        }
    }

    private URI address() throws IOException {
        BufferedReader lines = process.inputReader(UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.contains("DevTools listening on ")) {
                // Its pipe would fill up otherwise.
                Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
                return URI.create(line.substring(line.indexOf("ws://")));
            }
        }
        throw new IOException("Chromium didn't start");
    }

    public void open(URI page) throws Exception {
        call("Page.navigate", Map.of("url", page.toString()), session);
    }

    /// What stands on the page now.
    public String text() throws Exception {
        return evaluate("document.body ? document.body.innerText : ''");
    }

    public String evaluate(String expression) throws Exception {
        return call(
                        "Runtime.evaluate",
                        Map.of("expression", expression, "awaitPromise", true),
                        session)
                .path("result")
                .path("value")
                .asString("");
    }

    public void screenshot(Path file) throws Exception {
        JsonNode shot = call("Page.captureScreenshot", Map.of("format", "png"), session);
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(shot.path("data").asString()));
    }

    private JsonNode call(String method, Map<String, Object> params, String session)
            throws Exception {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        send(id, method, params, session);
        return answer.get(20, TimeUnit.SECONDS).path("result");
    }

    private void send(int id, String method, Map<String, Object> params, String session) {
        Map<String, Object> message =
                session.isEmpty()
                        ? Map.of("id", id, "method", method, "params", params)
                        : Map.of(
                                "id", id, "method", method, "params", params, "sessionId", session);
        socket.sendText(Json.write(message), true).join();
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder part = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                heard(Json.STORED.readTree(part.toString()));
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        private void heard(JsonNode message) {
            JsonNode params = message.path("params");
            switch (message.path("method").asString("")) {
                case "" -> {
                    CompletableFuture<JsonNode> answer = answers.remove(message.path("id").asInt());
                    if (answer != null) {
                        answer.complete(message);
                    }
                }
                case "Network.requestWillBeSent" ->
                        requests.add(params.path("request").path("url").asString());
                case "Log.entryAdded" ->
                        complaints.add(
                                params.path("entry").path("text").asString()
                                        + " "
                                        + params.path("entry").path("url").asString(""));
                case "Runtime.exceptionThrown" -> complaints.add(params.toString());
                default -> {}
            }
        }
    }

    @Override
    public void close() {
        // All its processes leave together, so that its profile can be deleted.
        send(0, "Browser.close", Map.of(), "");
        process.onExit().orTimeout(10, TimeUnit.SECONDS).exceptionally(_ -> process).join();
        process.destroyForcibly();
        socket.abort();
        http.shutdownNow();
    }
}
