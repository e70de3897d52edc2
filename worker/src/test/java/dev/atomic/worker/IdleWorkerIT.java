package dev.atomic.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.OwnProcess;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What a worker with nothing to do asks of the database, as the database counts it. The only
/// worker there is does also what one of many has to do.
class IdleWorkerIT {
    private static final Logger LOG = LoggerFactory.getLogger(IdleWorkerIT.class);

    /// A poll of JobRunr's.
    private static final Duration SPAN = Duration.ofSeconds(30);

    private static final double MOST_A_SECOND = 2;

    @Test
    @Tag("engine")
    void anIdleWorkerSendsAtMostTwoStatementsASecond() throws Exception {
        try (Idle h2 = new Idle(TestDatabase.h2());
                Idle postgres = new Idle(TestDatabase.postgres())) {
            // Side by side: most of the time is waiting.
            h2.begin();
            postgres.begin();
            h2.atMost(MOST_A_SECOND);
            postgres.atMost(MOST_A_SECOND);
        }
    }

    private static final class Idle implements AutoCloseable {
        private final TestDatabase database;
        private final OwnProcess worker;
        private long began;

        Idle(TestDatabase database) throws Exception {
            this.database = database;
            Map<String, String> variables = new HashMap<>(database.variables());
            variables.put("DOCKER_HOST", "unix:///nowhere/docker.sock");
            this.worker = OwnProcess.start(WorkerApplication.class, variables, Map.of());
        }

        /// Once it claims and has done what all new workers find due: not while it starts.
        void begin() throws Exception {
            String host = "localhost:" + worker.port();
            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            worker.get("/actuator/health/readiness", host, "")
                                    .startsWith("HTTP/1.1 200"));
            JdbcClient jdbc = JdbcClient.create(database.dataSource());
            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            jdbc.sql(
                                                    "select count(*) from maintenance_turn where name in ('retention', 'cleaning') and due_at > current_timestamp")
                                            .query(Integer.class)
                                            .single()
                                    == 2);
            database.countStatements();
            began = System.nanoTime();
        }

        void atMost(double most) throws Exception {
            await().atMost(SPAN.plusSeconds(10))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> System.nanoTime() - began >= SPAN.toNanos());
            Map<String, Long> statements = database.statements();
            double seconds = (System.nanoTime() - began) / 1e9;
            double rate = statements.values().stream().mapToLong(Long::longValue).sum() / seconds;
            LOG.info("{}: {} statements a second, idle", database.dialect(), rate);
            assertThat(rate).as("%s: %s", database.dialect(), statements).isLessThan(most);
            assertThat(statements.values())
                    .as("its heartbeat is among them: %s", statements)
                    .anyMatch(count -> count > SPAN.toSeconds() / 2);
        }

        @Override
        public void close() {
            worker.close();
            database.close();
        }
    }
}
