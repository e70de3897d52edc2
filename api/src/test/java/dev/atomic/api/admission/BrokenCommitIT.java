package dev.atomic.api.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.db.FaultyWire;
import dev.atomic.db.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The connection breaks when the commit of an admission was asked for and before it was answered.
///
/// On PostgreSQL alone: H2's driver doesn't send the commit as text, by which the wire knows it.
@Tag("engine")
class BrokenCommitIT {
    @Test
    void whatMayHaveBeenAdmittedIsNotAdmittedAgain() throws Exception {
        try (TestDatabase database = TestDatabase.postgres();
                FaultyWire wire = new FaultyWire(database);
                RunningApi api = RunningApi.on(wire.variables())) {
            wire.breakAtTheCommitAfter("insert into job ");
            Answer answer = api.post("/api/jobs", "{\"prompt\":\"p\"}");
            assertThat(wire.isBroken()).isTrue();
            assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
            assertThat(jobs(database)).isOne();
            assertThat(api.post("/api/jobs", "{\"prompt\":\"p\"}").status()).isEqualTo(202);
            assertThat(jobs(database)).isEqualTo(2);
        }
    }

    /// Nothing was admitted for sure, and the database is there.
    @Test
    void whatBrokeOffBeforeIsAdmittedAfterAll() throws Exception {
        try (TestDatabase database = TestDatabase.postgres();
                FaultyWire wire = new FaultyWire(database);
                RunningApi api = RunningApi.on(wire.variables())) {
            assertThat(api.post("/api/jobs", "{\"prompt\":\"p\"}").status()).isEqualTo(202);
            JdbcClient.create(database.dataSource())
                    .sql(
                            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
                    .query()
                    .listOfRows();
            assertThat(api.post("/api/jobs", "{\"prompt\":\"p\"}").status()).isEqualTo(202);
            assertThat(jobs(database)).isEqualTo(2);
        }
    }

    private static int jobs(TestDatabase database) {
        return JdbcClient.create(database.dataSource())
                .sql("select count(*) from job")
                .query(Integer.class)
                .single();
    }
}
