package dev.atomic.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What a model or a program writes is text, whatever it is and however much.
class ConsoleHostileIT extends ConsoleBase {
    private static final String SCRIPT =
            "<script>document.title='owned'</script><img src=x onerror=\"alert(1)\">"
                    + "<svg onload=alert(2)></svg></code></pre><h1>owned</h1>";
    private static final String BIDI = "if access != \"user\u202E\u2066// admin\u2069\": pass";
    private static final int LARGE = 1_900_000;

    @Test
    @Tag("engine")
    void scriptsAnsiAndDirectionsAreShownAndDoNothing() {
        String program =
                "print('\\033[31mred\\033[0m \\033]0;owned\\007 \\033[2Jafter')\nprint('''"
                        + SCRIPT
                        + "''')\n# "
                        + BIDI
                        + "\n";
        model.script(_ ->
                new ModelServer.Answer(
                        SCRIPT + "\n\n```python main.py\n" + program + "```\n", null, 0, SCRIPT));
        console.open("");
        console.submit(SCRIPT, "Specification", "Documentation");

        assertThat(console.summary()).containsText("it ran, exit 0");
        assertThat(console.page.locator(".prompt-text")).hasText(SCRIPT);
        assertThat(console.page.locator(".prose")).hasText(SCRIPT);
        assertThat(console.page.locator(".block code")).containsText(SCRIPT);
        assertThat(console.page.locator(".block code"))
                .containsText("user‹U+202E›‹U+2066›// admin");
        assertThat(console.page.locator(".terminal .fg1")).hasText("red");
        assertThat(console.page.locator(".terminal pre")).containsText("red  after");
        assertThat(console.page.locator(".terminal pre")).containsText(SCRIPT);
        assertThat(console.page.locator("main img, main svg, main script")).hasCount(0);
        assertThat(console.page.title()).doesNotStartWith("owned");
        console.tab("1 file").click();
        assertThat(console.page.locator(".opened code")).containsText(SCRIPT);
        console.screenshot("hostile");
    }

    /// Were there a way to make HTML of a text, the browser would refuse it.
    @Test
    void theBrowserRefusesHtmlAndForeignScripts() {
        console.open("");
        assertThat(console.button("Generate")).isVisible();
        assertThat(
                        (String)
                                console.page.evaluate(
                                        """
                                        () => {
                                            const tried = [];
                                            const attempt = (name, act) => {
                                                try { act(); tried.push(name); } catch { /* refused */ }
                                            };
                                            attempt('innerHTML', () => document.body.innerHTML = '<b>x</b>');
                                            attempt('script', () => document.createElement('script').src = 'data:,1');
                                            attempt('policy', () => trustedTypes.createPolicy('x', {}));
                                            return tried.join();
                                        }
                                        """))
                .isEmpty();
    }

    /// Two megabytes in a thousand pieces: a click is answered while they come in, and after.
    @Test
    void aLargeAnswerDoesNotFreezeThePage() {
        StringBuilder text = new StringBuilder("Large\n\n```python main.py\n");
        Random random = new Random(1);
        while (text.length() < LARGE) {
            text.append("x")
                    .append(random.nextInt())
                    .append("=")
                    .append(random.nextLong())
                    .append('\n');
            if (random.nextInt(40) == 0) {
                text.append("'").append("y".repeat(1500)).append("'\n");
            }
        }
        // No file may have more than 1 MiB.
        int half = text.indexOf("\n", LARGE / 2) + 1;
        String answer = text.insert(half, "```\n\n```python more.py\n").append("```\n").toString();
        model.script(_ -> new ModelServer.Answer(answer, hold, 0));
        console.open("");
        UUID job = console.submit("much", ALL_BUT_CODE);
        assertThat(console.page.locator(".pane.code")).containsText("Large");
        hold.countDown();

        Object longest =
                console.page.evaluate(
                        """
                        () => new Promise((done) => {
                            let last = performance.now(), longest = 0;
                            const look = () => {
                                const now = performance.now();
                                longest = Math.max(longest, now - last);
                                last = now;
                                if (document.querySelector('.summary.none, .summary.red')) done(longest);
                                else setTimeout(look, 20);
                            };
                            look();
                        })
                        """);

        System.out.println("longest pause of the page while 1.9 MB came in: " + longest + " ms");
        assertThat(((Number) longest).doubleValue()).isLessThan(3_000);
        assertThat(client.job(job).get("status").stringValue()).isEqualTo("succeeded");
        assertThat((Integer) console.page.evaluate("() => document.querySelectorAll('*').length"))
                .isLessThan(5_000);
    }

    @Override
    boolean isExpected(String complaint) {
        return complaint.contains("Trusted") || complaint.contains("Content Security Policy");
    }
}
