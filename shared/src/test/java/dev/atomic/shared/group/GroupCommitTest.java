package dev.atomic.shared.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class GroupCommitTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    private final Disk disk = new Disk();

    private static Arrivals<String> arrivals(int members, long weight) {
        return new Arrivals<>(new Arrivals.Bounds<>(members, weight, String::length, LONG));
    }

    @Test
    void whatArrivesWhileOneCommitsGoesTogetherInTheNext() throws Exception {
        Arrivals<String> arrivals = arrivals(10, 100);
        GroupCommit<String> groups = GroupCommit.start("test", arrivals, disk);
        arrivals.add("a");
        assertThat(disk.begun.tryAcquire(10, TimeUnit.SECONDS)).as("alone, at once").isTrue();
        arrivals.add("b");
        arrivals.add("c");
        arrivals.add("d");
        disk.turns.release(2);
        assertThat(groups.stop(LONG)).isTrue();
        assertThat(disk.groups).containsExactly(List.of("a"), List.of("b", "c", "d"));
    }

    @Test
    void aGroupIsBoundInNumberAndInWeight() throws Exception {
        Arrivals<String> arrivals = arrivals(3, 10);
        for (String member : List.of("1", "2", "3", "4", "0123456789", "5")) {
            arrivals.add(member);
        }
        assertThat(arrivals.take()).containsExactly("1", "2", "3");
        assertThat(arrivals.take()).containsExactly("4", "0123456789");
        assertThat(arrivals.take()).containsExactly("5");
    }

    @Test
    void whoGaveUpInTimeIsSkippedAndWhoWasTooLateIsTold() throws Exception {
        Arrivals<String> arrivals = arrivals(10, 100);
        arrivals.add("a");
        arrivals.add("b");
        arrivals.add("c");
        assertThat(arrivals.withdraw("b")).isTrue();
        assertThat(arrivals.take()).containsExactly("a", "c");
        assertThat(arrivals.withdraw("a")).isFalse();
    }

    @Test
    void aStopCommitsWhatArrivedAndTakesNothingMore() {
        Arrivals<String> arrivals = arrivals(1, 100);
        disk.turns.release(3);
        arrivals.add("a");
        arrivals.add("b");
        arrivals.add("c");
        GroupCommit<String> groups = GroupCommit.start("test", arrivals, disk);
        assertThat(groups.stop(LONG)).isTrue();
        assertThat(disk.groups).containsExactly(List.of("a"), List.of("b"), List.of("c"));
        assertThat(arrivals.add("late")).isFalse();
    }

    @Test
    void aStopDoesNotWaitForACommitThatHangsAndLeavesItAlone() throws Exception {
        Arrivals<String> arrivals = arrivals(1, 100);
        GroupCommit<String> groups = GroupCommit.start("test", arrivals, disk);
        arrivals.add("hangs");
        arrivals.add("left");
        disk.begun.acquire();
        assertThat(groups.stop(Duration.ofMillis(50))).isFalse();
        assertThat(arrivals.drain()).containsExactly("left");
        disk.turns.release();
        assertThat(groups.stop(LONG)).isTrue();
        assertThat(disk.groups).as("it wasn't interrupted").containsExactly(List.of("hangs"));
    }

    @Test
    void anIdleOneIsStoppedAtOnce() {
        GroupCommit<String> groups = GroupCommit.start("test", arrivals(1, 1), disk);
        long began = System.nanoTime();
        assertThat(groups.stop(LONG)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LONG.dividedBy(2));
    }

    @Test
    void whatIsForIdleTimesIsDoneWhenNothingArrives() {
        AtomicInteger idle = new AtomicInteger();
        Arrivals<String> arrivals =
                new Arrivals<>(new Arrivals.Bounds<>(1, 1, String::length, Duration.ofMillis(1)));
        GroupCommit<String> groups =
                GroupCommit.start("test", arrivals, disk, idle::incrementAndGet);
        await().until(() -> idle.get() > 1);
        assertThat(groups.stop(LONG)).isTrue();
    }

    @Test
    void manyWhoArriveAtOnceAreEachCommittedOnceInTheirOwnOrder() throws Exception {
        Arrivals<String> arrivals = arrivals(7, 100);
        disk.turns.release(1_000);
        GroupCommit<String> groups = GroupCommit.start("test", arrivals, disk);
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> callers =
                IntStream.range(0, 4)
                        .mapToObj(caller ->
                                Thread.ofVirtual()
                                        .start(() -> {
                                            awaitUninterruptibly(start);
                                            for (int i = 0; i < 200; i++) {
                                                arrivals.add(caller + ":" + i);
                                            }
                                        }))
                        .toList();
        start.countDown();
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(groups.stop(LONG)).isTrue();
        List<String> all = disk.groups.stream().flatMap(List::stream).toList();
        assertThat(all).hasSize(800);
        for (int caller = 0; caller < 4; caller++) {
            String own = caller + ":";
            assertThat(all.stream().filter(member -> member.startsWith(own)))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 200).mapToObj(i -> own + i).toList());
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Commits when it is told to.
    private static final class Disk implements GroupFlush<String> {
        private final LinkedBlockingQueue<List<String>> groups = new LinkedBlockingQueue<>();
        private final Semaphore begun = new Semaphore(0);
        private final Semaphore turns = new Semaphore(0);

        @Override
        public void commit(List<String> group) {
            begun.release();
            try {
                turns.acquire();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted in the middle of a commit", e);
            }
            groups.add(List.copyOf(group));
        }

        @Override
        public boolean isOutage(RuntimeException failure) {
            return false;
        }

        @Override
        public boolean outlast(List<String> left, RuntimeException outage) {
            return false;
        }

        @Override
        public void fail(String culprit, RuntimeException failure) {
            groups.add(List.of(culprit, "failed"));
        }
    }
}
