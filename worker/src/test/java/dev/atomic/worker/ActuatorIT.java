package dev.atomic.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.OwnProcess;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may ask a worker's actuator, on a real socket.
class ActuatorIT {
    private static TestDatabase database;
    private static OwnProcess worker;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
        Map<String, String> variables = new HashMap<>(database.variables());
        variables.put("DOCKER_HOST", "unix:///nowhere/docker.sock");
        variables.put("ATOMIC_ALLOWED_HOSTS", "my.box");
        worker = OwnProcess.start(WorkerApplication.class, variables, Map.of());
        worker.port();
    }

    @AfterAll
    static void stop() {
        worker.close();
        database.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/actuator",
                "/actuator/health",
                "/actuator/health/liveness",
                "/actuator/prometheus",
                "/error",
                "/nowhere"
            })
    void everyRouteKeepsTheRules(String path) throws Exception {
        assertThat(worker.get(path, "evil.example:" + worker.port(), ""))
                .startsWith("HTTP/1.1 421")
                .contains("application/problem+json", "\"code\":\"misdirected_request\"");
        assertThat(worker.get(path, own(), "Origin: http://evil.example\r\n"))
                .startsWith("HTTP/1.1 403")
                .contains("\"code\":\"origin_not_allowed\"");
        assertThat(worker.get(path, own(), "Sec-Fetch-Site: cross-site\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(worker.get(path, own(), "X-Forwarded-For: 1.2.3.4\r\n"))
                .startsWith("HTTP/1.1 401");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "[::1]", "my.box"})
    void ourNamesAreAnswered(String name) throws Exception {
        assertThat(worker.get("/actuator/prometheus", name + ":" + worker.port(), ""))
                .startsWith("HTTP/1.1 200")
                .contains("jvm_memory_used_bytes");
    }

    private static String own() throws Exception {
        return "127.0.0.1:" + worker.port();
    }
}
