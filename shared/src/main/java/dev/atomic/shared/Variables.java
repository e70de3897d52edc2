package dev.atomic.shared;

import java.util.Map;
import java.util.stream.Collectors;

/// The variables a process is set up with. Of its environment it looks at these alone: what a
/// framework or a provider would read is nothing to it.
///
/// Values are taken as they stand: a `${…}` in a password is not a placeholder.
///
/// @param values by name: `ATOMIC_…` and `DOCKER_HOST`
public record Variables(Map<String, String> values) {
    public Variables {
        values =
                values.entrySet().stream()
                        .filter(entry -> isOurs(entry.getKey()))
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        Map.Entry::getKey, Map.Entry::getValue));
    }

    private static boolean isOurs(String name) {
        return name.startsWith("ATOMIC_") || name.equals("DOCKER_HOST");
    }

    /// Never the values: some are secrets.
    @Override
    public String toString() {
        return values.size() + " variables";
    }
}
