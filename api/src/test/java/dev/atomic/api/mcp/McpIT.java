package dev.atomic.api.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.NodeClients;
import dev.atomic.api.RunningApi;
import dev.atomic.api.RunningApi.Answer;
import dev.atomic.api.openai.PlayedJobs;
import dev.atomic.db.TestDatabase;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// MCP over the real api and database; the test plays the worker.
class McpIT {
    private static TestDatabase database;
    private static RunningApi api;
    private static PlayedJobs worker;

    @BeforeAll
    static void start() throws Exception {
        database = TestDatabase.h2();
        api = RunningApi.on(database, Map.of());
        worker = new PlayedJobs(api);
    }

    @AfterAll
    static void stop() throws Exception {
        worker.close();
        api.close();
        database.close();
    }

    @Test
    void itsOwnClientUsesEveryToolInBothEras(@TempDir Path directory) throws Exception {
        assertThat(
                        NodeClients.run(
                                directory, NodeClients.CLIENTS, "mcp.mjs", api.uri("").toString()))
                .contains("all is as it should be");
    }

    @Test
    void aVersionIsAgreedOn() throws Exception {
        for (String version : new String[] {"2025-11-25", "2025-06-18", "2025-03-26"}) {
            assertThat(initialize(version)).isEqualTo(version);
        }
        assertThat(initialize("1999-01-01")).isEqualTo("2025-11-25");
        Answer unknown =
                api.post(
                        "/mcp",
                        message("\"id\":1,\"method\":\"ping\""),
                        "MCP-Protocol-Version",
                        "1999-01-01");
        assertThat(unknown.status()).isEqualTo(400);
        JsonNode error = unknown.json().path("error");
        assertThat(error.path("code").asInt()).isEqualTo(-32022);
        assertThat(error.path("data").path("supported")).hasSize(4);
    }

    /// A client that takes tasks has the job for one: at once, and whatever becomes of its call.
    @Test
    void aJobIsATaskForWhoTakesTasks() throws Exception {
        JsonNode begun =
                modern(
                        "tools/call",
                        "generate_code",
                        "\"arguments\":{\"prompt\":\"failed after 1 s\"}");
        assertThat(begun.path("resultType").asString()).isEqualTo("task");
        assertThat(begun.path("status").asString()).isEqualTo("working");
        assertThat(begun.has("content")).isFalse();
        String id = begun.path("taskId").asString();
        JsonNode task = begun;
        while (task.path("status").asString().equals("working")) {
            task = modern("tasks/get", id, "\"taskId\":\"" + id + "\"");
        }
        assertThat(task.path("status").asString()).isEqualTo("completed");
        assertThat(task.path("resultType").asString()).isEqualTo("complete");
        assertThat(task.path("result").path("isError").asBoolean()).isTrue();
        assertThat(api.get("/api/jobs/" + id).json().path("status").asString()).isEqualTo("failed");

        JsonNode waiting =
                modern(
                        "tools/call",
                        "generate_code",
                        "\"arguments\":{\"prompt\":\"nobody plays this\"}");
        String other = waiting.path("taskId").asString();
        modern("tasks/cancel", other, "\"taskId\":\"" + other + "\"");
        assertThat(
                        modern("tasks/get", other, "\"taskId\":\"" + other + "\"")
                                .path("status")
                                .asString())
                .isEqualTo("cancelled");
    }

    /// @return the result of a request of the newest revision
    private static JsonNode modern(String method, String name, String params) throws Exception {
        String meta =
                """
                "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
                 "io.modelcontextprotocol/clientCapabilities":
                  {"extensions":{"io.modelcontextprotocol/tasks":{}}}}\
                """;
        JsonNode answer =
                api.post(
                                "/mcp",
                                message(
                                        "\"id\":1,\"method\":\"%s\",\"params\":{\"name\":\"%s\",%s,%s}"
                                                .formatted(method, name, params, meta)),
                                "MCP-Protocol-Version",
                                "2026-07-28",
                                "Mcp-Method",
                                method,
                                "Mcp-Name",
                                name)
                        .json();
        assertThat(answer.path("error").isMissingNode()).as(answer.toString()).isTrue();
        return answer.path("result");
    }

    @Test
    void whatIsNotARequestIsAcceptedAndWhatIsNoMessageRefused() throws Exception {
        Answer told = api.post("/mcp", message("\"method\":\"notifications/initialized\""));
        assertThat(told.status()).isEqualTo(202);
        assertThat(told.text()).isEmpty();
        for (String wrong : new String[] {"[]", "{}", message("\"id\":{},\"method\":\"ping\"")}) {
            Answer refused = api.post("/mcp", wrong);
            assertThat(refused.status()).as(wrong).isEqualTo(400);
            assertThat(refused.json().path("error").path("code").asInt()).isEqualTo(-32600);
        }
        for (String wrong : new String[] {"{", "[".repeat(100_000)}) {
            Answer refused = api.post("/mcp", wrong);
            assertThat(refused.status()).as(wrong).isEqualTo(400);
            assertThat(refused.json().path("error").path("code").asInt()).isEqualTo(-32700);
            assertThat(refused.json().has("id")).isFalse();
        }
        Answer unknown = api.post("/mcp", message("\"id\":7,\"method\":\"server/discover\""));
        assertThat(unknown.json().path("id").asInt()).isEqualTo(7);
        assertThat(unknown.json().path("error").path("code").asInt()).isEqualTo(-32601);
        assertThat(api.get("/mcp").status()).isEqualTo(405);
    }

    /// Which are none of a tool's words: they are told as a result, so that a model reads them.
    @Test
    void largeFilesAreTakenAndALargeRestIsNot() throws Exception {
        String large = "x".repeat(900_000);
        String call =
                "\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"generate_code\",\"arguments\":";
        String files =
                "{\"path\":\"a.txt\",\"content\":\"%s\"},{\"path\":\"b.txt\",\"content\":\"%s\"}"
                        .formatted(large, large);
        Answer taken =
                api.post(
                        "/mcp",
                        message(call + "{\"prompt\":\"plain\",\"files\":[" + files + "]}}"));
        assertThat(taken.json().path("result").path("isError").asBoolean(true)).isFalse();
        Answer refused =
                api.post("/mcp", message(call + "{\"prompt\":\"" + large + large + "\"}}"));
        assertThat(refused.status()).isEqualTo(413);
    }

    private static String initialize(String version) throws Exception {
        String params = "\"params\":{\"protocolVersion\":\"" + version + "\",\"capabilities\":{}}";
        JsonNode result =
                api.post("/mcp", message("\"id\":1,\"method\":\"initialize\"," + params))
                        .json()
                        .path("result");
        assertThat(result.path("capabilities").propertyNames())
                .containsExactly("tools", "resources");
        return result.path("protocolVersion").asString("");
    }

    private static String message(String rest) {
        return "{\"jsonrpc\":\"2.0\"," + rest + "}";
    }
}
