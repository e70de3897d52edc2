package dev.atomic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.transition.Transition;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.Claims;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The limit of what runs at once while many claim and end jobs.
abstract class RunningLimitLoadConformance extends RunningLimitCase {
    private static final Logger LOG = LoggerFactory.getLogger(RunningLimitLoadConformance.class);

    RunningLimitLoadConformance(Callable<TestDatabase> open) {
        super(open);
    }

    /// Eight who claim and end at random; what runs is read from the rows all the time.
    @Test
    void noMoreRunHoweverManyClaimAndEndAtOnce() throws Exception {
        List<String> tenants = List.of("a", "b", "c");
        int each = 60;
        try (ExecutorService threads = Executors.newCachedThreadPool();
                Watch watch = new Watch()) {
            List<Future<?>> workers = new ArrayList<>();
            tenants.forEach(tenant -> submit(tenant, each));
            for (int i = 0; i < 8; i++) {
                workers.add(
                        threads.submit(() -> {
                            Claims its = db.claims(UUID.randomUUID());
                            while (left() > 0 && !Thread.interrupted()) {
                                for (UUID id : taken(db.takeNext(its, SLOTS))) {
                                    pause(ThreadLocalRandom.current().nextInt(5));
                                    end(
                                            id,
                                            new Transition.End(JobState.SUCCEEDED, null),
                                            new JobEvent.Succeeded());
                                }
                            }
                            return null;
                        }));
            }
            try {
                for (Future<?> one : workers) {
                    one.get(300, TimeUnit.SECONDS);
                }
            } finally {
                threads.shutdownNow();
            }
            assertThat(watch.most()).isEqualTo(LIMIT);
        }
        assertThat(mostOverlapping(tenants)).isEqualTo(LIMIT);
    }

    /// JobRunr's servers, whose jobs take a while: two places of one tenant leave two slots of the
    /// other, and a place that is free is taken by whoever has a slot.
    @Test
    void twoWorkersKeepToItAndLoseNoTime() throws Exception {
        int jobs = 40;
        Duration each = Duration.ofMillis(50);
        try (Watch watch = new Watch();
                Server one = new Server(each);
                Server two = new Server(each)) {
            submit("a", 200);
            long began = System.nanoTime();
            List<UUID> other = submit("b", jobs);
            await().atMost(Duration.ofSeconds(240))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> ended("b") == jobs);
            long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            long ideal = jobs * each.toMillis() / LIMIT;
            LOG.info("{} jobs in {} ms, at least {}", jobs, took, ideal);
            // Behind the other's 200 it would be five times as many.
            assertThat(ended("a")).as("ended meanwhile").isBetween(jobs / 4, 3 * jobs);
            await().atMost(Duration.ofSeconds(240)).until(() -> left() == 0);
            assertThat(one.began).isNotEmpty();
            assertThat(two.began).isNotEmpty();
            assertThat(one.began).doesNotContainAnyElementsOf(two.began);
            assertThat(one.began.size() + two.began.size()).isEqualTo(200 + other.size());
            assertThat(watch.most()).isEqualTo(LIMIT);
        }
    }

    /// Most of one tenant's jobs that ran at the same time, by their rows. What ends in the
    /// millisecond in which another starts isn't counted with it.
    private int mostOverlapping(List<String> tenants) {
        return tenants.stream()
                .mapToInt(tenant ->
                        db.jdbc
                                .sql(
                                        """
                                        select max(jobs) from (
                                            select (select count(*) from job other
                                                    where other.tenant_id = one.tenant_id
                                                      and other.started_at <= one.started_at
                                                      and other.finished_at > one.started_at) as jobs
                                            from job one where one.tenant_id = :tenant
                                              and one.finished_at > one.started_at) each_start
                                        """)
                                .param("tenant", tenant)
                                .query(Integer.class)
                                .single())
                .max()
                .orElseThrow();
    }

    /// Reads every few milliseconds what runs.
    private final class Watch implements AutoCloseable {
        private final AtomicInteger most = new AtomicInteger();
        private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);

        Watch() {
            var _ = timer.scheduleWithFixedDelay(this::look, 0, 5, TimeUnit.MILLISECONDS);
        }

        private void look() {
            most.accumulateAndGet(
                    db.jdbc
                            .sql(
                                    """
                                    select coalesce(max(jobs), 0) from (
                                        select count(*) as jobs from job where state = 'running'
                                        group by tenant_id) each_tenant
                                    """)
                            .query(Integer.class)
                            .single(),
                    Math::max);
        }

        /// Most jobs of one tenant that ran at once.
        int most() {
            return most.get();
        }

        @Override
        public void close() {
            timer.shutdownNow();
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A worker's claiming half, which ends its jobs.
    private final class Server implements AutoCloseable {
        final Set<UUID> began = ConcurrentHashMap.newKeySet();
        private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
        private final JobRunrQueue queue;
        private final Claims claims;

        Server(Duration each) {
            UUID id = UUID.randomUUID();
            claims = db.claims(id);
            queue =
                    new JobRunrQueue(
                            db.source,
                            db.database.dialect(),
                            claims,
                            claim -> work(claim, each),
                            db.signals,
                            new JobRunrQueue.Member(
                                    id,
                                    "w",
                                    SLOTS,
                                    Duration.ofSeconds(5),
                                    () -> List.of(id),
                                    () -> true),
                            timer);
            queue.start();
            await().atMost(Duration.ofSeconds(20)).until(queue::isClaiming);
        }

        private void work(Claim claim, Duration each) {
            began.add(claim.job().id());
            pause((int) each.toMillis());
            end(
                    claim.job().id(),
                    new Transition.End(JobState.SUCCEEDED, null),
                    new JobEvent.Succeeded());
            claims.release(claim);
        }

        @Override
        public void close() {
            queue.stopClaiming();
            queue.stop();
            timer.shutdownNow();
        }
    }
}
