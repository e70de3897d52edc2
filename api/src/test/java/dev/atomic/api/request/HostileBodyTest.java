package dev.atomic.api.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.atomic.api.ApiSettings;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.Variables;
import dev.atomic.shared.webhook.WebhookRules;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// What a body costs is bounded by its size, whatever is in it. Counted in bytes allocated, which
/// are the same on a slow machine.
class HostileBodyTest {
    private static final long MIB = 1 << 20;

    private final GenerateBody bodies =
            new GenerateBody(
                    ApiSettings.from(new Variables(Map.of())),
                    WebhookRules.from(new Variables(Map.of())));

    @Test
    void deepObjectsWithLongKeysAreCheckedAtACostLinearInTheirSize() {
        String open = "{\"" + "k".repeat(2_090) + "\":";
        JsonNode body = parse(open.repeat(480) + "{}" + "}".repeat(480));
        ProblemException refusal = refusal(body);
        assertThat(refusal.code()).isEqualTo("invalid_request");
        assertThat(allocated(() -> refusal(body))).isLessThan(MIB);
    }

    @Test
    void deepListsAreCheckedAtACostLinearInTheirSize() {
        JsonNode body =
                parse("{\"" + "k".repeat(40_000) + "\":" + "[".repeat(490) + "]".repeat(490) + "}");
        assertThat(allocated(() -> refusal(body))).isLessThan(MIB);
    }

    @Test
    void whatIsToldOfLongNamesIsShort() {
        String name = "k".repeat(10_000);
        String many =
                IntStream.range(0, 30)
                        .mapToObj(i -> "\"" + i + name + "\":{\"" + name + "\":\"\\u0000\"}")
                        .collect(Collectors.joining(",", "{", "}"));
        for (String body : new String[] {many, many.replace("\\u0000", "")}) {
            ProblemException refusal = refusal(parse(body));
            assertThat(refusal.errors()).hasSize(20);
            assertThat(refusal.errors())
                    .allSatisfy(error -> assertThat(error.field()).hasSize(201).endsWith("…"));
            assertThat(refusal.detail()).hasSizeLessThan(300);
        }
    }

    @Test
    void metadataThatIsTooLargeIsCountedWithoutACopyOfIt() {
        JsonNode body =
                parse("{\"prompt\":\"p\",\"files\":[],\"metadata\":" + texts(12, "a") + "}");
        ProblemException refusal = refusal(body);
        assertThat(refusal.errors().getFirst().field()).isEqualTo("metadata");
        assertThat(allocated(() -> refusal(body))).isLessThan(MIB);
    }

    @Test
    void moreValuesThanAnyBodyNeedsAreRefusedBeforeThereIsATree() {
        byte[] body = utf8("[" + "{},".repeat(4_000_000) + "{}]");
        assertThat(code(body)).isEqualTo("payload_too_large");
        assertThat(allocated(() -> code(body))).isLessThan(MIB);
        assertThat(code(utf8("{" + "\"a\":0,".repeat(60_000) + "\"a\":0}")))
                .isEqualTo("payload_too_large");
    }

    @Test
    void aTextLongerThanAnyThatIsTakenIsRefusedBeforeThereIsATree() {
        assertThat(code(utf8("{\"files\":[\"" + "a".repeat((2 << 20) + 1) + "\"]}")))
                .isEqualTo("payload_too_large");
        parse("{\"files\":[\"" + "a".repeat(2 << 20) + "\"]}");
        parse("{\"files\":[\"" + "😀".repeat(1 << 20) + "\"]}");
        parse("{\"files\":[\"" + "\\u0041".repeat(1 << 20) + "\"]}");
    }

    @Test
    void whatLooksLikeValuesWithinATextIsNone() {
        parse("{\"prompt\":\"" + "\\\"{,[\\\\".repeat(60_000) + "\"}");
    }

    /// The least of several: what other threads of the JVM keep at the same time counts, too.
    @ParameterizedTest
    @MethodSource("costly")
    void aTreeCostsNoMoreThanWasTakenForIt(String json) {
        byte[] body = utf8(json);
        JsonCost cost = new JsonCost();
        cost.add(body, 0, body.length);
        long taken = Long.MAX_VALUE;
        for (int again = 0; again < 5; again++) {
            long before = heap();
            JsonNode tree = JsonBody.parse(body);
            taken = Math.min(taken, heap() - before);
            assertThat(tree.isContainer()).isTrue();
        }
        assertThat(taken).isLessThan(cost.tree() + MIB / 4);
        assertThat(cost.tree() + cost.parser())
                .as("the most that any body takes fits into a quarter of 256 MiB")
                .isLessThan(64 * MIB);
    }

    static String[] costly() {
        return new String[] {
            "[" + "{},".repeat(49_000) + "0]",
            "[" + "[[]],".repeat(24_900) + "0]",
            "[" + "{\"a\":{\"b\":1.5}},".repeat(16_000) + "0]",
            "[" + "{\"a\":\"\"},".repeat(20_000) + "0]",
            "[" + "12345678901234567890123.5,".repeat(40_000) + "0]",
            IntStream.range(0, 49_000)
                    .mapToObj(i -> "\"" + i + "\":" + i)
                    .collect(Collectors.joining(",", "{", "}")),
            "{\"files\":[],\"x\":" + texts(11, "a") + "}",
            "{\"files\":[],\"x\":" + texts(5, "é") + "}",
            "{\"files\":[],\"x\":" + texts(3, "€") + "}",
            "{\"files\":[],\"x\":\"" + "a".repeat((2 << 20) - 1) + "€\"}",
        };
    }

    @Test
    void whatABodyTakesIsGivenBack() {
        RequestMemory memory = new RequestMemory(64 * MIB);
        byte[] body = utf8("{\"prompt\":\"p\"}");
        try (RequestMemory.Share share = memory.open()) {
            JsonBody.parse(body, share);
            assertThat(memory.held()).isGreaterThan(body.length);
        }
        assertThat(memory.held()).isZero();
        try (RequestMemory.Share share = new RequestMemory(100).open()) {
            assertThat(
                            catchThrowableOfType(
                                            ProblemException.class,
                                            () -> JsonBody.parse(body, share))
                                    .status())
                    .isEqualTo(503);
        }
    }

    /// An object of so many texts of 1 Mi characters.
    private static String texts(int count, String character) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"" + i + "\":\"" + character.repeat(1 << 20) + "\"")
                .collect(Collectors.joining(",", "{", "}"));
    }

    /// In use after a full collection.
    private static long heap() {
        var heap = ManagementFactory.getMemoryMXBean();
        heap.gc();
        return heap.getHeapMemoryUsage().getUsed();
    }

    private static long allocated(Runnable work) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private ProblemException refusal(JsonNode body) {
        return catchThrowableOfType(ProblemException.class, () -> bodies.read(body));
    }

    private static String code(byte[] body) {
        return catchThrowableOfType(ProblemException.class, () -> JsonBody.parse(body)).code();
    }

    private static JsonNode parse(String json) {
        return JsonBody.parse(utf8(json));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
