package dev.atomic.api.admission;

import dev.atomic.shared.job.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The `idempotency` table: which job an `Idempotency-Key` made. Only the holder of the admission
/// gate writes to it, so what isn't found there can be inserted.
///
/// Takes part in the caller's transaction.
@Component
final class IdempotencyStore {
    /// A key is forgotten after this long.
    private static final Duration KEPT = Duration.ofHours(24);

    /// A library that tries again by itself does so within this long of its last try, or of the end
    /// of the job it was waiting for.
    private static final Duration LATELY = Duration.ofSeconds(60);

    private final JdbcClient jdbc;

    IdempotencyStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    record ScopedKey(String tenant, Kind kind, String text) {}

    /// @param deleted whether the job is gone since
    /// @param lately whether the job was made, or ended, within [#LATELY], or hasn't ended
    record Known(UUID jobId, String bodySha256, boolean deleted, boolean lately) {}

    /// Those of these keys that are still remembered.
    Map<ScopedKey, Known> find(Collection<ScopedKey> keys, Instant now) {
        Map<ScopedKey, Known> known = new HashMap<>();
        if (keys.isEmpty()) {
            return known;
        }
        jdbc.sql(
                        """
                        select i.tenant_id, i.kind, i.idem_key, i.job_id, i.body_sha256, j.id as present,
                               case when i.created_at > :lately or j.finished_at > :lately
                                         or (j.id is not null and j.finished_at is null)
                                    then 1 else 0 end as lately
                        from idempotency i left join job j on j.id = i.job_id
                        where i.idem_key in (:keys) and i.created_at > :since
                        """)
                .param("keys", keys.stream().map(ScopedKey::text).distinct().toList())
                .param("since", utc(now.minus(KEPT)))
                .param("lately", utc(now.minus(LATELY)))
                .query((row, _) -> {
                    ScopedKey key =
                            new ScopedKey(
                                    row.getString("tenant_id"),
                                    Kind.of(row.getString("kind")),
                                    row.getString("idem_key"));
                    UUID job = row.getObject("job_id", UUID.class);
                    boolean deleted = row.getObject("present") == null;
                    return Map.entry(
                            key,
                            new Known(
                                    job,
                                    row.getString("body_sha256"),
                                    deleted,
                                    row.getInt("lately") == 1));
                })
                .list()
                .forEach(entry -> known.put(entry.getKey(), entry.getValue()));
        known.keySet().retainAll(keys);
        return known;
    }

    /// Remembers a key, in place of what it stood for more than a day ago.
    void put(ScopedKey key, UUID job, String bodySha256, Instant now) {
        jdbc.sql(
                        """
                        delete from idempotency
                        where tenant_id = :tenant and kind = :kind and idem_key = :key
                        """)
                .param("tenant", key.tenant())
                .param("kind", key.kind().wire())
                .param("key", key.text())
                .update();
        jdbc.sql(
                        """
                        insert into idempotency (tenant_id, kind, idem_key, job_id, body_sha256, created_at)
                        values (:tenant, :kind, :key, :job, :hash, :now)
                        """)
                .param("tenant", key.tenant())
                .param("kind", key.kind().wire())
                .param("key", key.text())
                .param("job", job)
                .param("hash", bodySha256)
                .param("now", utc(now))
                .update();
    }

    /// Forgets the keys whose time is over.
    void purge(Instant now) {
        jdbc.sql("delete from idempotency where created_at <= :since")
                .param("since", utc(now.minus(KEPT)))
                .update();
    }

    private static OffsetDateTime utc(Instant at) {
        return OffsetDateTime.ofInstant(at, ZoneOffset.UTC);
    }
}
