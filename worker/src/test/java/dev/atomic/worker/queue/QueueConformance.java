package dev.atomic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.db.TestDatabase;
import dev.atomic.worker.WorkerDatabase;
import dev.atomic.worker.claim.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Real servers of JobRunr's on one database: exact, woken, and started again.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(90)
abstract class QueueConformance {
    private static final Logger LOG = LoggerFactory.getLogger(QueueConformance.class);

    private static final int SLOTS = 4;

    /// What one poll of JobRunr's would take at worst.
    private static final long POLL_SECONDS = 5;

    private final Callable<TestDatabase> open;
    private WorkerDatabase db;

    QueueConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        db = new WorkerDatabase(open.call());
    }

    @AfterAll
    void stop() {
        db.close();
    }

    @Test
    void twoWorkersRunExactlyAsManyAsTheyHaveSlotsAndNoJobTwice() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (Server one = new Server(gate);
                Server two = new Server(gate)) {
            List<UUID> ids = db.submit(120);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> one.running.get() + two.running.get() == 2 * SLOTS);
            for (int i = 0; i < 20; i++) {
                one.pass();
                two.pass();
            }
            assertThat(inState("PROCESSING"))
                    .as("nothing is claimed that can't run")
                    .isEqualTo(2 * SLOTS);
            assertThat(one.running).hasValue(SLOTS);
            gate.countDown();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> one.done.size() + two.done.size() == ids.size());
            List<UUID> done = new ArrayList<>(one.done);
            done.addAll(two.done);
            assertThat(done).containsExactlyInAnyOrderElementsOf(ids);
            assertThat(one.most).hasValue(SLOTS);
            assertThat(two.most).hasValue(SLOTS);
            await().atMost(Duration.ofSeconds(20)).until(() -> inState("SUCCEEDED") >= ids.size());
        }
    }

    @Test
    void noJobWaitsForAPoll() throws Exception {
        int jobs = 100;
        try (Server server = new Server(new CountDownLatch(0))) {
            long began = System.nanoTime();
            for (int i = 0; i < jobs; i++) {
                UUID id = db.submit(1).getFirst();
                assertThat(server.done.poll(20, TimeUnit.SECONDS)).isEqualTo(id);
            }
            // Polled, each would take 2.5 s at the median; so few seconds leave room for none or
            // one.
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began))
                    .isLessThan(jobs * POLL_SECONDS / 10);
        }
    }

    @Test
    void everyNudgeStartsAPassOfItsOwn() throws Exception {
        try (Server server = new Server(new CountDownLatch(0));
                ScheduledExecutorService others = Executors.newScheduledThreadPool(2)) {
            for (int i = 0; i < 2; i++) {
                var _ =
                        others.scheduleWithFixedDelay(
                                server.queue.server()::lookForWork, 0, 1, TimeUnit.MILLISECONDS);
            }
            for (int i = 0; i < 200; i++) {
                server.pass();
            }
            others.shutdownNow();
        }
    }

    @Test
    void aServerThatShutItselfDownIsStartedAgainOnceThereIsADatabase() throws Exception {
        AtomicBoolean up = new AtomicBoolean(true);
        try (Server server = new Server(new CountDownLatch(0), up::get)) {
            UUID before = db.submit(1).getFirst();
            assertThat(server.done.poll(20, TimeUnit.SECONDS)).isEqualTo(before);
            up.set(false);
            server.queue.server().stop();
            assertThat(server.queue.isClaiming()).isFalse();
            UUID after = db.submit(1).getFirst();
            assertThat(server.queue.server().isRunning()).isFalse();
            up.set(true);
            assertThat(server.done.poll(30, TimeUnit.SECONDS)).isEqualTo(after);
            await().until(server.queue::isClaiming);
        }
    }

    /// JobRunr takes its threads away from under a pass that is under way.
    @Test
    void aPassThatAStopBreaksIsNotTheLast() throws Exception {
        try (Server server = new Server(new CountDownLatch(0))) {
            for (int stop = 0; stop < 10; stop++) {
                db.submit(40);
                assertThat(server.done.poll(20, TimeUnit.SECONDS)).isNotNull();
                server.queue.server().stop();
                await().atMost(Duration.ofSeconds(20)).until(server.queue::isClaiming);
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> queued() == 0);
            long began = System.nanoTime();
            for (int i = 0; i < 10; i++) {
                UUID id = db.submit(1).getFirst();
                await().atMost(Duration.ofSeconds(20))
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> server.done.contains(id));
            }
            // Polled, they would take 25 s.
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began))
                    .isLessThan(POLL_SECONDS);
        } finally {
            // What was claimed and not begun goes back by a worker's recovery, which isn't here.
            db.jdbc.sql("delete from jobrunr_jobs").update();
        }
    }

    /// They begin within twice the time they take alone, which is until the last has ended; the
    /// first slot is free after one job at most.
    @Test
    void aTenantWithFewJobsIsNotHeldUpByAThousandOfAnother() throws Exception {
        int few = 20;
        int each = 200;
        try (Server server = new Server(Duration.ofMillis(each))) {
            long alone = untilStarted(server, db.submit("alone", few, 10_000)) + each;
            await().atMost(Duration.ofSeconds(10)).until(() -> queued() == 0);
            db.submit("many", 1_000, 20_000);
            await().atMost(Duration.ofSeconds(10)).until(() -> server.began.size() > few + 8);
            long beside = untilStarted(server, db.submit("few", few, 30_000));
            LOG.info(
                    "{} jobs took {} ms alone, and began within {} beside 1,000",
                    few,
                    alone,
                    beside);
            assertThat(beside).isLessThanOrEqualTo(2 * alone + each);
        } finally {
            db.jdbc.sql("delete from jobrunr_jobs").update();
            db.jdbc.sql("delete from job").update();
        }
    }

    /// @return milliseconds until the last of them has begun
    private static long untilStarted(Server server, List<UUID> ids) {
        long began = System.nanoTime();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> server.began.containsAll(ids));
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    private int queued() {
        return db.jdbc
                .sql("select count(*) from job where state = 'queued'")
                .query(Integer.class)
                .single();
    }

    @Test
    void jobsAreClaimedAgainWhenTheDatabaseComesBack() throws Exception {
        AtomicBoolean up = new AtomicBoolean(true);
        try (Server server = new Server(new CountDownLatch(0), up::get)) {
            up.set(false);
            db.database.goAway();
            db.database.comeBack();
            up.set(true);
            UUID id = enqueueAgain();
            assertThat(server.done.poll(40, TimeUnit.SECONDS)).isEqualTo(id);
        }
    }

    private UUID enqueueAgain() {
        return await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> db.submit(1).getFirst(), Objects::nonNull);
    }

    private int inState(String state) {
        return db.jdbc
                .sql("select count(*) from jobrunr_jobs where state = ?")
                .param(state)
                .query(Integer.class)
                .single();
    }

    /// A worker's claiming half.
    private final class Server implements AutoCloseable {
        final AtomicInteger running = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        final Set<UUID> began = ConcurrentHashMap.newKeySet();
        final LinkedBlockingQueue<UUID> done = new LinkedBlockingQueue<>();
        final JobRunrQueue queue;
        private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
        private final CountDownLatch gate;

        private final Duration each;

        Server(CountDownLatch gate) {
            this(gate, () -> true);
        }

        Server(CountDownLatch gate, BooleanSupplier databaseIsUp) {
            this(gate, databaseIsUp, Duration.ZERO);
        }

        /// @param each what a job takes
        Server(Duration each) {
            this(new CountDownLatch(0), () -> true, each);
        }

        private Server(CountDownLatch gate, BooleanSupplier databaseIsUp, Duration each) {
            this.gate = gate;
            this.each = each;
            UUID id = UUID.randomUUID();
            queue =
                    new JobRunrQueue(
                            db.source,
                            db.database.dialect(),
                            db.claims(id),
                            this::work,
                            db.signals,
                            new JobRunrQueue.Member(
                                    id,
                                    "w",
                                    SLOTS,
                                    Duration.ofSeconds(5),
                                    () -> List.of(id),
                                    databaseIsUp),
                            timer);
            queue.start();
            await().atMost(Duration.ofSeconds(20)).until(queue::isClaiming);
        }

        /// Nudges, and waits for a pass that began after it.
        void pass() {
            long before = queue.passes().begun();
            queue.wake();
            await().atMost(Duration.ofSeconds(4))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> queue.passes().begun() > before);
        }

        @Override
        public void close() {
            queue.stopClaiming();
            queue.stop();
            timer.shutdownNow();
        }

        private void work(Claim claim) {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            began.add(claim.job().id());
            try {
                gate.await();
                Thread.sleep(each);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                running.decrementAndGet();
            }
            done.add(claim.job().id());
        }
    }
}
