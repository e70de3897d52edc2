package dev.atomic.worker.sandbox.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import dev.atomic.shared.verify.Limits;
import dev.atomic.worker.sandbox.run.Preparation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// When a used container is let go of, and the next one started.
class ContainerPoolTest {
    private static final Limits LIMITS = new Limits(512, 1000, 60, 128);

    private final List<RunnerContainer> ended = new CopyOnWriteArrayList<>();
    private final ContainerPool pool = pool(2);

    @AfterEach
    void stop() {
        pool.close();
    }

    @Test
    void aUsedContainerIsLeftAloneUntilThePoolsOwnThreadComesToIt() throws Exception {
        RunnerContainer used = complete();
        pool.leave(used);
        assertThat(ended).isEmpty();

        pool.start();
        Awaitility.await().until(() -> ended.contains(used));
        Awaitility.await().until(() -> pool.readyCount() == 2);
    }

    @Test
    void runsOneBehindTheOtherPutItOffOnlySoLong() throws Exception {
        pool.start();
        Awaitility.await().until(() -> pool.readyCount() == 2);
        pool.runBegins();
        assertThat(pool.take(LIMITS, Preparation.NOTHING)).isPresent();
        RunnerContainer used = complete();
        pool.leave(used);

        Awaitility.await().until(() -> ended.contains(used));
        Awaitility.await().until(() -> pool.readyCount() == 2);
    }

    @Test
    void oneInWhichSomethingMayStillGoOnIsEndedAtOnce() {
        RunnerContainer used = container();
        pool.leave(used);
        assertThat(ended).containsExactly(used);
    }

    @Test
    void oneThatNobodyAsksAnyMoreWaitsForTheLullLikeAnyOther() {
        RunnerContainer used = container();
        pool.retire(used);
        assertThat(ended).isEmpty();
        pool.start();
        Awaitility.await().until(() -> ended.contains(used));
    }

    @Test
    void withoutAPoolThereIsNothingToWaitFor() throws Exception {
        try (ContainerPool none = pool(0)) {
            RunnerContainer used = complete();
            none.leave(used);
            assertThat(ended).containsExactly(used);
        }
    }

    @Test
    void usedContainersEndWithThePool() throws Exception {
        RunnerContainer used = complete();
        pool.leave(used);
        pool.close();
        assertThat(ended).containsExactly(used);
    }

    @Test
    void aRunOfTestsGetsOneThatIsPreparedForIt() throws Exception {
        pool.start();
        Awaitility.await().until(() -> pool.readyCount() == 2);
        // Filled after those for any run, so it may not be there yet.
        Awaitility.await()
                .until(() -> {
                    RunnerContainer taken = pool.take(LIMITS, Preparation.TESTS).orElseThrow();
                    return taken.preparation() == Preparation.TESTS;
                });
    }

    @Test
    void noneIsGivenForWhatItIsNotPreparedFor() throws Exception {
        pool.start();
        Awaitility.await().until(() -> pool.readyCount() == 2);
        assertThat(pool.take(LIMITS, Preparation.JUDGE)).isEmpty();
    }

    @Test
    void aJudgeGoesWithItsSubject() {
        RunnerContainer judge = container();
        RunnerContainer subject = container();
        judge.join(subject);
        pool.leave(judge);
        assertThat(ended).containsExactly(judge, subject);
    }

    @Test
    void aJudgeIsAskedForItsSubjectsLimits() {
        RunnerContainer judge = container();
        judge.join(container(new Limits(256, 1000, 60, 128)));
        assertThat(judge.hasLimits(LIMITS)).isFalse();
        assertThat(judge.hasLimits(new Limits(256, 1000, 60, 128))).isTrue();
    }

    @Test
    void aRunOfOtherLimitsGetsNoneThatIsPrepared() throws Exception {
        pool.start();
        Awaitility.await().until(() -> pool.readyCount() == 2);
        assertThat(pool.take(new Limits(256, 1000, 60, 128), Preparation.TESTS)).isEmpty();
    }

    private ContainerPool pool(int size) {
        return new ContainerPool(
                Map.of(Preparation.NOTHING, size, Preparation.TESTS, size / 2),
                Duration.ofMinutes(1),
                preparation -> {
                    RunnerContainer container = container();
                    container.prepare(preparation);
                    return container;
                });
    }

    private RunnerContainer container() {
        return container(LIMITS);
    }

    private RunnerContainer container(Limits limits) {
        return new RunnerContainer("id", "image", limits, new Link.None(), ended::add);
    }

    /// One whose runner has said all.
    private RunnerContainer complete() throws Exception {
        RunnerContainer container = container();
        container.output().onNext(new Frame(StreamType.STDOUT, new byte[] {'Z', 0, 0, 0, 0}));
        assertThat(container.next(Duration.ofSeconds(5))).isNotNull();
        return container;
    }
}
