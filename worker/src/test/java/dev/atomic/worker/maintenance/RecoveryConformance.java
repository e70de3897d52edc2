package dev.atomic.worker.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.upkeep.MaintenanceTurns;
import dev.atomic.worker.WorkerDatabase;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.Claims;
import dev.atomic.worker.claim.StopReason;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jobrunr.jobs.states.StateName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Jobs whose worker is gone, whose time has come, or whose delivery got lost. Time is the test's.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class RecoveryConformance {
    /// Longer than any test takes.
    private static final Duration LATER = Duration.ofHours(1);

    private final Callable<TestDatabase> open;
    private final UUID lost = UUID.randomUUID();
    private final AtomicLong nanos = new AtomicLong();
    private WorkerDatabase db;
    private final UUID self = UUID.randomUUID();
    private Recovery recovery;

    RecoveryConformance(Callable<TestDatabase> open) {
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

    @BeforeEach
    void anew() {
        db.jdbc.sql("delete from jobrunr_jobs").update();
        db.jdbc.sql("delete from worker").update();
        db.jdbc.sql("delete from job").update();
        db.jdbc
                .sql("update maintenance_turn set due_at = current_timestamp - interval '1' second")
                .update();
        recovery = newRecovery();
    }

    @Test
    void aLostWorkersJobIsDeliveredAgainAndUsesUpNoAttempt() {
        UUID id = db.claimed(lost).job().id();
        pass(Duration.ofSeconds(5));
        look(List.of());
        Job job = db.job(id);
        assertThat(job.course().state()).isEqualTo(JobState.QUEUED);
        assertThat(job.course().losses()).isEqualTo(1);
        assertThat(db.queue.getJobById(JobId.delivery(id, 2)).getState())
                .isEqualTo(StateName.ENQUEUED);
        Claim again = db.claimNext(db.claims(UUID.randomUUID()));
        assertThat(again.job().course().attempt()).isEqualTo(1);
        assertThat(db.types(id)).containsExactly("queued", "started", "retrying", "started");
    }

    @Test
    void theJobsOfALostWorkerHaveThePlacesOfTheirTenantAgain() {
        TenantLimits two = new TenantLimits(0, 2, 0, 0, 0, 0);
        recovery = newRecovery(two);
        List<UUID> ids = db.submit(6);
        assertThat(taken(db.claims(lost, two))).isEqualTo(ids.subList(0, 2));
        Claims other = db.claims(UUID.randomUUID(), two);
        assertThat(taken(other)).as("at its limit").isEmpty();
        pass(Duration.ofSeconds(5));
        look(List.of());
        assertThat(taken(other)).isEqualTo(ids.subList(0, 2));
        assertThat(taken(other)).isEmpty();
    }

    private List<UUID> taken(Claims claims) {
        return db.takeNext(claims, 4).jobs().stream().map(Job::id).toList();
    }

    @Test
    void aWorkerThatBeatsKeepsItsJobs() {
        UUID id = db.claimed(lost).job().id();
        beat(lost);
        pass(Duration.ofSeconds(60));
        look(List.of());
        assertThat(db.job(id).course().state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void nobodyIsJudgedRightAfterAnOutageOfOnesOwn() {
        UUID id = db.claimed(lost).job().id();
        pass(Duration.ofMillis(4_900));
        look(List.of());
        assertThat(db.job(id).course().state()).as("just started").isEqualTo(JobState.RUNNING);
        recovery.missedBeat();
        pass(Duration.ofSeconds(60));
        look(List.of());
        pass(Duration.ofMillis(4_900));
        look(List.of());
        assertThat(db.job(id).course().state())
                .as("the database was away")
                .isEqualTo(JobState.RUNNING);
        pass(Duration.ofMillis(100));
        look(List.of());
        assertThat(db.job(id).course().state()).isEqualTo(JobState.QUEUED);
    }

    @Test
    void aJobThatLosesItsWorkerTimeAndAgainFails() {
        UUID id = db.claimed(lost).job().id();
        pass(Duration.ofSeconds(5));
        for (int loss = 1; loss < Recovery.MAX_LOSSES; loss++) {
            look(List.of());
            assertThat(db.job(id).course().losses()).isEqualTo(loss);
            assertThat(db.claimNext(db.claims(lost)).job().id()).isEqualTo(id);
        }
        look(List.of());
        Job job = db.job(id);
        assertThat(job.course().state()).isEqualTo(JobState.FAILED);
        assertThat(job.result().error().code()).isEqualTo(FailureCode.LOST_TOO_OFTEN);
        assertThat(db.types(id))
                .containsExactly(
                        "queued",
                        "started",
                        "retrying",
                        "started",
                        "retrying",
                        "started",
                        "failed");
    }

    @Test
    void aLostJobThatWasToBeCancelledEndsCancelled() {
        UUID id = db.claimed(lost).job().id();
        db.jobs.requestCancel(id);
        pass(Duration.ofSeconds(5));
        look(List.of());
        assertThat(db.job(id).course().state()).isEqualTo(JobState.CANCELLED);
        assertThat(db.types(id)).containsExactly("queued", "started", "cancelled");
    }

    @Test
    void ofManyWhoRecoverAtOnceOnePutsAJobBack() throws Exception {
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ids.add(db.claimed(lost).job().id());
        }
        List<Recovery> all = List.of(newRecovery(), newRecovery(), newRecovery(), newRecovery());
        pass(Duration.ofSeconds(5));
        try (var threads = Executors.newFixedThreadPool(all.size())) {
            List<Future<?>> done = new ArrayList<>();
            WorkerRegistry.Heard heard = beat(self);
            all.forEach(one -> done.add(threads.submit(() -> one.run(self, heard, List.of()))));
            for (Future<?> one : done) {
                one.get();
            }
        }
        look(List.of());
        for (UUID id : ids) {
            assertThat(db.job(id).course().losses()).isEqualTo(1);
            assertThat(db.types(id)).containsExactly("queued", "started", "retrying");
            assertThat(db.queue.getJobById(JobId.delivery(id, 2)).getState())
                    .isEqualTo(StateName.ENQUEUED);
        }
        assertThat(offered()).isEqualTo(ids.size());
    }

    @Test
    void aRetryIsDeliveredWhenItIsDueAndNotBefore() {
        UUID id = db.claimed(lost).job().id();
        db.jobs.putBack(id, 1, 2, 2, Duration.ofMinutes(1), true, false);
        pass(Duration.ofSeconds(60));
        look(List.of());
        assertThat(offered()).isZero();
        db.jdbc.sql("update job set due_at = current_timestamp where id = ?").param(id).update();
        look(List.of());
        look(List.of());
        assertThat(offered()).isEqualTo(1);
        assertThat(db.claimNext(db.claims(lost)).job().course().attempt()).isEqualTo(2);
    }

    @Test
    void aDeliveryNobodyOffersAnyMoreIsMadeAgain() {
        UUID id = db.admit();
        db.enqueue(List.of(id));
        db.jdbc.sql("update jobrunr_jobs set state = 'PROCESSING'").update();
        Claims claims = db.claims(lost);
        assertThat(db.takeNext(claims, 1).jobs()).isEmpty();
        look(List.of());
        Claim claim = db.claimNext(claims);
        assertThat(claim.job().id()).isEqualTo(id);
        assertThat(claim.job().course().losses()).isZero();
        assertThat(deliveries()).isEqualTo(2);
        assertThat(db.types(id)).containsExactly("queued", "started");
    }

    @Test
    void aLostDeliveryKeepsNoOtherJobWaiting() {
        UUID lostOne = db.admit();
        UUID other = db.admit();
        db.enqueue(List.of(lostOne, other));
        db.jdbc.sql("delete from jobrunr_jobs where id = ?").param(lostOne.toString()).update();
        Claims claims = db.claims(lost);
        Claims.Taken first = db.takeNext(claims, 2);
        assertThat(first.jobs()).isEmpty();
        assertThat(first.more()).as("asks for another pass").isTrue();
        assertThat(db.claimNext(claims).job().id()).isEqualTo(other);
        look(List.of());
        assertThat(db.claimNext(claims).job().id()).isEqualTo(lostOne);
    }

    /// The worker doesn't read it, but makes it anew from the job's row.
    @Test
    void aClaimedDeliveryIsTheOneThatWasStored() {
        UUID id = db.admit();
        db.enqueue(List.of(id));
        var offered = db.queue.getJobById(id);
        Claims claims = db.claims(lost);
        db.takeNext(claims, 1);
        var taken = db.queue.getJobById(id);
        assertThat(taken.getVersion()).isEqualTo(offered.getVersion() + 1);
        assertThat(taken.getState()).isEqualTo(StateName.PROCESSING);
        assertThat(taken.getJobStates()).hasSize(2);
        assertThat(taken.getCreatedAt())
                .isCloseTo(offered.getCreatedAt(), within(1, ChronoUnit.MICROS));
        assertThat(taken)
                .usingRecursiveComparison()
                .ignoringFields("version", "jobHistory", "locker", "stateIndexBeforeStateChange")
                .isEqualTo(offered);
    }

    @Test
    void aJobOfThisWorkerThatItDoesntHoldGoesBackWhenSeenTwice() {
        beat(lost);
        Claims claims = db.claims(lost);
        UUID held = db.claimed(claims).job().id();
        UUID notHeld = db.claimed(lost).job().id();
        List<Due> unheld = claims.unheld(runningOnLost(), LATER);
        assertThat(unheld).containsExactly(new Due(notHeld, 1));
        look(unheld);
        assertThat(db.job(notHeld).course().state())
                .as("just being claimed")
                .isEqualTo(JobState.RUNNING);
        look(claims.unheld(runningOnLost(), LATER));
        assertThat(db.job(notHeld).course().state()).isEqualTo(JobState.QUEUED);
        assertThat(db.job(notHeld).course().losses()).isEqualTo(1);
        assertThat(db.job(held).course().state()).isEqualTo(JobState.RUNNING);
        assertThat(claims.unheld(runningOnLost(), LATER)).isEmpty();
    }

    @Test
    void aClaimNobodyBeganIsGivenUp() throws Exception {
        UUID id = db.admit();
        db.enqueue(List.of(id));
        Claims claims = db.claims(lost);
        db.takeNext(claims, 1);
        List<JobStore.Running> running = runningOnLost();
        assertThat(claims.unheld(running, LATER)).as("may be begun yet").isEmpty();
        assertThat(claims.unheld(running, Duration.ZERO)).containsExactly(new Due(id, 1));
        assertThat(claims.begin(new Due(id, 0))).isEmpty();
        assertThat(claims.held()).isEmpty();
    }

    @Test
    void deliveriesThatLeadNowhereAreRemoved() {
        List<UUID> ids = List.of(db.admit(), db.admit(), db.admit(), db.admit(), db.admit());
        db.enqueue(ids);
        UUID cancelled = ids.get(0);
        UUID deleted = ids.get(1);
        UUID processed = ids.get(2);
        UUID waiting = ids.get(3);
        UUID scheduled = ids.get(4);
        assertThat(db.jobs.withdraw(cancelled, 0, 1, 2)).isTrue();
        assertThat(db.jobs.withdraw(scheduled, 0, 1, 2)).isTrue();
        db.jdbc
                .sql("update jobrunr_jobs set state = 'SCHEDULED' where id = ?")
                .param(scheduled.toString())
                .update();
        db.jdbc.sql("delete from job where id = ?").param(deleted).update();
        db.jdbc
                .sql("update jobrunr_jobs set state = 'PROCESSING' where id = ?")
                .param(processed.toString())
                .update();
        db.jdbc
                .sql("update job set state = 'running', worker_id = ? where id = ?")
                .params(lost, processed)
                .update();
        beat(lost);
        db.jdbc
                .sql("update maintenance_turn set due_at = current_timestamp + interval '1' minute")
                .update();
        look(List.of());
        assertThat(deliveries()).as("not at every beat").isEqualTo(5);
        db.jdbc
                .sql("update maintenance_turn set due_at = current_timestamp - interval '1' second")
                .update();
        look(List.of());
        assertThat(db.jdbc.sql("select id from jobrunr_jobs").query(String.class).list())
                .containsExactlyInAnyOrder(processed.toString(), waiting.toString());
    }

    @Test
    void aClaimIsBegunOnceHoweverOftenAndLateItIsDelivered() {
        UUID id = db.admit();
        db.enqueue(List.of(id));
        Claims claims = db.claims(lost);
        assertThat(claims.begin(new Due(id, 0))).as("not claimed yet").isEmpty();
        Claim claim = db.claimNext(claims);
        assertThat(claims.begin(new Due(id, 0))).isEmpty();
        assertThat(claims.begin(new Due(id, 1))).isEmpty();
        assertThat(db.takeNext(claims, 1).jobs()).isEmpty();
        assertThat(claims.held()).containsExactly(claim);
        List<LoggedEvent> events = db.wholeLog(id);
        assertThat(events).hasSize(2);
        assertThat(events.getLast().attempt()).isEqualTo(1);
        assertThat(events.getLast().payload()).isEqualTo("{\"worker\":\"worker\"}");
        claims.stop(List.of(UUID.randomUUID(), id), StopReason.CANCELLED);
        assertThat(claim.stopReason()).isEqualTo(StopReason.CANCELLED);
        claims.release(claim);
        assertThat(claims.held()).isEmpty();
    }

    @Test
    void aWorkerThatDrainsClaimsNothingAndBeginsNoStage() {
        Claims claims = db.claims(lost);
        Claim before = db.claimed(claims);
        db.enqueue(List.of(db.admit()));
        assertThat(before.isDraining()).isFalse();
        claims.drain();
        assertThat(before.isDraining()).isTrue();
        assertThat(db.takeNext(claims, 1).jobs()).isEmpty();
    }

    /// One pass, as the heartbeat makes it: behind this worker's own beat.
    private void look(List<JobStore.Due> unheld) {
        db.jdbc
                .sql(
                        "update maintenance_turn set due_at = current_timestamp - interval '1' second where name = 'recovery'")
                .update();
        recovery.run(self, beat(self), unheld);
    }

    private WorkerRegistry.Heard beat(UUID worker) {
        return db.workers.beat(
                new WorkerRegistry.Beat(worker, "w", "h", 1, 10, 1, true, true),
                new WorkerRegistry.Question(
                        Recovery.SILENCE, true, worker.equals(self) && recovery.mayJudge()));
    }

    private List<JobStore.Running> runningOnLost() {
        return beat(lost).running();
    }

    private Recovery newRecovery() {
        return newRecovery(TenantLimits.NONE);
    }

    private Recovery newRecovery(TenantLimits limits) {
        return new Recovery(
                db.jobs,
                db.stranded,
                db.workers,
                db.transitions(limits),
                new DueJobs(db.stranded, db.deliveries, db.transactions, db.signals),
                db.transactions,
                db.signals,
                db.clock,
                db.meters,
                nanos::get,
                new MaintenanceTurns(db.jdbc),
                db.running(limits));
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private int offered() {
        return db.jdbc
                .sql("select count(*) from jobrunr_jobs where state = 'ENQUEUED'")
                .query(Integer.class)
                .single();
    }

    private int deliveries() {
        return db.jdbc.sql("select count(*) from jobrunr_jobs").query(Integer.class).single();
    }
}
