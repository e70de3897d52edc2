package dev.atomic.worker.event;

import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.group.Gathering;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.worker.claim.Claim;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What waits to be written. Commits go at once, and so does the first text of a claim after a
/// pause. Text that comes while it is written, or within 20 ms after it was taken, is joined, up to
/// 2 KiB.
///
/// It is bounded: a stage that streams into a full outbox waits.
///
/// Thread-safe.
final class Outbox implements Gathering<PendingWrite> {
    /// Between two texts of a claim.
    private static final long JOIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /// Events of a log from which on text is joined for longer: by [#JOIN_NANOS] for each
    /// [#LONGER_EACH] more. Otherwise a model that streams for 400 s would use up
    /// [EventWriter#MAX_EVENTS]; like this it may take 44 minutes.
    private static final int LONG_LOG = 5_000;

    private static final int LONGER_EACH = 1_000;

    /// Characters of one claim at which its text goes at once.
    private static final int JOIN_CHARS = 2 * 1024;

    /// Characters of all claims beyond which a streaming stage waits.
    private static final int MAX_CHARS = 4 * 1024 * 1024;

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition drained = lock.newCondition();
    private List<PendingWrite> writes = new ArrayList<>();
    private final Map<Claim, OpenText> open = new LinkedHashMap<>();
    private final Map<Claim, NextIndex> indexes = new HashMap<>();

    /// When a claim's text was last taken; nothing since its last commit.
    private final Map<Claim, Long> takenAt = new HashMap<>();

    private int chars;
    private boolean urgent;
    private boolean closed;

    private record NextIndex(StageName stage, int round, int next) {}

    Outbox(Clock clock) {
        this.clock = clock;
    }

    void chunk(Claim claim, StageName stage, int round, String delta, boolean reasoning) {
        for (String piece : OpenText.pieces(delta)) {
            lock.lock();
            try {
                awaitRoom();
                if (open.get(claim) instanceof OpenText.Delta joined
                        && joined.takes(stage, round, reasoning, piece)) {
                    joined.text().append(piece);
                } else {
                    close(claim);
                    int index = nextIndex(claim, stage, round);
                    opened(
                            claim,
                            new OpenText.Delta(
                                    stage,
                                    round,
                                    index,
                                    reasoning,
                                    new StringBuilder(piece),
                                    clock.instant()));
                    urgent |= index == 0;
                }
                grown(claim, piece.length());
            } finally {
                lock.unlock();
            }
        }
    }

    private int nextIndex(Claim claim, StageName stage, int round) {
        @Nullable NextIndex last = indexes.get(claim);
        int index = last != null && last.stage == stage && last.round == round ? last.next : 0;
        indexes.put(claim, new NextIndex(stage, round, index + 1));
        return index;
    }

    void output(Claim claim, String stream, int round, String text) {
        for (String piece : OpenText.pieces(text)) {
            lock.lock();
            try {
                awaitRoom();
                if (open.get(claim) instanceof OpenText.Output joined
                        && joined.takes(stream, round, piece)) {
                    joined.text().append(piece);
                } else {
                    close(claim);
                    opened(
                            claim,
                            new OpenText.Output(
                                    stream, round, new StringBuilder(piece), clock.instant()));
                }
                grown(claim, piece.length());
            } finally {
                lock.unlock();
            }
        }
    }

    /// Streams what a case gave.
    void ended(Claim claim, int round, CaseResult result) {
        String texts =
                result.name()
                        + Objects.requireNonNullElse(result.stdout(), "")
                        + Objects.requireNonNullElse(result.diff(), "");
        single(claim, new JobEvent.Case(round, result), texts);
    }

    /// An event that no text joins, after everything its claim streamed before.
    ///
    /// @param text stands for its size
    void single(Claim claim, JobEvent event, String text) {
        lock.lock();
        try {
            awaitRoom();
            close(claim);
            opened(claim, new OpenText.Single(event, text, clock.instant()));
            grown(claim, text.length());
        } finally {
            lock.unlock();
        }
    }

    /// Behind all that its claim streamed before. A stage that begins counts its chunks from 0.
    void add(PendingWrite write) {
        lock.lock();
        try {
            close(write.claim);
            indexes.remove(write.claim);
            takenAt.remove(write.claim);
            writes.add(write);
            urgent = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for something that is due and takes all there is.
    @Override
    public List<PendingWrite> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!urgent && !closed) {
                if (open.isEmpty()) {
                    changed.await();
                } else {
                    long left = untilDue(System.nanoTime());
                    if (left <= 0) {
                        break;
                    }
                    changed.awaitNanos(left);
                }
            }
            long now = System.nanoTime();
            for (Claim claim : List.copyOf(open.keySet())) {
                close(claim);
                takenAt.put(claim, now);
            }
            List<PendingWrite> taken = writes;
            writes = new ArrayList<>();
            urgent = false;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /// Nanoseconds until the first open text is due. Under the lock.
    long untilDue(long now) {
        long first = Long.MAX_VALUE;
        for (Claim claim : open.keySet()) {
            Long last = takenAt.get(claim);
            first = Math.min(first, last == null ? 0 : last + joinNanos(claim) - now);
        }
        return first;
    }

    private static long joinNanos(Claim claim) {
        return JOIN_NANOS * (1 + Math.max(0, claim.lastSeq() - LONG_LOG) / LONGER_EACH);
    }

    /// What was taken is written: there is room again.
    @Override
    public void settled() {
        lock.lock();
        try {
            chars = 0;
            for (OpenText text : open.values()) {
                chars += text.text().length();
            }
            drained.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom() {
        while (chars > MAX_CHARS) {
            drained.awaitUninterruptibly();
        }
    }

    private void opened(Claim claim, OpenText text) {
        open.put(claim, text);
        changed.signal();
    }

    private void grown(Claim claim, int by) {
        chars += by;
        OpenText text = open.get(claim);
        if (urgent || (text != null && text.text().length() >= JOIN_CHARS)) {
            urgent = true;
            changed.signal();
        }
    }

    private void close(Claim claim) {
        OpenText text = open.remove(claim);
        if (text == null) {
            return;
        }
        Instant at = text.at();
        PendingWrite last = writes.isEmpty() ? null : writes.getLast();
        if (last != null && last.claim == claim && last.stream) {
            last.add(text.close(), at);
        } else {
            PendingWrite write = PendingWrite.stream(claim);
            write.add(text.close(), at);
            writes.add(write);
        }
    }
}
