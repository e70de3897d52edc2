package dev.atomic.api.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.job.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Clients that are cut off and come back, whatever the database.
abstract class ResumeAfterDisconnectConformance extends LiveApi {
    ResumeAfterDisconnectConformance(On on) {
        super(on);
    }

    private static final String TEXT = "abcde";

    /// 100 sockets that begin anywhere, are cut and come back, while a worker streams: every one
    /// has every event once and the whole text in each chunk.
    @Test
    void nobodyMissesAnythingOrGetsItTwice() throws Exception {
        UUID id = worker.running();
        int batches = 200;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<JsonNode>>> clients = new ArrayList<>();
            for (int batch = 0; batch < batches; batch++) {
                worker.append(id, WorkerAtHand.chunks(batch * 5, TEXT.split("")));
                if (batch % 2 == 0) {
                    clients.add(threads.submit(joining(id)));
                }
            }
            worker.succeed(id);
            long last = 2 + batches * 5L + 1;
            for (Future<List<JsonNode>> client : clients) {
                List<JsonNode> events = client.get();
                List<Long> seqs = events.stream().map(event -> event.path("seq").asLong()).toList();
                assertThat(seqs)
                        .isEqualTo(LongStream.rangeClosed(seqs.getFirst(), last).boxed().toList());
                events.stream().filter(event -> event.has("delta")).forEach(this::hasItAll);
            }
        }
        assertThat(worker.job(id).course().state()).isEqualTo(JobState.SUCCEEDED);
    }

    private void hasItAll(JsonNode chunk) {
        int length = chunk.path("chunk_index").asInt() + 1;
        assertThat(chunk.path("content").asString())
                .isEqualTo(TEXT.repeat(length / 5 + 1).substring(0, length));
    }

    private Callable<List<JsonNode>> joining(UUID id) {
        long after = ThreadLocalRandom.current().nextLong(worker.job(id).course().lastSeq() + 1);
        int cutAfter = ThreadLocalRandom.current().nextInt(1, 50);
        return () -> {
            List<JsonNode> events = new ArrayList<>();
            long seen = after;
            try (SocketClient client = SocketClient.open(HTTP, port)) {
                client.send("{'subscribe':'" + id + "','after':" + after + "}");
                while (events.size() < cutAfter) {
                    JsonNode message = client.next();
                    if (message.has("seq")) {
                        events.add(message);
                        seen = message.path("seq").asLong();
                    } else if (message.path("type").asString().equals("complete")) {
                        break;
                    }
                }
            }
            assertThat(events.getFirst().path("seq").asLong()).isEqualTo(after + 1);
            try (SocketClient client = SocketClient.open(HTTP, port)) {
                client.send("{'subscribe':'" + id + "','after':" + seen + "}");
                client.until("complete").stream()
                        .filter(message -> message.has("seq"))
                        .forEach(events::add);
            }
            return events;
        };
    }
}
