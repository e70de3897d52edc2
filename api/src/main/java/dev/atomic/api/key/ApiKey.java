package dev.atomic.api.key;

import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.Scope;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A key without its secret.
///
/// @param expiresAt null: never
/// @param revokedAt null: it isn't
public record ApiKey(
        String id,
        String tenant,
        String name,
        Set<Scope> scopes,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant revokedAt) {

    Caller caller() {
        return new Caller(tenant, name, id, null, scopes);
    }
}
