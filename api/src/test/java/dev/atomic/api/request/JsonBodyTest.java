package dev.atomic.api.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.atomic.api.problem.ProblemException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBodyTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{} {}",
                "{'a':1,'a':2}",
                "{a:1}",
                "[1,]",
                "NaN",
                "'\u0001'",
                "{'a':\t}"
            })
    void notJson(String text) {
        assertThat(code(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("malformed_json");
    }

    @Test
    void notUtf8() {
        assertThat(code("\"é\"".getBytes(StandardCharsets.ISO_8859_1))).isEqualTo("malformed_json");
        assertThat(refusal("{\"a\":1}é".getBytes(StandardCharsets.ISO_8859_1)).detail())
                .isEqualTo("The body is not JSON: it isn't UTF-8.");
        for (Charset other :
                List.of(
                        StandardCharsets.UTF_16,
                        StandardCharsets.UTF_16BE,
                        StandardCharsets.UTF_16LE,
                        StandardCharsets.UTF_32,
                        StandardCharsets.UTF_32BE,
                        StandardCharsets.UTF_32LE)) {
            assertThat(code("{\"a\":1}".getBytes(other))).isEqualTo("malformed_json");
        }
        for (String bad : List.of("\u00c0\u0080", "\u00ed\u00a0\u0080", "\u00e2\u0082", "\u00ff")) {
            byte[] text = ("\"" + bad + "\"").getBytes(StandardCharsets.ISO_8859_1);
            assertThat(refusal(text).detail()).contains("isn't UTF-8");
        }
        assertThat(code("\ufeff{}".getBytes(StandardCharsets.UTF_8))).isEqualTo("malformed_json");
    }

    @Test
    void whereItIsntJson() {
        assertThat(refusal("{\n \"é\": x}".getBytes(StandardCharsets.UTF_8)).detail())
                .contains("'x'")
                .contains("line 2, column 7");
    }

    @Test
    void nestedBeyondReason() {
        assertThat(code("[".repeat(100_000).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("malformed_json");
    }

    @Test
    void moreThanAMebibyteNeedsFiles() {
        String text = "\"" + "a".repeat(1 << 20) + "\"";
        assertThat(code(("{\"prompt\":" + text + "}").getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("payload_too_large");
        JsonBody.parse(("{\"files\":[" + text + "]}").getBytes(StandardCharsets.UTF_8));
        JsonBody.parse(
                ("{\"verify\":{\"files\":[" + text + "]}}").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void meaningNotSpellingMakesTheHash() {
        assertThat(hash("{\"a\":[1,\"x\"],\"b\":null}"))
                .isEqualTo(hash(" { \"b\" : null , \"a\" : [ 1.0, \"\\u0078\" ] } "));
        assertThat(hash("{\"a\":1e2}")).isEqualTo(hash("{\"a\":100}"));
        assertThat(hash("{\"a\":1}")).isNotEqualTo(hash("{\"a\":\"1\"}"));
        assertThat(hash("[[1],2]")).isNotEqualTo(hash("[[1,2]]"));
        assertThat(hash("{\"a\":null}")).isNotEqualTo(hash("{}"));
    }

    private static String hash(String json) {
        return CanonicalJson.sha256(JsonBody.parse(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static String code(byte[] body) {
        return refusal(body).code();
    }

    private static ProblemException refusal(byte[] body) {
        return catchThrowableOfType(ProblemException.class, () -> JsonBody.parse(body));
    }
}
