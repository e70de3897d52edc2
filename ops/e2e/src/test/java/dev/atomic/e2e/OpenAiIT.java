package dev.atomic.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.Headers;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InvalidWebhookSignatureException;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseRetrieveParams;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.webhooks.WebhookVerificationParams;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// OpenAI's libraries for Java and Node, and MCP's client, against the whole stack on PostgreSQL.
@Tag("engine")
@Timeout(300)
class OpenAiIT {
    private static final String ASKED = "Write a prime sieve";
    private static final String REPAIRED = "Write a Roman numeral converter that needs a repair";

    @TempDir static Path directory;

    private static int port;
    private static Stack stack;
    private static OpenAIClient openai;

    @BeforeAll
    static void start() throws Exception {
        NodeFolder.fill(directory, "openai", List.of("libraries.mjs"));
        port = Stack.freePort();
        stack =
                Stack.start(
                        new Postgres(),
                        1,
                        1,
                        Map.of("ATOMIC_WEBHOOK_ALLOW", "http://127.0.0.1:" + port));
        openai =
                OpenAIOkHttpClient.builder()
                        .baseUrl(stack.url("api") + "/v1")
                        .apiKey("unused")
                        .build();
    }

    @AfterAll
    static void stop() {
        if (openai != null) {
            openai.close();
        }
        if (stack != null) {
            stack.close();
        }
    }

    @Test
    void nodesLibrariesFindWhatTheyExpect() throws Exception {
        Path printed = directory.resolve("printed");
        String secret =
                stack.client().get("/api/webhooks/secret").body().get("secret").stringValue();
        Process node =
                new ProcessBuilder(
                                "node",
                                "libraries.mjs",
                                stack.url("api"),
                                Integer.toString(port),
                                secret)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(printed.toFile())
                        .start();
        boolean ended = node.waitFor(120, TimeUnit.SECONDS);
        if (!ended) {
            node.destroyForcibly().waitFor();
        }
        assertThat(ended && node.exitValue() == 0).as(Files.readString(printed)).isTrue();
    }

    @Test
    void javasLibraryGetsTheSameAnswerWaitedForAndStreamed() {
        Response waited = openai.responses().create(asking(REPAIRED).build());
        assertThat(waited.status()).contains(ResponseStatus.COMPLETED);
        assertThat(text(waited)).contains("Verified: ");

        ResponseAccumulator accumulator = ResponseAccumulator.create();
        try (StreamResponse<ResponseStreamEvent> stream =
                openai.responses().createStreaming(asking(REPAIRED).build())) {
            stream.stream().forEach(accumulator::accumulate);
        }
        Response streamed = accumulator.response();
        assertThat(streamed.status()).contains(ResponseStatus.COMPLETED);
        assertThat(made(streamed)).isEqualTo(made(waited));
        try (StreamResponse<ResponseStreamEvent> again =
                openai.responses().retrieveStreaming(streamed.id())) {
            assertThat(again.stream().count()).isPositive();
        }
    }

    @Test
    void javasLibraryPollsAndDeletes() {
        Response begun = openai.responses().create(asking(ASKED).background(true).build());
        Stack.await(
                "the response to complete",
                Duration.ofSeconds(60),
                () -> status(begun).equals(ResponseStatus.COMPLETED));
        openai.responses().delete(begun.id());
        assertThatThrownBy(() -> openai.responses().retrieve(begun.id()))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void javasLibraryCancels() {
        Response begun = openai.responses().create(asking(ASKED).background(true).build());
        Response cancelled = openai.responses().cancel(begun.id());
        assertThat(cancelled.status()).contains(ResponseStatus.CANCELLED);
    }

    @Test
    void javasLibraryIsToldWhatWentWrong() {
        Response failed = openai.responses().create(asking("zzz").build());
        assertThat(failed.status()).contains(ResponseStatus.FAILED);
        assertThat(failed.error().orElseThrow().code().asString()).isEqualTo("no_model");
        assertThatThrownBy(() -> openai.responses().create(asking("x").model("no-such").build()))
                .isInstanceOfSatisfying(
                        BadRequestException.class,
                        refused -> assertThat(refused.code()).contains("unknown_model"));
    }

    /// While it runs and after: what was seen before the break and what comes after it are the
    /// whole.
    @Test
    void javasLibraryGoesOnWhereItsStreamBroke() {
        Random random = new Random();
        for (int broken = 0; broken < 50; ) {
            List<ResponseStreamEvent> live = begun(1 + random.nextInt(20));
            String id = live.getFirst().asCreated().response().id();
            List<ResponseStreamEvent> all = joined(live, id);
            broken++;
            assertThat(all.getLast().completed()).isPresent();
            for (int again = 0; again < 24; again++, broken++) {
                int seen = 1 + random.nextInt(all.size() - 1);
                assertThat(joined(replayed(seen, id), id))
                        .as("broken after %d events", seen)
                        .isEqualTo(all);
            }
        }
    }

    private static List<ResponseStreamEvent> begun(int count) {
        try (StreamResponse<ResponseStreamEvent> stream =
                openai.responses().createStreaming(asking(REPAIRED).build())) {
            return stream.stream().limit(count).toList();
        }
    }

    private static List<ResponseStreamEvent> replayed(int count, String id) {
        try (StreamResponse<ResponseStreamEvent> stream =
                openai.responses().retrieveStreaming(id)) {
            return stream.stream().limit(count).toList();
        }
    }

    private static List<ResponseStreamEvent> joined(List<ResponseStreamEvent> before, String id) {
        var after =
                ResponseRetrieveParams.builder().startingAfter((long) before.size() - 1).build();
        try (StreamResponse<ResponseStreamEvent> rest =
                openai.responses().retrieveStreaming(id, after)) {
            return Stream.concat(before.stream(), rest.stream()).toList();
        }
    }

    @Test
    void javasLibraryUnwrapsTheWebhook() throws Exception {
        BlockingQueue<WebhookVerificationParams.Builder> heard = new LinkedBlockingQueue<>();
        HttpServer receiver = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        receiver.createContext(
                "/",
                exchange -> {
                    heard.add(
                            WebhookVerificationParams.builder()
                                    .payload(exchange.getRequestBody().readAllBytes())
                                    .headers(
                                            Headers.builder()
                                                    .putAll(exchange.getRequestHeaders())
                                                    .build()));
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        receiver.start();
        try {
            var told = ResponseCreateParams.Metadata.builder();
            told.putAdditionalProperty("webhook", JsonValue.from("http://127.0.0.1:" + port + "/"));
            Response begun =
                    openai.responses()
                            .create(asking(ASKED).background(true).metadata(told.build()).build());
            String secret =
                    stack.client().get("/api/webhooks/secret").body().get("secret").stringValue();
            var request = requireNonNull(heard.poll(60, TimeUnit.SECONDS)).secret(secret);
            var event = openai.webhooks().unwrap(request.build());
            assertThat(event.responseCompleted().orElseThrow().data().id()).isEqualTo(begun.id());
            var forged = request.payload("{}").build();
            assertThatThrownBy(() -> openai.webhooks().unwrap(forged))
                    .isInstanceOf(InvalidWebhookSignatureException.class);
        } finally {
            receiver.stop(0);
        }
    }

    private static ResponseCreateParams.Builder asking(String input) {
        return ResponseCreateParams.builder().model("atomic").input(input);
    }

    private static ResponseStatus status(Response response) {
        return openai.responses().retrieve(response.id()).status().orElseThrow();
    }

    /// Without who saw the tests pass: on a busy machine one job's may not be judged in time, and
    /// another's may.
    private static String made(Response response) {
        return text(response)
                .replaceFirst(" \\((judged from outside|as the tests themselves report)\\)", "");
    }

    private static String text(Response response) {
        return response.output().stream()
                .flatMap(item -> item.message().stream())
                .flatMap(message -> message.content().stream())
                .flatMap(content -> content.outputText().stream())
                .map(part -> part.text())
                .collect(Collectors.joining());
    }
}
