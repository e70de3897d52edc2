package dev.atomic.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// How the page looks and answers: on a desktop and a phone, light and dark, by keyboard alone, and
/// how soon it is there.
class ConsoleFaceIT extends ConsoleBase {
    private static final String ANSWER =
            "It greets.\n\n```python main.py\n# says hello\ndef main():\n    print('hello', 42)\n\n\nmain()\n```\n";

    @Test
    void everyViewIsFreeOfSeriousFindingsInBothSchemesAndOnAPhone() {
        UUID job = finished(ANSWER);
        try (ConsolePage dark = ConsolePage.dark(base);
                ConsolePage phone = ConsolePage.phone(base)) {
            for (Map.Entry<String, ConsolePage> look :
                    Map.of("desktop", console, "dark", dark, "phone", phone).entrySet()) {
                ConsolePage page = look.getValue();
                page.open("");
                assertThat(page.button("Generate")).isVisible();
                clean(page, look.getKey() + "-new");
                page.open(job);
                assertThat(page.summary()).containsText("Nothing was run");
                assertThat(page.page.locator(".hljs-keyword").first()).isVisible();
                clean(page, look.getKey() + "-job");
                page.tab("1 file").click();
                assertThat(page.page.locator(".opened .hljs-keyword").first()).isVisible();
                clean(page, look.getKey() + "-files");
                page.open("#/system");
                assertThat(page.page.locator(".uplot").first()).isVisible();
                assertThat(page.page.locator(".facts.big")).containsText("2");
                clean(page, look.getKey() + "-system");
                assertThat(page.complaints()).isEmpty();
                assertThat(
                                (Boolean)
                                        page.page.evaluate(
                                                "() => document.documentElement.scrollWidth <= innerWidth"))
                        .as("nothing sticks out at the side of %s", look.getKey())
                        .isTrue();
            }
            phone.open("#/jobs");
            assertThat(phone.page.locator(".job-link").first()).isVisible();
            clean(phone, "phone-jobs");
        }
    }

    private static void clean(ConsolePage page, String name) {
        page.screenshot(name);
        assertThat(page.seriousFindings()).as(name).isEmpty();
    }

    @Test
    void aJobIsSubmittedAndReadByKeyboardAlone() {
        model.script(_ -> new ModelServer.Answer(ANSWER, null, 0));
        console.open("");
        assertThat(console.button("Generate")).isVisible();
        console.page.keyboard().press("Tab");
        assertThat(console.page.locator(".skip")).isFocused();
        console.page.keyboard().press("Enter");
        for (int i = 0; i < 3; i++) {
            console.page.keyboard().press("Tab");
        }
        assertThat(console.page.getByLabel("Prompt")).isFocused();
        console.page.keyboard().type("say hello");
        for (String stage : ALL_BUT_CODE) {
            console.page.getByLabel(stage).focus();
            console.page.keyboard().press("Space");
        }
        console.page.getByLabel("Prompt").focus();
        console.page.keyboard().press("Control+Enter");

        assertThat(console.summary()).containsText("Nothing was run");
        assertThat(console.tab("1 file")).isVisible();
        console.tab("Code and tests").focus();
        console.page.keyboard().press("ArrowRight");
        assertThat(console.tab("1 file")).isFocused();
        assertThat(console.page.locator(".opened code")).containsText("def main()");
        assertThat(console.page.locator("[role=status].sr"))
                .hasText("The job has ended: Succeeded");
    }

    /// Measured as the browser sees it, after one visit that warms up the api.
    @Test
    void thePageIsThereWithinASecondAndIsSmall() {
        UUID job = finished(ANSWER);
        console.open(job);
        assertThat(console.page.locator(".hljs-keyword").first()).isVisible();
        console.open("#/system");
        assertThat(console.page.locator(".uplot").first()).isVisible();
        try (ConsolePage fresh = ConsolePage.desktop(base)) {
            fresh.open(job);
            assertThat(fresh.page.locator(".hljs-keyword").first()).isVisible();
            double paint =
                    ((Number)
                                    fresh.page.evaluate(
                                            "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"))
                            .doubleValue();
            fresh.page.evaluate("() => location.hash = '#/system'");
            assertThat(fresh.page.locator(".uplot").first()).isVisible();
            @SuppressWarnings("unchecked")
            List<Number> sizes =
                    (List<Number>)
                            fresh.page.evaluate(
                                    "() => { const all = [...performance.getEntriesByType('navigation'),"
                                            + " ...performance.getEntriesByType('resource').filter((e) => e.name.includes('/console/'))];"
                                            + " return [all.length, all.reduce((sum, e) => sum + e.encodedBodySize, 0)]; }");
            System.out.println(
                    "first paint "
                            + Math.round(paint)
                            + " ms; files and bytes of the page: "
                            + sizes);
            assertThat(paint).isLessThan(1_000);
            assertThat(sizes.getLast().longValue()).isBetween(50_000L, 300_000L);
        }
    }

    @Test
    void theChartsGoOnAfterAReload() {
        console.open("#/system");
        assertThat(console.page.locator(".uplot").first()).isVisible();
        assertThat(console.page.getByText("As this browser tab has seen it since")).isVisible();
        String since = console.page.getByText("As this browser tab has seen it").innerText();
        console.page.reload();
        assertThat(console.page.getByText(since.substring(0, since.indexOf(',')))).isVisible();
    }
}
