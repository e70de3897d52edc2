package dev.atomic.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.atomic.api.RunningApi;
import dev.atomic.api.relay.SocketClient;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
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

/// Every route of the running application, and what is not let through any of them. The list comes
/// from Spring's own tables, so that a new route is in it; one without a rule fails the test.
class EveryDoorIT {
    private static final String WRONG = "atk_0123456789abcdef_" + "A".repeat(43);
    private static final String JWT_SECRET = "0123456789abcdef0123456789abcdef";
    private static final String HANDSHAKE =
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    /// A table of Spring's own that holds nothing; `admin` alone may ask for it.
    private static final Set<String> FOR_ADMIN = Set.of("/**");

    @TempDir private static Path home;
    private static TestDatabase database;
    private static RunningApi api;
    private static String admin;
    private static String reader;
    private static String submitter;
    private static String executer;
    private static String stranger;
    private static String expired;
    private static String revoked;
    private static String job;

    /// @param path with the job of tenant `a` in it
    private record Door(String method, String path, String pattern) {
        boolean namesJob() {
            return path.contains(job);
        }

        String isFor() {
            return method + " " + path;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
        api = RunningApi.on(variables());
        admin = Files.readString(home.resolve("run/admin.key")).strip();
        reader = key("a", "read").path("key").asString("");
        submitter = key("a", "submit").path("key").asString("");
        executer = key("a", "execute").path("key").asString("");
        stranger = key("b", "submit", "read", "execute").path("key").asString("");
        JsonNode old = key("a", "admin");
        api.bean(JdbcClient.class)
                .sql(
                        "update api_key set expires_at = current_timestamp - interval '1' second where id = :id")
                .param("id", old.path("id").asString(""))
                .update();
        expired = old.path("key").asString("");
        JsonNode taken = key("a", "admin");
        var gone =
                api.request("/api/keys/" + taken.path("id").asString(""), bearer(admin)).DELETE();
        assertThat(api.send(gone.build()).status()).isEqualTo(204);
        revoked = taken.path("key").asString("");
        var submitted =
                api.post("/api/jobs", "{\"prompt\":\"x\",\"pipeline\":[]}", bearer(submitter));
        assertThat(submitted.status()).as(submitted.toString()).isEqualTo(202);
        job = submitted.json().path("id").asString("");
    }

    @AfterAll
    static void stop() {
        api.close();
        database.close();
    }

    private static Map<String, String> variables() {
        Map<String, String> variables = new HashMap<>(database.variables());
        variables.put("ATOMIC_AUTH", "required");
        variables.put("ATOMIC_JWT_SECRET", JWT_SECRET);
        variables.put("ATOMIC_HOME", home.toString());
        return variables;
    }

    private static String[] bearer(String key) {
        return new String[] {"Authorization", "Bearer " + key};
    }

    private static JsonNode key(String tenant, String... scopes) throws Exception {
        String body =
                Json.write(Map.of("name", "test", "tenant", tenant, "scopes", List.of(scopes)));
        var made = api.post("/api/keys", body, bearer(admin));
        assertThat(made.status()).as(made.toString()).isEqualTo(201);
        return made.json();
    }

    private static List<Door> doors() {
        List<Door> doors = new ArrayList<>();
        for (var mapping : api.beans(RequestMappingInfoHandlerMapping.class)) {
            for (RequestMappingInfo info : mapping.getHandlerMethods().keySet()) {
                Set<RequestMethod> methods = info.getMethodsCondition().getMethods();
                for (String pattern : info.getPatternValues()) {
                    if (methods.isEmpty()) {
                        doors.add(door("GET", pattern));
                    }
                    methods.forEach(method -> doors.add(door(method.name(), pattern)));
                }
            }
        }
        for (var mapping : api.beans(AbstractUrlHandlerMapping.class)) {
            mapping.getHandlerMap().keySet().forEach(pattern -> doors.add(door("GET", pattern)));
        }
        return doors;
    }

    private static Door door(String method, String pattern) {
        boolean ofJobs = pattern.startsWith("/api/jobs/") || pattern.startsWith("/v1/responses/");
        String path =
                pattern.replace("{id}", ofJobs ? job : "x")
                        .replaceAll("\\{\\*[a-z]+}", "x")
                        .replaceAll("\\{[a-zA-Z]+}", "x")
                        .replace("/**", "/x")
                        .replace("*", "x");
        return new Door(method, path, pattern);
    }

    private static Route rule(Door door) {
        return Route.ALL.stream()
                .filter(route ->
                        route.method().name().equals(door.method())
                                && new PathPatternParser()
                                        .parse(route.pattern())
                                        .matches(PathContainer.parsePath(door.path())))
                .findFirst()
                .orElse(null);
    }

    @Test
    void everyRouteHasARuleAndIsThere() {
        List<Door> doors = doors();
        assertThat(doors.stream().map(Door::isFor))
                .contains(
                        "POST /api/jobs",
                        "GET /ws/stream",
                        "POST /mcp",
                        "GET /actuator/prometheus");
        assertThat(doors).hasSizeGreaterThan(40);
        assertThat(
                        doors.stream()
                                .filter(door -> !FOR_ADMIN.contains(door.pattern()))
                                .filter(door -> rule(door) == null)
                                .map(Door::isFor))
                .as("routes without a rule in Route.ALL")
                .isEmpty();
    }

    @Test
    void nobodyComesInWithoutAGoodCredential() throws Exception {
        Set<String> everybody = new TreeSet<>();
        List<String> wrong = new ArrayList<>();
        for (Door door : doors()) {
            Route rule = rule(door);
            if (rule != null && rule.isForEverybody()) {
                everybody.add(door.pattern());
                continue;
            }
            for (String headers :
                    new String[] {
                        "",
                        "Authorization: Bearer " + WRONG + "\r\n",
                        "Authorization: Bearer " + admin + "x\r\n",
                        "Authorization: Bearer " + admin.toUpperCase(Locale.ROOT) + "\r\n",
                        "Authorization: Bearer " + tampered(admin) + "\r\n",
                        "Authorization: Bearer \r\n",
                        "Authorization: " + admin + "\r\n",
                        "Authorization: Bearer " + admin + " " + admin + "\r\n",
                        "Authorization: Basic x\r\n",
                        "X-API-Key: \r\n",
                        "X-API-Key: caf\u00e9\r\n",
                        "X-API-Key: " + WRONG + "\r\n",
                        "X-API-Key: " + "a".repeat(5000) + "\r\n",
                        "X-API-Key: " + admin + "\r\nX-API-Key: " + admin + "\r\n",
                        "X-API-Key: " + admin + "\r\nAuthorization: Bearer " + admin + "\r\n",
                        "Authorization: Bearer " + expired + "\r\n",
                        "X-API-Key: " + revoked + "\r\n"
                    }) {
                String answer = ask(door, own(), headers);
                if (!answer.startsWith("HTTP/1.1 401")
                        || !answer.contains("WWW-Authenticate: Bearer")
                        || !answer.contains("unauthorized")) {
                    wrong.add(door.isFor() + " with " + headers + answer);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(everybody).containsExactly("/", "/console/{version}/{*path}");
        for (String probe : new String[] {"liveness", "readiness"}) {
            assertThat(api.get("/actuator/health/" + probe).status()).as(probe).isEqualTo(200);
        }
    }

    @Test
    void aKeyOpensWhatItsScopeAllowsAndNothingElse() throws Exception {
        List<String> wrong = new ArrayList<>();
        Map<String, String> keys = Map.of("read", reader, "submit", submitter, "execute", executer);
        for (Door found : doors()) {
            // The job is for the other tests: here nothing is cancelled or deleted.
            Door door =
                    found.method().equals("GET")
                            ? found
                            : new Door(
                                    found.method(),
                                    found.path().replace(job, UUID.randomUUID().toString()),
                                    found.pattern());
            Route rule = rule(door);
            Set<String> oneOf = new TreeSet<>();
            if (rule != null) {
                rule.oneOf().forEach(scope -> oneOf.add(scope.wire()));
            }
            for (var key : keys.entrySet()) {
                String answer = ask(door, own(), "X-API-Key: " + key.getValue() + "\r\n");
                boolean may =
                        rule != null && (rule.isForEverybody() || oneOf.contains(key.getKey()));
                boolean refused =
                        answer.startsWith("HTTP/1.1 403") && answer.contains("insufficient_scope");
                boolean let =
                        !answer.startsWith("HTTP/1.1 401") && !answer.startsWith("HTTP/1.1 403");
                if (may ? !let : !refused) {
                    wrong.add(door.isFor() + " with " + key.getKey() + ": " + answer);
                }
            }
            String all = ask(door, own(), "Authorization: bearer " + admin + "\r\n");
            if (all.startsWith("HTTP/1.1 401") || all.startsWith("HTTP/1.1 403")) {
                wrong.add(door.isFor() + " with admin: " + all);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void someoneElsesJobIsNotThere() throws Exception {
        int doors = 0;
        for (Door door : doors()) {
            if (!door.namesJob()) {
                continue;
            }
            doors++;
            String query = door.path().endsWith("/diff") ? "?from=" + job : "";
            Door asked = new Door(door.method(), door.path() + query, door.pattern());
            assertThat(ask(asked, own(), "X-API-Key: " + stranger + "\r\n"))
                    .as(door.isFor())
                    .startsWith("HTTP/1.1 404");
            assertThat(ask(asked, own(), "X-API-Key: " + admin + "\r\n"))
                    .as("the default tenant's admin, " + door.isFor())
                    .startsWith("HTTP/1.1 404");
        }
        assertThat(doors).isGreaterThan(10);
        assertThat(api.get("/api/jobs", bearer(stranger)).json().path("jobs").size()).isZero();
        assertThat(api.get("/api/jobs", bearer(reader)).json().path("jobs").size()).isPositive();
        String followUp = "{\"prompt\":\"x\",\"previous_job_id\":\"" + job + "\"}";
        assertThat(api.post("/api/jobs", followUp, bearer(stranger)).status()).isBetween(400, 404);
        String call =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"get_job\","
                        + "\"arguments\":{\"job_id\":\""
                        + job
                        + "\"}}}";
        assertThat(api.post("/mcp", call, bearer(stranger)).text()).contains("not_found");
        assertThat(api.post("/mcp", call, bearer(submitter)).text()).contains("insufficient_scope");
        assertThat(api.post("/mcp", call, bearer(reader)).text()).contains(job);
    }

    @Test
    void noKeyHelpsAForeignPageOrName() throws Exception {
        for (Door door : doors()) {
            String key = "X-API-Key: " + admin + "\r\n";
            assertThat(ask(door, "evil.example", key)).as(door.isFor()).startsWith("HTTP/1.1 421");
            assertThat(ask(door, own(), key + "Origin: http://evil.example\r\n"))
                    .as(door.isFor())
                    .startsWith("HTTP/1.1 403")
                    .contains("origin_not_allowed");
        }
    }

    @Test
    void aTicketOpensOneSocketOnce() throws Exception {
        String ticket = ticket(reader);
        Door socket = new Door("GET", "/ws/stream?ticket=" + ticket, "/ws/stream");
        Door twice = new Door("GET", socket.path() + "&ticket=" + ticket, "/ws/stream");
        assertThat(ask(twice, own(), HANDSHAKE)).startsWith("HTTP/1.1 401");
        Door header = new Door("GET", "/api/jobs", "/api/jobs");
        assertThat(ask(header, own(), "X-API-Key: " + ticket + "\r\n")).startsWith("HTTP/1.1 401");
        Door elsewhere = new Door("GET", "/api/jobs?ticket=" + ticket, "/api/jobs");
        assertThat(ask(elsewhere, own(), "")).startsWith("HTTP/1.1 401");
        assertThat(ask(socket, own(), HANDSHAKE)).startsWith("HTTP/1.1 101");
        assertThat(ask(socket, own(), HANDSHAKE)).startsWith("HTTP/1.1 401");
        Door inAddress = new Door("GET", "/ws/stream?ticket=" + admin, "/ws/stream");
        assertThat(ask(inAddress, own(), HANDSHAKE)).startsWith("HTTP/1.1 401");
        Door plain = new Door("GET", "/ws/stream", "/ws/stream");
        assertThat(ask(plain, own(), HANDSHAKE + "X-API-Key: " + reader + "\r\n"))
                .startsWith("HTTP/1.1 101");
    }

    @Test
    void aTicketOpensOneEventStreamOfItsTenant() throws Exception {
        String path = "/api/jobs/" + job + "/events?ticket=";
        String accept = "Accept: text/event-stream\r\n";
        Door stream = new Door("GET", path + ticket(reader), "/api/jobs/{id}/events");
        assertThat(ask(stream, own(), accept))
                .startsWith("HTTP/1.1 200")
                .contains("text/event-stream");
        assertThat(ask(stream, own(), accept)).startsWith("HTTP/1.1 401");
        for (var who : Map.of(stranger, 404, submitter, 403).entrySet()) {
            Door refused = new Door("GET", path + ticket(who.getKey()), stream.pattern());
            assertThat(ask(refused, own(), accept)).startsWith("HTTP/1.1 " + who.getValue());
        }
    }

    private static String ticket(String key) throws Exception {
        var made =
                api.send(
                        api.request("/api/tickets", bearer(key))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build());
        assertThat(made.status()).as(made.toString()).isEqualTo(201);
        return made.json().path("ticket").asString("");
    }

    @Test
    void aTokenIsAsGoodAsAKey() throws Exception {
        String path = "/api/jobs/" + job;
        assertThat(api.get(path, bearer(token("a", "read", 60))).status()).isEqualTo(200);
        assertThat(api.get(path, bearer(token("b", "read", 60))).status()).isEqualTo(404);
        assertThat(api.get(path, bearer(token("a", "submit", 60))).status()).isEqualTo(403);
        assertThat(api.get(path, bearer(token("a", "read", -120))).status()).isEqualTo(401);
        Door socket =
                new Door(
                        "GET", "/ws/stream?ticket=" + ticket(token("a", "read", 60)), "/ws/stream");
        assertThat(ask(socket, own(), HANDSHAKE)).startsWith("HTTP/1.1 101");
    }

    private static String token(String tenant, String scope, long seconds) throws Exception {
        SignedJWT token =
                new SignedJWT(
                        new JWSHeader(JWSAlgorithm.HS256),
                        new JWTClaimsSet.Builder()
                                .claim("tenant", tenant)
                                .claim("scope", scope)
                                .expirationTime(Date.from(Instant.now().plusSeconds(seconds)))
                                .build());
        token.sign(new MACSigner(JWT_SECRET));
        return token.serialize();
    }

    @Test
    void aSocketDoesNothingMoreForAKeyThatWasRevoked() throws Exception {
        JsonNode made = key("a", "read");
        try (HttpClient http = HttpClient.newHttpClient();
                SocketClient socket =
                        SocketClient.open(http, api.port(), made.path("key").asString(""))) {
            socket.send("{\"subscribe\":\"" + job + "\",\"ref\":\"1\"}");
            assertThat(socket.next().toString()).contains("subscribed");
            var gone =
                    api.request("/api/keys/" + made.path("id").asString(""), bearer(admin))
                            .DELETE();
            assertThat(api.send(gone.build()).status()).isEqualTo(204);
            socket.send("{\"subscribe\":\"" + job + "\",\"ref\":\"2\"}");
            assertThat(socket.until("error").getLast().toString())
                    .contains("unauthorized")
                    .contains("\"2\"");
        }
    }

    @Test
    void theFirstKeyIsItsOwnersAndMadeOnce() throws Exception {
        Path file = home.resolve("run/admin.key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (RunningApi another = RunningApi.on(variables())) {
            assertThat(Files.readString(file).strip()).isEqualTo(admin);
            assertThat(another.get("/api/keys", bearer(admin)).text())
                    .contains("\"name\":\"first\"")
                    .doesNotContain(admin.substring(21));
        }
        assertThat(
                        api.bean(JdbcClient.class)
                                .sql("select hash from api_key")
                                .query(String.class)
                                .list())
                .allSatisfy(hash -> assertThat(hash).matches("[0-9a-f]{64}"));
    }

    private static String tampered(String key) {
        char last = key.charAt(key.length() - 1);
        return key.substring(0, key.length() - 1) + (last == 'A' ? 'B' : 'A');
    }

    private static String own() {
        return "localhost:" + api.port();
    }

    private static String ask(Door door, String host, String headers) throws IOException {
        return PlainRequest.ask(
                api.port(), door.isFor(), host, headers, !door.method().equals("GET"));
    }
}
