package dev.atomic.shared.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.JobStore.NewJob;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.TestJobs;
import dev.atomic.shared.job.WaitingJobs;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Who goes next when several tenants wait, whatever the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class TurnsConformance {
    private final Callable<TestDatabase> open;
    private TestDatabase database;
    private SingleConnectionDataSource connection;
    JdbcClient jdbc;
    private JobStore jobs;
    WaitingJobs waiting;
    private TenantQueues tenants;
    private TransactionTemplate transactions;

    /// As the admission gate's row has it.
    private long nextTurn;

    /// When jobs are admitted.
    private Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    TurnsConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        // A connection for each claim would take longer than the claim.
        connection = new SingleConnectionDataSource(database.dataSource().getConnection(), true);
        jdbc = JdbcClient.create(connection);
        jobs = new JobStore(jdbc, database.dialect());
        waiting = new WaitingJobs(jdbc, jobs, database.dialect());
        tenants = new TenantQueues(jdbc, waiting, database.dialect());
        transactions = new TransactionTemplate(new JdbcTransactionManager(connection));
    }

    @AfterAll
    void stop() {
        connection.destroy();
        database.close();
    }

    @BeforeEach
    void empty() {
        jdbc.sql("delete from job").update();
    }

    @Test
    void oneTenantsJobsGoByPriorityAndThenInTheOrderTheyCame() {
        List<UUID> low = enqueue("a", 3, Priority.LOW);
        List<UUID> normal = enqueue("a", 5);
        List<UUID> high = enqueue("a", 3, Priority.HIGH);
        normal.addAll(enqueue("a", 2));
        low.addAll(enqueue("a", 2, Priority.LOW));
        high.addAll(enqueue("a", 2, Priority.HIGH));
        List<UUID> expected = new ArrayList<>(high);
        expected.addAll(normal);
        expected.addAll(low);
        assertThat(claimAll()).containsExactlyElementsOf(expected);
    }

    @Test
    void jobsOfOneAdmissionGoByPriorityToo() {
        UUID waits = enqueue("a", 1, Priority.HIGH).getFirst();
        UUID normal = enqueue("a", 1).getFirst();
        List<UUID> ids =
                enqueue(
                        "a",
                        List.of(Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.NORMAL));
        assertThat(claimAll())
                .containsExactly(waits, ids.get(2), normal, ids.get(1), ids.get(3), ids.get(0));
    }

    @Test
    void aLowJobIsPassedForTenMinutesByNormalOnesAndForTwentyByHighOnes() {
        UUID low = enqueue("a", 1, Priority.LOW).getFirst();
        now = now.plus(Priority.WORTH).plusSeconds(1);
        UUID normal = enqueue("a", 1).getFirst();
        UUID high = enqueue("a", 1, Priority.HIGH).getFirst();
        now = now.plus(Priority.WORTH);
        UUID late = enqueue("a", 1, Priority.HIGH).getFirst();
        assertThat(claimAll()).containsExactly(high, low, normal, late);
    }

    @Test
    void aHighJobPassesABoundedNumber() {
        List<UUID> normal = enqueue("a", WaitingJobs.MAX_PASSED + 10);
        UUID high = enqueue("a", 1, Priority.HIGH).getFirst();
        UUID second = enqueue("a", 1, Priority.HIGH).getFirst();
        List<UUID> order = claimAll();
        assertThat(order.subList(0, 10)).isEqualTo(normal.subList(0, 10));
        assertThat(order.subList(10, 13)).containsExactly(high, second, normal.get(10));
    }

    @Test
    void whoComesWhileAnotherHasManyWaitingGoesNext() {
        enqueue("many", 50);
        claim(10);
        UUID one = enqueue("one", 1).getFirst();
        assertThat(claim(2)).contains(one);
    }

    @Test
    void tenantsWhoHaveJobsWaitingTakeTurns() {
        List<UUID> first = enqueue("a", 20);
        List<UUID> second = enqueue("b", 20);
        List<UUID> third = enqueue("c", 20);
        List<UUID> expected = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            expected.addAll(List.of(first.get(i), second.get(i), third.get(i)));
        }
        assertThat(claimAll()).containsExactlyElementsOf(expected);
    }

    @Test
    void whoAsksForNothingSavesNothingUp() {
        enqueue("late", 1);
        enqueue("busy", 100);
        claim(60);
        List<UUID> late = enqueue("late", 20);
        assertThat(claim(20)).filteredOn(late::contains).hasSize(10);
    }

    @Test
    void whatWasServedAloneIsNotHeldAgainstATenant() {
        enqueue("early", 100);
        claimAll();
        List<UUID> early = enqueue("early", 20);
        enqueue("new", 20);
        assertThat(claim(20)).filteredOn(early::contains).hasSize(10);
    }

    @Test
    void aJobThatGoesBackKeepsItsTurnAndGivesNobodyTurnsOfThePast() {
        UUID back = enqueue("a", 1).getFirst();
        claim(1);
        enqueue("a", 60);
        claim(40);
        assertThat(jobs.putBack(back, 1, 2, 3, Duration.ZERO, false, false)).isTrue();
        jdbc.sql("update job set delivered = true where id = ?").param(back).update();
        List<UUID> b = enqueue("b", 20);
        List<UUID> next = claim(21);
        assertThat(next).startsWith(back);
        assertThat(next).filteredOn(b::contains).hasSize(10);
    }

    /// The place of each of another tenant's jobs is the same as without priorities.
    @Test
    void highPriorityTakesNobodysTurn() {
        List<UUID> normal = enqueue("a", 20);
        List<UUID> other = enqueue("b", 30);
        List<UUID> high = enqueue("a", 10, Priority.HIGH);
        List<UUID> order = claimAll();
        for (int i = 0; i < 30; i++) {
            assertThat(order.indexOf(other.get(i))).isBetween(2 * i, 2 * i + 1);
        }
        assertThat(order)
                .filteredOn(id -> !other.contains(id))
                .containsExactlyElementsOf(Stream.concat(high.stream(), normal.stream()).toList());
    }

    @Test
    void highJobsWhoseTenantHasNoOthersWaitForTheirTurns() {
        List<UUID> other = enqueue("b", 30);
        enqueue("a", 30, Priority.HIGH);
        assertThat(claim(20)).filteredOn(other::contains).hasSize(10);
    }

    @Test
    void whoComesLaterHasTurnsBesideHighJobs() {
        enqueue("high", 100, Priority.HIGH);
        claim(10);
        List<UUID> normal = enqueue("one", 5);
        List<UUID> low = enqueue("other", 5, Priority.LOW);
        assertThat(claim(15)).containsAll(normal).containsAll(low);
    }

    @Test
    void aJobThatGoesBackIsNotPutOff() {
        UUID back = enqueue("a", 1).getFirst();
        claim(1);
        List<UUID> waits = enqueue("a", 2);
        assertThat(jobs.putBack(back, 1, 2, 3, Duration.ZERO, false, false)).isTrue();
        jdbc.sql("update job set delivered = true where id = ?").param(back).update();
        UUID high = enqueue("a", 1, Priority.HIGH).getFirst();
        assertThat(claimAll()).containsExactly(back, high, waits.get(0), waits.get(1));
    }

    List<UUID> enqueue(String tenant, int count) {
        return enqueue(tenant, count, Priority.NORMAL);
    }

    List<UUID> enqueue(String tenant, int count, Priority priority) {
        return enqueue(tenant, Collections.nCopies(count, priority));
    }

    /// As an admission does, in one transaction.
    private List<UUID> enqueue(String tenant, List<Priority> priorities) {
        List<NewJob> made =
                priorities.stream().map(priority -> TestJobs.job(tenant, priority, now)).toList();
        transactions.executeWithoutResult(
                _ -> jobs.insert(tenants.take(made, nextTurn, TenantQueues.Counts.NONE)));
        nextTurn += made.size();
        return new ArrayList<>(made.stream().map(NewJob::id).toList());
    }

    void inOneTransaction(Runnable work) {
        transactions.executeWithoutResult(_ -> work.run());
    }

    List<UUID> claim(int most) {
        return transactions.execute(_ ->
                waiting.claimNext(most, UUID.randomUUID()).jobs().stream()
                        .map(claimed -> claimed.job().id())
                        .toList());
    }

    private List<UUID> claimAll() {
        List<UUID> all = new ArrayList<>();
        for (List<UUID> some = claim(7); !some.isEmpty(); some = claim(7)) {
            all.addAll(some);
        }
        return all;
    }
}
