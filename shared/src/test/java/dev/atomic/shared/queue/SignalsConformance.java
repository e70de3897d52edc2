package dev.atomic.shared.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.queue.Signals.Channel;
import dev.atomic.shared.queue.Signals.Signal;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// What signals promise, whatever the database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
abstract class SignalsConformance {
    private final Callable<TestDatabase> open;
    private TestDatabase database;
    private DataSource source;
    private Signals signals;

    SignalsConformance(Callable<TestDatabase> open) {
        this.open = open;
    }

    @BeforeAll
    void start() throws Exception {
        database = open.call();
        source = database.dataSource();
    }

    @AfterAll
    void stop() {
        database.close();
    }

    @BeforeEach
    void connect() {
        signals = connected();
    }

    @AfterEach
    void disconnect() {
        signals.close();
    }

    @Test
    void aSignalReachesWhoListensInAnyProcess() throws Exception {
        var here = listening(signals, Channel.WORK);
        UUID id = UUID.randomUUID();
        try (Signals other = connected()) {
            var there = listening(other, Channel.WORK);
            signals.raise(Channel.WORK, Set.of(id));
            assertThat(heard(there, 1)).containsExactly(id);
            assertThat(heard(here, 1)).containsExactly(id);
        }
    }

    @Test
    void aSignalOfATransactionIsHeardAfterItsCommitAndNeverAfterARollback() throws Exception {
        var transactions = new TransactionTemplate(new JdbcTransactionManager(source));
        var heard = listening(signals, Channel.WORK);
        UUID undone = UUID.randomUUID();
        transactions.executeWithoutResult(transaction -> {
            signals.raiseOnCommit(Channel.WORK, Set.of(undone));
            transaction.setRollbackOnly();
        });
        UUID done = UUID.randomUUID();
        transactions.executeWithoutResult(_ -> {
            signals.raiseOnCommit(Channel.WORK, Set.of(done));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            assertThat(heard).as("before the commit").isEmpty();
        });
        assertThat(heard(heard, 1)).containsExactly(done);
    }

    @Test
    void channelsAreApart() throws Exception {
        var cancels = listening(signals, Channel.CANCEL);
        var events = listening(signals, Channel.EVENTS);
        UUID event = UUID.randomUUID();
        UUID cancel = UUID.randomUUID();
        signals.raise(Channel.EVENTS, Set.of(event));
        signals.raise(Channel.CANCEL, Set.of(cancel));
        assertThat(heard(cancels, 1)).containsExactly(cancel);
        assertThat(heard(events, 1)).containsExactly(event);
    }

    @Test
    void oneListenerHearsSeveralChannelsEachAsItsOwn() throws Exception {
        BlockingQueue<Signal> cancels = new LinkedBlockingQueue<>();
        BlockingQueue<Signal> work = new LinkedBlockingQueue<>();
        signals.listen(Map.of(Channel.CANCEL, cancels::add, Channel.WORK, work::add));
        assertThat(next(cancels).everything()).isTrue();
        assertThat(next(work).everything()).isTrue();
        UUID cancel = UUID.randomUUID();
        UUID job = UUID.randomUUID();
        signals.raise(Channel.CANCEL, Set.of(cancel));
        assertThat(heard(cancels, 1)).containsExactly(cancel);
        signals.raise(Channel.EVENTS, Set.of(UUID.randomUUID()));
        signals.raise(Channel.WORK, Set.of(job));
        assertThat(heard(work, 1)).containsExactly(job);
        assertThat(cancels).isEmpty();
    }

    @Test
    void moreIdsThanOneMessageHoldsAllArrive() throws Exception {
        var heard = listening(signals, Channel.EVENTS);
        Set<UUID> ids = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            ids.add(UUID.randomUUID());
        }
        signals.raise(Channel.EVENTS, ids);
        assertThat(heard(heard, ids.size())).isEqualTo(ids);
    }

    @Test
    void manySignalsInARowAllArrive() throws Exception {
        var heard = listening(signals, Channel.EVENTS);
        Set<UUID> ids = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            UUID id = UUID.randomUUID();
            ids.add(id);
            signals.raise(Channel.EVENTS, Set.of(id));
        }
        assertThat(heard(heard, ids.size())).isEqualTo(ids);
    }

    @Test
    void afterALostConnectionEverythingMayHaveHappenedAndSignalsAreHeardAgain() throws Exception {
        var heard = listening(signals, Channel.WORK);
        database.goAway();
        database.comeBack();
        assertThat(next(heard).everything()).isTrue();
        UUID id = UUID.randomUUID();
        signals.raise(Channel.WORK, Set.of(id));
        assertThat(heard(heard, 1)).contains(id);
    }

    @Test
    void raisingWhileTheDatabaseIsAwayHarmsNobody() throws Exception {
        var heard = listening(signals, Channel.WORK);
        database.goAway();
        signals.raise(Channel.WORK, Set.of(UUID.randomUUID()));
        database.comeBack();
        assertThat(next(heard).everything()).isTrue();
        UUID id = UUID.randomUUID();
        signals.raise(Channel.WORK, Set.of(id));
        Set<UUID> ids = new HashSet<>();
        while (!ids.contains(id)) {
            ids.addAll(next(heard).jobs());
        }
    }

    @Test
    void aListenerThatFailsIsToldAgain() throws Exception {
        AtomicBoolean failed = new AtomicBoolean();
        BlockingQueue<Signal> heard = new LinkedBlockingQueue<>();
        signals.listen(
                Channel.CANCEL,
                signal -> {
                    if (!signal.everything() && failed.compareAndSet(false, true)) {
                        throw new IllegalStateException("a listener's bug");
                    }
                    heard.add(signal);
                });
        assertThat(next(heard).everything()).isTrue();
        signals.raise(Channel.CANCEL, Set.of(UUID.randomUUID()));
        assertThat(next(heard).everything()).isTrue();
        UUID id = UUID.randomUUID();
        signals.raise(Channel.CANCEL, Set.of(id));
        assertThat(heard(heard, 1)).contains(id);
    }

    private Signals connected() {
        return Signals.of(database.dialect(), source, source);
    }

    /// Listens, and is told first that anything may have happened.
    private static BlockingQueue<Signal> listening(Signals signals, Channel channel)
            throws InterruptedException {
        BlockingQueue<Signal> heard = new LinkedBlockingQueue<>();
        signals.listen(channel, heard::add);
        assertThat(next(heard)).isEqualTo(new Signal(Set.of(), true));
        return heard;
    }

    private static Signal next(BlockingQueue<Signal> heard) throws InterruptedException {
        Signal signal = heard.poll(20, TimeUnit.SECONDS);
        assertThat(signal).as("a signal in time").isNotNull();
        return signal;
    }

    private static Set<UUID> heard(BlockingQueue<Signal> heard, int jobs)
            throws InterruptedException {
        Set<UUID> ids = new HashSet<>();
        while (ids.size() < jobs) {
            ids.addAll(next(heard).jobs());
        }
        return ids;
    }
}
