package dev.atomic.api.status;

import dev.atomic.api.ApiSettings;
import dev.atomic.db.Dialect;
import dev.atomic.shared.PatientPool;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.shared.model.ModelProvider;
import dev.atomic.shared.model.ModelProviders;
import dev.atomic.shared.upkeep.JobTotals;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// What the database says of all processes together, asked at most once a second however often it
/// is wanted, and never waited for long. It is asked outside the pool: a busy pool is no outage.
///
/// Thread-safe.
@Component
final class Fleet {
    /// A worker that has been silent for longer no longer counts.
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private static final Duration FRESH = Duration.ofSeconds(1);

    /// A caller that asks for health wants to know soon that the database is away.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Recent<WorkerRegistry.Summary> workers;
    private final Recent<JobTotals.Totals> totals;
    private final Recent<Backlog> backlog;
    private final Recent<List<ModelProvider>> providers;

    Fleet(PatientPool pool, Dialect dialect, ApiSettings settings) {
        JdbcClient jdbc = JdbcClient.create(pool.direct());
        WaitingJobs waiting = new WaitingJobs(jdbc, new JobStore(jdbc, dialect), dialect);
        WorkerRegistry registry = new WorkerRegistry(jdbc, dialect);
        JobTotals jobs = new JobTotals(jdbc);
        this.workers = new Recent<>(() -> registry.summary(SILENCE));
        this.totals = new Recent<>(jobs::read);
        this.backlog =
                new Recent<>(() ->
                        new Backlog(waiting.count(settings.maxQueueSize()), waiting.headAge()));
        this.providers = new Recent<>(new ModelProviders(jdbc)::all);
    }

    /// @throws RuntimeException when the database doesn't answer in time
    WorkerRegistry.Summary workers() {
        return workers.get();
    }

    /// @throws RuntimeException when the database doesn't answer in time
    JobTotals.Totals totals() {
        return totals.get();
    }

    /// The queue, read from its index alone, however many jobs have ended.
    ///
    /// @param waiting as the queue's limit counts
    /// @param headAge how long ago the job that goes next was admitted
    record Backlog(int waiting, Duration headAge) {}

    /// @throws RuntimeException when the database doesn't answer in time
    Backlog backlog() {
        return backlog.get();
    }

    /// @throws RuntimeException when the database doesn't answer in time
    List<ModelProvider> providers() {
        return providers.get();
    }

    /// A value of at most a second ago. Who comes while it is being read waits for that reading.
    private static final class Recent<T> {
        private final Supplier<T> source;
        private @Nullable CompletableFuture<T> reading;
        private long readAt;

        Recent(Supplier<T> source) {
            this.source = source;
        }

        T get() {
            try {
                return current().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException failure
                        ? failure
                        : new IllegalStateException(e.getCause());
            } catch (TimeoutException e) {
                throw new org.springframework.dao.QueryTimeoutException("no answer in time", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }

        private synchronized CompletableFuture<T> current() {
            long now = System.nanoTime();
            CompletableFuture<T> known = reading;
            boolean usable =
                    known != null
                            && (!known.isDone()
                                    || (!known.isCompletedExceptionally()
                                            && now - readAt < FRESH.toNanos()));
            if (known != null && usable) {
                return known;
            }
            CompletableFuture<T> next = new CompletableFuture<>();
            reading = next;
            readAt = now;
            Thread.ofVirtual()
                    .name("status")
                    .start(() -> {
                        try {
                            next.complete(source.get());
                        } catch (RuntimeException e) {
                            next.completeExceptionally(e);
                        }
                    });
            return next;
        }
    }
}
