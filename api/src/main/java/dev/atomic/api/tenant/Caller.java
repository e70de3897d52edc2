package dev.atomic.api.tenant;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.problem.ProblemCode;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.AuthenticatedPrincipal;

/// Who asks: whose jobs they see, and what they may do with them.
///
/// @param name for people, e.g. the key's
/// @param keyId the key they came with; null for a token or an open api
/// @param until when what they came with ends; null for a key, whose end is looked up
/// @param scopes all that they may; `admin` brings the others
public record Caller(
        String tenant,
        String name,
        @Nullable String keyId,
        @Nullable Instant until,
        Set<Scope> scopes)
        implements AuthenticatedPrincipal {
    /// Everyone, where the api is open: whoever can run programs on this machine.
    public static final Caller OPEN =
            new Caller(Tenant.DEFAULT, "open", null, null, EnumSet.allOf(Scope.class));

    public Caller {
        scopes = scopes.contains(Scope.ADMIN) ? Set.of(Scope.values()) : Set.copyOf(scopes);
    }

    @Override
    public String getName() {
        return name;
    }

    /// What may be done only by who has one of these scopes. Routes are guarded before they are
    /// reached; this is for what a route's body or a socket's message asks.
    ///
    /// @throws ProblemException `insufficient_scope`
    public void needs(Scope... oneOf) {
        if (List.of(oneOf).stream().noneMatch(scopes::contains)) {
            throw insufficient(oneOf);
        }
    }

    /// What makes a job of this kind.
    ///
    /// @throws ProblemException `insufficient_scope`
    public void needsToMake(Kind kind) {
        needs(kind == Kind.EXECUTE ? Scope.EXECUTE : Scope.SUBMIT);
    }

    public static ProblemException insufficient(Scope... oneOf) {
        return new ProblemException(
                ProblemCode.INSUFFICIENT_SCOPE,
                "This needs the scope "
                        + String.join(" or ", List.of(oneOf).stream().map(Scope::wire).toList())
                        + ", which the credential doesn't have.");
    }
}
