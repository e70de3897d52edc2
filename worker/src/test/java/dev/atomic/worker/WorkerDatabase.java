package dev.atomic.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.HeldJobs;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.job.JobStore.NewJob;
import dev.atomic.shared.job.Priority;
import dev.atomic.shared.job.StrandedJobs;
import dev.atomic.shared.job.TestJobs;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.shared.queue.Deliveries;
import dev.atomic.shared.queue.QueueStorage;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.tenant.TenantDays;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.tenant.TenantQueues;
import dev.atomic.shared.transition.RunningLimit;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.shared.webhook.WebhookStore;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.Claims;
import dev.atomic.worker.telemetry.WorkerMeters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// A real database with a pool as the worker has it, and what the worker does with it.
public final class WorkerDatabase implements AutoCloseable {
    public final TestDatabase database;
    public final FlakyDataSource source;
    public final JdbcClient jdbc;
    public final JobStore jobs;
    public final UsageStore usage;
    public final StrandedJobs stranded;
    public final TenantQueues tenants;
    public final EventLog log;
    public final Transitions transitions;
    public final WorkerRegistry workers;
    public final TransactionTemplate transactions;
    public final QueueStorage queue;
    public final Deliveries deliveries;
    public final Signals signals;
    public final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    public final WorkerMeters meters = new WorkerMeters(new SimpleMeterRegistry());

    private final HikariDataSource pool;
    private final WaitingJobs waiting;
    private final BackgroundJobServer server;

    public WorkerDatabase(TestDatabase database) {
        this(database, TenantLimits.NONE);
    }

    public WorkerDatabase(TestDatabase database, TenantLimits limits) {
        this.database = database;
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(database.settings().url());
        config.setUsername(database.settings().user());
        config.setPassword(database.settings().password());
        config.setMaximumPoolSize(16);
        config.setMinimumIdle(2);
        config.setConnectionTimeout(2_500);
        config.setValidationTimeout(1_000);
        config.setExceptionOverrideClassName("dev.atomic.shared.DeadConnections");
        this.pool = new HikariDataSource(config);
        this.source = new FlakyDataSource(pool);
        this.jdbc = JdbcClient.create(source);
        this.jobs = new JobStore(jdbc, database.dialect());
        this.usage = new UsageStore(jdbc);
        this.stranded = new StrandedJobs(jdbc);
        this.waiting = new WaitingJobs(jdbc, jobs, database.dialect());
        this.tenants = new TenantQueues(jdbc, waiting, database.dialect());
        this.log = new EventLog(new JdbcTemplate(source));
        this.signals = Signals.of(database.dialect(), source, database.dataSource());
        this.transitions = transitions(limits);
        this.workers = new WorkerRegistry(jdbc, database.dialect());
        this.transactions = new TransactionTemplate(new JdbcTransactionManager(source));
        this.queue = new QueueStorage(source, database.dialect());
        this.deliveries = new Deliveries(queue, clock);
        this.server =
                new BackgroundJobServer(
                        queue,
                        new Jackson3JsonMapper(),
                        null,
                        BackgroundJobServerConfiguration
                                .usingStandardBackgroundJobServerConfiguration());
    }

    /// The limit of what runs at once, as who was started with these limits knows it.
    public RunningLimit running(TenantLimits limits) {
        return new RunningLimit(
                jdbc,
                waiting,
                new HeldJobs(jdbc, database.dialect()),
                signals,
                limits,
                database.dialect());
    }

    /// What moves jobs for who was started with these limits.
    public Transitions transitions(TenantLimits limits) {
        return transitions(running(limits));
    }

    private Transitions transitions(RunningLimit limit) {
        return new Transitions(
                jobs, limit, log, new WebhookStore(jdbc), new TenantDays(jdbc, TenantLimits.NONE));
    }

    public Claims claims(UUID worker) {
        return claims(worker, transitions);
    }

    /// The claims of a worker that was started with these limits.
    public Claims claims(UUID worker, TenantLimits limits) {
        return claims(worker, transitions(limits));
    }

    private Claims claims(UUID worker, Transitions transitions) {
        return new Claims(
                transitions,
                stranded,
                transactions,
                signals,
                clock,
                new Claims.Holder(worker, "worker"),
                meters);
    }

    /// Claims what goes next, for a server of JobRunr's that isn't started.
    public Claims.Taken takeNext(Claims claims, int most) {
        return claims.takeNext(most, offered -> queue.process(offered, server));
    }

    /// Admits a job as the api does, without its delivery.
    public UUID admit() {
        return transactions.execute(_ -> {
            UUID id = TestJobs.admit(jobs);
            log.append(
                    List.of(
                            new EventLog.Entry(
                                    id, "default", 1, clock.instant(), 0, new JobEvent.Queued(1))));
            return id;
        });
    }

    /// Admits jobs with their deliveries in one transaction, as the api does, and wakes the
    /// workers.
    public List<UUID> submit(int jobs) {
        List<UUID> ids =
                transactions.execute(_ -> {
                    List<UUID> admitted = Stream.generate(this::admit).limit(jobs).toList();
                    deliveries.enqueue(admitted.stream().map(id -> new Due(id, 0)).toList());
                    return admitted;
                });
        signals.raise(Signals.Channel.WORK, Set.copyOf(ids));
        return ids;
    }

    /// Admits jobs of a tenant, at its turns, with their deliveries.
    ///
    /// @param nextTurn above every turn given so far
    public List<UUID> submit(String tenant, int count, long nextTurn) {
        return submit(tenant, Collections.nCopies(count, Priority.NORMAL), nextTurn);
    }

    /// The same for jobs of these priorities.
    public List<UUID> submit(String tenant, List<Priority> priorities, long nextTurn) {
        List<UUID> ids =
                transactions.execute(_ -> {
                    Instant now = Instant.now();
                    List<NewJob> made =
                            tenants.take(
                                    priorities.stream()
                                            .map(each -> TestJobs.job(tenant, each, now))
                                            .toList(),
                                    nextTurn,
                                    TenantQueues.Counts.NONE);
                    transitions.admit(made, _ -> new JobEvent.Queued(1));
                    deliveries.enqueue(made.stream().map(job -> new Due(job.id(), 0)).toList());
                    return made.stream().map(NewJob::id).toList();
                });
        signals.raise(Signals.Channel.WORK, Set.copyOf(ids));
        return ids;
    }

    /// Makes the deliveries of admitted jobs, and wakes the workers.
    public void enqueue(List<UUID> ids) {
        transactions.executeWithoutResult(
                _ -> deliveries.enqueue(ids.stream().map(id -> new Due(id, 0)).toList()));
        signals.raise(Signals.Channel.WORK, Set.copyOf(ids));
    }

    /// A job that runs on this worker.
    public Claim claimed(UUID worker) {
        return claimed(claims(worker));
    }

    /// A job that runs on this worker, the only one that waited.
    public Claim claimed(Claims claims) {
        enqueue(List.of(admit()));
        return claimNext(claims);
    }

    /// Claims and begins the job that goes next.
    public Claim claimNext(Claims claims) {
        Job job = takeNext(claims, 1).jobs().getFirst();
        return claims.begin(new Due(job.id(), job.course().fence() - 1)).orElseThrow();
    }

    public Job job(UUID id) {
        return jobs.find(id).orElseThrow();
    }

    /// A job's events: numbered from 1 without gaps or doubles, in time, ended at most once.
    public List<LoggedEvent> wholeLog(UUID id) {
        List<LoggedEvent> events = log.read(id, 0, 100_000);
        assertThat(events)
                .extracting(LoggedEvent::seq)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, events.size()).boxed().toList());
        assertThat(job(id).course().lastSeq()).isEqualTo(events.size());
        assertThat(events.subList(0, events.size() - 1)).noneMatch(LoggedEvent::isTerminal);
        return events;
    }

    public List<String> types(UUID id) {
        return wholeLog(id).stream().map(LoggedEvent::type).toList();
    }

    @Override
    public void close() {
        signals.close();
        pool.close();
        database.close();
    }
}
