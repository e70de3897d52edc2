package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// A worker that is told to stop: it claims no more, ends the stage in hand if that doesn't take
/// too long, puts the rest back, and uses up nobody's attempt.
class GracefulStopIT extends ScriptedModel {
    /// What `ATOMIC_…` and docs/operations.md promise, and some for a busy machine.
    private static final Duration STOPPED = Duration.ofSeconds(27);

    @Test
    void theStageInHandIsEndedAndTheNextBeginsElsewhereWithTheSameAttempt() throws IOException {
        UUID id = submitHeldIn("spec");
        String worker = client.workerOf(id);
        stack.askToStop(worker);
        Stack.await(
                "the worker to be stopping",
                Duration.ofSeconds(10),
                () -> stack.hasLogged(worker, "stopping: 1 jobs in hand"));
        UUID later = client.submit("{\"prompt\":\"nothing\",\"pipeline\":[]}");
        client.awaitEnd(later, Duration.ofSeconds(20));
        assertThat(client.workerOf(later)).as("it claims no more").isNotEqualTo(worker);
        hold.countDown();

        assertSucceededWithoutAnotherAttempt(id);
        assertThat(client.types(id))
                .containsSubsequence(
                        "stage_started", "stage_completed", "retrying", "started", "stage_started")
                .doesNotContain("stage_reset");
        assertThat(reasons(id)).containsExactly("worker_stopped");
        assertThat(model.asked("stopped in spec")).as("spec once, code once").isEqualTo(2);
        restart(worker);
    }

    @Test
    void aStageThatTakesTooLongGoesBackAndFurtherSigtermsChangeNothing() throws IOException {
        UUID id = submitHeldIn("code");
        String worker = client.workerOf(id);
        long began = System.nanoTime();
        stack.askToStop(worker);
        stack.signal(worker, "TERM");
        client.awaitEvent(id, "retrying", "", Duration.ofSeconds(25));
        stack.signal(worker, "TERM");
        stack.stop(worker);
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("it gave the stage its time, and not more")
                .isBetween(Duration.ofSeconds(10), STOPPED);
        hold.countDown();

        assertSucceededWithoutAnotherAttempt(id);
        assertThat(reasons(id)).containsExactly("worker_stopped");
        assertThat(client.types(id)).contains("stage_reset");
        restart(worker);
    }

    @Test
    void aWorkerThatCantPutItsJobBackStopsInTimeAndTheJobIsTakenOver() throws IOException {
        UUID id = submitHeldIn("code");
        String worker = client.workerOf(id);
        stack.pauseDatabase();
        try {
            assertThat(stack.stopTimed(worker)).isLessThan(Duration.ofSeconds(45));
        } finally {
            stack.resumeDatabase();
        }
        hold.countDown();

        assertSucceededWithoutAnotherAttempt(id);
        restart(worker);
    }

    private void assertSucceededWithoutAnotherAttempt(UUID id) {
        JsonNode job = client.awaitEnd(id, Duration.ofSeconds(60));
        assertThat(job.get("status").stringValue()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isEqualTo(1);
        client.checkLog(id);
    }

    private UUID submitHeldIn(String stage) {
        String pipeline = stage.equals("spec") ? "[\"spec\",\"code\"]" : "[\"code\"]";
        model.script(_ -> new ModelServer.Answer(CODE, hold, 0));
        UUID id =
                client.submit(
                        "{\"prompt\":\"stopped in " + stage + "\",\"pipeline\":" + pipeline + "}");
        client.awaitEvent(id, "chunk", stage, Duration.ofSeconds(30));
        return id;
    }

    private List<String> reasons(UUID id) {
        return client.events(id).stream()
                .map(event -> event.path("reason").asString(""))
                .filter(reason -> !reason.isEmpty() && !reason.equals("crash"))
                .toList();
    }
}
