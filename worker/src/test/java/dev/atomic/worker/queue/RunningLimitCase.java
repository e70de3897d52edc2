package dev.atomic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.transition.Transition;
import dev.atomic.shared.transition.Transitions.Place;
import dev.atomic.shared.transition.Transitions.Told;
import dev.atomic.worker.WorkerDatabase;
import dev.atomic.worker.claim.Claims;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// A database whose tenants may have two jobs running at once, and who claims and ends them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(900)
abstract class RunningLimitCase {
    static final int LIMIT = 2;
    static final int SLOTS = 4;

    private final Callable<TestDatabase> open;
    final UUID worker = UUID.randomUUID();
    WorkerDatabase db;

    Claims claims;

    /// Above every turn given so far, as the admission gate's row has it.
    long nextTurn;

    RunningLimitCase(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        db = new WorkerDatabase(open.call(), limit(LIMIT));
    }

    @AfterAll
    void stop() {
        db.close();
    }

    @BeforeEach
    void anew() {
        db.jdbc.sql("delete from jobrunr_jobs").update();
        db.jdbc.sql("delete from job").update();
        db.jdbc.sql("delete from tenant_running").update();
        claims = db.claims(worker);
    }

    static TenantLimits limit(int running) {
        return new TenantLimits(0, running, 0, 0, 0, 0);
    }

    List<UUID> submit(String tenant, int count) {
        List<UUID> ids = db.submit(tenant, count, nextTurn);
        nextTurn += count;
        return ids;
    }

    List<UUID> take() {
        return take(SLOTS);
    }

    List<UUID> take(int most) {
        return taken(db.takeNext(claims, most));
    }

    static List<UUID> taken(Claims.Taken taken) {
        return taken.jobs().stream().map(Job::id).toList();
    }

    void end(UUID id, Transition transition, JobEvent event) {
        JobHead job = db.jobs.head(id).orElseThrow();
        Boolean done =
                db.transactions.execute(_ ->
                        db.transitions.apply(
                                Place.of(job), transition, new Told(event, db.clock.instant())));
        assertThat(done).isTrue();
    }

    void withdraw(UUID id) {
        end(id, new Transition.Withdraw(), new JobEvent.Cancelled());
    }

    /// Ends all that run, and claims.
    List<UUID> endAll(String tenant) {
        running()
                .forEach(id ->
                        end(
                                id,
                                new Transition.End(JobState.SUCCEEDED, null),
                                new JobEvent.Succeeded()));
        List<UUID> next = take();
        assertThat(runs(tenant)).isLessThanOrEqualTo(LIMIT);
        return next;
    }

    Set<UUID> running() {
        return Set.copyOf(
                db.jdbc
                        .sql("select id from job where state = 'running'")
                        .query((row, _) -> row.getObject("id", UUID.class))
                        .list());
    }

    int runs(String tenant) {
        return count("state = 'running' and tenant_id = '" + tenant + "'");
    }

    int ended(String tenant) {
        return count("state = 'succeeded' and tenant_id = '" + tenant + "'");
    }

    int left() {
        return count("state in ('queued', 'running')");
    }

    int count(String which) {
        return db.jdbc.sql("select count(*) from job where " + which).query(Integer.class).single();
    }
}
