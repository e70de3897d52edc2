package dev.atomic.api.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.atomic.api.Browser;
import dev.atomic.api.NodeClients;
import dev.atomic.api.RunningApi;
import dev.atomic.api.access.Route;
import dev.atomic.api.tenant.Scope;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.Json;
import dev.atomic.shared.model.ModelProvider;
import dev.atomic.shared.model.ModelProviders;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.server.PathContainer;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import org.springframework.web.util.pattern.PathPatternParser;
import tools.jackson.databind.JsonNode;

/// The running api and its OpenAPI document say the same.
class ApiDescriptionIT {
    private static final int SEED = 20261127;

    /// Routes that aren't for clients: pages and what they load.
    private static final String PAGES =
            "/|/console/.*|/dashboard(/.*)?|/swagger-ui.*|/error|/actuator|/\\*\\*";

    /// Routes of the framework's under which others are found.
    private static final Map<String, Set<String>> BELOW =
            Map.of(
                    "GET /actuator/health/**",
                    Set.of("GET /actuator/health/liveness", "GET /actuator/health/readiness"));

    private static final ModelProvider.Model MODEL =
            new ModelProvider.Model(
                    "offline", List.of("GENERATE_CODE"), 0.5, null, 1.5, "2026-11-01", 8192L, null);

    @TempDir private static Path home;
    private static TestDatabase database;
    private static RunningApi api;
    private static EveryJobEnds worker;
    private static String admin;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
        Map<String, String> variables = new HashMap<>(database.variables());
        variables.put("ATOMIC_AUTH", "required");
        variables.put("ATOMIC_HOME", home.toString());
        api = RunningApi.on(variables);
        admin = Files.readString(home.resolve("run/admin.key")).strip();
        new ModelProviders(api.bean(JdbcClient.class))
                .tell(
                        "here",
                        List.of(new ModelProvider("offline", "ready", null, null, List.of(MODEL))));
        worker = new EveryJobEnds(api);
    }

    @AfterAll
    static void stop() throws Exception {
        worker.close();
        api.close();
        database.close();
    }

    private static JsonNode document() throws Exception {
        return api.get("/v3/api-docs", "X-API-Key", admin).json();
    }

    /// The scopes of each operation by its name.
    private static Map<String, Set<String>> operations() throws Exception {
        Map<String, Set<String>> operations = new TreeMap<>();
        for (var path : document().path("paths").properties()) {
            for (var method : path.getValue().properties()) {
                operations.put(
                        method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                        StreamSupport.stream(
                                        method.getValue().path("x-one-of-scopes").spliterator(),
                                        false)
                                .map(JsonNode::stringValue)
                                .collect(Collectors.toSet()));
            }
        }
        return operations;
    }

    private static Set<String> routes() {
        Set<String> routes = new TreeSet<>();
        for (var mapping : api.beans(RequestMappingInfoHandlerMapping.class)) {
            for (RequestMappingInfo info : mapping.getHandlerMethods().keySet()) {
                Set<RequestMethod> methods = info.getMethodsCondition().getMethods();
                for (String pattern : info.getPatternValues()) {
                    for (RequestMethod method :
                            methods.isEmpty() ? Set.of(RequestMethod.GET) : methods) {
                        add(routes, method.name(), pattern);
                    }
                }
            }
        }
        for (var mapping : api.beans(AbstractUrlHandlerMapping.class)) {
            mapping.getHandlerMap().keySet().forEach(pattern -> add(routes, "GET", pattern));
        }
        return routes;
    }

    private static void add(Set<String> routes, String method, String pattern) {
        String path = pattern.replace("{*", "{");
        if (!path.matches(PAGES)) {
            routes.addAll(BELOW.getOrDefault(method + " " + path, Set.of(method + " " + path)));
        }
    }

    @Test
    void everyRouteStandsInTheDocumentAndNothingElse() throws Exception {
        assertThat(operations().keySet()).containsExactlyElementsOf(routes());
    }

    @Test
    void theDocumentNamesTheScopesThatRoutesNeed() throws Exception {
        operations()
                .forEach((name, scopes) -> {
                    String[] parts = name.split(" ");
                    String path = parts[1].replaceAll("\\{[a-z]+}", "x");
                    Route rule =
                            Route.ALL.stream()
                                    .filter(route ->
                                            route.method().name().equals(parts[0])
                                                    && new PathPatternParser()
                                                            .parse(route.pattern())
                                                            .matches(PathContainer.parsePath(path)))
                                    .findFirst()
                                    .orElseThrow();
                    assertThat(scopes)
                            .as(name)
                            .isEqualTo(
                                    rule.oneOf().stream()
                                            .map(Scope::wire)
                                            .collect(Collectors.toSet()));
                });
    }

    @Test
    void everyAnswerIsAsTheDocumentSays(@TempDir Path directory) throws Exception {
        Map<String, Object> config =
                Map.of(
                        "url",
                        api.uri("").toString(),
                        "seed",
                        SEED,
                        "keys",
                        Map.of("admin", admin, "read", key("read"), "submit", key("submit")));
        Files.writeString(directory.resolve("config.json"), Json.write(config));
        String printed = NodeClients.run(directory, NodeClients.OPENAPI, "fuzz.mjs");
        assertThat(printed).contains(": 0 problems");
    }

    private static String key(String scope) throws Exception {
        String body = "{\"scopes\":[\"" + scope + "\"]}";
        return api.post("/api/keys", body, "X-API-Key", admin).json().path("key").asString("");
    }

    /// As a developer does: open the page, give the key, fill in the form, send it.
    @Test
    void thePagesFormSendsARequestAndShowsItsAnswer(@TempDir Path directory) throws Exception {
        try (Browser browser = new Browser(directory)) {
            URI page = api.uri("/swagger-ui/index.html");
            // The browser knows the password from now on. A page with one in its address may ask
            // for nothing.
            String document = api.uri("/v3/api-docs").toString();
            browser.open(URI.create(document.replace("http://", "http://any:" + admin + "@")));
            shows(browser, "3.1.0");
            browser.open(page);
            click(browser, ".btn.authorize");
            type(browser, "#api_key_value", admin);
            click(browser, "form:has(#api_key_value) .btn.modal-btn.authorize");
            click(browser, ".btn.btn-done");
            click(browser, "#operations-execute-execute .opblock-summary-control");
            click(browser, "#operations-execute-execute .try-out__btn");
            click(browser, "#operations-execute-execute .btn.execute");
            await().atMost(Duration.ofSeconds(60))
                    .until(
                            () ->
                                    text(
                                            browser,
                                            "#operations-execute-execute .live-responses-table"),
                            text -> text.contains("200") && text.contains("\"kind\": \"execute\""));
            browser.screenshot(Path.of("target/screenshots/swagger-ui.png"));
            assertThat(browser.requests)
                    .allMatch(url ->
                            url.startsWith(api.uri("/").toString())
                                    || url.startsWith("data:")
                                    || url.contains("@"));
            assertThat(browser.complaints).isEmpty();
        }
    }

    private static void shows(Browser browser, String text) {
        await().atMost(Duration.ofSeconds(60)).until(browser::text, shown -> shown.contains(text));
    }

    private static String text(Browser browser, String selector) throws Exception {
        return browser.evaluate("document.querySelector('" + selector + "')?.innerText ?? ''");
    }

    private static void click(Browser browser, String selector) {
        String script =
                "(() => { const found = document.querySelector('"
                        + selector
                        + "');"
                        + " found?.click(); return '' + !!found; })()";
        await().atMost(Duration.ofSeconds(60))
                .until(() -> browser.evaluate(script), "true"::equals);
    }

    private static void type(Browser browser, String selector, String text) {
        String script =
                "(() => { const found = document.querySelector('"
                        + selector
                        + "');"
                        + " found?.focus(); return '' + (!!found && document.execCommand('insertText', false, '"
                        + text
                        + "')); })()";
        await().atMost(Duration.ofSeconds(60))
                .until(() -> browser.evaluate(script), "true"::equals);
    }
}
