package dev.atomic.db.server;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// Lets H2 see all of its maps at one moment when it stores them, and lets no one read what isn't
/// stored yet.
///
/// A table, each of its indexes and each open transaction's undo log is a map of its own. When a
/// session commits, H2 goes over the maps and takes what each holds just then, while other sessions
/// go on changing them: what is stored may hold a transaction's change of one map, and neither its
/// change of another nor the undo log that would take it back. If the process is killed before the
/// next store, half a transaction stays, or a row without its place in an index
/// (`MVStore.collectChangedMapRoots`, H2 2.4.240). A maintainer of H2 describes it in [h2database
/// issue 2080](https://github.com/h2database/h2database/issues/2080), "Inconsistent result of
/// count(id) in two equivalent "select" statements": the store operation isn't atomic, a snapshot
/// is consistent for one map only. A global lock is the first of the ways out named there, at the
/// price of scalability; the issue is open. This gate is that lock: changes of maps go through it
/// together, the look at all of them alone.
///
/// A commit is seen by other sessions before it is stored (`Transaction.commit`). If the process is
/// killed between the two, somebody has been told, perhaps has passed on, what never was. So a
/// query's answer is kept back until the commits it may have seen are stored.
///
/// Called by H2's own classes where [StoreGateWeaver] put it. Thread-safe; a change may be within
/// another.
public final class StoreGate {
    private static final ReentrantReadWriteLock GATE = new ReentrantReadWriteLock();
    private static final Map<Thread, CompletableFuture<Void>> COMMITS = new ConcurrentHashMap<>();

    private StoreGate() {}

    /// A map is about to be changed.
    public static void beginChange() {
        GATE.readLock().lock();
    }

    public static void endChange() {
        GATE.readLock().unlock();
    }

    /// The maps are about to be looked at.
    public static void beginSnapshot() {
        GATE.writeLock().lock();
    }

    public static void endSnapshot() {
        GATE.writeLock().unlock();
    }

    /// Before it changes a map, a thread may store, if much waits to be stored. That must not have
    /// to wait for it; so it lets go of the gate first, as nothing is changed yet. Within another
    /// change it must not: that one may hold a lock which the look at all maps waits for.
    ///
    /// @return to be handed to [#goOn(int)]; negative when nothing may be stored now
    public static int stepAside() {
        int changes = GATE.getReadHoldCount();
        if (changes > 1) {
            return -1;
        }
        if (changes == 1) {
            GATE.readLock().unlock();
        }
        return changes;
    }

    public static void goOn(int changes) {
        if (changes == 1) {
            GATE.readLock().lock();
        }
    }

    /// A transaction is about to become visible.
    public static void beginCommit() {
        // Were one commit within another, a second entry would leave those who wait for the first
        // waiting for ever.
        COMMITS.putIfAbsent(Thread.currentThread(), new CompletableFuture<>());
    }

    /// It is stored.
    public static void endCommit() {
        CompletableFuture<Void> commit = COMMITS.remove(Thread.currentThread());
        if (commit != null) {
            commit.complete(null);
        }
    }

    /// A query has its answer. Those that commit wait for none that read: it holds no lock of a
    /// map, and what its session has locked was needed before a commit began.
    public static void endRead() {
        // Those that begin meanwhile are none of its business.
        List.copyOf(COMMITS.values()).forEach(CompletableFuture::join);
    }
}
