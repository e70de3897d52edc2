package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Workers are killed, stopped and paused in the middle of a stage: their jobs finish, once, and no
/// stage that was checkpointed is paid again.
class LostWorkerIT extends ScriptedModel {
    private static final String BODY =
            "{\"prompt\":\"say hello %s\",\"pipeline\":[\"spec\",\"code\",\"docs\"]}";

    /// Long enough for JobRunr to have given the worker's server up, too.
    private static final Duration PAUSE = Duration.ofSeconds(30);

    @Test
    void afterKill9TheJobGoesOnElsewhereAndNoCheckpointedStageIsPaidTwice() throws IOException {
        UUID id = submitHeldInDocs("killed");
        String worker = client.workerOf(id);
        stack.kill(worker);
        hold.countDown();

        JsonNode job = client.awaitEnd(id, Duration.ofSeconds(40));

        assertThat(job.get("status").stringValue()).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).as("a lost worker uses up no attempt").isEqualTo(1);
        assertThat(model.asked("killed")).as("spec and code once, docs once more").isEqualTo(4);
        List<String> types = client.types(id);
        assertThat(types)
                .containsSubsequence("retrying", "started", "stage_reset", "stage_started");
        client.checkLog(id);
        restart(worker);
    }

    @Test
    void afterSigtermTheJobGoesOnElsewhereAtOnce() throws IOException {
        UUID id = submitHeldInDocs("stopped");
        String worker = client.workerOf(id);
        stack.stop(worker);
        hold.countDown();

        JsonNode job = client.awaitEnd(id, Duration.ofSeconds(40));

        assertThat(job.get("status").stringValue()).isEqualTo("succeeded");
        assertThat(job.get("attempt").asInt()).isEqualTo(1);
        assertThat(client.events(id))
                .anyMatch(event -> event.path("reason").asString("").equals("worker_stopped"));
        client.checkLog(id);
        restart(worker);
    }

    @Test
    void aPausedWorkerFindsItsJobTakenAndWritesNothing() throws IOException {
        UUID id = submitHeldInDocs("paused");
        String worker = client.workerOf(id);
        stack.signal(worker, "STOP");
        long until = System.nanoTime() + PAUSE.toNanos();
        try {
            client.awaitEvent(id, "retrying", "", Duration.ofSeconds(20));
            hold.countDown();
            JsonNode job = client.awaitEnd(id, Duration.ofSeconds(40));
            assertThat(job.get("status").stringValue()).isEqualTo("succeeded");
            Stack.await(
                    "the pause's end", PAUSE.plusSeconds(1), () -> System.nanoTime() - until > 0);
        } finally {
            stack.signal(worker, "CONT");
        }
        int events = client.events(id).size();
        Stack.await(
                "the paused worker to notice",
                Duration.ofSeconds(30),
                () -> stack.hasLogged(worker, "taken over by another worker"));
        assertThat(client.events(id)).hasSize(events);
        client.checkLog(id);
    }

    private UUID submitHeldInDocs(String name) {
        model.script(prompt ->
                prompt.contains("write documentation")
                        ? new ModelServer.Answer("# Docs\n\nwords words", hold, 0)
                        : new ModelServer.Answer(CODE, null, 0));
        UUID id = client.submit(BODY.formatted(name));
        client.awaitEvent(id, "chunk", "docs", Duration.ofSeconds(30));
        return id;
    }
}
