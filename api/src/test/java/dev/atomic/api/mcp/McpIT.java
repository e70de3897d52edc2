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
        assertThat(NodeClients.run(directory, "mcp.mjs", api.uri("").toString()))
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
                        "2026-07-28");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.json().path("error").path("code").asInt()).isEqualTo(-32600);
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
