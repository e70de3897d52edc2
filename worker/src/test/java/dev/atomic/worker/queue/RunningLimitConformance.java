package dev.atomic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.transition.Transition;
import dev.atomic.worker.claim.Claims;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Of each tenant at most two jobs run at once, over all workers, and nobody waits for another
/// tenant's limit.
abstract class RunningLimitConformance extends RunningLimitCase {
    private static final Logger LOG = LoggerFactory.getLogger(RunningLimitConformance.class);
    private static final Pattern OF_JOBS = Pattern.compile("\\b(job|tenant_running)\\b");

    RunningLimitConformance(Callable<TestDatabase> open) {
        super(open);
    }

    @Test
    void aTenantAtItsLimitIsPassedOver() {
        List<UUID> many = submit("many", 1_000);
        assertThat(take()).isEqualTo(many.subList(0, LIMIT));
        List<UUID> other = submit("other", 10);
        assertThat(take()).as("with all others in front").isEqualTo(other.subList(0, LIMIT));
        Claims.Taken more = db.takeNext(claims, SLOTS);
        assertThat(more.jobs()).isEmpty();
        assertThat(more.more()).as("nothing to look at again").isFalse();
        assertThat(isHeardOf()).as("nothing that a heartbeat would wake anybody for").isFalse();
        assertThat(runs("many")).isEqualTo(LIMIT);
        assertThat(runs("other")).isEqualTo(LIMIT);
    }

    @Test
    void howeverAJobEndsTheNextOneMayRun() {
        List<UUID> ids = submit("a", 20);
        assertThat(take()).isEqualTo(ids.subList(0, 2));
        assertThat(take()).isEmpty();
        Failure failure = Failure.of(FailureCode.NO_CODE, "no more", null);
        end(ids.get(0), new Transition.End(JobState.SUCCEEDED, null), new JobEvent.Succeeded());
        assertThat(take()).containsExactly(ids.get(2));
        end(ids.get(1), new Transition.End(JobState.FAILED, failure), new JobEvent.Failed(failure));
        assertThat(take()).containsExactly(ids.get(3));
        db.jobs.requestCancel(ids.get(2));
        end(ids.get(2), new Transition.End(JobState.CANCELLED, null), new JobEvent.Cancelled());
        assertThat(take()).containsExactly(ids.get(4));
        JobEvent retrying = new JobEvent.Retrying("worker_lost", "gone", 60);
        end(ids.get(3), new Transition.PutBack(Duration.ofMinutes(1), true, false), retrying);
        assertThat(take()).as("while it waits to be tried again").containsExactly(ids.get(5));
        assertThat(take()).isEmpty();
        assertThat(runs("a")).isEqualTo(LIMIT);
    }

    @Test
    void aJobThatGoesBackAtOnceKeepsItsPlace() {
        List<UUID> ids = submit("a", 5);
        take();
        assertThat(take()).isEmpty();
        JobEvent retrying = new JobEvent.Retrying("worker_lost", "gone", 0);
        end(ids.get(0), new Transition.PutBack(Duration.ZERO, false, true), retrying);
        assertThat(take()).isEmpty();
        db.transactions.executeWithoutResult(_ -> db.deliveries.enqueue(db.stranded.takeDue(10)));
        assertThat(take()).containsExactly(ids.get(0));
        assertThat(runs("a")).isEqualTo(LIMIT);
    }

    @Test
    void aWaitingJobThatIsCancelledLeavesThePlaceThatWasMadeForIt() {
        List<UUID> ids = submit("a", 6);
        take();
        assertThat(take()).isEmpty();
        withdraw(ids.get(5));
        assertThat(take()).as("it was held back").isEmpty();
        end(ids.get(0), new Transition.End(JobState.SUCCEEDED, null), new JobEvent.Succeeded());
        withdraw(ids.get(2));
        assertThat(take()).containsExactly(ids.get(3));
        assertThat(runs("a")).isEqualTo(LIMIT);
    }

    @Test
    void aHighJobPassesThoseThatAreHeldBack() {
        List<UUID> ids = submit("a", 5);
        take();
        assertThat(take()).isEmpty();
        UUID high = db.submit("a", List.of(Priority.HIGH), nextTurn++).getFirst();
        assertThat(take()).isEmpty();
        end(ids.get(0), new Transition.End(JobState.SUCCEEDED, null), new JobEvent.Succeeded());
        assertThat(take()).containsExactly(high);
        // One is let in, and then passed by another.
        end(ids.get(1), new Transition.End(JobState.SUCCEEDED, null), new JobEvent.Succeeded());
        UUID second = db.submit("a", List.of(Priority.HIGH), nextTurn++).getFirst();
        assertThat(take()).containsExactly(second);
        assertThat(take()).isEmpty();
        List<UUID> rest = new ArrayList<>();
        for (List<UUID> some = endAll("a"); !some.isEmpty(); some = endAll("a")) {
            rest.addAll(some);
        }
        assertThat(rest).as("each at its own turn").isEqualTo(ids.subList(2, 5));
    }

    /// What was held back isn't claimed before everybody else once there is a place.
    @Test
    void whoWasHeldBackTakesTurnsAsBefore() {
        List<UUID> held = submit("held", 50);
        take();
        assertThat(take()).isEmpty();
        // Four tenants for two free slots: by turns, each has one claim in five.
        List<UUID> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            others.addAll(submit("other" + i, 20));
        }
        List<UUID> order = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            running()
                    .forEach(id ->
                            end(
                                    id,
                                    new Transition.End(JobState.SUCCEEDED, null),
                                    new JobEvent.Succeeded()));
            order.addAll(take(1));
        }
        assertThat(order).hasSize(25);
        assertThat(order).filteredOn(held::contains).hasSizeBetween(4, 8);
        assertThat(order).filteredOn(others::contains).hasSizeBetween(17, 21);
    }

    @Test
    void aChangedLimitIsNoticed() {
        List<UUID> ids = submit("a", 10);
        take();
        assertThat(take()).isEmpty();
        letMissedIn(limit(5));
        assertThat(taken(db.takeNext(db.claims(worker, limit(5)), 10)))
                .isEqualTo(ids.subList(2, 5));
        assertThat(take()).isEmpty();
        letMissedIn(TenantLimits.NONE);
        assertThat(taken(db.takeNext(db.claims(worker, TenantLimits.NONE), 10)))
                .isEqualTo(ids.subList(5, 10));
    }

    private void letMissedIn(TenantLimits limits) {
        assertThat(db.transactions.<Boolean>execute(_ -> db.running(limits).letMissedIn()))
                .isFalse();
    }

    /// What the limit costs: docs/limits.md has these numbers.
    @Test
    void aClaimWithoutALimitHasNoStatementMoreAndOneWithALimitAFew() throws Exception {
        submit("warm", 1);
        endAll("warm");
        submit("a", 1);
        Map<String, Long> without =
                statements(() -> {
                    assertThat(db.takeNext(db.claims(worker, TenantLimits.NONE), 1).jobs())
                            .hasSize(1);
                });
        submit("b", 1);
        take();
        submit("b", 1);
        Map<String, Long> with = statements(() -> assertThat(take(1)).hasSize(1));
        submit("b", 1_000);
        Map<String, Long> first = statements(() -> assertThat(take(1)).isEmpty());
        Map<String, Long> later = statements(() -> assertThat(take(1)).isEmpty());
        UUID running = running().iterator().next();
        Map<String, Long> end =
                statements(() ->
                        end(
                                running,
                                new Transition.End(JobState.SUCCEEDED, null),
                                new JobEvent.Succeeded()));
        LOG.info(
                "{}: {} statements a claim without a limit, {} with one, {} to hold 1,000 back, {}"
                        + " then, {} to end a job and let one in",
                db.database.dialect(),
                sum(without),
                sum(with),
                sum(first),
                sum(later),
                sum(end));
        assertThat(without.keySet()).noneMatch(sql -> sql.contains("tenant_running"));
        assertThat(sum(with)).isEqualTo(5);
        assertThat(sum(first)).isEqualTo(6);
        assertThat(sum(later)).isEqualTo(1);
    }

    private static long sum(Map<String, Long> statements) {
        return statements.values().stream().mapToLong(Long::longValue).sum();
    }

    private Map<String, Long> statements(Runnable what) throws Exception {
        db.database.countStatements();
        what.run();
        Map<String, Long> ours = db.database.statements();
        // Not those of who listens for signals meanwhile.
        ours.keySet().removeIf(sql -> !OF_JOBS.matcher(sql).find());
        return ours;
    }

    /// Whether a heartbeat tells of a waiting job.
    private boolean isHeardOf() {
        return db.workers
                .beat(
                        new WorkerRegistry.Beat(worker, "w", "h", 1, SLOTS, 1, true, true),
                        new WorkerRegistry.Question(Duration.ofSeconds(5), true, false))
                .waiting();
    }
}
