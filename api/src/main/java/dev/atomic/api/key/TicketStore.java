package dev.atomic.api.key;

import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.Scope;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// The `api_ticket` table: what opens one WebSocket, within [#LIFE], at any api process.
///
/// Thread-safe.
@Component
public final class TicketStore {
    static final Duration LIFE = Duration.ofSeconds(30);

    /// How long a socket takes requests whose ticket was asked for with a token: when that ends
    /// isn't kept.
    private static final Duration WITHOUT_KEY = Duration.ofHours(1);

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Clock clock;

    TicketStore(JdbcClient jdbc, TransactionTemplate transactions, Clock clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.clock = clock;
    }

    /// A ticket for the caller; it allows what they may now. Those that nobody used are swept out
    /// on the way.
    String make(Caller caller) {
        String text = Secret.newTicket();
        jdbc.sql("delete from api_ticket where expires_at <= current_timestamp").update();
        jdbc.sql(
                        """
                        insert into api_ticket (hash, tenant_id, name, scopes, key_id, expires_at)
                        values (:hash, :tenant, :name, :scopes, :key,
                                current_timestamp + cast(:seconds as bigint) * interval '1' second)
                        """)
                .param("hash", Secret.hash(text))
                .param("tenant", caller.tenant())
                .param("name", caller.name())
                .param("scopes", Scope.join(caller.scopes()))
                .param("key", caller.keyId())
                .param("seconds", LIFE.toSeconds())
                .update();
        return text;
    }

    /// Whose ticket it is, which it isn't after this. Empty when it was used, is too old or never
    /// was, or when the key it was asked for with isn't valid any more.
    public Optional<Caller> use(String text) {
        if (!Secret.isTicket(text)) {
            return Optional.empty();
        }
        String hash = Secret.hash(text);
        return Optional.ofNullable(
                transactions.execute(_ -> {
                    Optional<Caller> caller = valid(hash);
                    // Of two that come at once only one deletes it.
                    int deleted =
                            jdbc.sql("delete from api_ticket where hash = :hash")
                                    .param("hash", hash)
                                    .update();
                    return deleted == 1 ? caller.orElse(null) : null;
                }));
    }

    private Optional<Caller> valid(String hash) {
        return jdbc.sql(
                        """
                        select t.tenant_id, t.name, t.scopes, t.key_id
                        from api_ticket t left join api_key k on k.id = t.key_id
                        where t.hash = :hash and t.expires_at > current_timestamp and k.revoked_at is null
                          and (k.expires_at is null or k.expires_at > current_timestamp)
                        """)
                .param("hash", hash)
                .query((row, _) ->
                        new Caller(
                                row.getString("tenant_id"),
                                row.getString("name"),
                                row.getString("key_id"),
                                row.getString("key_id") == null
                                        ? clock.instant().plus(WITHOUT_KEY)
                                        : null,
                                Scope.split(row.getString("scopes"))))
                .optional();
    }
}
