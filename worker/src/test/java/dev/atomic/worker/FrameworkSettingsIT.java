package dev.atomic.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.FrameworkSettings;
import dev.atomic.shared.OwnProcess;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The worker's actuator stays on loopback and shows health and metrics alone, whatever settings of
/// Spring Boot's own say.
class FrameworkSettingsIT {
    private static TestDatabase database;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
    }

    @AfterAll
    static void stop() {
        database.close();
    }

    @Test
    void allOfThemTogetherChangeNothing() throws Exception {
        Map<String, String> variables = new HashMap<>(FrameworkSettings.variables());
        variables.putAll(database.variables());
        variables.put("DOCKER_HOST", "unix:///nowhere/docker.sock");
        try (OwnProcess worker =
                OwnProcess.start(WorkerApplication.class, variables, FrameworkSettings.files())) {
            String own = "localhost:" + worker.port();
            assertThat(worker.listening())
                    .containsExactly(new InetSocketAddress("127.0.0.1", worker.port()));
            assertThat(worker.get("/actuator/health/liveness", own, "")).startsWith("HTTP/1.1 200");
            assertThat(worker.get("/actuator/prometheus", own, "")).startsWith("HTTP/1.1 200");
            for (String shut : List.of("env", "heapdump", "configprops", "beans", "loggers")) {
                assertThat(worker.get("/actuator/" + shut, own, ""))
                        .as(shut)
                        .startsWith("HTTP/1.1 404");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"ATOMIC_WORKER_MANAGEMENT_PORT, http", "ATOMIC_THREADS, 0"})
    void aValueThatIsNotAllowedEndsTheStart(String variable, String value) throws Exception {
        Map<String, String> variables = new HashMap<>(database.variables());
        variables.put(variable, value);
        try (OwnProcess worker = OwnProcess.start(WorkerApplication.class, variables, Map.of())) {
            assertThat(worker.exitCode()).isEqualTo(3);
            assertThat(worker.log().lines()).hasSize(1);
            assertThat(worker.log()).contains(variable + "=" + value);
        }
    }
}
