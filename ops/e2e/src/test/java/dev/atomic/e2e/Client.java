package dev.atomic.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A caller's view: HTTP and JSON, nothing of ours.
final class Client {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final URI base;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    Client(URI base) {
        this.base = base;
    }

    record Answer(int status, JsonNode body, HttpResponse<String> raw) {}

    Answer post(String path, String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(base.resolve(path))
                        .timeout(Duration.ofSeconds(90))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request.build());
    }

    Answer get(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(90));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request.build());
    }

    /// The lines of a job's event stream, live, until its terminal event; close it.
    Stream<String> stream(UUID id, long after) throws IOException, InterruptedException {
        HttpResponse<Stream<String>> response =
                http.send(
                        HttpRequest.newBuilder(
                                        base.resolve("/api/jobs/" + id + "/events?after=" + after))
                                .header("Accept", "text/event-stream")
                                .build(),
                        BodyHandlers.ofLines());
        if (response.statusCode() != 200) {
            throw new AssertionError("no event stream: " + response.statusCode());
        }
        return response.body();
    }

    /// Follows a job's event stream in the background, and needs no thread for it. Comes back when
    /// it is refused, as a client does: 500 streams opened at the same moment are more than a busy
    /// machine's api lets in within its 2 s.
    void follow(UUID id, Consumer<String> line) {
        HttpRequest request =
                HttpRequest.newBuilder(base.resolve("/api/jobs/" + id + "/events"))
                        .header("Accept", "text/event-stream")
                        .build();
        Executor later = CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS);
        var _ =
                http.sendAsync(request, BodyHandlers.fromLineSubscriber(new Lines(line)))
                        .thenAcceptAsync(
                                answer -> {
                                    if (answer.statusCode() == 503) {
                                        follow(id, line);
                                    }
                                },
                                later);
    }

    /// Takes lines as they come.
    private record Lines(Consumer<String> line) implements Flow.Subscriber<String> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String next) {
            line.accept(next);
        }

        @Override
        public void onError(Throwable failure) {
            // whoever waits for a line finds it missing
        }

        @Override
        public void onComplete() {
            // as it should
        }
    }

    private Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            String body = response.body();
            return new Answer(
                    response.statusCode(),
                    body.startsWith("{") || body.startsWith("[")
                            ? JSON.readTree(body)
                            : JSON.createObjectNode(),
                    response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// Submits and demands that it was accepted.
    UUID submit(String body, String... headers) {
        Answer answer = post("/api/jobs", body, headers);
        if (answer.status() != 202) {
            throw new AssertionError(
                    "not accepted: " + answer.status() + " " + answer.raw().body());
        }
        return UUID.fromString(answer.body().get("id").stringValue());
    }

    /// Has it executed and waits for the end, however much longer than the request's own wait it
    /// takes on a busy machine.
    JsonNode execute(String body) {
        Answer answer = post("/api/execute", body);
        return answer.status() == 202
                ? awaitEnd(
                        UUID.fromString(answer.body().get("id").stringValue()),
                        Duration.ofMinutes(5))
                : answer.body();
    }

    JsonNode job(UUID id) {
        return get("/api/jobs/" + id).body();
    }

    /// Waits for the job's end.
    JsonNode awaitEnd(UUID id, Duration most) {
        long until = System.nanoTime() + most.toNanos();
        while (true) {
            JsonNode job = get("/api/jobs/" + id + "?wait=5").body();
            String status = job.path("status").asString("");
            if (status.equals("succeeded")
                    || status.equals("failed")
                    || status.equals("cancelled")) {
                return job;
            }
            if (System.nanoTime() > until) {
                throw new AssertionError("the job has not ended: " + job);
            }
        }
    }

    /// Waits until the job's log has an event of this type (and stage, if not empty).
    void awaitEvent(UUID id, String type, String stage, Duration most) {
        Stack.await(
                type + " " + stage + " of " + id,
                most,
                () ->
                        events(id).stream()
                                .anyMatch(event ->
                                        event.get("type").stringValue().equals(type)
                                                && (stage.isEmpty()
                                                        || event.path("stage")
                                                                .asString("")
                                                                .equals(stage))));
    }

    /// The whole log.
    List<JsonNode> events(UUID id) {
        List<JsonNode> events = new ArrayList<>();
        while (true) {
            long after = events.isEmpty() ? 0 : events.getLast().get("seq").asLong();
            JsonNode page =
                    get("/api/jobs/" + id + "/events?after=" + after + "&limit=1000").body();
            int before = events.size();
            page.path("events").forEach(events::add);
            if (events.size() == before) {
                return events;
            }
        }
    }

    /// The types of the whole log's events.
    List<String> types(UUID id) {
        return events(id).stream().map(event -> event.get("type").stringValue()).toList();
    }

    /// The worker that started the job last.
    String workerOf(UUID id) {
        return events(id).stream()
                .filter(event -> event.get("type").stringValue().equals("started"))
                .reduce((_, last) -> last)
                .orElseThrow()
                .get("worker")
                .stringValue();
    }

    /// Demands what every finished log has: numbers from 1 without gaps or doubles, one terminal
    /// event, the last.
    void checkLog(UUID id) {
        List<JsonNode> events = events(id);
        List<String> terminal = List.of("succeeded", "failed", "cancelled");
        for (int i = 0; i < events.size(); i++) {
            JsonNode event = events.get(i);
            if (event.get("seq").asLong() != i + 1) {
                throw new AssertionError("a gap or a double at " + (i + 1) + ": " + event);
            }
            boolean last = i == events.size() - 1;
            if (terminal.contains(event.get("type").stringValue()) != last) {
                throw new AssertionError("terminal events must be one, the last: " + event);
            }
        }
        if (events.isEmpty() || !events.getFirst().get("type").stringValue().equals("queued")) {
            throw new AssertionError("the log does not begin with `queued`");
        }
    }
}
