package dev.atomic.worker.event;

import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.group.GroupCommit;
import dev.atomic.shared.group.GroupFlush;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.transition.Transition;
import dev.atomic.shared.transition.Transitions;
import dev.atomic.shared.transition.Transitions.Place;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.StopReason;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// Writes what happens to all of this worker's jobs, one transaction a flush: each job's row moves
/// on under its fence, then its events and the rows that change with them. While one transaction
/// commits, the next gathers ([GroupCommit]).
///
/// While the database is away it holds what it has and tries again; those who stream wait
/// ([Outbox]). A write whose commit went unanswered is recognised by the row's last number and not
/// done twice.
///
/// Thread-safe. One thread flushes.
@Component
public final class EventWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventWriter.class);

    /// Most events of a job.
    static final long MAX_EVENTS = 20_000;

    /// How long a stop waits for what is pending.
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Outbox outbox;
    private final JobStore jobs;
    private final EventLog log;
    private final Transitions transitions;
    private final TransactionTemplate transactions;
    private final Signals signals;
    private final Clock clock;
    private final WorkerMeters meters;
    private final GroupCommit<PendingWrite> groups;

    public EventWriter(
            JobStore jobs,
            EventLog log,
            Transitions transitions,
            TransactionTemplate transactions,
            Signals signals,
            Clock clock,
            WorkerMeters meters) {
        this.outbox = new Outbox(clock);
        this.jobs = jobs;
        this.log = log;
        this.transitions = transitions;
        this.transactions = transactions;
        this.signals = signals;
        this.clock = clock;
        this.meters = meters;
        this.groups = GroupCommit.start("event-writer", outbox, new Flush());
    }

    /// Streams a piece of a model's answer; joined with its neighbours.
    ///
    /// @param reasoning whether it is what the model thinks
    public void chunk(Claim claim, StageName stage, int round, String delta, boolean reasoning) {
        outbox.chunk(claim, stage, round, delta, reasoning);
    }

    /// Streams what a program prints; joined with its neighbours.
    public void output(Claim claim, String stream, int round, String text) {
        outbox.output(claim, stream, round, text);
    }

    /// Streams what a case gave; doesn't wait until it is written.
    public void ended(Claim claim, int round, CaseResult result) {
        outbox.ended(claim, round, result);
    }

    /// Streams that the tests are run again by a judge of their own.
    public void judging(Claim claim, int round) {
        outbox.single(claim, new JobEvent.Judging(round), "");
    }

    /// Commits events together with the change of rows that belongs to them, after everything
    /// streamed before.
    ///
    /// @param change runs inside the transaction, once the claim is known to hold; may run again
    public WriteResult commit(Claim claim, List<JobEvent> events, Consumer<Instant> change) {
        return write(claim, events, new Transition.Advance(), change).join();
    }

    /// As [#commit], for a caller with something else to do meanwhile.
    public CompletableFuture<WriteResult> commitMeanwhile(
            Claim claim, List<JobEvent> events, Consumer<Instant> change) {
        return write(claim, events, new Transition.Advance(), change);
    }

    /// Commits what ends the claim, with its last event and what was to go with that: the job ends,
    /// or is given back.
    public WriteResult end(Claim claim, JobEvent event, Transition transition) {
        Claim.Ending with = claim.ending();
        List<JobEvent> events = new ArrayList<>(with.events());
        events.add(event);
        return write(claim, events, transition, with.change()).join();
    }

    private CompletableFuture<WriteResult> write(
            Claim claim, List<JobEvent> events, Transition transition, Consumer<Instant> change) {
        PendingWrite write = PendingWrite.change(claim, transition, change);
        Instant now = clock.instant();
        events.forEach(event -> write.add(event, now));
        outbox.add(write);
        return write.result;
    }

    private final class Flush implements GroupFlush<PendingWrite> {
        private long pauseMs;

        @Override
        public void commit(List<PendingWrite> group) {
            long began = System.nanoTime();
            Written written = writeAll(group);
            meters.flushed(began, written.events);
            settle(group, written);
            pauseMs = 0;
        }

        @Override
        public boolean isOutage(RuntimeException failure) {
            return DatabaseOutage.mayEnd(failure);
        }

        @Override
        public boolean outlast(List<PendingWrite> left, RuntimeException outage)
                throws InterruptedException {
            if (groups.isStopping()) {
                throw new InterruptedException();
            }
            LOG.warn("the database is away, {} writes wait: {}", left.size(), outage.getMessage());
            pauseMs = DatabaseOutage.nextPause(pauseMs);
            TimeUnit.MILLISECONDS.sleep(pauseMs);
            return true;
        }

        /// A write that can't be done, or has a bug in what goes with it, must not keep others
        /// waiting.
        @Override
        public void fail(PendingWrite culprit, RuntimeException failure) {
            LOG.error("an event can't be written, its job fails", failure);
            culprit.result.completeExceptionally(failure);
        }
    }

    /// What a flush found, to be made visible once it is committed.
    private record Written(
            Map<PendingWrite, WriteResult> results, Map<Claim, Long> seqs, int events) {}

    private Written writeAll(List<PendingWrite> batch) {
        Written written =
                transactions.execute(_ -> {
                    Map<PendingWrite, WriteResult> results = new LinkedHashMap<>();
                    Map<Claim, Long> seqs = new LinkedHashMap<>();
                    Set<Claim> lost = new HashSet<>();
                    Transitions.Batch moves = transitions.batch();
                    // By id, so that two transactions can't deadlock.
                    List<PendingWrite> ordered = new ArrayList<>(batch);
                    ordered.sort(Comparator.comparing(write -> write.claim.job().id()));
                    for (PendingWrite write : ordered) {
                        WriteResult result =
                                lost.contains(write.claim)
                                        ? WriteResult.FENCED
                                        : writeOne(write, seqs, moves);
                        if (result == WriteResult.FENCED) {
                            lost.add(write.claim);
                        }
                        results.put(write, result);
                    }
                    return new Written(results, seqs, moves.append());
                });
        return Objects.requireNonNull(written);
    }

    private WriteResult writeOne(
            PendingWrite write, Map<Claim, Long> seqs, Transitions.Batch moves) {
        Job job = write.claim.job();
        long from = seqs.getOrDefault(write.claim, write.claim.lastSeq());
        long to = from + write.told.size();
        Place place =
                new Place(
                        job.id(),
                        job.tenantId(),
                        write.claim.fence(),
                        from,
                        job.course().attempt(),
                        job.asked().input().webhook() != null);
        if (!moves.apply(place, write.transition, write.told)) {
            return whyNot(write, to, seqs);
        }
        seqs.put(write.claim, to);
        write.change.accept(clock.instant());
        return WriteResult.WRITTEN;
    }

    /// Nothing moved. Either it had moved already (a commit whose answer was lost), or the claim is
    /// gone, or the row doesn't allow it.
    private WriteResult whyNot(PendingWrite write, long to, Map<Claim, Long> seqs) {
        Optional<JobHead> now = jobs.head(write.claim.job().id());
        if (now.isEmpty()) {
            return WriteResult.FENCED;
        }
        long fence = write.claim.fence();
        boolean ours =
                now.get().course().fence() == fence || now.get().course().fence() == fence + 1;
        if (ours
                && now.get().course().lastSeq() >= to
                && !write.told.isEmpty()
                && isLogged(write, to)) {
            seqs.put(write.claim, to);
            return WriteResult.WRITTEN;
        }
        return now.get().course().fence() == fence && !now.get().course().state().isTerminal()
                ? WriteResult.REFUSED
                : WriteResult.FENCED;
    }

    private boolean isLogged(PendingWrite write, long seq) {
        var logged = log.read(write.claim.job().id(), seq - 1, 1);
        return !logged.isEmpty()
                && logged.getFirst().type().equals(write.told.getLast().event().type())
                && logged.getFirst().at().equals(write.told.getLast().at());
    }

    private void settle(List<PendingWrite> batch, Written written) {
        Set<UUID> changed = new HashSet<>();
        written.seqs.forEach((claim, seq) -> {
            claim.lastSeq(seq);
            changed.add(claim.job().id());
            if (seq > MAX_EVENTS) {
                claim.stop(StopReason.TOO_LARGE);
            }
        });
        if (!changed.isEmpty()) {
            signals.raise(Signals.Channel.EVENTS, changed);
        }
        for (PendingWrite write : batch) {
            WriteResult result = Objects.requireNonNull(written.results.get(write));
            if (result == WriteResult.FENCED) {
                write.claim.stop(StopReason.FENCED);
            }
            write.result.complete(result);
        }
    }

    /// Writes what is pending, bounded in time, and stops.
    @Override
    public void close() {
        groups.stop(PATIENCE);
    }
}
