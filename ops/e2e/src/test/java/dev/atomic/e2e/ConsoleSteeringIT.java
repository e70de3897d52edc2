package dev.atomic.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.FilePayload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Cancelling, retrying, following up and sending again, and finding a job in the list.
class ConsoleSteeringIT extends ConsoleBase {
    private static final String TEST = "def test_mine():\n    assert open('main.py').read()\n";

    @Test
    void aJobIsCancelledAndRetried() {
        model.script(_ -> new ModelServer.Answer("Half of it", hold, 0));
        console.open("");
        UUID cancelled = console.submit("say hello", ALL_BUT_CODE);
        assertThat(console.page.locator(".pane.code")).containsText("Half");

        console.button("Cancel").click();

        assertThat(console.summary()).containsText("Cancelled");
        assertThat(console.page.locator(".pane.code")).containsText("Half");
        assertThat(client.job(cancelled).get("status").stringValue()).isEqualTo("cancelled");
        model.script(_ -> new ModelServer.Answer(CODE, null, 0));
        console.button("Retry").click();
        console.page.waitForURL(url -> !url.endsWith(cancelled.toString()));
        assertThat(console.summary()).containsText("Nothing was run");
        assertThat(client.job(console.job()).get("retry_of").stringValue())
                .isEqualTo(cancelled.toString());

        filter("Cancelled");
        assertThat(listed().first()).containsText("Cancelled");
        assertThat(listed().filter(new Locator.FilterOptions().setHasText("Succeeded")))
                .hasCount(0);
    }

    @Test
    void theCauseOfAFailureIsWhatOneSeesFirst() {
        model.script(_ -> new ModelServer.Answer("", null, 400));
        console.open("");

        console.submit("say hello", ALL_BUT_CODE);

        assertThat(console.summary()).containsText("Failed in code");
        assertThat(console.summary()).containsText("scripted");
        assertThat(console.summary()).containsText("invalid_request");
        console.screenshot("failed");
        filter("Failed");
        assertThat(listed().first()).containsText("invalid request");
    }

    @Test
    void aFollowUpStartsFromTheJobsFiles() {
        UUID first = finished("```python main.py\nprint('hello')\n```\n");
        model.script(_ -> new ModelServer.Answer("```python extra.py\nprint(1)\n```\n", null, 0));
        console.open(first);
        assertThat(console.summary()).containsText("Nothing was run");

        console.page.getByLabel("Follow up").fill("now add a file");
        console.button("Send").click();

        console.page.waitForURL(url -> !url.endsWith(first.toString()));
        JsonNode second = client.awaitEnd(console.job(), Duration.ofSeconds(60));
        assertThat(second.get("previous_job_id").stringValue()).isEqualTo(first.toString());
        assertThat(model.asked("now add a file")).isPositive();
        console.tab("2 files").click();
        assertThat(console.page.locator(".pick")).hasCount(2);
    }

    @Test
    @Tag("engine")
    void whatWasSentIsEditedAndSentAgainWithOnesOwnTests() {
        model.script(_ -> new ModelServer.Answer(CODE, null, 0));
        console.open("");
        console.page.getByText("Tests and proof").click();
        console.page
                .locator("details input[type=file]")
                .last()
                .setInputFiles(
                        new FilePayload(
                                "test_mine.py",
                                "text/x-python",
                                TEST.getBytes(StandardCharsets.UTF_8)));
        UUID first = console.submit("say hello", "Specification", "Documentation");
        assertThat(console.summary()).containsText("Verified: 1 test passed");
        assertThat(console.summary()).containsText("Your tests decided");

        console.button("Edit and send again").click();
        assertThat(console.page.getByLabel("Prompt")).hasValue("say hello");
        assertThat(console.page.locator(".attach").last()).containsText("test_mine.py");
        UUID second = console.submit("say hello and goodbye");

        assertThat(second).isNotEqualTo(first);
        assertThat(console.summary()).containsText("Your tests decided");
        assertThat(client.job(second).get("pipeline").toString())
                .isEqualTo("[\"code\",\"verify\"]");
    }

    @Test
    @Tag("engine")
    void filesAreRunAloneAndTheirCasesAreATable() {
        console.open("");
        console.button("Run files").click();
        console.page
                .locator(".attach input[type=file]")
                .first()
                .setInputFiles(
                        new FilePayload(
                                "main.py",
                                "text/x-python",
                                "print(int(input()) + 1)".getBytes(StandardCharsets.UTF_8)));
        console.page.getByText("Tests and proof").click();
        console.page
                .getByLabel("Cases or requests (JSON)")
                .fill(
                        "[{\"name\":\"one\",\"stdin\":\"1\",\"stdout\":\"2\"},"
                                + "{\"name\":\"two\",\"stdin\":\"2\",\"stdout\":\"4\"}]");
        console.button("Run").click();

        assertThat(console.summary()).containsText("only 1 of 2 cases passed");
        assertThat(console.page.locator(".cases tr.failed")).containsText("two");
        assertThat(console.page.locator(".cases .dl.add").first()).containsText("+");
        assertThat(console.page.locator(".cases tr.passed")).containsText("one");
        console.screenshot("cases");
    }

    @Test
    void aRefusalNamesTheFieldAndNothingIsLost() {
        console.open("");
        console.page.getByText("Model and limits").click();
        console.page.getByLabel("Temperature").fill("hot");
        console.page.getByLabel("Prompt").fill("say hello");
        console.button("Generate").click();

        assertThat(console.page.getByRole(com.microsoft.playwright.options.AriaRole.ALERT))
                .containsText("temperature");
        assertThat(console.page.locator(".field.wrong")).containsText("Temperature");
        console.page.reload();
        assertThat(console.page.getByLabel("Prompt")).hasValue("say hello");
    }

    /// The browser writes down each answer that isn't a success.
    @Override
    boolean isExpected(String complaint) {
        return complaint.contains("the server responded with a status of 400");
    }

    private void filter(String name) {
        console.page
                .locator(".filters")
                .getByText(name, new Locator.GetByTextOptions().setExact(true))
                .click();
    }

    private Locator listed() {
        return console.page.locator(".job-link");
    }

    /// The queue's own page: a job that runs is there, counted, and leads back to the console.
    @Test
    void theDashboardShowsTheJobThatRuns() {
        model.script(_ -> new ModelServer.Answer(CODE, hold, 0));
        console.open("");
        UUID job = console.submit("say hello", ALL_BUT_CODE);
        assertThat(console.summary()).containsText("The model writes the code");

        console.page.navigate(base.resolve("/dashboard/jobs?state=PROCESSING").toString());
        assertThat(console.page.locator("#jobs-btn")).containsText("Under way");
        assertThat(console.page.locator("#jobs-btn")).containsText("1");
        console.page.locator("main a[href*='/dashboard/jobs/']").first().click();
        assertThat(console.page.locator("#job-link")).hasText("Open the job in the console");
        console.screenshot("dashboard-running");
        console.page.locator("#job-link").click();
        assertThat(console.job()).isEqualTo(job);
        assertThat(console.summary()).containsText("The model writes the code");
        hold.countDown();
        assertThat(console.summary()).containsText("Nothing was run");
    }
}
