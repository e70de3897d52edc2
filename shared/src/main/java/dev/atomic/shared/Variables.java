package dev.atomic.shared;

import dev.atomic.db.SettingException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The variables a process is set up with. Of its environment it looks at these alone: what a
/// framework or a provider would read means nothing to it. Each has a default, and a value that
/// can't be read or isn't allowed stops the start with one line.
///
/// Values are taken as they stand: a `${…}` in a password is not a placeholder. Immutable.
///
/// @param values by name: `ATOMIC_…`, `DOCKER_HOST`, and where traces go
public record Variables(Map<String, String> values) {
    private static final Set<String> OTHERS =
            Set.of(
                    "DOCKER_HOST",
                    "OTEL_EXPORTER_OTLP_ENDPOINT",
                    "OTEL_EXPORTER_OTLP_HEADERS",
                    "OTEL_SERVICE_NAME");

    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

    public Variables {
        values =
                values.entrySet().stream()
                        .filter(entry -> isOurs(entry.getKey()))
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        Map.Entry::getKey, Map.Entry::getValue));
    }

    private static boolean isOurs(String name) {
        return name.startsWith("ATOMIC_") || OTHERS.contains(name);
    }

    public String text(String name, String byDefault) {
        String value = values.getOrDefault(name, "").strip();
        return value.isEmpty() ? byDefault : value;
    }

    /// A secret, from the variable or from the file that `…_FILE` names; empty when there is none.
    ///
    /// @throws SettingException for a file that can't be read
    public String secret(String name) {
        String file = text(name + "_FILE", "");
        if (file.isEmpty()) {
            return text(name, "");
        }
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException | InvalidPathException e) {
            throw new SettingException(name + "_FILE", file, "a file that can be read");
        }
    }

    /// @throws SettingException unless a whole number from `min` to `max`
    public int integer(String name, int byDefault, int min, int max) {
        String value = text(name, Integer.toString(byDefault));
        OptionalInt number = parse(value);
        if (number.isEmpty() || number.getAsInt() < min || number.getAsInt() > max) {
            throw new SettingException(name, value, "a whole number, " + min + " to " + max);
        }
        return number.getAsInt();
    }

    /// A decimal number as billionths of one; 0 where there is none.
    ///
    /// @throws SettingException unless a number from 0 to `max` with at most nine decimals
    public long billionths(String name, int max) {
        String value = text(name, "0");
        if (DECIMAL.matcher(value).matches()) {
            BigDecimal number = new BigDecimal(value);
            if (number.compareTo(BigDecimal.valueOf(max)) <= 0) {
                return number.movePointRight(9).longValueExact();
            }
        }
        throw new SettingException(
                name, value, "a number, 0 to " + max + ", with at most 9 decimals");
    }

    /// @throws SettingException unless one of the values, whatever its case
    public String oneOf(String name, String byDefault, String... allowed) {
        String value = text(name, byDefault);
        for (String choice : allowed) {
            if (choice.equalsIgnoreCase(value)) {
                return choice.toLowerCase(Locale.ROOT);
            }
        }
        throw new SettingException(name, value, "one of " + String.join(", ", allowed));
    }

    private static OptionalInt parse(String value) {
        try {
            return OptionalInt.of(Integer.parseInt(value));
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    /// Never the values: some are secrets.
    @Override
    public String toString() {
        return values.size() + " variables";
    }
}
