package dev.atomic.worker.sandbox.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.hc.core5.http.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What bytes from a program's server come to.
class AnswerTest {
    @Test
    void aBodyHasTheLengthItSays() {
        assertWhole("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello");
        assertWhole("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more", 200, "hello");
        assertWhole("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "");
        assertUnfinished("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
    }

    @Test
    void aChunkedBodyIsPutTogether() {
        String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertWhole(head + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n", 200, "abcde");
        assertUnfinished(head + "3\r\nabc\r\n2\r\nd");
        assertUnfinished(head + "3\r\nabc\r\n");
        assertBroken(head + "xyz\r\nabc\r\n0\r\n\r\n");
        assertBroken(head + "3\r\nabcdef\r\n0\r\n\r\n");
        assertBroken(head + "-5\r\nabc\r\n");
        assertUnfinished(head + "7fffffff\r\nabc\r\n");
    }

    @Test
    void aBodyWithoutALengthEndsWithTheConnection() {
        String answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello";
        assertUnfinished(answer);
        assertThat(text(Answer.of(bytes(answer), false, true))).isEqualTo("hello");
        String empty = "HTTP/1.1 200 OK\r\n\r\n";
        assertThat(text(Answer.of(bytes(empty), false, true))).isEmpty();
        String large = empty + "x".repeat(100_000);
        assertThat(text(Answer.of(bytes(large), false, true))).hasSize(100_000);
    }

    @Test
    void someAnswersHaveNoBodyWhateverTheySay() {
        assertWhole("HTTP/1.1 204 No Content\r\n\r\n", 204, "");
        assertWhole("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, "");
        Answer head = Answer.of(bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), true, false);
        assertThat(text(head)).isEmpty();
    }

    @Test
    void interimAnswersAreSkippedAndBounded() {
        String interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        assertWhole(
                "HTTP/1.1 100 Continue\r\n\r\n"
                        + interim
                        + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
                200,
                "a");
        assertUnfinished(interim.repeat(20));
        assertBroken(interim.repeat(200));
    }

    @Test
    void headersComeAsTheyAre() {
        Answer answer =
                Answer.of(
                        bytes(
                                "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n"),
                        false,
                        false);
        assertThat(((Answer.Whole) answer).headers())
                .extracting(Header::getValue)
                .containsExactly("a=1", "b=2", "0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello, this is no HTTP at all\r\nreally\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/9.9 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            })
    void whatIsNoAnswerIsBroken(String text) {
        assertThat(Answer.of(bytes(text), false, false)).isNotInstanceOf(Answer.Whole.class);
        assertThat(Answer.of(bytes(text), false, true)).isNotInstanceOf(Answer.Whole.class);
    }

    @Test
    void linesAndHeadersAreBounded() {
        assertBroken("HTTP/1.1 200 OK\r\nX: " + "a".repeat(20_000) + "\r\n\r\n");
        assertBroken("HTTP/1.1 200 OK\r\n" + "X: a\r\n".repeat(1_000) + "\r\n");
    }

    @Test
    void bytesOfAnyKindHaveAnAnswer() {
        Random random = new Random(42);
        byte[] good =
                bytes(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        for (int i = 0; i < 5_000; i++) {
            byte[] mutated = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            for (int change = 0; change < 4; change++) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
            }
            assertThat(Answer.of(mutated, random.nextBoolean(), random.nextBoolean())).isNotNull();
        }
    }

    @Test
    void cookiesGoBackWhereTheyBelong() {
        Cookies cookies = new Cookies();
        cookies.take("sid=abc; Max-Age=100; HttpOnly; SameSite=Lax; Secure", "/login?x=/y/z");
        cookies.take("deep=1; Path=/api", "/");
        cookies.take("quoted=\"a b\"; Path=/; Expires=Wed, 01 Jan 2098 00:00:00 GMT", "/");
        assertThat(cookies.header("/"))
                .hasValueSatisfying(value -> assertThat(value).startsWith("sid=abc; quoted="));
        assertThat(cookies.header("/api/x?y").orElseThrow()).contains("deep=1");
        assertThat(cookies.header("/apix").orElseThrow()).doesNotContain("deep");
        cookies.take("sid=new; Path=/", "/");
        cookies.take("deep=; Path=/api; Max-Age=0", "/");
        assertThat(cookies.header("/api").orElseThrow())
                .contains("sid=new")
                .doesNotContain("deep", "abc");
    }

    @Test
    void cookiesAreBounded() {
        Cookies cookies = new Cookies();
        for (int i = 0; i < 10_000; i++) {
            cookies.take("c" + i + "=" + "v".repeat(100), "/");
        }
        cookies.take("long=" + "v".repeat(10_000), "/");
        for (String bad : List.of("", "=", ";;;", "a", "$x=y", "a b=c")) {
            cookies.take(bad, "/");
        }
        assertThat(cookies.header("/").orElseThrow()).hasSizeLessThan(8_000);
    }

    private static void assertWhole(String answer, int status, String body) {
        Answer read = Answer.of(bytes(answer), false, false);
        assertThat(read).as("%s", read).isInstanceOf(Answer.Whole.class);
        assertThat(((Answer.Whole) read).status()).isEqualTo(status);
        assertThat(text(read)).isEqualTo(body);
        for (int end = 0; end < answer.indexOf("\r\n\r\n"); end++) {
            assertUnfinished(answer.substring(0, end));
        }
    }

    private static void assertUnfinished(String answer) {
        assertThat(Answer.of(bytes(answer), false, false)).isEqualTo(new Answer.Unfinished());
    }

    private static void assertBroken(String answer) {
        assertThat(Answer.of(bytes(answer), false, false)).isInstanceOf(Answer.Broken.class);
    }

    private static String text(Answer answer) {
        return new String(((Answer.Whole) answer).body(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
