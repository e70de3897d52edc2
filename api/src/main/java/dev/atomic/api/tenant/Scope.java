package dev.atomic.api.tenant;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a caller may do.
public enum Scope {
    /// Have code generated; cancel, repeat and delete jobs.
    SUBMIT,
    /// See jobs, events, files and figures.
    READ,
    /// Run code in the sandbox; cancel, repeat and delete jobs.
    EXECUTE,
    /// All of it, for the whole installation: keys, the dashboard.
    ADMIN;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Scope> of(String wire) {
        return Stream.of(values()).filter(scope -> scope.wire().equals(wire)).findFirst();
    }

    /// These scopes, separated by spaces, as a key's row and a token's `scope` have them.
    public static String join(Collection<Scope> scopes) {
        return scopes.stream().sorted().map(Scope::wire).collect(Collectors.joining(" "));
    }

    /// Reads what [#join] wrote; a name that isn't a scope of ours grants nothing.
    public static Set<Scope> split(String joined) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String name : joined.split(" ", -1)) {
            of(name).ifPresent(scopes::add);
        }
        return scopes;
    }
}
