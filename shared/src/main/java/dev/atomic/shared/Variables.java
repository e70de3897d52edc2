package dev.atomic.shared;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/// The variables a process is set up with: those of its environment, unless a Spring property of
/// the very same name (a system property, a test's own source) says otherwise.
///
/// Values are taken as they stand: a `${…}` in a password is not a placeholder.
///
/// @param values by name, `[A-Z][A-Z0-9_]*`
public record Variables(Map<String, String> values) {
    private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]*");

    public Variables {
        values = Map.copyOf(values);
    }

    /// Reads them in Spring's order of precedence.
    public static Variables of(ConfigurableEnvironment environment) {
        Map<String, String> values = new HashMap<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> named) {
                for (String name : named.getPropertyNames()) {
                    Object value = NAME.matcher(name).matches() ? named.getProperty(name) : null;
                    if (value != null) {
                        values.putIfAbsent(name, value.toString());
                    }
                }
            }
        }
        return new Variables(values);
    }

    /// Never the values: some are secrets.
    @Override
    public String toString() {
        return values.size() + " variables";
    }
}
