package dev.atomic.shared;

import java.util.HashMap;
import java.util.Map;

/// Everything by which an operator, or whoever can set a variable, would change Spring Boot's mind
/// about where to listen and what to show.
public final class FrameworkSettings {
    private static final String OPEN_WIDE =
            """
            server.address: 0.0.0.0
            server.servlet.context-path: /elsewhere
            management.endpoints.web.exposure.include: "*"
            """;

    private FrameworkSettings() {}

    public static Map<String, String> variables() {
        Map<String, String> all = new HashMap<>();
        all.put("SERVER_ADDRESS", "0.0.0.0");
        all.put("SERVER_PORT", "1");
        all.put("SERVER_SERVLET_CONTEXT_PATH", "/elsewhere");
        all.put("SERVER_SSL_BUNDLE", "none");
        all.put("MANAGEMENT_SERVER_PORT", "0");
        all.put("MANAGEMENT_SERVER_ADDRESS", "0.0.0.0");
        all.put("MANAGEMENT_ENDPOINTS_WEB_EXPOSURE_INCLUDE", "*");
        all.put("MANAGEMENT_ENDPOINTS_WEB_BASE_PATH", "/elsewhere");
        all.put("MANAGEMENT_ENDPOINT_ENV_SHOW_VALUES", "always");
        all.put("MANAGEMENT_ENDPOINT_HEAPDUMP_ACCESS", "unrestricted");
        all.put("MANAGEMENT_ENDPOINT_SHUTDOWN_ACCESS", "unrestricted");
        all.put("SPRING_APPLICATION_JSON", "{\"server\":{\"address\":\"0.0.0.0\"}}");
        all.put("SPRING_CONFIG_LOCATION", "file:./open.yaml");
        all.put("SPRING_CONFIG_ADDITIONAL_LOCATION", "file:./open.yaml");
        all.put("SPRING_CONFIG_IMPORT", "file:./open.yaml");
        all.put("SPRING_PROFILES_ACTIVE", "open");
        all.put("SPRING_MAIN_WEB_APPLICATION_TYPE", "none");
        all.put("SPRING_MAIN_LAZY_INITIALIZATION", "true");
        all.put("SPRING_MAIN_BANNER_MODE", "console");
        all.put("SPRING_WEB_RESOURCES_STATIC_LOCATIONS", "file:/");
        all.put("SPRING_MVC_SERVLET_PATH", "/elsewhere");
        all.put("SPRING_AUTOCONFIGURE_EXCLUDE", "no.such.Thing");
        all.put("LOGGING_LEVEL_ROOT", "TRACE");
        all.put("LOGGING_CONFIG", "file:./none.xml");
        all.put("LOGGING_FILE_NAME", "spring.log");
        all.put("CONSOLE_LOG_STRUCTURED_FORMAT", "ecs");
        all.put("CONSOLE_LOG_THRESHOLD", "OFF");
        all.put("DEBUG", "true");
        all.put("PORTFILE", "elsewhere.port");
        all.put("JAVA_TOOL_OPTIONS", "-Dserver.address=0.0.0.0 -Dmanagement.server.port=0");
        return all;
    }

    /// In the working directory, where Spring Boot would look too.
    public static Map<String, String> files() {
        return Map.of(
                "open.yaml",
                OPEN_WIDE,
                "application.yaml",
                OPEN_WIDE,
                "application-open.yaml",
                OPEN_WIDE,
                "config/application.yaml",
                OPEN_WIDE,
                "config/any/application.yaml",
                OPEN_WIDE);
    }
}
