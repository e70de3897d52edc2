package dev.atomic.api.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.db.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemsIT {
    private static TestDatabase database;
    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
        api = RunningApi.on(database, Map.of());
    }

    @AfterAll
    static void stop() {
        api.close();
        database.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nope",
                "/api/nope",
                "/error",
                "/api/jobs/1",
                "/api/jobs/01a2023f-098e-7328-812f-b9e61f149966",
                "/api/jobs/01A2023F-098E-7328-812F-B9E61F149966/files",
                "/api/jobs/x/events"
            })
    void unknown(String path) throws Exception {
        assertProblem(api.get(path), 404, "not_found");
    }

    @Test
    void wrongMethod() throws Exception {
        Answer answer = api.send(api.request("/api/generate").GET().build());
        assertProblem(answer, 405, "method_not_allowed");
        assertThat(answer.header("Allow")).isEqualTo("POST");
    }

    @Test
    void wrongMediaTypes() throws Exception {
        var form =
                api.request("/api/jobs", "Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("prompt=p"));
        assertProblem(api.send(form.build()), 415, "unsupported_media_type");
        var none = api.request("/api/jobs").POST(BodyPublishers.ofString("{}"));
        assertProblem(api.send(none.build()), 415, "unsupported_media_type");
        assertProblem(api.get("/api/jobs", "Accept", "image/png"), 406, "not_acceptable");
        assertProblem(
                api.post("/api/jobs", "{}", "Content-Encoding", "gzip"),
                415,
                "unsupported_media_type");
    }

    @Test
    void malformedAndInvalidBodies() throws Exception {
        assertProblem(api.post("/api/jobs", "{"), 400, "malformed_json");
        Answer answer = api.post("/api/jobs", "{\"prompt\":5}");
        assertProblem(answer, 400, "invalid_request");
        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("prompt");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/jobs?limit=0", "/api/jobs?limit=101", "/api/jobs?limit=x", "/api/jobs?limit=",
                "/api/jobs?status=done", "/api/jobs?kind=x", "/api/jobs?cursor=x",
                        "/api/jobs?page=2",
                "/api/jobs?limit=1&limit=2", "/api/jobs?limit=+5"
            })
    void noQueryParameterIsPassedOver(String path) throws Exception {
        assertProblem(api.get(path), 400, "invalid_request");
    }

    @Test
    void aBodyThatIsTooLargeIsA413AndNotAReset() throws Exception {
        String large = "{\"prompt\":\"" + "a".repeat(1 << 20) + "\"}";
        assertProblem(api.post("/api/jobs", large), 413, "payload_too_large");
        byte[] huge = new byte[40 << 20];
        var known =
                api.request("/api/jobs", "Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(huge));
        assertProblem(api.send(known.build()), 413, "payload_too_large");
        var chunked =
                api.request("/api/jobs", "Content-Type", "application/json")
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(huge)));
        assertProblem(api.send(chunked.build()), 413, "payload_too_large");
    }

    @Test
    void elevenMebibytesAreTakenWithFiles() throws Exception {
        String file = "{\"path\":\"f%d\",\"content\":\"" + "\\u0061".repeat(300_000) + "\"}";
        String body =
                "{\"prompt\":\"p\",\"files\":["
                        + String.join(
                                ",",
                                file.replace("%d", "1"),
                                file.replace("%d", "2"),
                                file.replace("%d", "3"),
                                file.replace("%d", "4"),
                                file.replace("%d", "5"),
                                file.replace("%d", "6"))
                        + "]}";
        assertThat(body.length()).isBetween(10 << 20, 12 << 20);
        assertThat(api.post("/api/jobs", body).status()).isEqualTo(202);
    }

    @Test
    void everyAnswerHasARequestId() throws Exception {
        assertThat(api.get("/api/jobs", "X-Request-Id", "a.B-9_").header("X-Request-Id"))
                .isEqualTo("a.B-9_");
        assertThat(api.get("/nope", "X-Request-Id", "a b").header("X-Request-Id"))
                .matches("[A-Za-z0-9._-]{1,64}")
                .isNotEqualTo("a b");
        assertThat(api.get("/health", "X-Request-Id", "x".repeat(65)).header("X-Request-Id"))
                .hasSizeLessThan(65);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/jobs/<x> HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /\\..\\x HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "nonsense\r\n\r\n",
                "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
                "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n"
            })
    void whatTheServerItselfRefusesIsAProblemToo(String request) throws Exception {
        String answer = raw(request);
        assertThat(answer).matches("(?s)HTTP/1.1 [45]..\\b.*");
        assertThat(answer).containsIgnoringCase("x-request-id: ");
        assertThat(answer).contains("application/problem+json", "\"code\":\"");
        assertThat(answer).doesNotContain("Tomcat", "<html", "at org.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 100\r\n\r\n{",
                "Transfer-Encoding: chunked\r\n\r\n5\r\n{",
                "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n"
            })
    void aBodyThatEndsEarlyIsTheClientsError(String rest) throws Exception {
        String answer =
                raw(
                        "POST /api/jobs HTTP/1.1\r\nHost: localhost\r\n"
                                + "Content-Type: application/json\r\n"
                                + rest);
        assertThat(answer).startsWith("HTTP/1.1 400 ");
        assertThat(answer).contains("application/problem+json", "\"code\":\"invalid_request\"");
    }

    @Test
    void anEncodedSlashIsPartOfAPath() throws Exception {
        Answer job =
                api.post(
                        "/api/jobs",
                        "{\"prompt\":\"p\",\"files\":[{\"path\":\"a/b.py\",\"content\":\"x\"}]}");
        String id = job.json().get("id").asString();
        assertThat(api.get("/api/jobs/" + id + "/files/a%2Fb.py").text()).isEqualTo("x");
        assertThat(api.get("/api/jobs/" + id + "/files/a/b.py").text()).isEqualTo("x");
        assertProblem(api.get("/api/jobs/" + id + "/files/a"), 404, "not_found");
        assertProblem(api.get("/api/jobs/" + id + "/files/"), 404, "not_found");
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void assertProblem(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.json().get("status").intValue()).isEqualTo(status);
        assertThat(answer.json().get("title").asString()).isNotBlank();
        assertThat(answer.json().get("type").asString()).isNotBlank();
        assertThat(answer.json().get("detail").asString()).isNotBlank();
        assertThat(answer.text()).doesNotContain("Exception", "\tat ");
        assertThat(answer.header("X-Request-Id")).isNotBlank();
    }
}
