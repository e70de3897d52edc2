package dev.atomic.worker.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.transition.Transition;
import dev.atomic.shared.transition.Transitions.Told;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.TestClaims;
import dev.atomic.worker.claim.Claim;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class OutboxTest {
    private static final long JOINED = TimeUnit.MILLISECONDS.toNanos(20);

    private final Outbox outbox = new Outbox(Clock.systemUTC());
    private final Claim claim = TestClaims.claim();

    @Test
    void theFirstChunkOfAStageGoesAtOnce() throws Exception {
        outbox.chunk(claim, StageName.CODE, 0, "a", false);
        assertThat(taken()).containsExactly(new JobEvent.Chunk(StageName.CODE, 0, "a", 0));
    }

    @Test
    void textAfterAPauseGoesAtOnceAndWhatFollowsIsJoinedFor20Ms() throws Exception {
        long before = System.nanoTime();
        outbox.chunk(claim, StageName.CODE, 0, "a", false);
        assertThat(taken()).hasSize(1);
        long after = System.nanoTime();
        outbox.chunk(claim, StageName.CODE, 0, "b", false);
        assertThat(outbox.untilDue(before)).isGreaterThanOrEqualTo(JOINED);
        assertThat(outbox.untilDue(after)).isLessThanOrEqualTo(JOINED);
        assertThat(taken()).hasSize(1);
        outbox.chunk(claim, StageName.CODE, 0, "c", false);
        assertThat(outbox.untilDue(System.nanoTime() + JOINED)).isLessThanOrEqualTo(0);
    }

    @Test
    void theFirstThatAProgramPrintsGoesAtOnce() {
        outbox.output(claim, "stdout", 0, "a");
        assertThat(outbox.untilDue(System.nanoTime())).isLessThanOrEqualTo(0);
    }

    @Test
    void theTextOfOneJobDoesNotMakeThatOfAnotherWait() throws Exception {
        outbox.chunk(claim, StageName.CODE, 0, "a", false);
        assertThat(taken()).hasSize(1);
        outbox.chunk(claim, StageName.CODE, 0, "b", false);
        outbox.output(TestClaims.claim(), "stdout", 0, "x");
        assertThat(outbox.untilDue(System.nanoTime())).isLessThanOrEqualTo(0);
        assertThat(taken()).hasSize(2);
    }

    @Test
    void theTextsOfALongLogAreJoinedForLonger() throws Exception {
        claim.lastSeq(EventWriter.MAX_EVENTS);
        long before = System.nanoTime();
        outbox.chunk(claim, StageName.CODE, 0, "a", false);
        assertThat(taken()).hasSize(1);
        outbox.chunk(claim, StageName.CODE, 0, "b", false);
        assertThat(outbox.untilDue(before)).isGreaterThanOrEqualTo(16 * JOINED);
    }

    @Test
    void furtherChunksAreJoinedAndCounted() throws Exception {
        outbox.chunk(claim, StageName.CODE, 0, "a", false);
        assertThat(taken()).hasSize(1);
        outbox.chunk(claim, StageName.CODE, 0, "b", false);
        outbox.chunk(claim, StageName.CODE, 0, "c", false);
        assertThat(taken()).containsExactly(new JobEvent.Chunk(StageName.CODE, 0, "bc", 1));
        outbox.chunk(claim, StageName.CODE, 0, "d", false);
        assertThat(taken()).containsExactly(new JobEvent.Chunk(StageName.CODE, 0, "d", 2));
    }

    @Test
    void eachStageAndRoundIsCountedFromZero() throws Exception {
        outbox.chunk(claim, StageName.SPEC, 0, "a", false);
        outbox.chunk(claim, StageName.CODE, 0, "b", false);
        outbox.chunk(claim, StageName.CODE, 1, "c", false);
        assertThat(taken())
                .containsExactly(
                        new JobEvent.Chunk(StageName.SPEC, 0, "a", 0),
                        new JobEvent.Chunk(StageName.CODE, 0, "b", 0),
                        new JobEvent.Chunk(StageName.CODE, 1, "c", 0));
    }

    @Test
    void whatAModelThinksIsJoinedApartFromItsAnswer() throws Exception {
        outbox.chunk(claim, StageName.CODE, 0, "a", true);
        outbox.chunk(claim, StageName.CODE, 0, "b", true);
        outbox.chunk(claim, StageName.CODE, 0, "c", false);
        assertThat(taken())
                .containsExactly(
                        new JobEvent.Chunk(StageName.CODE, 0, "ab", 0, true),
                        new JobEvent.Chunk(StageName.CODE, 0, "c", 1));
    }

    @Test
    void aCaseIsToldBehindWhatItPrintedAndWithoutACommit() throws Exception {
        CaseResult result =
                new CaseResult("n", VerificationStatus.PASSED, 0, null, 1, null, "a", null);
        outbox.output(claim, "stdout", 0, "a");
        outbox.ended(claim, 0, result);
        outbox.output(claim, "stdout", 0, "b");
        outbox.ended(claim, 0, result);
        assertThat(taken())
                .containsExactly(
                        new JobEvent.SandboxOutput("stdout", "a", 0),
                        new JobEvent.Case(0, result),
                        new JobEvent.SandboxOutput("stdout", "b", 0),
                        new JobEvent.Case(0, result));
    }

    @Test
    void aStageThatBeginsAgainIsCountedFromZeroAgain() throws Exception {
        outbox.chunk(claim, StageName.CODE, 0, "a", false);
        outbox.add(commit(new JobEvent.StageStarted(StageName.CODE, 0)));
        outbox.chunk(claim, StageName.CODE, 0, "b", false);
        assertThat(taken())
                .containsExactly(
                        new JobEvent.Chunk(StageName.CODE, 0, "a", 0),
                        new JobEvent.StageStarted(StageName.CODE, 0),
                        new JobEvent.Chunk(StageName.CODE, 0, "b", 0));
    }

    @Test
    void whatAProgramPrintsIsJoinedByStreamAndKeepsItsOrder() throws Exception {
        outbox.output(claim, "stdout", 0, "a");
        outbox.output(claim, "stdout", 0, "b");
        outbox.output(claim, "stderr", 0, "c");
        outbox.output(claim, "stdout", 0, "d");
        assertThat(taken())
                .containsExactly(
                        new JobEvent.SandboxOutput("stdout", "ab", 0),
                        new JobEvent.SandboxOutput("stderr", "c", 0),
                        new JobEvent.SandboxOutput("stdout", "d", 0));
    }

    @Test
    void jobsAreNotMixed() throws Exception {
        Claim other = TestClaims.claim();
        outbox.chunk(claim, StageName.CODE, 0, "a", false);
        outbox.chunk(other, StageName.CODE, 0, "x", false);
        outbox.chunk(claim, StageName.CODE, 0, "b", false);
        outbox.chunk(other, StageName.CODE, 0, "y", false);
        List<PendingWrite> writes = outbox.take();
        assertThat(writes).extracting(write -> write.claim).containsExactly(claim, other);
        assertThat(writes.getFirst().told)
                .extracting(Told::event)
                .containsExactly(new JobEvent.Chunk(StageName.CODE, 0, "ab", 0));
    }

    @Test
    void aLongTextIsManyEventsOfBoundedSize() throws Exception {
        String text = "🙂x".repeat(100_000);
        outbox.chunk(claim, StageName.CODE, 0, text, false);
        outbox.output(claim, "stdout", 0, text);
        StringBuilder chunks = new StringBuilder();
        StringBuilder output = new StringBuilder();
        int index = 0;
        for (JobEvent event : taken()) {
            if (event instanceof JobEvent.Chunk chunk) {
                assertThat(chunk.chunkIndex()).isEqualTo(index++);
                assertThat(chunk.delta()).hasSizeLessThanOrEqualTo(OpenText.MAX_CHARS);
                assertThat(
                                Character.isHighSurrogate(
                                        chunk.delta().charAt(chunk.delta().length() - 1)))
                        .isFalse();
                chunks.append(chunk.delta());
            } else if (event instanceof JobEvent.SandboxOutput printed) {
                assertThat(printed.text()).hasSizeLessThanOrEqualTo(OpenText.MAX_CHARS);
                output.append(printed.text());
            }
        }
        assertThat(chunks.toString()).isEqualTo(text);
        assertThat(output.toString()).isEqualTo(text);
    }

    @Test
    void nothingThatAModelOrAProgramSaysIsANullCharacter() throws Exception {
        outbox.chunk(claim, StageName.CODE, 0, "a\u0000b", false);
        outbox.output(claim, "stdout", 0, "\u0000");
        assertThat(taken())
                .containsExactly(
                        new JobEvent.Chunk(StageName.CODE, 0, "a\ufffdb", 0),
                        new JobEvent.SandboxOutput("stdout", "\ufffd", 0));
    }

    @Test
    void whoStreamsIntoAFullOutboxWaitsUntilItIsWritten() throws Exception {
        Thread streaming =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 0; i < 600; i++) {
                                outbox.output(claim, "stdout", 0, "x".repeat(10_000));
                            }
                        });
        await().until(() -> streaming.getState() == Thread.State.WAITING);
        long seen = 0;
        while (seen < 6_000_000) {
            for (PendingWrite write : outbox.take()) {
                for (Told told : write.told) {
                    seen += ((JobEvent.SandboxOutput) told.event()).text().length();
                }
            }
            outbox.settled();
        }
        streaming.join();
        assertThat(seen).isEqualTo(6_000_000);
    }

    @Test
    void onceItIsClosedWhatIsThereIsTakenAndNothingWaitedFor() throws Exception {
        outbox.chunk(claim, StageName.CODE, 0, "a", false);
        outbox.add(commit(new JobEvent.Succeeded()));
        outbox.close();
        assertThat(taken())
                .containsExactly(
                        new JobEvent.Chunk(StageName.CODE, 0, "a", 0), new JobEvent.Succeeded());
        assertThat(taken()).isEmpty();
    }

    private PendingWrite commit(JobEvent event) {
        PendingWrite write = PendingWrite.change(claim, new Transition.Advance(), _ -> {});
        write.add(event, Instant.EPOCH);
        return write;
    }

    private List<JobEvent> taken() throws InterruptedException {
        List<JobEvent> events = new ArrayList<>();
        outbox.take().forEach(write -> write.told.forEach(told -> events.add(told.event())));
        return events;
    }
}
