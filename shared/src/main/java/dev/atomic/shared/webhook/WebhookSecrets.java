package dev.atomic.shared.webhook;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The `webhook_secret` table: what each tenant's webhooks are signed with, made when it is first
/// wanted. One for each tenant, because who knows a secret can sign for everybody who has it; in
/// the database, because all workers sign.
///
/// Thread-safe.
public final class WebhookSecrets {
    private static final int BYTES = 32;

    private final JdbcClient jdbc;
    private final SecureRandom random = new SecureRandom();

    public WebhookSecrets(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// As Standard Webhooks writes it: `whsec_` and the key in Base64. Not to be called in a
    /// transaction: two that make it at once would undo one of them.
    public String of(String tenant) {
        Optional<String> known = find(tenant);
        if (known.isPresent()) {
            return known.get();
        }
        byte[] key = new byte[BYTES];
        random.nextBytes(key);
        try {
            jdbc.sql("insert into webhook_secret (tenant_id, secret) values (:tenant, :secret)")
                    .param("tenant", tenant)
                    .param("secret", "whsec_" + Base64.getEncoder().encodeToString(key))
                    .update();
        } catch (DuplicateKeyException e) {
            // another process was first
        }
        return find(tenant).orElseThrow();
    }

    private Optional<String> find(String tenant) {
        return jdbc.sql("select secret from webhook_secret where tenant_id = :tenant")
                .param("tenant", tenant)
                .query(String.class)
                .optional();
    }
}
