package dev.atomic.api.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.Checks;
import dev.atomic.shared.verify.Exchange;
import dev.atomic.shared.verify.Match;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The WebSocket, whatever the database.
abstract class StreamSocketConformance extends LiveApi {
    StreamSocketConformance(On on) {
        super(on);
    }

    private SocketClient client;

    @BeforeEach
    void connect() {
        client = SocketClient.open(HTTP, port);
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void aPromptIsAcceptedStreamedAndCompleted() throws Exception {
        client.send("{'prompt':'p','metadata':{'stream':true},'ref':'r1'}");
        JsonNode accepted = client.next();
        assertThat(accepted.path("type").asString()).isEqualTo("accepted");
        assertThat(accepted.path("ref").asString()).isEqualTo("r1");
        UUID id = UUID.fromString(accepted.path("job_id").asString());
        worker.claim(id);
        worker.append(id, WorkerAtHand.chunks(0, "print(", "\"é\")\n"));
        worker.succeed(id);
        List<JsonNode> messages = client.until("complete");
        assertThat(types(messages))
                .containsExactly("queued", "started", "chunk", "chunk", "succeeded", "complete");
        JsonNode chunk = messages.get(3);
        assertThat(chunk.path("delta").asString()).isEqualTo("\"é\")\n");
        assertThat(chunk.path("content").asString()).isEqualTo("print(\"é\")\n");
        assertThat(chunk.path("chunk_index").asInt()).isEqualTo(1);
        assertThat(chunk.path("stage").asString()).isEqualTo("code");
        assertThat(chunk.path("round").asInt()).isZero();
        assertThat(chunk.path("seq").asLong()).isEqualTo(4);
        JsonNode result = messages.getLast().path("result");
        assertThat(result.path("id").asString()).isEqualTo(id.toString());
        assertThat(result.path("status").asString()).isEqualTo("succeeded");
    }

    @Test
    void casesAndRequestsAreSubmittedAsOverHttp() throws Exception {
        client.send(
                "{'prompt':'p','verify':{'kind':'cases','stop_on_failure':true,"
                        + "'cases':[{'stdin':'1 2','stdout':'3','match':'tokens'}]}}");
        Checks cases = checks(client.until("accepted").getLast());
        assertThat(cases.cases()).extracting(Case::stdout).containsExactly("3");
        assertThat(cases.cases().getFirst().match()).isEqualTo(Match.TOKENS);
        assertThat(cases.stopOnFailure()).isTrue();
        client.send(
                "{'prompt':'p','verify':{'kind':'http','requests':"
                        + "[{'method':'GET','path':'/a','expect':{'status':200}}]}}");
        Checks requests = checks(client.until("accepted").getLast());
        assertThat(requests.requests()).extracting(Exchange::path).containsExactly("/a");
        client.send(
                "{'prompt':'p','ref':'r','verify':{'files':[{'path':'-o.py','content':''}],"
                        + "'cases':[{'files':[{'path':'@o','content':''}]}]}}");
        JsonNode refused = client.until("error").getLast();
        assertThat(refused.path("ref").asString()).isEqualTo("r");
        assertThat(refused.toString())
                .contains("verify.files[0].path", "verify.cases[0].files[0].path");
    }

    private Checks checks(JsonNode accepted) {
        UUID id = UUID.fromString(accepted.path("job_id").asString());
        return api.bean(JobStore.class).run(id).orElseThrow().checks();
    }

    @Test
    void aFailedJobIsAnErrorBeforeItIsComplete() throws Exception {
        UUID id = worker.running();
        client.send("{'subscribe':'" + id + "','after':2,'ref':'x'}");
        JsonNode subscribed = client.next();
        assertThat(subscribed.path("type").asString()).isEqualTo("subscribed");
        assertThat(subscribed.path("last_seq").asLong()).isEqualTo(2);
        assertThat(subscribed.path("ref").asString()).isEqualTo("x");
        worker.fail(id, new Failure(FailureCode.NO_CODE, "Nothing came.", StageName.CODE, false));
        List<JsonNode> messages = client.until("complete");
        assertThat(types(messages)).containsExactly("failed", "error", "complete");
        assertThat(messages.get(1).path("error").asString()).isEqualTo("Nothing came.");
        assertThat(messages.get(1).path("code").asString()).isEqualTo("no_code");
        assertThat(messages.get(1).path("job_id").asString()).isEqualTo(id.toString());
    }

    @Test
    void aJobThatEndedLongAgoIsCompleteAtOnce() throws Exception {
        UUID id = worker.running();
        worker.succeed(id);
        client.send("{'subscribe':'" + id + "','after':3}");
        assertThat(types(client.until("complete"))).containsExactly("subscribed", "complete");
        client.send("{'subscribe':'" + id + "'}");
        assertThat(types(client.until("complete")))
                .containsExactly("subscribed", "queued", "started", "succeeded", "complete");
    }

    @Test
    void contentHasWhatLiesBeforeTheSubscription() throws Exception {
        UUID id = worker.running();
        worker.append(id, List.of(new JobEvent.StageStarted(StageName.CODE, 0)));
        worker.append(id, WorkerAtHand.chunks(0, "void"));
        worker.append(id, List.of(new JobEvent.StageReset(StageName.CODE, "crash")));
        worker.append(id, WorkerAtHand.chunks(0, "a", "b", "c"));
        client.send("{'subscribe':'" + id + "','after':7}");
        assertThat(client.until("chunk").getLast().path("content").asString()).isEqualTo("abc");
        worker.append(id, WorkerAtHand.chunks(3, "d"));
        assertThat(client.until("chunk").getLast().path("content").asString()).isEqualTo("abcd");
        worker.append(id, List.of(new JobEvent.StageReset(StageName.CODE, "repair")));
        worker.append(id, List.of(new JobEvent.Chunk(StageName.CODE, 1, "new", 0)));
        assertThat(client.until("chunk").getLast().path("content").asString()).isEqualTo("new");
    }

    @Test
    void contentIsLeftOutWhenLargeOrUnwanted() throws Exception {
        UUID id = worker.running();
        worker.append(id, WorkerAtHand.chunks(0, "x".repeat(64 * 1024), "y"));
        client.send("{'subscribe':'" + id + "','after':2}");
        assertThat(client.until("chunk").getLast().path("content").asString()).hasSize(64 * 1024);
        JsonNode over = client.next();
        assertThat(over.has("content")).isFalse();
        assertThat(over.path("content_omitted").asBoolean()).isTrue();
        client.send("{'subscribe':'" + id + "','after':3,'accumulate':false}");
        JsonNode plain = client.until("chunk").getLast();
        assertThat(plain.path("delta").asString()).isEqualTo("y");
        assertThat(plain.has("content")).isFalse();
        assertThat(plain.has("content_omitted")).isFalse();
    }

    @Test
    void badMessagesAreAnsweredAndTheSocketStays() throws Exception {
        UUID id = worker.running();
        assertThat(answer("{")).isEqualTo("malformed_json");
        assertThat(answer("[".repeat(5000))).isEqualTo("malformed_json");
        assertThat(answer("[1]")).isEqualTo("invalid_request");
        assertThat(answer("{}")).isEqualTo("invalid_request");
        assertThat(answer("{'prompt':5}")).isEqualTo("invalid_request");
        assertThat(answer("{'prompt':'p','ref':7}")).isEqualTo("invalid_request");
        assertThat(answer("{'prompt':'p','ref':'" + "r".repeat(65) + "'}"))
                .isEqualTo("invalid_request");
        assertThat(answer("{'subscribe':'" + UUID.randomUUID() + "'}")).isEqualTo("not_found");
        assertThat(answer("{'subscribe':'x'}")).isEqualTo("not_found");
        assertThat(answer("{'subscribe':7}")).isEqualTo("invalid_request");
        assertThat(answer("{'subscribe':'" + id + "','after':-1}")).isEqualTo("invalid_request");
        assertThat(answer("{'subscribe':'" + id + "','after':1.5}")).isEqualTo("invalid_request");
        assertThat(answer("{'subscribe':'" + id + "','prompt':'p'}")).isEqualTo("invalid_request");
        assertThat(answer("{'cancel':'" + UUID.randomUUID() + "','ref':'c'}"))
                .isEqualTo("not_found");
        client.socket.sendBinary(ByteBuffer.wrap(new byte[] {1, 2}), true).join();
        assertThat(client.next().path("code").asString()).isEqualTo("invalid_request");
        client.send("{'subscribe':'" + id + "'}");
        assertThat(types(client.until("started")))
                .containsExactly("subscribed", "queued", "started");
    }

    @Test
    void aLargeMessageIsSkippedAndAVeryLargeOneClosesTheSocket() throws Exception {
        client.send("{'prompt':'" + "x".repeat(1024 * 1024) + "'}");
        assertThat(client.next().path("code").asString()).isEqualTo("too_large");
        client.send("{'unsubscribe':'" + UUID.randomUUID() + "'}");
        assertThat(client.next().path("type").asString()).isEqualTo("unsubscribed");
        // Fails on our side when the server closes before all of it is sent.
        var _ = client.socket.sendText("x".repeat(9 * 1024 * 1024), true);
        assertThat(client.closed.get(20, TimeUnit.SECONDS)).isIn(1009, -1);
        await().until(() -> sockets.connections() == 0);
    }

    @Test
    void aMessageWithoutRoomIsRefusedAndTheSocketLives() throws Exception {
        RequestMemory memory = api.bean(RequestMemory.class);
        client.socket.sendText("{\"prompt\":\"" + "x".repeat(100_000), false).join();
        await().until(() -> memory.held() >= 400_000);
        try (RequestMemory.Share others = memory.open()) {
            for (int left = 1 << 30; left > 0; left /= 2) {
                while (others.tryTake(left)) {}
            }
            client.socket.sendText("x".repeat(100_000) + "\"}", true).join();
            JsonNode refused = client.next();
            assertThat(refused.path("code").asString()).isEqualTo("unavailable");
            assertThat(refused.path("retry_after").asInt()).isEqualTo(1);
        }
        client.send("{'unsubscribe':'" + UUID.randomUUID() + "'}");
        assertThat(client.next().path("type").asString()).isEqualTo("unsubscribed");
        client.socket.sendText("x".repeat(100_000), false).join();
        await().until(() -> memory.held() >= 400_000);
        client.close();
        await().until(() -> memory.held() == 0);
    }

    @Test
    void aResultWithoutRoomWaitsItsTurnAndIsntLost() throws Exception {
        UUID id = worker.running();
        UUID other = worker.running();
        client.send("{'subscribe':'" + id + "','after':2}");
        client.send("{'subscribe':'" + other + "','after':2}");
        client.until("subscribed");
        client.until("subscribed");
        RequestMemory memory = api.bean(RequestMemory.class);
        await().until(() -> memory.held() == 0);
        try (RequestMemory.Share others = memory.open()) {
            for (int left = 1 << 30; left > 0; left /= 2) {
                while (others.tryTake(left)) {}
            }
            worker.succeed(id);
            assertThat(client.next().path("type").asString()).isEqualTo("succeeded");
            // Each is sent in a round of the writer's, which tries the result as well.
            for (int round = 0; round < 3; round++) {
                worker.append(other, WorkerAtHand.chunks(round, "x"));
                assertThat(client.next().path("type").asString()).isEqualTo("chunk");
            }
        }
        JsonNode complete = client.next();
        assertThat(complete.path("type").asString()).isEqualTo("complete");
        assertThat(complete.path("result").path("id").asString()).isEqualTo(id.toString());
        await().until(() -> memory.held() == 0);
    }

    @Test
    void unsubscribingEndsTheEventsAndDisconnectingCancelsNothing() throws Exception {
        UUID id = worker.running();
        UUID other = worker.running();
        client.send("{'subscribe':'" + id + "','after':2}");
        client.send("{'subscribe':'" + other + "','after':2}");
        client.send("{'unsubscribe':'" + id + "','ref':'u'}");
        assertThat(client.until("unsubscribed").getLast().path("ref").asString()).isEqualTo("u");
        worker.append(id, WorkerAtHand.chunks(0, "unseen"));
        worker.append(other, WorkerAtHand.chunks(0, "seen"));
        assertThat(client.next().path("delta").asString()).isEqualTo("seen");
        client.close();
        await().until(() -> sockets.connections() == 0 && tail.followers() == 0);
        assertThat(worker.job(id).course().state()).isEqualTo(JobState.RUNNING);
        assertThat(worker.job(other).course().cancelRequested()).isFalse();
    }

    @Test
    void aWaitingJobIsCancelledAtOnceARunningOneIsToldTo() throws Exception {
        UUID waiting = worker.admit();
        client.send("{'subscribe':'" + waiting + "'}");
        client.until("queued");
        client.send("{'cancel':'" + waiting + "','ref':'c'}");
        List<JsonNode> messages = List.of(client.next(), client.next(), client.next());
        assertThat(types(messages))
                .containsExactlyInAnyOrder("cancelling", "cancelled", "complete");
        assertThat(answer("{'cancel':'" + waiting + "'}")).isEqualTo("already_finished");
        UUID running = worker.running();
        client.send("{'cancel':'" + running + "'}");
        assertThat(client.next().path("job_id").asString()).isEqualTo(running.toString());
        assertThat(worker.job(running).course().cancelRequested()).isTrue();
        assertThat(worker.job(running).course().state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void aHundredJobsAreFollowedAndNoMore() throws Exception {
        UUID first = worker.running();
        client.send("{'subscribe':'" + first + "','after':2}");
        client.next();
        for (int i = 1; i < 100; i++) {
            client.send("{'subscribe':'" + worker.admit() + "','after':1}");
            assertThat(client.next().path("type").asString()).isEqualTo("subscribed");
        }
        String more = "{'subscribe':'" + worker.admit() + "','after':1}";
        assertThat(answer(more)).isEqualTo("too_many_subscriptions");
        assertThat(answer("{'prompt':'p'}")).isEqualTo("too_many_subscriptions");
        client.send("{'subscribe':'" + first + "','after':2}");
        assertThat(client.next().path("type").asString()).isEqualTo("subscribed");
        worker.succeed(first);
        client.until("complete");
        client.send(more);
        assertThat(client.next().path("type").asString()).isEqualTo("subscribed");
    }

    /// The one under test answers no ping, since it never reads; the other does.
    @Test
    void aDeadPeerIsNoticed() throws Exception {
        try (SocketClient dead = SocketClient.reluctant(HTTP, port)) {
            await().until(() -> sockets.connections() == 2);
            await().until(() -> sockets.connections() == 1);
            dead.read();
            assertThat(dead.closed.get(20, TimeUnit.SECONDS)).isNotNull();
        }
        client.send("{'unsubscribe':'" + UUID.randomUUID() + "'}");
        assertThat(client.next().path("type").asString()).isEqualTo("unsubscribed");
    }

    @Test
    void whatIsNoHandshakeIsToldSo() throws Exception {
        var answer = api.get("/ws/stream");
        assertThat(answer.status()).isEqualTo(426);
        assertThat(answer.code()).isEqualTo("upgrade_required");
    }

    /// Far more than the kernel's buffers and the ring hold waits for one who doesn't read.
    @Test
    void whoReadsSlowlyGetsEverythingAndHoldsUpNobody() throws Exception {
        UUID id = worker.running();
        try (SocketClient slow = SocketClient.reluctant(HTTP, port)) {
            slow.send("{'subscribe':'" + id + "','accumulate':false}");
            client.send("{'subscribe':'" + id + "','accumulate':false}");
            String delta = "x".repeat(16 * 1024);
            int chunks = 1000;
            for (int i = 0; i < chunks; i += 10) {
                String[] ten = new String[10];
                java.util.Arrays.fill(ten, delta);
                worker.append(id, WorkerAtHand.chunks(i, ten));
            }
            worker.succeed(id);
            List<Long> all = LongStream.rangeClosed(1, chunks + 3).boxed().toList();
            assertThat(seqs(client.until("complete"))).isEqualTo(all);
            slow.read();
            assertThat(seqs(slow.until("complete"))).isEqualTo(all);
        }
    }

    private String answer(String message) throws InterruptedException {
        client.send(message);
        JsonNode answer = client.next();
        assertThat(answer.path("type").asString()).isEqualTo("error");
        assertThat(answer.path("error").asString()).isNotBlank();
        return answer.path("code").asString();
    }

    private static List<String> types(List<JsonNode> messages) {
        return messages.stream().map(message -> message.path("type").asString()).toList();
    }

    private static List<Long> seqs(List<JsonNode> messages) {
        return messages.stream()
                .filter(message -> message.has("seq"))
                .map(message -> message.path("seq").asLong())
                .toList();
    }
}
