package dev.atomic.api.key;

import dev.atomic.api.request.KeyBody;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.Scope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The `api_key` table. A key is looked up at every request and never remembered, so that one that
/// is revoked is refused from then on by every process. What is valid goes by the database's clock.
///
/// Thread-safe.
@Component
public final class KeyStore {
    /// Most keys that are listed.
    private static final int LISTED = 1000;

    private static final String COLUMNS =
            "id, tenant_id, name, scopes, created_at, expires_at, revoked_at";

    private final JdbcClient jdbc;
    private final Clock clock;

    KeyStore(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /// What became of a credential.
    public sealed interface Found {
        record Valid(Caller caller) implements Found {}

        /// A caller that knows the secret may know this, too.
        record Expired() implements Found {}

        record Revoked() implements Found {}

        /// No such key, or another secret: which of them nobody is told.
        record Unknown() implements Found {}
    }

    /// A key and its text, which is told once and kept nowhere.
    public record Made(ApiKey key, String text) {}

    public Made make(KeyBody asked) {
        return make(asked, false);
    }

    /// @param first the database lets only one such be
    /// @throws org.springframework.dao.DuplicateKeyException when there is a first one already
    Made make(KeyBody asked, boolean first) {
        String id = Secret.newId();
        String text = Secret.newKey(id);
        Duration life = asked.life();
        jdbc.sql(
                        """
                        insert into api_key (id, tenant_id, name, hash, scopes, created_at, expires_at, is_first)
                        values (:id, :tenant, :name, :hash, :scopes, current_timestamp,
                                current_timestamp + cast(:seconds as bigint) * interval '1' second,
                                cast(:first as boolean))
                        """)
                .param("id", id)
                .param("tenant", asked.tenant())
                .param("name", asked.name())
                .param("hash", Secret.hash(text))
                .param("scopes", Scope.join(asked.scopes()))
                .param("seconds", life == null ? null : life.toSeconds())
                .param("first", first ? true : null)
                .update();
        return new Made(find(id).orElseThrow(), text);
    }

    public Optional<ApiKey> find(String id) {
        return jdbc.sql("select " + COLUMNS + " from api_key where id = :id")
                .param("id", id)
                .query(KeyStore::key)
                .optional();
    }

    /// The newest first, revoked and expired ones too.
    public List<ApiKey> list() {
        return jdbc.sql(
                        "select "
                                + COLUMNS
                                + " from api_key order by created_at desc, id limit "
                                + LISTED)
                .query(KeyStore::key)
                .list();
    }

    /// @return whether there is such a key; it is revoked now, if it wasn't before
    public boolean revoke(String id) {
        return jdbc.sql(
                                """
                                update api_key set revoked_at = coalesce(revoked_at, current_timestamp) where id = :id
                                """)
                        .param("id", id)
                        .update()
                > 0;
    }

    /// Whether the key that somebody came with hasn't been revoked since, and neither key nor token
    /// has expired. Who came without one needs none.
    public boolean isStillGood(Caller caller) {
        Instant until = caller.until();
        if (until != null) {
            return clock.instant().isBefore(until);
        }
        return caller.keyId() == null
                || jdbc.sql(
                                        "select count(*) from api_key where id = :id and revoked_at is null"
                                                + " and not "
                                                + EXPIRED)
                                .param("id", caller.keyId())
                                .query(Long.class)
                                .single()
                        > 0;
    }

    /// What the text is that a client sent as its key.
    public Found lookUp(String text) {
        Optional<String> id = Secret.keyId(text);
        if (id.isEmpty()) {
            return new Found.Unknown();
        }
        Optional<Row> row =
                jdbc.sql(
                                "select "
                                        + COLUMNS
                                        + ", hash, "
                                        + EXPIRED
                                        + " as expired from api_key where id = :id")
                        .param("id", id.get())
                        .query((found, _) ->
                                new Row(
                                        key(found, 0),
                                        found.getString("hash"),
                                        found.getBoolean("expired")))
                        .optional();
        if (row.isEmpty() || !Secret.matches(text, row.get().hash())) {
            return new Found.Unknown();
        }
        return row.get().found();
    }

    private static final String EXPIRED =
            "(expires_at is not null and expires_at <= current_timestamp)";

    private record Row(ApiKey key, String hash, boolean expired) {
        Found found() {
            if (key.revokedAt() != null) {
                return new Found.Revoked();
            }
            return expired ? new Found.Expired() : new Found.Valid(key.caller());
        }
    }

    /// Whether there is a key that may make others.
    boolean hasAdmin() {
        return jdbc
                .sql("select scopes from api_key where revoked_at is null and not " + EXPIRED)
                .query(String.class)
                .list()
                .stream()
                .anyMatch(scopes -> Scope.split(scopes).contains(Scope.ADMIN));
    }

    /// Lets there be a first key again, once the one that was can't be used any more.
    void forgetFirst() {
        jdbc.sql(
                        "update api_key set is_first = null where is_first = true and (revoked_at is not null or "
                                + EXPIRED
                                + ")")
                .update();
    }

    private static ApiKey key(ResultSet row, int number) throws SQLException {
        return new ApiKey(
                row.getString("id"),
                row.getString("tenant_id"),
                row.getString("name"),
                Set.copyOf(Scope.split(row.getString("scopes"))),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                instant(row, "expires_at"),
                instant(row, "revoked_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }
}
