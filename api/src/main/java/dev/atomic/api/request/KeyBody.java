package dev.atomic.api.request;

import dev.atomic.api.tenant.Scope;
import dev.atomic.api.tenant.Tenant;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The body of `POST /api/keys`.
///
/// @param life null: it doesn't expire
public record KeyBody(String name, String tenant, Set<Scope> scopes, @Nullable Duration life) {
    private static final Set<String> FIELDS =
            Set.of("name", "tenant", "scopes", "expires_in_seconds");
    private static final int MAX_NAME = 100;
    private static final int MAX_TENANT = 64;
    private static final int TEN_YEARS = 315_360_000;

    /// @param tenant the one it is for unless it names another
    /// @throws dev.atomic.api.problem.ProblemException `invalid_request`
    public static KeyBody read(JsonNode body, String tenant) {
        Fields fields = Fields.of(body).only(FIELDS);
        String name = fields.text("name", 1, MAX_NAME);
        String named = fields.text("tenant", 1, MAX_TENANT);
        if (named != null && !Tenant.isName(named)) {
            fields.wrong(
                    "tenant", "must be of a-z, 0-9, '.', '_' and '-', and begin with a-z or 0-9");
        }
        List<Scope> scopes = fields.choices("scopes", List.of(Scope.values()), Scope::wire);
        if (scopes == null || scopes.isEmpty()) {
            fields.wrong("scopes", "must name at least one of submit, read, execute, admin");
            scopes = List.of();
        }
        Integer seconds = fields.integer("expires_in_seconds", 1, TEN_YEARS);
        fields.throwIfWrong();
        return new KeyBody(
                name == null ? "key" : name,
                named == null ? tenant : named,
                scopes.isEmpty() ? Set.of() : EnumSet.copyOf(scopes),
                seconds == null ? null : Duration.ofSeconds(seconds));
    }
}
