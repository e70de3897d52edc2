package dev.atomic.api.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.atomic.api.tenant.Caller;
import dev.atomic.shared.Json;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class MessageTest {
    private static final String META =
            """
            {"io.modelcontextprotocol/protocolVersion":"2026-07-28",
             "io.modelcontextprotocol/clientCapabilities":%s}\
            """;

    @Test
    void aRequestOfARevisionWithAHandshakeNeedsNoMoreThanItsBody() throws Exception {
        JsonNode body = body("tools/call", "{\"name\":\"run_code\"}");
        for (String version : new String[] {null, "2025-11-25", "2025-06-18", "2025-03-26"}) {
            Message message =
                    Message.of(body, new Message.Headers(version, null, null), Caller.OPEN);
            assertThat(message.envelope().isModern()).isFalse();
            assertThat(message.envelope().takesTasks()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            textBlock =
                    """
                    run_code,           run_code
                    ' led ',            =?base64?IGxlZCA=?=
                    é,                  =?base64?w6k=?=
                    =?base64?x?=,       =?base64?PT9iYXNlNjQ/eD89?=
                    """)
    void theNameIsReadFromItsHeader(String name, String header) throws Exception {
        assertThat(of("tools/call", name, header).envelope().isModern()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            textBlock =
                    """
                    2026-07-28, tools/list, run_code,           -32020
                    2026-07-28, TOOLS/CALL, run_code,           -32020
                    2026-07-28, -,          run_code,           -32020
                    2026-07-28, tools/call, -,                  -32020
                    2026-07-28, tools/call, get_job,            -32020
                    2026-07-28, tools/call, =?base64?%%%?=,     -32020
                    2025-11-25, tools/call, run_code,           -32020
                    -,          tools/call, run_code,           -32020
                    """)
    void headersThatContradictTheBodyAreRefused(
            @Nullable String version, @Nullable String method, @Nullable String name, int code) {
        JsonNode body =
                body(
                        "tools/call",
                        "{\"name\":\"run_code\",\"_meta\":" + META.formatted("{}") + "}");
        assertThat(refusal(body, new Message.Headers(version, method, name))).isEqualTo(code);
    }

    @Test
    void whatARequestMustSayOfItselfIsAskedFor() {
        for (String meta : new String[] {"{}", META.formatted("[]"), META.formatted("null")}) {
            JsonNode body = body("tools/list", "{\"_meta\":" + meta + "}");
            var headers = new Message.Headers("2026-07-28", "tools/list", null);
            assertThat(refusal(body, headers)).as(meta).isEqualTo(-32602);
        }
        var unknown = new Message.Headers("v9", "tools/list", null);
        assertThat(refusal(body("tools/list", "{}"), unknown)).isEqualTo(-32022);
    }

    @Test
    void tasksAreTakenByWhoDeclaresThem() throws Exception {
        String declared = "{\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}}";
        assertThat(listing(declared).envelope().takesTasks()).isTrue();
        assertThat(listing("{}").envelope().takesTasks()).isFalse();
        assertThat(listing("{\"tasks\":{}}").envelope().takesTasks()).isFalse();
    }

    private static Message listing(String capabilities) throws RpcError {
        JsonNode body = body("tools/list", "{\"_meta\":" + META.formatted(capabilities) + "}");
        return Message.of(body, new Message.Headers("2026-07-28", "tools/list", null), Caller.OPEN);
    }

    private static Message of(String method, String name, String header) throws RpcError {
        String params =
                "{\"name\":" + Json.write(name) + ",\"_meta\":" + META.formatted("{}") + "}";
        return Message.of(
                body(method, params),
                new Message.Headers("2026-07-28", method, header),
                Caller.OPEN);
    }

    private static int refusal(JsonNode body, Message.Headers headers) {
        RpcError error =
                catchThrowableOfType(RpcError.class, () -> Message.of(body, headers, Caller.OPEN));
        assertThat(error.status()).isEqualTo(400);
        return error.toObject().path("code").asInt();
    }

    private static JsonNode body(String method, String params) {
        return Json.STRICT.readTree(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}"
                        .formatted(method, params));
    }
}
