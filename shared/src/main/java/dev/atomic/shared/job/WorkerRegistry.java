package dev.atomic.shared.job;

import dev.atomic.db.Dialect;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `worker` table: who is alive, by the database's clock.
///
/// Thread-safe.
public final class WorkerRegistry {
    private static final String SIGN_ON =
            """
            insert into worker (id, name, host, pid, started_at, beat_at, slots, running, agent_up, engine_up)
            values (:id, :name, :host, :pid, current_timestamp, current_timestamp, :slots, :running, :agent, :engine)
            """;

    private static final String MOVE_ON =
            """
            update worker set beat_at = current_timestamp, slots = :slots, running = :running,
                              agent_up = :agent, engine_up = :engine
            where id = :id
            """;

    private static final String SILENT =
            "cast(1000 * (extract(epoch from current_timestamp) - extract(epoch from beat_at)) as bigint)";

    private static final String LOST =
            """
            union all (select 'lost', null, null, 0, false from job
            where cast(:judges as boolean) and state = 'running' and not exists (
                select 1 from worker
                where worker.id = job.worker_id
                  and worker.beat_at > current_timestamp - cast(:seconds as bigint) * interval '1' second)
            """;

    private static final String READS =
            """
            union all select 'alive', id, null, 0, false from worker
            where cast(:everybody as boolean)
              and beat_at > current_timestamp - cast(:seconds as bigint) * interval '1' second
            union all select 'running', id, null, fence, cancel_requested from job
            where worker_id = :id and state = 'running'
            union all select 'turn', null, name, 0, false from maintenance_turn
            where name <> 'recovery' and due_at <= current_timestamp
              and (name <> 'webhooks' or exists (select 1 from webhook where webhook.due_at <= current_timestamp))
              and (name <> 'packing' or exists (
                  select 1 from long_log where ended_at < current_timestamp - interval '1' minute))
            union all (select 'due', null, null, 0, false from job where
            """
                    + StrandedJobs.IS_DUE
                    + """
                    order by due_at limit 1)
                    union all (select 'waiting', null, null, 0, false from job
                    where state = 'queued' and delivered and held_for = ''
                    order by state, held_for, queue_order, id limit 1)
                    """;

    /// To look for lost jobs, all that run are read; so one worker does it, in turns a little
    /// shorter than the second between two beats of a worker that is alone.
    private static final String BEAT_POSTGRESQL =
            "with before as (select "
                    + SILENT
                    + " as silent from worker where id = :id), beat as ("
                    + SIGN_ON
                    + """
                    on conflict (id) do update
                    set beat_at = excluded.beat_at, slots = excluded.slots, running = excluded.running,
                        agent_up = excluded.agent_up, engine_up = excluded.engine_up),
                    turn as (
                    update maintenance_turn set due_at = current_timestamp + interval '0.9' second
                    where name in (
                        select name from maintenance_turn
                        where name = 'recovery' and due_at <= current_timestamp and cast(:judges as boolean)
                        for update skip locked)
                    returning 1)
                    select 'before' as what, cast(null as uuid) as id, cast(null as varchar) as name,
                           silent as number, false as flag
                    from before
                    """
                    + LOST
                    + " and exists (select 1 from turn) limit 1)"
                    + READS;

    /// There are few workers on H2: they all look.
    private static final String BEAT_H2 =
            "select 'before' as what, cast(null as uuid) as id, cast(null as varchar) as name, "
                    + SILENT
                    + " as number, false as flag from old table ("
                    + MOVE_ON
                    + ") "
                    + LOST
                    + " limit 1)"
                    + READS;

    private final JdbcClient jdbc;
    private final Dialect dialect;

    public WorkerRegistry(JdbcClient jdbc, Dialect dialect) {
        this.jdbc = jdbc;
        this.dialect = dialect;
    }

    /// What one worker says of itself once a second.
    ///
    /// @param slots most jobs it runs at once
    public record Beat(
            UUID id,
            String name,
            String host,
            long pid,
            int slots,
            int running,
            boolean agentUp,
            boolean engineUp) {}

    /// What the workers that beat lately say together.
    public record Summary(int alive, int slots, int running, boolean agentUp, boolean engineUp) {}

    /// What a worker asks with its beat.
    ///
    /// @param silence who beat within this time is alive
    /// @param everybody whether to list who is alive
    /// @param judges whether it may say that others are lost
    public record Question(Duration silence, boolean everybody, boolean judges) {}

    /// What a worker hears with its beat.
    ///
    /// @param since how long ago its beat before this one was; zero for its first
    /// @param alive the ids of the living, in their order; empty when not asked
    /// @param running the jobs that run on it by their rows
    /// @param turns what of the work of all is due ([dev.atomic.shared.upkeep.MaintenanceTurns])
    /// @param lost whether jobs seem to have lost their worker, and it is to look after them
    /// @param due whether a job waits for its delivery and is due
    /// @param waiting whether a delivered job waits
    public record Heard(
            Duration since,
            List<UUID> alive,
            List<JobStore.Running> running,
            Set<String> turns,
            boolean lost,
            boolean due,
            boolean waiting) {}

    /// Says that a worker lives and asks for all that it must know once a second, in one statement:
    /// with one for each, an idle worker sent eight a second.
    ///
    /// Of what the beat itself changes the reads see nothing: the first doesn't list the worker.
    public Heard beat(Beat beat, Question question) {
        List<Row> rows = beatOnce(beat, question);
        if (dialect == Dialect.H2 && rows.stream().noneMatch(row -> row.what.equals("before"))) {
            bind(jdbc.sql(SIGN_ON), beat).update();
        }
        return new Heard(
                rows.stream()
                        .filter(row -> row.what.equals("before"))
                        .map(row -> Duration.ofMillis(row.number))
                        .findFirst()
                        .orElse(Duration.ZERO),
                rows.stream()
                        .filter(row -> row.what.equals("alive"))
                        .map(row -> Objects.requireNonNull(row.id))
                        .sorted(Comparator.comparing(UUID::toString))
                        .toList(),
                rows.stream()
                        .filter(row -> row.what.equals("running"))
                        .map(row ->
                                new JobStore.Running(
                                        Objects.requireNonNull(row.id), row.number, row.flag))
                        .toList(),
                rows.stream()
                        .filter(row -> row.what.equals("turn"))
                        .map(row -> Objects.requireNonNull(row.name))
                        .collect(Collectors.toSet()),
                rows.stream().anyMatch(row -> row.what.equals("lost")),
                rows.stream().anyMatch(row -> row.what.equals("due")),
                rows.stream().anyMatch(row -> row.what.equals("waiting")));
    }

    private record Row(
            String what, @Nullable UUID id, @Nullable String name, long number, boolean flag) {}

    private List<Row> beatOnce(Beat beat, Question question) {
        return bind(jdbc.sql(dialect == Dialect.H2 ? BEAT_H2 : BEAT_POSTGRESQL), beat)
                .param("seconds", question.silence().toSeconds())
                .param("everybody", question.everybody())
                .param("judges", question.judges())
                .query((row, _) ->
                        new Row(
                                row.getString("what"),
                                row.getObject("id", UUID.class),
                                row.getString("name"),
                                row.getLong("number"),
                                row.getBoolean("flag")))
                .list();
    }

    private static JdbcClient.StatementSpec bind(JdbcClient.StatementSpec statement, Beat beat) {
        return statement
                .param("id", beat.id())
                .param("name", beat.name())
                .param("host", beat.host())
                .param("pid", beat.pid())
                .param("slots", beat.slots())
                .param("running", beat.running())
                .param("agent", beat.agentUp())
                .param("engine", beat.engineUp());
    }

    /// Signs off.
    public void remove(UUID id) {
        jdbc.sql("delete from worker where id = :id").param("id", id).update();
    }

    /// Forgets workers that have been silent for this long.
    public void removeSilent(Duration silence) {
        jdbc.sql(
                        "delete from worker where beat_at < current_timestamp - cast(:seconds as bigint) * interval '1' second")
                .param("seconds", silence.toSeconds())
                .update();
    }

    /// What those that beat within this time say together.
    public Summary summary(Duration silence) {
        return jdbc.sql(
                        """
                        select count(*) as alive, coalesce(sum(slots), 0) as slots, coalesce(sum(running), 0) as running,
                               coalesce(max(case when agent_up then 1 else 0 end), 0) as agent,
                               coalesce(max(case when engine_up then 1 else 0 end), 0) as engine
                        from worker where beat_at > current_timestamp - cast(:seconds as bigint) * interval '1' second
                        """)
                .param("seconds", silence.toSeconds())
                .query((row, _) ->
                        new Summary(
                                row.getInt("alive"),
                                row.getInt("slots"),
                                row.getInt("running"),
                                row.getInt("agent") == 1,
                                row.getInt("engine") == 1))
                .single();
    }
}
