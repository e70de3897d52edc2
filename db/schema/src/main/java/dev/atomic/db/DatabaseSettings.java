package dev.atomic.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where the database is, from the environment: `ATOMIC_DB_URL`, `_USER`, `_PASSWORD` (or
/// `…_PASSWORD_FILE`), else the H2 server on loopback with the password it made at its first start.
public record DatabaseSettings(String url, String user, String password) {
    /// The user api and worker connect as: no administrator, because SQL is code execution in H2.
    public static final String H2_USER = "ATOMIC";

    /// @throws SettingException when a value can't be read or isn't allowed
    public static DatabaseSettings from(Map<String, String> env) {
        String url = env.getOrDefault("ATOMIC_DB_URL", "");
        if (url.isEmpty()) {
            return new DatabaseSettings(
                    "jdbc:h2:tcp://127.0.0.1:" + h2Port(env) + "/atomic",
                    H2_USER,
                    readSecret("ATOMIC_HOME", passwordFile(env)));
        }
        if (!url.startsWith("jdbc:h2:tcp://") && !url.startsWith("jdbc:postgresql://")) {
            throw new SettingException(
                    "ATOMIC_DB_URL",
                    url.replaceAll("[?;].*", "?…"),
                    "jdbc:postgresql://… or jdbc:h2:tcp://…");
        }
        return new DatabaseSettings(
                url, env.getOrDefault("ATOMIC_DB_USER", ""), secret(env, "ATOMIC_DB_PASSWORD"));
    }

    public Dialect dialect() {
        return url.startsWith("jdbc:postgresql:") ? Dialect.POSTGRESQL : Dialect.H2;
    }

    /// @throws SettingException when `ATOMIC_H2_PORT` is no port
    public static int h2Port(Map<String, String> env) {
        String text = env.getOrDefault("ATOMIC_H2_PORT", "9092");
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65535) {
            throw new SettingException("ATOMIC_H2_PORT", text, "a port, 1 to 65535");
        }
        return Integer.parseInt(text);
    }

    /// The state directory, `ATOMIC_HOME`, `.atomic` in the working directory by default.
    public static Path home(Map<String, String> env) {
        return Path.of(env.getOrDefault("ATOMIC_HOME", ".atomic")).toAbsolutePath();
    }

    /// Where the H2 server keeps the password it made.
    public static Path passwordFile(Map<String, String> env) {
        return home(env).resolve("run").resolve("db.password");
    }

    private static String secret(Map<String, String> env, String name) {
        @Nullable String file = env.get(name + "_FILE");
        return file == null
                ? env.getOrDefault(name, "")
                : readSecret(name + "_FILE", Path.of(file));
    }

    private static String readSecret(String variable, Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new SettingException(
                    variable,
                    file.toString(),
                    "a file that can be read (is the database started?)");
        }
    }

    /// Never the password.
    @Override
    public String toString() {
        return url.replaceAll("[?;].*", "") + " as " + user;
    }
}
