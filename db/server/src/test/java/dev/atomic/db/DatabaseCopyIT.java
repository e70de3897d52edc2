package dev.atomic.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.db.server.CopyRefusedException;
import dev.atomic.db.server.DatabaseCopy;
import dev.atomic.db.server.H2Server;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

@Tag("engine")
class DatabaseCopyIT {
    private static final String ODD =
            "«ünï» 🎉 \\ ' \" \u200b\t\r\n $$ %s {0} ${x}" + "é".repeat(90);

    private Map<String, String> env;
    private Path home;
    private TestDatabase target;

    @BeforeEach
    void prepare() throws Exception {
        home = Files.createTempDirectory("atomic-copy");
        target = TestDatabase.emptyPostgres();
        env = new HashMap<>(target.variables());
        env.put("ATOMIC_HOME", home.toString());
    }

    @AfterEach
    void drop() {
        target.close();
    }

    private H2Server serve() throws Exception {
        return H2Server.start(
                Map.of(
                        "ATOMIC_HOME",
                        home.toString(),
                        "ATOMIC_H2_PORT",
                        Integer.toString(TestDatabase.freePort())));
    }

    private JdbcClient h2(H2Server server) {
        DatabaseSettings settings =
                DatabaseSettings.from(
                        Map.of(
                                "ATOMIC_HOME",
                                home.toString(),
                                "ATOMIC_H2_PORT",
                                Integer.toString(server.port())));
        return JdbcClient.create(
                new DriverManagerDataSource(settings.url(), settings.user(), settings.password()));
    }

    /// H2's files as an administrator opens them while nobody serves them.
    private DataSource files() throws Exception {
        JdbcDataSource files = new JdbcDataSource();
        files.setURL("jdbc:h2:file:" + home.resolve("data/atomic"));
        files.setUser("ADMIN");
        files.setPassword(Files.readString(home.resolve("run/db.admin")).strip());
        return files;
    }

    private JdbcClient postgres() {
        return JdbcClient.create(target.dataSource());
    }

    private String copy() throws Exception {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        DatabaseCopy.copy(env, new PrintStream(said, true, StandardCharsets.UTF_8));
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void everyRowOfEveryTableArrivesAsItWas() throws Exception {
        try (H2Server server = serve()) {
            for (int i = 0; i < 30; i++) {
                fill(h2(server), i);
            }
        }
        String said = copy();
        assertThat(said).contains("job\t30\t").contains("job_event\t600\t").contains("agrees");
        JdbcClient theirs = JdbcClient.create(files());
        for (String table : tables(theirs)) {
            assertThat(rows(postgres(), table)).as(table).isEqualTo(rows(theirs, table));
        }
        // Numbers that the database gives go on behind those that were copied.
        long last = postgres().sql("select max(id) from blob_released").query(Long.class).single();
        postgres()
                .sql(
                        "insert into blob_released (tenant_id, sha256, released_at) values ('t', 'x', now())")
                .update();
        assertThat(postgres().sql("select max(id) from blob_released").query(Long.class).single())
                .isEqualTo(last + 1);
    }

    @Test
    void aTargetThatIsNotEmptyIsRefusedAndStaysAsItIs() throws Exception {
        try (H2Server server = serve()) {
            fill(h2(server), 1);
        }
        copy();
        assertThatThrownBy(this::copy)
                .isInstanceOf(CopyRefusedException.class)
                .hasMessageContaining("the target isn't empty");
        assertThat(postgres().sql("select count(*) from job").query(Integer.class).single())
                .isEqualTo(1);
    }

    @Test
    void aTargetWithTablesOfSomebodyElseIsRefused() throws Exception {
        serve().close();
        postgres().sql("create table theirs (id int)").update();
        assertThatThrownBy(this::copy)
                .isInstanceOf(CopyRefusedException.class)
                .hasMessageContaining("tables that aren't this version's");
    }

    @Test
    void aDatabaseThatIsServedIsRefused() throws Exception {
        try (H2Server _ = serve()) {
            // The same file opened twice in one process would be one database to H2.
            ProcessBuilder other =
                    new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-cp",
                            System.getProperty(
                                    "surefire.test.class.path",
                                    System.getProperty("java.class.path")),
                            DatabaseCopy.class.getName());
            other.environment().putAll(env);
            other.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(home.resolve("errors").toFile());
            assertThat(other.start().waitFor()).isEqualTo(1);
            assertThat(home.resolve("errors")).content().contains("stop the stack first");
        }
    }

    @Test
    void anotherVersionsDatabaseIsRefused() throws Exception {
        serve().close();
        JdbcClient history = JdbcClient.create(files());
        history.sql(
                        """
                        update "flyway_schema_history" set "version" = '9999'
                        where "installed_rank" = (select max("installed_rank") from "flyway_schema_history")
                        """)
                .update();
        assertThatThrownBy(this::copy)
                .isInstanceOf(CopyRefusedException.class)
                .hasMessageContaining("newer version");
        history.sql("delete from \"flyway_schema_history\" where \"version\" = '9999'").update();
        assertThatThrownBy(this::copy)
                .isInstanceOf(CopyRefusedException.class)
                .hasMessageContaining("older version");
    }

    @Test
    void whatCannotBeStoredUndoesAllAndTheNextCopyMayFollow() throws Exception {
        UUID id;
        try (H2Server server = serve()) {
            id = fill(h2(server), 1);
            h2(server)
                    .sql("update job_request set input = ? where job_id = ?")
                    .param("secret prompt \u0000")
                    .param(id)
                    .update();
        }
        assertThatThrownBy(this::copy)
                .hasMessageContaining("job_request")
                .hasMessageNotContaining("secret prompt");
        assertThat(postgres().sql("select count(*) from job").query(Integer.class).single())
                .isZero();
        JdbcClient.create(files()).sql("update job_request set input = 'fit'").update();
        assertThat(copy()).contains("job_request\t1\t");
    }

    private static UUID fill(JdbcClient h2, int i) {
        UUID id = UUID.randomUUID();
        Random random = new Random(i);
        byte[] bytes = new byte[i == 7 ? 1024 * 1024 : 1000];
        random.nextBytes(bytes);
        boolean ended = i % 2 == 0;
        h2.sql(
                        """
                        insert into job (id, tenant_id, trace_id, kind, state, priority, queue_order, max_attempts, error,
                                         created_at, due_at, delivered, delivery_id, timeout_seconds, finished_at, input_length)
                        values (?, ?, 'trace', 'generate', ?, -1, ?, 4, ?, timestamp with time zone '2026-03-29 02:30:00.123+05:30',
                                null, ?, ?, 900, ?, 3)
                        """)
                .param(id)
                .param("tenant " + i % 3)
                .param(ended ? "failed" : "queued")
                .param(Long.MAX_VALUE - i)
                .param(ended ? ODD : null)
                .param(!ended)
                .param(id.toString())
                .param(ended ? OffsetDateTime.now(ZoneOffset.UTC) : null)
                .update();
        h2.sql("insert into job_request (job_id, tenant_id, input, run) values (?, 't', ?, null)")
                .param(id)
                .param(ODD + "x".repeat(i == 9 ? 2_000_000 : 10))
                .update();
        for (int seq = 1; seq <= 20; seq++) {
            h2.sql(
                            """
                            insert into job_event (job_id, seq, tenant_id, type, at, attempt, payload)
                            values (?, ?, 't', 'chunk', current_timestamp, 1, ?)
                            """)
                    .param(id)
                    .param(seq)
                    .param(ODD + seq)
                    .update();
        }
        h2.sql(
                        """
                        insert into checkpoint (job_id, tenant_id, stage, round, status, attempt, runs, started_at, output,
                                                cost_usd, output_length)
                        values (?, 't', 'code', 1, 'succeeded', 1, 1, current_timestamp, ?, ?, 1)
                        """)
                .param(id)
                .param(ODD)
                .param(ended ? 0.1 + i / 3.0 : null)
                .update();
        h2.sql(
                        """
                        insert into packed_log (job_id, last_seq, tenant_id, first_seq, events) values (?, 20, 't', 1, ?)
                        """)
                .param(id)
                .param(bytes)
                .update();
        h2.sql("insert into blob_content (tenant_id, sha256, content) values ('t', ?, ?)")
                .param("%064d".formatted(i))
                .param(bytes)
                .update();
        h2.sql(
                        """
                        insert into job_file (job_id, tenant_id, role, path, sha256, size, origin)
                        values (?, 't', 'workspace', ?, ?, 1000, 'model')
                        """)
                .param(id)
                .param("ordner/ä " + i + ".py")
                .param("%064d".formatted(i))
                .update();
        h2.sql(
                        """
                        insert into blob_released (tenant_id, sha256, released_at) values ('t', ?, current_timestamp)
                        """)
                .param("%064d".formatted(i))
                .update();
        h2.sql(
                        """
                        insert into idempotency (tenant_id, kind, idem_key, job_id, body_sha256, created_at)
                        values ('t', 'generate', ?, ?, ?, current_timestamp)
                        """)
                .param(ODD.substring(0, 30) + i)
                .param(id)
                .param("%064d".formatted(i))
                .update();
        h2.sql(
                        "insert into follow_up (job_id, tenant_id, history, spec) values (?, 't', '[]', null)")
                .param(id)
                .update();
        h2.sql("insert into long_log (job_id, ended_at) values (?, current_timestamp)")
                .param(id)
                .update();
        h2.sql(
                        """
                        insert into job_usage (job_id, tenant_id, stage, provider, input_tokens, output_tokens, cost_usd,
                                               usage_estimated)
                        values (?, 't', 'code', '', 1, 2, null, true)
                        """)
                .param(id)
                .update();
        h2.sql(
                        """
                        insert into jobrunr_jobs (id, version, jobAsJson, jobSignature, state, createdAt, updatedAt)
                        values (?, 1, '{}', 'sig', 'ENQUEUED', localtimestamp, localtimestamp)
                        """)
                .param(id.toString())
                .update();
        h2.sql("update job set budget_day = date '2026-10-25', reserved_nanos = 1 where id = ?")
                .param(id)
                .update();
        h2.sql("insert into tenant_day values (?, date '2024-02-29', 1, 2, 3, ?)")
                .param("tenant " + i)
                .param(Long.MAX_VALUE)
                .update();
        h2.sql("update deleted_total set total = total + 1.25 where name = 'latency_ms'").update();
        return id;
    }

    private static List<String> tables(JdbcClient h2) {
        return h2.sql(
                        """
                        select lower(table_name) from information_schema.tables
                        where table_schema = 'PUBLIC' and table_type = 'BASE TABLE'
                          and lower(table_name) not in ('worker', 'flyway_schema_history')
                          and (lower(table_name) = 'jobrunr_jobs' or lower(table_name) not like 'jobrunr%')
                        """)
                .query(String.class)
                .list();
    }

    /// As text that is the same for both.
    private static List<String> rows(JdbcClient database, String table) {
        return database
                .sql("select * from " + table)
                .query((row, _) -> {
                    StringBuilder said = new StringBuilder();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        String name = row.getMetaData().getColumnName(i).toLowerCase(Locale.ROOT);
                        String type =
                                row.getMetaData().getColumnTypeName(i).toLowerCase(Locale.ROOT);
                        Object value =
                                switch (type.split("[ (]")[0]) {
                                    case "bytea", "binary" ->
                                            HexFormat.of().formatHex(row.getBytes(i));
                                    case "timestamp", "timestamptz" -> row.getTimestamp(i);
                                    case "bool", "boolean" -> row.getBoolean(i);
                                    case "double", "float8" -> row.getDouble(i);
                                    default -> row.getString(i);
                                };
                        said.append(name).append('=').append(value).append('\n');
                    }
                    return said.toString();
                })
                .list()
                .stream()
                .sorted()
                .toList();
    }
}
