package dev.atomic.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import java.nio.file.Files;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What a person does with the console, in a real browser against the real processes.
class ConsoleIT extends ConsoleBase {
    private static final String WRONG =
            "```python main.py\ndef add(a, b):\n    return a - b\n```\n\n"
                    + "```python test_main.py\nfrom main import add\n\n\ndef test_adds():\n"
                    + "    assert add(2, 3) == 5\n```\n";
    private static final String REPAIRED =
            "The sign was wrong.\n\n```python main.py\ndef add(a, b):\n    return a + b\n```\n";

    @Test
    void aSubmittedJobIsWatchedAsItIsWritten() throws Exception {
        model.script(
                _ -> new ModelServer.Answer("Here it is.\n\n" + WRONG, hold, 0, "First I think."));
        console.open("");

        UUID job = console.submit("add numbers", ALL_BUT_CODE);

        assertThat(console.summary()).containsText("The model writes the code");
        assertThat(console.page.locator(".pane.code")).containsText("Here");
        console.page.getByText("Thinking").first().click();
        assertThat(console.page.locator(".thinking pre")).hasText("First I think.");
        hold.countDown();
        assertThat(console.summary()).containsText("Nothing was run");
        assertThat(console.page.locator(".block").first()).containsText("return a - b");
        assertThat(console.page.locator(".block .hljs-keyword").first()).hasText("def");
        assertThat(console.page.locator(".job-link.chosen")).containsText("Succeeded");
        assertThat(console.page.locator(".timeline")).containsText("Queue");

        console.tab("2 files").click();
        console.page.locator(".pick").getByText("test_main.py").click();
        assertThat(console.page.locator(".opened code")).containsText("assert add(2, 3) == 5");
        console.page.locator(".opened").getByText("Copy").click();
        assertThat(console.page.locator(".opened")).containsText("Copied");
        assertThat((String) console.page.evaluate("() => navigator.clipboard.readText()"))
                .startsWith("from main import add\n");
        Download file =
                console.page.waitForDownload(() ->
                        console.page
                                .locator(".opened")
                                .getByText(
                                        "Download", new Locator.GetByTextOptions().setExact(true))
                                .click());
        assertThat(Files.readString(file.path())).startsWith("from main import add\n");
        Download zip =
                console.page.waitForDownload(
                        () -> console.page.getByText("Download all (zip)").click());
        assertThat(zip.suggestedFilename()).isEqualTo(job + ".zip");
        Download log = console.page.waitForDownload(() -> console.button("Log").click());
        assertThat(Files.readAllLines(log.path())).hasSize(client.events(job).size());
    }

    @Test
    void anAnswerWhoseProgramCantBeToldStaysBesideTheClearOne() {
        model.script(prompt ->
                prompt.contains("couldn't be told apart")
                        ? new ModelServer.Answer(CODE, null, 0)
                        : new ModelServer.Answer(
                                "```python\na = 1\n```\n\n```python\nb = 1\n```\n", null, 0));
        console.open("");
        console.submit("say hello", ALL_BUT_CODE);

        assertThat(console.summary()).containsText("Nothing was run");
        assertThat(console.page.locator(".earlier"))
                .containsText("void: the model is asked for its files in another form");
        assertThat(console.page.locator(".block code").first()).hasText("print('hello')");
    }

    /// The thing to show off: the failing test, the repair as it streams in, the same test passing.
    @Test
    @Tag("engine")
    void aRepairIsShownFromRedOverItsChangesToGreen() {
        model.script(prompt ->
                prompt.contains("test_adds")
                        ? new ModelServer.Answer(REPAIRED, hold, 0)
                        : new ModelServer.Answer(WRONG, null, 0));
        console.open("");
        console.submit("add numbers", "Specification", "Documentation");

        assertThat(console.summary()).containsText("The model repairs the code");
        assertThat(console.page.locator(".story .was")).containsText("1 of 1 test failed");
        assertThat(console.page.locator(".story .was")).containsText("test_adds");
        assertThat(console.page.locator(".story .was")).containsText("assert -1 == 5");
        assertThat(console.page.locator(".story .now")).containsText("being written");
        console.screenshot("repairing");
        hold.countDown();

        assertThat(console.summary()).containsText("Verified: 1 test passed");
        assertThat(console.summary()).containsText("After one repair");
        assertThat(console.page.locator(".story .now")).containsText("test_adds passes now");
        assertThat(console.page.locator(".diff .del")).containsText("return a - b");
        assertThat(console.page.locator(".diff .add")).containsText("return a + b");
        assertThat(console.page.locator(".diff .add mark")).hasText("+");
        assertThat(console.page.locator(".pane.terminal")).containsText("1 passed");
        assertThat(console.page.locator(".ticks h4")).hasText("test_main.py");
        assertThat(console.page.locator(".ticks li.passed")).containsText("test_adds");
        assertThat(console.page.locator(".timeline .row")).hasCount(5);
        console.screenshot("red-diff-green");

        console.tab("First try").click();
        assertThat(console.page.locator(".finding.red")).containsText("1 of 1 test failed");
        assertThat(console.page.locator(".pane.terminal")).containsText("1 failed");
        assertThat(console.page.locator(".ticks li.failed")).containsText("test_adds");
        assertThat(console.page.locator(".block").first()).containsText("return a - b");
    }
}
