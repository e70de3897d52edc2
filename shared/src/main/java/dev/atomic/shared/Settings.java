package dev.atomic.shared;

import dev.atomic.db.SettingException;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/// Reads settings from the environment: each has a default, and a value that can't be read or isn't
/// allowed stops the start with one line.
///
/// Thread-safe.
public final class Settings {
    private final Map<String, String> env;

    public Settings(Map<String, String> env) {
        this.env = env;
    }

    public String text(String name, String byDefault) {
        String value = env.getOrDefault(name, "").strip();
        return value.isEmpty() ? byDefault : value;
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
}
