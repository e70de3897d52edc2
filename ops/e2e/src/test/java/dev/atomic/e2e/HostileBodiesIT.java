package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// One client can't take the api down with what it sends: with 256 MiB of heap each body is
/// accepted or refused, and the api lives on.
class HostileBodiesIT {
    private static final int AT_ONCE = 40;

    private static Stack stack;

    @BeforeAll
    static void start() throws IOException {
        stack = Stack.prepare(null, Map.of());
        stack.startAll(List.of("api"));
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
        }
    }

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void theApiOutlivesEveryBody() throws Exception {
        String open = "{\"" + "k".repeat(2_090) + "\":";
        byte[] deep = utf8(open.repeat(480) + "{}" + "}".repeat(480));
        byte[] empty = utf8("[" + "{},".repeat(4_000_000) + "{}]");
        byte[] files = files();

        assertThat(send(deep).statusCode()).isEqualTo(400);
        assertThat(send(empty).statusCode()).isEqualTo(413);
        for (int i = 0; i < 3; i++) {
            awaitAccepted(files);
        }
        assertThat(atOnce(List.of(files, files)))
                .as("a few at once")
                .noneMatch(answer -> answer.body().contains("memory"));

        List<byte[]> many = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            many.add(files);
            many.add(i % 2 == 0 ? deep : empty);
        }
        List<HttpResponse<String>> answers = atOnce(many);
        System.out.println(
                "answers to "
                        + many.size()
                        + " bodies at once: "
                        + answers.stream()
                                .collect(
                                        Collectors.groupingBy(
                                                HttpResponse::statusCode, Collectors.counting())));
        assertThat(answers).extracting(HttpResponse::statusCode).isSubsetOf(202, 400, 413, 503);
        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() == 503)
                .allMatch(answer -> answer.headers().firstValue("Retry-After").isPresent());

        assertThat(stack.client().get("/health").status()).isEqualTo(200);
        assertThat(stack.isAlive("api")).isTrue();
        assertThat(stack.hasLogged("api", "OutOfMemoryError")).isFalse();
        awaitAccepted(files);
    }

    private List<HttpResponse<String>> atOnce(List<byte[]> bodies) {
        List<CompletableFuture<HttpResponse<String>>> answers =
                bodies.stream()
                        .map(body -> http.sendAsync(request(body), BodyHandlers.ofString()))
                        .toList();
        return answers.stream().map(CompletableFuture::join).toList();
    }

    /// One body of that size alone fits always; but H2 on a busy machine may need more than the 2.7
    /// s a client is let wait.
    private void awaitAccepted(byte[] body) {
        Stack.await(
                "a large body to be accepted",
                Duration.ofSeconds(20),
                () -> {
                    HttpResponse<String> answer = send(body);
                    assertThat(answer.body()).doesNotContain("memory");
                    return answer.statusCode() == 202;
                });
    }

    private HttpResponse<String> send(byte[] body) {
        return http.sendAsync(request(body), BodyHandlers.ofString()).join();
    }

    /// Streamed: a publisher of bytes would copy them, 40 times 12 MiB.
    private static HttpRequest request(byte[] body) {
        return HttpRequest.newBuilder(
                        URI.create(stack.environment().get("ATOMIC_URL") + "/api/jobs"))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(
                        BodyPublishers.fromPublisher(
                                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)),
                                body.length))
                .build();
    }

    /// 12 MiB, nearly: 8 MiB of files as base64.
    private static byte[] files() {
        String content = "A".repeat((1 << 20) / 3 * 4) + "AA==";
        return utf8(
                IntStream.range(0, 8)
                                .mapToObj(i ->
                                        "{\"path\":\"f"
                                                + i
                                                + "\",\"encoding\":\"base64\",\"content\":\""
                                                + content
                                                + "\"}")
                                .collect(
                                        Collectors.joining(
                                                ",", "{\"prompt\":\"p\",\"files\":[", "]}"))
                        + " ".repeat(1 << 20));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
