package dev.atomic.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.db.DatabaseSettings;
import dev.atomic.db.FaultyWire;
import dev.atomic.db.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Slow, hung or away: what the pool tells apart. One suite, both databases.
@Timeout(60)
class PatientPoolIT {
    @Nested
    class OnH2 extends Conformance {
        OnH2() throws Exception {
            super(TestDatabase.h2());
        }
    }

    @Nested
    @Tag("engine")
    class OnPostgres extends Conformance {
        OnPostgres() throws Exception {
            super(TestDatabase.postgres());
        }
    }

    abstract static class Conformance {
        /// Without what a busy machine adds, 2.5 s.
        private static final Duration IN_TIME = Duration.ofSeconds(5);

        private final TestDatabase database;
        private final FaultyWire wire;
        private final PatientPool pool;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<Connection> held = new ArrayList<>();

        Conformance(TestDatabase database) throws IOException, SQLException {
            this.database = database;
            this.wire = new FaultyWire(database);
            this.pool =
                    new DatabaseConfiguration()
                            .dataSource(
                                    DatabaseSettings.from(wire.variables()),
                                    DatabasePatience.OF_REQUESTS);
            for (int i = 0; i < pool.getMaximumPoolSize(); i++) {
                held.add(pool.getConnection());
            }
            assertThat(pool.answers(Duration.ofSeconds(10))).isTrue();
        }

        @AfterEach
        void close() throws SQLException {
            wire.delay(Duration.ZERO);
            for (Connection connection : held) {
                connection.close();
            }
            pool.close();
            threads.close();
            wire.close();
            database.close();
        }

        /// Nearly as slow as it may be, for as long as it likes.
        @Test
        void aSlowDatabaseIsWaitedFor() throws Exception {
            wire.delay(Duration.ofMillis(1_200));
            Future<Connection> waiting = threads.submit(() -> pool.getConnection());
            assertThatThrownBy(() -> waiting.get(4, TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);
            assertThat(pool.isSilent(System.nanoTime())).isFalse();
            held.removeFirst().close();
            held.add(waiting.get());
        }

        @Test
        void aHungDatabaseIsGivenUpInTime() {
            wire.delay(Duration.ofDays(1));
            long began = System.nanoTime();
            assertThatThrownBy(pool::getConnection)
                    .isInstanceOf(SQLTransientConnectionException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(DatabasePatience.OF_REQUESTS.silence(), IN_TIME);
            assertThat(pool.isSilent(began)).isTrue();
        }

        @Test
        void aDatabaseThatRefusesIsGivenUpInTime() throws Exception {
            database.goAway();
            long began = System.nanoTime();
            assertThatThrownBy(pool::getConnection)
                    .isInstanceOf(SQLTransientConnectionException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(IN_TIME);
            database.comeBack();
            long back = System.nanoTime();
            while (!pool.answers(Duration.ofSeconds(10))) {
                assertThat(Duration.ofNanos(System.nanoTime() - back)).isLessThan(IN_TIME);
                Thread.sleep(50);
            }
        }
    }
}
