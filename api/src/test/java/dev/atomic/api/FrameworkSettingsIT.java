package dev.atomic.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.FrameworkSettings;
import dev.atomic.shared.Launch;
import dev.atomic.shared.OwnProcess;
import dev.atomic.shared.Variables;
import dev.atomic.shared.WebAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Our variables say where the api listens and what it shows; Spring Boot's own don't.
class FrameworkSettingsIT {
    private static final String WIDE = "server.address: 0.0.0.0\n";

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
        try (OwnProcess api = started(FrameworkSettings.variables(), FrameworkSettings.files())) {
            String own = "localhost:" + api.port();
            assertThat(api.listening())
                    .containsExactly(new InetSocketAddress("127.0.0.1", api.port()));
            assertThat(api.get("/actuator/health", own, "")).startsWith("HTTP/1.1 200");
            assertThat(api.get("/actuator/prometheus", own, "")).startsWith("HTTP/1.1 200");
            for (String shut : List.of("env", "heapdump", "configprops", "beans", "loggers")) {
                assertThat(api.get("/actuator/" + shut, own, ""))
                        .as(shut)
                        .startsWith("HTTP/1.1 404");
            }
            assertThat(api.get("/etc/passwd", own, "")).startsWith("HTTP/1.1 404");
            // The JVM's own line about JAVA_TOOL_OPTIONS goes before all of ours.
            assertThat(api.log().lines().skip(1)).noneMatch(line -> line.contains("TRACE"));
            assertThat(api.log())
                    .contains("Starting ApiApplication")
                    .doesNotContain("ecs.version", ":: Spring Boot ::");
        }
    }

    @ParameterizedTest
    @MethodSource
    void noneOfTheWaysToSayAnAddressIsHeard(
            Map<String, String> variables, Map<String, String> files) throws Exception {
        try (OwnProcess api = started(variables, files)) {
            assertThat(api.listening())
                    .containsExactly(new InetSocketAddress("127.0.0.1", api.port()));
        }
    }

    static Stream<Arguments> noneOfTheWaysToSayAnAddressIsHeard() {
        return Stream.of(
                Arguments.of(Map.of("SERVER_ADDRESS", "0.0.0.0"), Map.of()),
                Arguments.of(
                        Map.of("SPRING_APPLICATION_JSON", "{\"server.address\":\"0.0.0.0\"}"),
                        Map.of()),
                Arguments.of(
                        Map.of("SPRING_CONFIG_ADDITIONAL_LOCATION", "file:./open.yaml"),
                        Map.of("open.yaml", WIDE)),
                Arguments.of(Map.of(), Map.of("config/application.yaml", WIDE)),
                Arguments.of(Map.of("JAVA_TOOL_OPTIONS", "-Dserver.address=0.0.0.0"), Map.of()));
    }

    @Test
    void anArgumentIsRefused() throws Exception {
        try (OwnProcess api =
                OwnProcess.start(
                        ApiApplication.class,
                        database.variables(),
                        Map.of(),
                        "--server.address=0.0.0.0")) {
            assertThat(api.exitCode()).isEqualTo(3);
            assertThat(api.log().lines()).hasSize(1);
            assertThat(api.log()).contains("--server.address=0.0.0.0: arguments aren't supported");
        }
    }

    /// By the one door there is, which only a test has.
    @Test
    void whatIsBoundElsewhereAfterAllEndsTheStart() {
        assertThatThrownBy(() -> launch(Map.of("server.address", "0.0.0.0")))
                .rootCause()
                .hasMessageContaining("instead of 127.0.0.1 port 0");
        assertThatThrownBy(() -> launch(Map.of("server.address", "127.0.0.2")))
                .rootCause()
                .hasMessageContaining("it listens on [127.0.0.2]");
        assertThatThrownBy(() -> launch(Map.of("management.server.port", "0")))
                .rootCause()
                .hasMessageContaining("a second web server");
    }

    private static void launch(Map<String, String> properties) {
        Variables variables = new Variables(database.variables());
        WebAddress loopback = new WebAddress("127.0.0.1", 0);
        Launch.application(ApiApplication.class, variables, loopback, properties).run().close();
    }

    private static OwnProcess started(Map<String, String> variables, Map<String, String> files)
            throws IOException {
        Map<String, String> all = new HashMap<>(variables);
        all.putAll(database.variables());
        all.put("ATOMIC_HTTP_PORT", "0");
        return OwnProcess.start(ApiApplication.class, all, files);
    }
}
