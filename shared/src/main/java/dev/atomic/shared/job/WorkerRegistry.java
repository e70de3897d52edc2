package dev.atomic.shared.job;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `worker` table: who is alive, by the database's clock.
///
/// Thread-safe.
public final class WorkerRegistry {
    private final JdbcClient jdbc;

    public WorkerRegistry(JdbcClient jdbc) {
        this.jdbc = jdbc;
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

    /// @return how long ago the worker's beat before this one was; zero for its first
    public Duration beat(Beat beat) {
        Duration since =
                jdbc.sql(
                                """
                                select extract(epoch from current_timestamp) - extract(epoch from beat_at) as seconds
                                from worker where id = :id
                                """)
                        .param("id", beat.id())
                        .query((row, _) -> Duration.ofMillis((long) (row.getDouble(1) * 1_000)))
                        .optional()
                        .orElse(Duration.ZERO);
        int known =
                bind(
                                beat,
                                """
                                update worker set beat_at = current_timestamp, slots = :slots, running = :running,
                                                  agent_up = :agent, engine_up = :engine
                                where id = :id
                                """)
                        .update();
        if (known == 0) {
            bind(
                            beat,
                            """
                            insert into worker (id, name, host, pid, started_at, beat_at, slots, running, agent_up,
                                                engine_up)
                            values (:id, :name, :host, :pid, current_timestamp, current_timestamp, :slots, :running,
                                    :agent, :engine)
                            """)
                    .param("name", beat.name())
                    .param("host", beat.host())
                    .param("pid", beat.pid())
                    .update();
        }
        return since;
    }

    private JdbcClient.StatementSpec bind(Beat beat, String sql) {
        return jdbc.sql(sql)
                .param("id", beat.id())
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

    /// The ids of those that beat within this time, in their order.
    public List<UUID> alive(Duration silence) {
        return jdbc.sql(
                        """
                        select id from worker
                        where beat_at > current_timestamp - cast(:seconds as bigint) * interval '1' second
                        order by id
                        """)
                .param("seconds", silence.toSeconds())
                .query((row, _) -> row.getObject("id", UUID.class))
                .list();
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
