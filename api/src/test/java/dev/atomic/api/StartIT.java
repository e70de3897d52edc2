package dev.atomic.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What an operator sees of an api that can't start: one line and exit code 3.
class StartIT {
    @Test
    void aSettingThatIsNotAllowed() throws Exception {
        assertStopsWith("ATOMIC_HTTP_HOST=0.0.0.0", Map.of("ATOMIC_HTTP_HOST", "0.0.0.0"));
        assertStopsWith("ATOMIC_LOG_LEVEL=LOUD", Map.of("ATOMIC_LOG_LEVEL", "LOUD"));
        assertStopsWith(
                "OTEL_EXPORTER_OTLP_ENDPOINT=… is not allowed: http:// or https://",
                Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317"));
    }

    @Test
    void aPortThatIsInUse() throws Exception {
        TestDatabase database = TestDatabase.h2();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> variables = new HashMap<>(database.variables());
            variables.put("ATOMIC_HTTP_PORT", Integer.toString(taken.getLocalPort()));
            assertStopsWith(taken.getLocalPort() + " is in use", variables);
        } finally {
            database.close();
        }
    }

    @Test
    void noDatabase() throws Exception {
        Map<String, String> nowhere = Map.of("ATOMIC_DB_URL", "jdbc:h2:tcp://127.0.0.1:1/atomic");
        List<String> lines = stopped(nowhere);
        assertThat(lines.getFirst())
                .as("it waits for one that is just starting")
                .contains("Connection error");
        assertThat(lines.getLast()).contains("the database can't be used");
    }

    private static void assertStopsWith(String reason, Map<String, String> variables)
            throws Exception {
        List<String> lines = stopped(variables);
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains(reason);
    }

    /// What a process said that can't start.
    private static List<String> stopped(Map<String, String> variables) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ApiApplication.class.getName())
                        .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("ATOMIC_"));
        builder.environment().putAll(variables);
        builder.environment().putIfAbsent("ATOMIC_LOG_LEVEL", "WARN");
        Process process = builder.start();
        List<String> lines =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(lines.toString()).isEqualTo(3);
        return lines;
    }
}
