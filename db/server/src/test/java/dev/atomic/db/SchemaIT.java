package dev.atomic.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.jobrunr.storage.sql.common.DatabaseCreator;
import org.jobrunr.storage.sql.h2.H2StorageProvider;
import org.jobrunr.storage.sql.postgres.PostgresStorageProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class SchemaIT {
    /// What the two call the same kind of type.
    private static final Map<String, String> KINDS =
            Map.of(
                    "timestamp", "timestamp without time zone",
                    "character large object", "text",
                    "character varying", "text",
                    "binary varying", "bytea");

    @Test
    @Tag("engine")
    void bothDatabasesReachTheSameTablesColumnsAndPrimaryKeys() throws Exception {
        try (TestDatabase h2 = TestDatabase.h2();
                TestDatabase postgres = TestDatabase.postgres()) {
            List<String> ours = columns(h2.dataSource(), "");
            assertThat(ours)
                    .contains("job.fence bigint not null", "jobrunr_jobs.jobasjson text not null");
            assertThat(columns(postgres.dataSource(), "")).containsExactlyElementsOf(ours);
            assertThat(keys(postgres.dataSource())).isEqualTo(keys(h2.dataSource()));
            assertThat(keys(h2.dataSource())).contains("job_event.job_id", "job_event.seq");
        }
    }

    @Test
    void jobRunrMakesTheSameOnH2() throws Exception {
        JdbcDataSource empty = new JdbcDataSource();
        empty.setURL("jdbc:h2:mem:jobrunr;DB_CLOSE_DELAY=-1");
        new DatabaseCreator(empty, H2StorageProvider.class).runMigrations();
        try (TestDatabase h2 = TestDatabase.h2()) {
            assertThat(columns(h2.dataSource(), "jobrunr_"))
                    .containsExactlyElementsOf(columns(empty, "jobrunr_"));
            assertSameStatistics(h2.dataSource(), empty);
        }
    }

    @Test
    @Tag("engine")
    void jobRunrMakesTheSameOnPostgres() throws Exception {
        try (TestDatabase theirs = TestDatabase.emptyPostgres();
                TestDatabase ours = TestDatabase.postgres()) {
            new DatabaseCreator(theirs.dataSource(), PostgresStorageProvider.class).runMigrations();
            assertThat(columns(ours.dataSource(), "jobrunr_"))
                    .containsExactlyElementsOf(columns(theirs.dataSource(), "jobrunr_"));
            assertSameStatistics(ours.dataSource(), theirs.dataSource());
        }
    }

    @Test
    void theSchemaIsValidForWhoMayNotChangeIt() throws Exception {
        try (TestDatabase h2 = TestDatabase.h2()) {
            Migrations.validate(h2.dataSource(), Dialect.H2);
        }
    }

    @Test
    @Tag("engine")
    void manyProcessesMayMigrateAtOnce() throws Exception {
        try (TestDatabase postgres = TestDatabase.emptyPostgres();
                var processes = Executors.newFixedThreadPool(3)) {
            var done =
                    IntStream.range(0, 3)
                            .mapToObj(_ ->
                                    processes.submit(() ->
                                            Migrations.migrate(
                                                    postgres.dataSource(), Dialect.POSTGRESQL)))
                            .toList();
            for (var one : done) {
                one.get();
            }
            Migrations.validate(postgres.dataSource(), Dialect.POSTGRESQL);
        }
    }

    /// The rows JobRunr writes at the start of its own making, too.
    private static void assertSameStatistics(DataSource ours, DataSource theirs) {
        String sql = "select id, name, owner from jobrunr_metadata";
        assertThat(JdbcClient.create(ours).sql(sql).query().listOfRows())
                .isEqualTo(JdbcClient.create(theirs).sql(sql).query().listOfRows());
        String stats = "select * from jobrunr_jobs_stats";
        assertThat(JdbcClient.create(ours).sql(stats).query().singleRow().toString())
                .isEqualTo(JdbcClient.create(theirs).sql(stats).query().singleRow().toString());
    }

    /// `table.column`, kind of type, length where it is bounded, and nullability.
    private static List<String> columns(DataSource database, String prefix) {
        return JdbcClient.create(database)
                .sql(
                        """
                        select lower(table_name) || '.' || lower(column_name) as name, lower(data_type) as type,
                               is_nullable, character_maximum_length
                        from information_schema.columns
                        where lower(table_schema) = 'public'
                          and table_name not like 'flyway%' and lower(table_name) like ?
                          and table_name not in (select table_name from information_schema.views)
                        """)
                .param(prefix + "%")
                .query((row, _) -> {
                    String type = row.getString("type");
                    int length = row.getInt("character_maximum_length");
                    boolean bounded = type.startsWith("character") && length < 1_000_000;
                    return row.getString("name")
                            + " "
                            + (bounded ? type + "(" + length + ")" : KINDS.getOrDefault(type, type))
                            + (row.getString("is_nullable").equals("YES") ? "" : " not null");
                })
                .list()
                .stream()
                .sorted()
                .toList();
    }

    private static List<String> keys(DataSource database) {
        return JdbcClient.create(database)
                .sql(
                        """
                        select lower(c.table_name) || '.' || lower(k.column_name) as found
                        from information_schema.table_constraints c
                        join information_schema.key_column_usage k
                          on k.constraint_name = c.constraint_name and k.table_name = c.table_name
                        where c.constraint_type = 'PRIMARY KEY' and lower(c.table_schema) = 'public'
                          and c.table_name not like 'flyway%'
                        """)
                .query(String.class)
                .list()
                .stream()
                .sorted()
                .toList();
    }
}
