package dev.atomic.api;

import dev.atomic.db.TestDatabase;
import dev.atomic.shared.Json;
import dev.atomic.shared.Launch;
import dev.atomic.shared.TlsFiles;
import dev.atomic.shared.Variables;
import dev.atomic.shared.WebAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.catalina.connector.Connector;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/// A whole api on a free port, and a client that speaks HTTP to it.
public final class RunningApi implements AutoCloseable {
    private final ConfigurableApplicationContext context;
    private final HttpClient client = HttpClient.newHttpClient();

    private RunningApi(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /// @param variables besides those of the database, as they would stand in the environment
    public static RunningApi on(TestDatabase database, Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(database.variables());
        all.putAll(variables);
        return on(all);
    }

    /// @param variables those of the database too
    public static RunningApi on(Map<String, String> variables) {
        return on(variables, Map.of());
    }

    /// @param properties of Spring, which nobody but a test can set
    public static RunningApi on(Map<String, String> variables, Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(variables);
        all.putIfAbsent("ATOMIC_LOG_LEVEL", "WARN");
        return new RunningApi(
                Launch.application(
                                ApiApplication.class,
                                new Variables(all),
                                new WebAddress("127.0.0.1", 0, TlsFiles.from(new Variables(all))),
                                properties)
                        .run());
    }

    public int port() {
        return webServer().getPort();
    }

    /// Where Tomcat takes connections.
    public Connector connector() {
        return ((TomcatWebServer) webServer()).getTomcat().getConnector();
    }

    private WebServer webServer() {
        return Objects.requireNonNull(
                ((ServletWebServerApplicationContext) context).getWebServer());
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public <T> Collection<T> beans(Class<T> type) {
        return context.getBeansOfType(type).values();
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    public Answer get(String path, String... headers) throws IOException, InterruptedException {
        return send(request(path, headers).GET().build());
    }

    public Answer post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        return send(
                request(path, headers)
                        .setHeader("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build());
    }

    public HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
        return headers.length == 0 ? request : request.headers(headers);
    }

    public Answer send(HttpRequest request) throws IOException, InterruptedException {
        return new Answer(client.send(request, BodyHandlers.ofByteArray()));
    }

    /// An answer, its body read as JSON where that is asked for.
    public record Answer(HttpResponse<byte[]> response) {
        public int status() {
            return response.statusCode();
        }

        public String text() {
            return new String(response.body(), java.nio.charset.StandardCharsets.UTF_8);
        }

        public JsonNode json() {
            return Json.STRICT.readTree(text());
        }

        /// Empty when there is none.
        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        public String code() {
            return json().path("code").asString("");
        }

        @Override
        public String toString() {
            return status() + " " + response.headers().map() + " " + text();
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        context.close();
    }
}
