package dev.atomic.api.relay.tail;

import dev.atomic.api.job.TerminalEvents;
import dev.atomic.api.telemetry.ApiMeters;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import dev.atomic.shared.queue.Signals.Channel;
import dev.atomic.shared.queue.Signals.Signal;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/// The one tail of the event log in this process, however many clients follow however many jobs.
///
/// One thread, woken by signals, reads what is new of the jobs somebody follows, once, into a small
/// ring a job, and rings the followers' bells. It never writes to a client. A follower is an
/// [EventCursor] on a thread of its own: while its place is in the ring it is served from there,
/// and when it has fallen behind (or begins at 1) it reads the log itself, at its own pace. Both
/// give what comes right after the cursor, so replay and live meet without a gap, and nothing is
/// given twice. Nothing is queued for any follower, so a slow client costs no more than its cursor.
///
/// Signals are hints, so once a second one query looks at all followed jobs. While the database is
/// away, cursors give nothing; they continue from where they are when it is back.
///
/// Thread-safe.
@Component
public final class EventTail implements TerminalEvents, SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(EventTail.class);

    /// Most events read at once for all followers of a job.
    private static final int PAGE = 64;

    private static final long RING_BYTES = 256 * 1024;
    private static final long ALL_RINGS_BYTES = 32 * 1024 * 1024;
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final EventLog log;
    private final FollowerReads reads;
    private final JobStore jobs;
    private final Signals signals;
    private final ApiMeters meters;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    // Guarded by lock.
    private final Map<UUID, Feed> feeds = new LinkedHashMap<>();
    private final Set<UUID> signalled = new HashSet<>();
    private final Set<Bell> waitingForDatabase = new HashSet<>();
    private long nextLook = System.nanoTime();

    private volatile @Nullable Thread thread;
    private volatile boolean stopping;

    EventTail(EventLog log, FollowerReads reads, JobStore jobs, Signals signals, ApiMeters meters) {
        this.log = log;
        this.reads = reads;
        this.jobs = jobs;
        this.signals = signals;
        this.meters = meters;
        meters.watchRelay(this, EventTail::followers);
    }

    /// Follows a job from the event after this one.
    ///
    /// @param after a number beyond the log's end is taken as its end
    /// @param lastSeq the job row's, read before this call
    /// @param bell rung when [EventCursor#poll()] may have something; several cursors may share one
    public EventCursor follow(UUID jobId, long after, long lastSeq, Bell bell) {
        lock.lock();
        try {
            Feed feed = feeds.computeIfAbsent(jobId, id -> new Feed(id, lastSeq, reads));
            EventCursor cursor =
                    new EventCursor(new FeedSource(feed), Math.min(after, lastSeq), lastSeq, bell);
            feed.cursors.add(cursor);
            // No one here was signalled about events appended since `lastSeq` was read.
            signalled.add(jobId);
            work.signal();
            return cursor;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean awaitTerminal(UUID jobId, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        Optional<JobHead> job = jobs.head(jobId);
        if (job.isEmpty() || job.get().course().state().isTerminal()) {
            return job.isPresent();
        }
        Bell bell = new Bell();
        long lastSeq = job.get().course().lastSeq();
        try (EventCursor cursor = follow(jobId, lastSeq, lastSeq, bell)) {
            while (!stopping) {
                while (!cursor.poll().isEmpty()) {
                    // only the last one matters
                }
                if (cursor.isEnded()) {
                    return true;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                bell.await(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /// How many cursors there are now.
    public int followers() {
        lock.lock();
        try {
            return feeds.values().stream().mapToInt(feed -> feed.cursors.size()).sum();
        } finally {
            lock.unlock();
        }
    }

    /// Whether the process is stopping: followers are to leave, their clients come back elsewhere.
    public boolean isStopping() {
        return stopping;
    }

    private void run() {
        boolean away = false;
        while (!stopping) {
            try {
                readOn(awaitWork());
                if (away) {
                    LOG.info("the event log can be read again");
                }
                away = false;
            } catch (DataAccessException e) {
                if (!away) {
                    LOG.warn("the event log can't be read, trying again: {}", e.getMessage());
                }
                away = true;
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// Waits for a signal or the next look.
    ///
    /// @return the jobs there may be something new of
    private List<Feed> awaitWork() throws InterruptedException {
        Set<UUID> wanted;
        lock.lockInterruptibly();
        try {
            long left = nextLook - System.nanoTime();
            while (signalled.isEmpty() && left > 0) {
                left = work.awaitNanos(left);
            }
            if (left > 0) {
                wanted = Set.copyOf(signalled);
                signalled.clear();
                return feedsOf(wanted);
            }
            nextLook = System.nanoTime() + INTERVAL_NANOS;
            wanted = Set.copyOf(feeds.keySet());
            if (wanted.isEmpty()) {
                return List.of();
            }
        } finally {
            lock.unlock();
        }
        return look(wanted);
    }

    /// Which of the followed jobs have more than is known. Also the probe for a database that was
    /// away.
    private List<Feed> look(Set<UUID> wanted) {
        Map<UUID, Long> lastSeqs = jobs.lastSeqs(wanted);
        lock.lock();
        try {
            waitingForDatabase.forEach(Bell::ring);
            waitingForDatabase.clear();
            return feedsOf(wanted).stream()
                    .filter(feed -> lastSeqs.getOrDefault(feed.jobId, 0L) > feed.ring.head())
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    private List<Feed> feedsOf(Set<UUID> wanted) {
        return wanted.stream().map(feeds::get).filter(Objects::nonNull).toList();
    }

    /// Reads what is new of these jobs, with few statements for all of them.
    private void readOn(List<Feed> feeds) {
        Map<UUID, Feed> left = new LinkedHashMap<>();
        feeds.forEach(feed -> left.put(feed.jobId, feed));
        while (!left.isEmpty()) {
            Map<UUID, Long> heads = new LinkedHashMap<>();
            left.forEach((job, feed) -> heads.put(job, feed.ring.head()));
            log.readEach(
                    heads,
                    PAGE,
                    RING_BYTES,
                    (job, fresh) -> {
                        append(Objects.requireNonNull(left.get(job)), fresh.events());
                        if (!fresh.more()) {
                            left.remove(job);
                        }
                    });
        }
    }

    private void append(Feed feed, List<LoggedEvent> fresh) {
        lock.lock();
        try {
            feed.ring.append(fresh, Math.min(RING_BYTES, ALL_RINGS_BYTES / (feeds.size() + 1)));
            if (!fresh.isEmpty()) {
                feed.ring();
            }
        } finally {
            lock.unlock();
        }
    }

    private void heard(Signal signal) {
        lock.lock();
        try {
            if (signal.everything()) {
                nextLook = System.nanoTime();
            }
            for (UUID id : signal.jobs()) {
                if (feeds.containsKey(id)) {
                    signalled.add(id);
                }
            }
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void start() {
        thread = Thread.ofPlatform().daemon().name("event-tail").start(this::run);
        signals.listen(Channel.EVENTS, this::heard);
    }

    /// Comes before the web server's own graceful stop, which would wait for the streams.
    @Override
    public void stop() {
        stopping = true;
        lock.lock();
        try {
            feeds.values().forEach(Feed::ring);
        } finally {
            lock.unlock();
        }
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    /// A job's feed for its cursors, on their own threads.
    private final class FeedSource implements EventCursor.Source {
        private final Feed feed;

        FeedSource(Feed feed) {
            this.feed = feed;
        }

        @Override
        public @Nullable List<LoggedEvent> behind(long seq, Bell bell) {
            try {
                return feed.behind(seq);
            } catch (DataAccessException e) {
                lock.lock();
                try {
                    waitingForDatabase.add(bell);
                } finally {
                    lock.unlock();
                }
                return List.of();
            }
        }

        @Override
        public void given(List<LoggedEvent> events, long live) {
            meters.relayed(events, live);
        }

        @Override
        public ContentCache contents() {
            return feed.contents;
        }

        @Override
        public void leave(EventCursor cursor) {
            lock.lock();
            try {
                feed.cursors.remove(cursor);
                if (feed.cursors.isEmpty()) {
                    feeds.remove(feed.jobId, feed);
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
