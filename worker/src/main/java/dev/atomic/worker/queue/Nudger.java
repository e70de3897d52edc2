package dev.atomic.worker.queue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jobrunr.storage.StorageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes JobRunr look for work when there is some, instead of at its next poll. Stock JobRunr picks
/// a job up after 2.5 s at the median; woken, it does after milliseconds.
///
/// One thread makes all passes, so nudges that come during one go together in the next. JobRunr
/// drops a call made while another pass runs (7.7 % of nudges started none; measured): passes are
/// counted, and the thread continues until one began after the nudge.
final class Nudger implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Nudger.class);

    /// How soon a dropped pass is tried again; the one under way takes about a millisecond.
    private static final long RETRY_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private final JobServer server;
    private final Slots slots;
    private final Passes passes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition nudged = lock.newCondition();
    private boolean pending;
    private long dueAt;
    private volatile boolean closed;
    private final Thread thread;

    Nudger(JobServer server, Slots slots, Passes passes) {
        this.server = server;
        this.slots = slots;
        this.passes = passes;
        this.thread = Thread.ofPlatform().daemon().name("nudger").start(this::run);
        slots.onFree(this::slotFreed);
    }

    /// Asks for a pass that begins after this call. Returns at once.
    void nudge() {
        nudgeIn(0);
    }

    /// The same, for a pass that begins this much later.
    void nudgeIn(long nanos) {
        long at = System.nanoTime() + nanos;
        lock.lock();
        try {
            if (!pending || at - dueAt < 0) {
                pending = true;
                dueAt = at;
                nudged.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Most slots are freed with nothing waiting: looking each time costs two statements a job.
    private void slotFreed() {
        if (passes.left()) {
            nudge();
        }
    }

    private void run() {
        while (!closed) {
            try {
                await();
                pass();
                if (passes.left() && slots.free() > 0) {
                    // A slot was freed during the pass, or others were just claiming all it saw.
                    LockSupport.parkNanos(RETRY_NANOS);
                    nudge();
                }
            } catch (InterruptedException e) {
                return;
            } catch (StorageException e) {
                // The database is away: the poll and the next signal come when it is back.
                LOG.debug("no pass over the queue: {}", e.getMessage());
            } catch (RuntimeException e) {
                // JobRunr's server was stopped in the middle of the pass, and has no threads any
                // more for what was claimed; that goes back like all that is claimed and not held.
                if (server.isRunning()) {
                    LOG.warn("a pass over the queue failed", e);
                } else {
                    LOG.info("a pass over the queue ended with the server: {}", e.toString());
                }
            }
        }
    }

    private void await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!pending || dueAt - System.nanoTime() > 0) {
                if (pending) {
                    var _ = nudged.awaitNanos(dueAt - System.nanoTime());
                } else {
                    nudged.await();
                }
            }
            pending = false;
        } finally {
            lock.unlock();
        }
    }

    private void pass() {
        long before = passes.begun();
        while (!closed && server.isAnnounced() && server.isRunning()) {
            server.lookForWork();
            if (passes.begun() > before) {
                return;
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
