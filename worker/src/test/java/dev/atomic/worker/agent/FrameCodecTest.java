package dev.atomic.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.shared.Json;
import dev.atomic.shared.job.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The golden frames are the Python side's too.
class FrameCodecTest {
    private static final Path FRAMES =
            AgentProcess.root().resolve("python-agent/tests/golden/frames");

    static Stream<JsonNode> fromAgent() throws IOException {
        return goldens().filter(one -> one.path("direction").asString().equals("from_agent"));
    }

    static Stream<JsonNode> broken() throws IOException {
        return goldens().filter(one -> one.path("error").asString("").equals("BrokenLine"));
    }

    private static Stream<JsonNode> goldens() throws IOException {
        JsonNode index = Json.STORED.readTree(Files.readString(FRAMES.resolve("index.json")));
        return StreamSupport.stream(index.path("frames").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("fromAgent")
    void whatTheAgentSendsIsRead(JsonNode golden) throws Exception {
        JsonNode expect = golden.path("expect");
        JsonNode end = expect.path("completion");
        String id = expect.path("id").asString();
        Frame frame = FrameCodec.decode(line(golden));
        Frame expected =
                switch (golden.path("message").asString()) {
                    case "StreamChunk" ->
                            new Frame.StreamChunk(
                                    id,
                                    expect.path("delta").asString(),
                                    expect.path("reasoning").asBoolean(),
                                    end.isObject(),
                                    textOrNull(end, "model"),
                                    textOrNull(end, "provider"),
                                    tokens(end));
                    case "Response" ->
                            new Frame.Response(
                                    id,
                                    "An answer\u2028with a separator",
                                    textOrNull(end, "model"),
                                    textOrNull(end, "provider"),
                                    tokens(end));
                    case "ErrorMessage" -> {
                        JsonNode error = expect.path("error");
                        yield new Frame.Failed(
                                id,
                                FailureCode.of(error.path("code").asString()),
                                error.path("message").asString(),
                                error.path("retryable").asBoolean(),
                                error.path("retry_after_ms").isNull()
                                        ? null
                                        : error.path("retry_after_ms").asLong(),
                                textOrNull(expect.path("spent"), "model"),
                                textOrNull(expect.path("spent"), "provider"),
                                tokens(expect.path("spent")));
                    }
                    case "HealthResponse" ->
                            new Frame.Health(
                                    id,
                                    expect.path("status").asString(),
                                    true,
                                    ProviderFields.read(expect.path("providers")));
                    default -> throw new AssertionError(golden);
                };
        assertThat(frame).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("broken")
    void aBrokenLineIsNoFrame(JsonNode golden) throws Exception {
        byte[] line = line(golden);
        assertThatThrownBy(() -> FrameCodec.decode(line))
                .isInstanceOf(FrameCodec.BrokenFrame.class)
                .hasMessageStartingWith("a ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "{}",
                "{\"id\":1,\"type\":2,\"payload\":{}}",
                "{\"id\":\"a\",\"type\":0,\"payload\":{}}",
                "{\"id\":\"a\",\"type\":4,\"payload\":{}}",
                "{\"id\":\"a\",\"type\":6,\"payload\":{}}",
                "{\"id\":\"a\",\"type\":7,\"payload\":{}}",
                "{\"id\":\"a\",\"type\":-1,\"payload\":{}}",
                "{\"id\":\"a\",\"type\":2.5,\"payload\":{}}",
                "{\"id\":\"a\",\"type\":\"2\",\"payload\":{}}",
                "{\"id\":\"a\",\"type\":true,\"payload\":{}}",
                "{\"id\":\"a\",\"type\":99999999999,\"payload\":{}}",
                "{\"id\":\"a\",\"type\":2,\"payload\":[]}",
                "{\"id\":\"a\",\"type\":2}"
            })
    void whatNoAgentMaySendIsNoFrame(String line) {
        assertThatThrownBy(() -> FrameCodec.decode(line.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(FrameCodec.BrokenFrame.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"delta\":5,\"is_final\":\"yes\",\"input_tokens\":\"many\"}",
                "{\"delta\":null,\"is_final\":[],\"model\":{},\"cost_usd\":\"x\"}",
                "{\"is_final\":7,\"estimated\":\"x\",\"output_tokens\":1e400}",
                "{\"input_tokens\":-5,\"output_tokens\":99999999999999999999}",
                "{\"input_tokens\":1.7,\"cost_usd\":-1}",
                "{\"provider\":\"a name that is longer than the sixty-four characters that a column takes\"}"
            })
    void aFieldOfTheWrongTypeCountsAsAbsent(String payload) throws Exception {
        String line = "{\"id\":\"a\",\"type\":2,\"payload\":" + payload + "}";
        Frame frame = FrameCodec.decode(line.getBytes(StandardCharsets.UTF_8));
        assertThat(frame)
                .isEqualTo(
                        new Frame.StreamChunk(
                                "a",
                                "",
                                false,
                                false,
                                null,
                                null,
                                new Frame.Tokens(null, null, null, false)));
    }

    @Test
    void anUnknownCodeIsInternal() throws Exception {
        String line =
                "{\"id\":\"a\",\"type\":3,\"payload\":{\"code\":\"<b>\",\"retryable\":\"yes\",\"retry_after_ms\":-5}}";
        assertThat(FrameCodec.decode(line.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(
                        new Frame.Failed(
                                "a",
                                FailureCode.INTERNAL,
                                "the agent gave no reason",
                                false,
                                null,
                                null,
                                null,
                                new Frame.Tokens(null, null, null, false)));
    }

    @Test
    void aRequestIsAsTheGoldenOne() throws Exception {
        ObjectNode golden =
                (ObjectNode)
                        Json.STORED.readTree(Files.readString(FRAMES.resolve("request_full.json")));
        ObjectNode payload = (ObjectNode) golden.get("payload");
        AgentRequest request =
                new AgentRequest(
                        payload.get("request_type").asString(),
                        payload.get("prompt").asString(),
                        Json.STORED.convertValue(payload.get("metadata"), Map.class),
                        payload.get("model").asString(),
                        payload.get("max_tokens").asInt(),
                        payload.get("temperature").asDouble());
        byte[] line = FrameCodec.request("r-2", golden.get("timestamp").asLong(), request);
        payload.put("request_id", "r-2"); // ours is the frame's
        assertThat(line[line.length - 1]).isEqualTo((byte) '\n');
        assertThat(new String(line, StandardCharsets.UTF_8).strip()).doesNotContain("\n");
        assertThat(Json.STORED.readTree(line).toString())
                .isEqualTo(Json.STORED.readTree(golden.toString()).toString());
    }

    @Test
    void whatIsNotKnownIsLeftOut() {
        byte[] line =
                FrameCodec.request(
                        "a", 0, new AgentRequest("GENERATE_CODE", "p", Map.of(), null, null, null));
        assertThat(new String(line, StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"id\":\"a\",\"type\":0,\"timestamp\":0,\"payload\":{\"request_id\":\"a\",\"request_type\":"
                                + "\"GENERATE_CODE\",\"prompt\":\"p\",\"stream\":true,\"metadata\":{}}}\n");
    }

    @Test
    void cancelAndHealthCheckAreAsTheGoldenOnes() throws Exception {
        JsonNode cancel = Json.STORED.readTree(FrameCodec.cancel("c-1", 0));
        assertThat(cancel.get("type").asInt())
                .isEqualTo(Json.STORED.readTree(read("cancel.json")).get("type").asInt());
        assertThat(cancel.get("payload").get("request_id").asString()).isEqualTo("c-1");
        assertThat(new String(FrameCodec.healthCheck("test", 0), StandardCharsets.UTF_8))
                .isEqualTo(read("health_check_guide.json"));
    }

    private static Frame.Tokens tokens(JsonNode end) {
        return end.isObject()
                ? new Frame.Tokens(
                        end.get("input_tokens").asLong(),
                        end.get("output_tokens").asLong(),
                        end.has("cost_usd") ? end.get("cost_usd").asDouble() : null,
                        end.get("estimated").asBoolean())
                : new Frame.Tokens(null, null, null, false);
    }

    private static String textOrNull(JsonNode node, String name) {
        return node.has(name) ? node.get(name).asString() : null;
    }

    private static String read(String file) throws IOException {
        return Files.readString(FRAMES.resolve(file));
    }

    private static byte[] line(JsonNode golden) throws IOException {
        byte[] file = Files.readAllBytes(FRAMES.resolve(golden.path("file").asString()));
        assertThat(file[file.length - 1]).isEqualTo((byte) '\n');
        return Arrays.copyOf(file, file.length - 1);
    }
}
