package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Exchange;
import dev.atomic.shared.verify.Match;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.run.RunBuilder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Programs that are asked over HTTP, from inside their container.
@Tag("engine")
class HttpIT {
    private static final String FLASK =
            """
            from flask import Flask, jsonify, redirect, request, session
            app = Flask(__name__)
            app.secret_key = "k"
            items = []
            @app.post("/items")
            def add():
                items.append(request.get_json()["name"])
                session["count"] = len(items)
                return jsonify(id=len(items), name=items[-1], more=True), 201
            @app.get("/items")
            def listed():
                return jsonify(items=items, seen=session.get("count"))
            @app.get("/go")
            def go():
                return redirect("/items")
            app.run(port=8000)
            """;
    private static final String FASTAPI =
            """
            import uvicorn
            from fastapi import FastAPI
            app = FastAPI()
            @app.get("/sum")
            def total(a: int, b: int):
                return {"sum": a + b}
            uvicorn.run(app, port=8001, log_level="warning")
            """;
    private static final String NODE =
            """
            require('http').createServer((req, res) => {
                res.writeHead(200, {'Content-Type': 'text/plain', 'X-Host': req.headers.host});
                res.write('part one, ');
                setTimeout(() => res.end('part two of ' + req.method), 20);
            }).listen(3000);
            """;

    /// Does as it is told with each connection, whatever it is asked.
    private static final String RAW =
            """
            import os, socket, sys, time
            server = socket.create_server(("127.0.0.1", 8000))
            while True:
                connection, _ = server.accept()
                asked = connection.recv(65536)
                %s
                connection.close()
            """;

    private static SandboxUnderTest sandbox;

    @BeforeAll
    static void start() {
        sandbox = new SandboxUnderTest(1);
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void aFlaskAppIsAskedInOrderWithItsCookies() {
        Verification found =
                sandbox.verify(
                        RunBuilder.python(FLASK)
                                .requests(
                                        List.of(
                                                post(
                                                        "/items",
                                                        "{\"name\":\"a\"}",
                                                        201,
                                                        "{\"id\":1,\"name\":\"a\"}"),
                                                post(
                                                        "/items",
                                                        "{\"name\":\"b\"}",
                                                        201,
                                                        "{\"id\":2}"),
                                                get(
                                                        "/items",
                                                        json(
                                                                "{\"items\":[\"a\",\"b\"],\"seen\":2}")),
                                                get(
                                                        "/go",
                                                        expect(
                                                                302,
                                                                Map.of("Location", "/items"),
                                                                null,
                                                                null)),
                                                get("/nosuch", status(404)),
                                                new Exchange(
                                                        "head",
                                                        "HEAD",
                                                        "/items",
                                                        Map.of(),
                                                        null,
                                                        status(200)))));
        assertThat(found.status())
                .as("%s", found.proof().cases())
                .isEqualTo(VerificationStatus.PASSED);
        assertThat(found.proof().kind()).isEqualTo("http");
        assertThat(found.proof().evidence()).isEqualTo(Evidence.OBSERVED);
        assertThat(found.proof().score()).isEqualTo(1.0);
        assertThat(found.server().port()).isEqualTo(8000);
        assertThat(found.ending().exitCode()).isNull();
    }

    @Test
    void fastapiAndNodeAreServersToo() {
        Verification python =
                sandbox.verify(
                        RunBuilder.python(FASTAPI)
                                .requests(
                                        List.of(
                                                get("/sum?a=2&b=3", json("{\"sum\":5}")),
                                                get("/sum?a=x&b=3", status(422)))));
        assertThat(statuses(python)).as("%s", python).isEqualTo("PP");
        Verification node =
                sandbox.verify(
                        RunBuilder.of("javascript")
                                .file("main.js", NODE)
                                .requests(
                                        Collections.nCopies(
                                                3,
                                                get(
                                                        "/",
                                                        expect(
                                                                200,
                                                                Map.of("x-host", "127.0.0.1:3000"),
                                                                "part one, part two of GET",
                                                                null)))));
        assertThat(statuses(node)).as("%s", node).isEqualTo("PPP");
    }

    @Test
    void whatDiffersIsSaid() {
        Verification found =
                sandbox.verify(
                        RunBuilder.of("javascript")
                                .file("main.js", NODE)
                                .requests(
                                        List.of(
                                                get(
                                                        "/",
                                                        expect(
                                                                201,
                                                                Map.of("X-Host", "here"),
                                                                "other",
                                                                "part three")),
                                                get("/", json("{}")),
                                                get("/", status(200)))));
        assertThat(statuses(found)).isEqualTo("FFP");
        assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(cases(found).getFirst().diff())
                .contains(
                        "status: expected 201, got 200",
                        "header X-Host: expected here, got 127.0.0.1:3000",
                        "-other",
                        "doesn't contain part three");
        assertThat(cases(found).getFirst().stdout()).isEqualTo("part one, part two of GET");
        assertThat(cases(found).get(1).diff()).contains("isn't JSON");
    }

    @Test
    void aServerThatEndsOnTheWayHasFailed() {
        Verification found =
                raw(
                        "connection.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok'); connection.close(); sys.exit(7)",
                        5);
        assertThat(statuses(found)).as("%s", found).startsWith("P").endsWith("S");
        assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(found.reason()).isEqualTo("server_ended");
    }

    @Test
    void aServerThatEndsInTheMiddleOfItsAnswerHasFailed() {
        Verification found = raw("connection.sendall(b'HTTP/1.1 200 OK\\r\\n'); os._exit(0)", 1);
        assertThat(statuses(found)).isEqualTo("F");
        assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
    }

    @Test
    void aServerThatNeverListensHasFailed() {
        Verification found =
                sandbox.verify(
                        RunBuilder.python("import nosuch")
                                .requests(List.of(get("/", status(200)))));
        assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(statuses(found)).isEqualTo("S");
        assertThat(found.missing()).containsExactly("nosuch");
        Verification silent =
                sandbox.verify(
                        RunBuilder.python("print(1)").requests(List.of(get("/", status(200)))));
        assertThat(silent.reason()).isEqualTo("not_listening");
        Verification compiler =
                sandbox.verify(
                        RunBuilder.of("c")
                                .file("main.c", "int main(){return x;}")
                                .requests(List.of(get("/", status(200)))));
        assertThat(compiler.reason()).isEqualTo("compile_error");
    }

    @Test
    void anAnswerThatIsNoneIsAFailure() {
        assertAnswer("time.sleep(0)", "closed without an answer");
        assertAnswer("connection.sendall(b'garbage\\r\\nmore\\r\\n\\r\\n')", "no answer");
        assertAnswer(
                "connection.sendall(b'HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\n')",
                "no answer");
        assertAnswer(
                "connection.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nok')",
                "before the answer was whole");
        assertAnswer(
                "connection.sendall(b'HTTP/1.1 100 Continue\\r\\n\\r\\n')",
                "before the answer was whole");
        assertAnswer(
                "connection.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n' + b'x' * (100 << 20))",
                "more than 1 MiB");
    }

    @Test
    void aServerThatNeverAnswersEndsWithTheRunsTime() {
        Verification found =
                sandbox.verify(
                        RunBuilder.python(RAW.formatted("time.sleep(60)"))
                                .seconds(2)
                                .requests(List.of(get("/", status(200)), get("/", status(200)))));
        assertThat(statuses(found)).isEqualTo("TS");
        assertThat(found.status()).isEqualTo(VerificationStatus.TIMED_OUT);
    }

    @Test
    void twoHundredRequestsAreOneRun() {
        Verification found =
                sandbox.verify(
                        RunBuilder.of("javascript")
                                .file("main.js", NODE.replace("setTimeout(", "setImmediate("))
                                .requests(Collections.nCopies(200, get("/", status(200)))));
        assertThat(found.status()).as("%s", statuses(found)).isEqualTo(VerificationStatus.PASSED);
    }

    @Test
    void itStopsAtTheFirstFailureIfAsked() {
        Verification found =
                sandbox.verify(
                        RunBuilder.of("javascript")
                                .file("main.js", NODE)
                                .requests(List.of(get("/", status(500)), get("/", status(200))))
                                .stopOnFailure());
        assertThat(statuses(found)).isEqualTo("FS");
        assertThat(found.reason()).isNull();
    }

    private static void assertAnswer(String python, String why) {
        Verification found = raw(python, 2);
        assertThat(statuses(found)).as("%s", found).isEqualTo("FF");
        assertThat(cases(found).getFirst().diff()).contains(why);
        assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(found.reason()).isNull();
    }

    private static Verification raw(String python, int requests) {
        return sandbox.verify(
                RunBuilder.python(RAW.formatted("try: " + python + "\n    except OSError: pass"))
                        .requests(Collections.nCopies(requests, get("/", status(200)))));
    }

    private static Exchange get(String path, Exchange.Expected expect) {
        return new Exchange("GET " + path, "GET", path, Map.of(), null, expect);
    }

    private static Exchange post(String path, String body, int status, String json) {
        return new Exchange(
                "POST " + path,
                "POST",
                path,
                Map.of("Content-Type", "application/json"),
                body,
                new Exchange.Expected(status, Map.of(), null, json, null, Match.TRIMMED));
    }

    private static Exchange.Expected status(int status) {
        return expect(status, Map.of(), null, null);
    }

    private static Exchange.Expected json(String json) {
        return new Exchange.Expected(200, Map.of(), null, json, null, Match.TRIMMED);
    }

    private static Exchange.Expected expect(
            int status,
            Map<String, String> headers,
            @Nullable String body,
            @Nullable String contains) {
        return new Exchange.Expected(status, headers, body, null, contains, Match.TRIMMED);
    }

    private static List<CaseResult> cases(Verification found) {
        return Objects.requireNonNullElse(found.proof().cases(), new ArrayList<>());
    }

    private static String statuses(Verification found) {
        StringBuilder text = new StringBuilder();
        cases(found).forEach(each -> text.append(each.status().name().charAt(0)));
        return text.toString();
    }
}
