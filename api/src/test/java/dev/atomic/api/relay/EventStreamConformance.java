package dev.atomic.api.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.event.JobEvent;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Streams of events over HTTP, whatever the database.
abstract class EventStreamConformance extends LiveApi {
    EventStreamConformance(On on) {
        super(on);
    }

    @Test
    void aStreamIsLiveUntilTheTerminalEventAndThenCloses() throws Exception {
        UUID id = worker.admit();
        HttpResponse<Stream<String>> response =
                HTTP.send(events(id, "").build(), BodyHandlers.ofLines());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
        worker.claim(id);
        worker.append(id, WorkerAtHand.chunks(0, "a\nb\r\n", "é\u2028"));
        worker.succeed(id);
        List<String> lines = response.body().filter(line -> !line.startsWith(":")).toList();
        assertThat(lines)
                .filteredOn(line -> line.startsWith("event: "))
                .containsExactly(
                        "event: queued",
                        "event: started",
                        "event: chunk",
                        "event: chunk",
                        "event: succeeded");
        assertThat(numbers(lines.stream())).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(lines)
                .contains("data: " + log.read(id, 2, 1).getFirst().wire())
                .contains("data: " + log.read(id, 3, 1).getFirst().wire());
    }

    @Test
    void aStreamIsResumedBehindWhatWasSeen() throws Exception {
        UUID id = worker.running();
        worker.succeed(id);
        assertThat(numbers(get(id, "?after=1", null).body())).containsExactly(2L, 3L);
        assertThat(numbers(get(id, "", "2").body())).containsExactly(3L);
        // The address stays the same when a client connects again: what it saw goes first.
        assertThat(numbers(get(id, "?after=1", "2").body())).containsExactly(3L);
    }

    /// Both are on one path: who doesn't ask for a stream gets a page.
    @Test
    void theLogIsAPageForWhoAsksForNoStream() throws Exception {
        UUID id = worker.running();
        worker.succeed(id);
        String path = "/api/jobs/" + id + "/events";
        assertThat(api.get(path).json().path("last_seq").asLong()).isEqualTo(3);
        for (String accept :
                List.of("*/*", "application/json", "application/json, text/event-stream")) {
            assertThat(api.get(path, "Accept", accept).header("Content-Type"))
                    .as(accept)
                    .startsWith("application/json");
        }
        for (String accept : List.of("text/event-stream", "text/event-stream, */*;q=0.1")) {
            assertThat(api.get(path, "Accept", accept).header("Content-Type"))
                    .as(accept)
                    .startsWith("text/event-stream");
        }
        assertThat(api.get("/api/jobs/x/events", "Accept", "text/event-stream").code())
                .isEqualTo("not_found");
    }

    @Test
    void nothingIsLeftOfAFinishedLog() throws Exception {
        UUID id = worker.running();
        worker.succeed(id);
        assertThat(get(id, "?after=3", null).statusCode()).isEqualTo(204);
        assertThat(get(id, "", "99").statusCode()).isEqualTo(204);
    }

    @Test
    void anEndBeyondALiveLogIsTakenAsItsEnd() throws Exception {
        UUID id = worker.running();
        HttpResponse<Stream<String>> response = get(id, "?after=99", null);
        worker.succeed(id);
        assertThat(numbers(response.body())).containsExactly(3L);
    }

    @Test
    void badNumbersAndUnknownJobsAreRefused() throws Exception {
        UUID id = worker.admit();
        for (String after : List.of("-1", "x", "1.5", "", "99999999999999999999")) {
            assertThat(get(id, "?after=" + after, null).statusCode()).as(after).isEqualTo(400);
        }
        assertThat(get(id, "", "x").statusCode()).isEqualTo(400);
        assertThat(get(UUID.randomUUID(), "", null).statusCode()).isEqualTo(404);
        HttpResponse<Void> unreadable =
                HTTP.send(
                        java.net.http.HttpRequest.newBuilder(uri("/api/jobs/x/events"))
                                .header("Accept", "text/event-stream")
                                .build(),
                        BodyHandlers.discarding());
        assertThat(unreadable.statusCode()).isEqualTo(404);
    }

    @Test
    void anIdleStreamHasComments() throws Exception {
        UUID id = worker.admit();
        HttpResponse<Stream<String>> response = get(id, "?after=1", null);
        try (Stream<String> lines = response.body()) {
            assertThat(lines.filter(line -> line.equals(":")).limit(3)).hasSize(3);
        }
    }

    @Test
    void aClientThatIsGoneIsFollowedNoLonger() throws Exception {
        UUID id = worker.admit();
        HttpResponse<InputStream> response =
                HTTP.send(events(id, "").build(), BodyHandlers.ofInputStream());
        response.body().read();
        assertThat(tail.followers()).isPositive();
        response.body().close();
        org.awaitility.Awaitility.await().until(() -> tail.followers() == 0);
    }

    /// 100 streams that begin anywhere, some broken off and resumed, while a worker appends.
    @Test
    void nobodyMissesAnythingOrGetsItTwiceWhereverTheyJoin() throws Exception {
        UUID id = worker.running();
        int batches = 200;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Long>>> clients = new ArrayList<>();
            for (int batch = 0; batch < batches; batch++) {
                worker.append(id, chunks(batch * 5));
                if (batch % 2 == 0) {
                    clients.add(threads.submit(joining(id)));
                }
            }
            worker.succeed(id);
            long last = 2 + batches * 5L + 1;
            for (Future<List<Long>> client : clients) {
                List<Long> seen = client.get();
                assertThat(seen)
                        .isEqualTo(LongStream.rangeClosed(seen.getFirst(), last).boxed().toList());
            }
        }
    }

    private Callable<List<Long>> joining(UUID id) {
        long after = ThreadLocalRandom.current().nextLong(worker.job(id).course().lastSeq() + 1);
        long breakOff = ThreadLocalRandom.current().nextLong(1, 50);
        return () -> {
            List<Long> seen = new ArrayList<>();
            try (Stream<String> lines = get(id, "?after=" + after, null).body()) {
                seen.addAll(numbers(lines).limit(breakOff).toList());
            }
            assertThat(seen.getFirst()).isEqualTo(after + 1);
            HttpResponse<Stream<String>> rest = get(id, "", "" + seen.getLast());
            if (rest.statusCode() == 200) {
                seen.addAll(numbers(rest.body()).toList());
            }
            return seen;
        };
    }

    private HttpResponse<Stream<String>> get(UUID id, String query, String lastEventId)
            throws Exception {
        var request = events(id, query);
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        return HTTP.send(request.build(), BodyHandlers.ofLines());
    }

    private static Stream<Long> numbers(Stream<String> lines) {
        return lines.filter(line -> line.startsWith("id: "))
                .map(line -> Long.valueOf(line.substring(4)));
    }

    private static List<JobEvent> chunks(int from) {
        return WorkerAtHand.chunks(from, "a", "b", "c", "d", "e");
    }
}
