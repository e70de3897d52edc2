package dev.atomic.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A model provider on loopback that speaks chat completions: what it says is the test's, and how
/// fast.
final class ModelServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpServer server;
    private final List<String> prompts = new CopyOnWriteArrayList<>();
    private volatile Function<String, Answer> script = _ -> new Answer("no script", null, 0);

    /// @param text streamed in words
    /// @param hold after the first words the answer waits for this; null for none
    /// @param status of HTTP; 0 for 200
    /// @param thinking streamed before it, as a model's thinking; empty for none
    /// @param pauseMillis between two words
    record Answer(String text, CountDownLatch hold, int status, String thinking, long pauseMillis) {
        Answer(String text, CountDownLatch hold, int status) {
            this(text, hold, status, "");
        }

        Answer(String text, CountDownLatch hold, int status, String thinking) {
            this(text, hold, status, thinking, 0);
        }
    }

    ModelServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
    }

    /// What the agent needs to use this provider and no other.
    Map<String, String> settings() {
        return Map.of(
                "ATOMIC_LLM_PROVIDERS",
                "openai",
                "OPENAI_BASE_URL",
                "http://127.0.0.1:" + server.getAddress().getPort() + "/v1",
                "OPENAI_API_KEY",
                "test-key",
                // A test that holds an answer may restart a process meanwhile, which takes a busy
                // machine half a minute. No deadline of the agent ends the answer before.
                "ATOMIC_LLM_FIRST_CHUNK_SECONDS",
                "300",
                "ATOMIC_LLM_IDLE_SECONDS",
                "300");
    }

    void script(Function<String, Answer> answers) {
        script = answers;
    }

    /// The prompts asked so far that contain a text.
    long asked(String part) {
        return prompts.stream().filter(prompt -> prompt.contains(part)).count();
    }

    void forget() {
        prompts.clear();
    }

    private void serve(HttpExchange exchange) throws IOException {
        JsonNode body = JSON.readTree(exchange.getRequestBody());
        String prompt = body.path("messages").path(0).path("content").asString("");
        prompts.add(prompt);
        Answer answer = script.apply(prompt);
        if (answer.status() != 0) {
            byte[] error =
                    "{\"error\":{\"message\":\"scripted\",\"type\":\"scripted\"}}"
                            .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), error.length);
            exchange.getResponseBody().write(error);
            exchange.close();
            return;
        }
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            if (!answer.thinking().isEmpty()) {
                sendDelta(out, "reasoning_content", answer.thinking());
            }
            String[] words = answer.text().split("(?<=\\s)", -1);
            for (int i = 0; i < words.length; i++) {
                sendDelta(out, "content", words[i]);
                if (i == 0 && answer.hold() != null) {
                    answer.hold().await(120, TimeUnit.SECONDS);
                }
                TimeUnit.MILLISECONDS.sleep(answer.pauseMillis());
            }
            send(
                    out,
                    Map.of(
                            "model",
                            "scripted-1",
                            "choices",
                            List.of(
                                    Map.of(
                                            "index",
                                            0,
                                            "delta",
                                            Map.of(),
                                            "finish_reason",
                                            "stop"))));
            send(
                    out,
                    Map.of(
                            "model",
                            "scripted-1",
                            "choices",
                            List.of(),
                            "usage",
                            Map.of("prompt_tokens", 10, "completion_tokens", words.length)));
            out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // the agent broke the answer off
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sendDelta(OutputStream out, String field, String text) throws IOException {
        send(out, Map.of("choices", List.of(Map.of("index", 0, "delta", Map.of(field, text)))));
    }

    private static void send(OutputStream out, Map<String, Object> chunk) throws IOException {
        out.write(
                ("data: " + JSON.writeValueAsString(chunk) + "\n\n")
                        .getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
