package dev.atomic.e2e;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/// The console in a real Chromium, as one person has it before them: storage of its own, and all
/// that the browser complains of written down.
final class ConsolePage implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    /// A machine that others use too.
    private static final int PATIENCE_MS = 60_000;

    private static final Set<String> SERIOUS = Set.of("serious", "critical");

    private static Playwright playwright;
    private static Browser browser;

    private final URI base;
    private final BrowserContext context;
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    final Page page;

    private ConsolePage(URI base, BrowserContext context) {
        this.base = base;
        this.context = context;
        this.page = context.newPage();
        page.onConsoleMessage(this::heard);
        page.onPageError(complaints::add);
        page.onDialog(dialog -> {
            complaints.add("a dialog: " + dialog.message());
            dialog.dismiss();
        });
    }

    /// On a desktop, in the light.
    static ConsolePage desktop(URI base) {
        return new ConsolePage(base, context(1440, 900, ColorScheme.LIGHT, false));
    }

    static ConsolePage dark(URI base) {
        return new ConsolePage(base, context(1440, 900, ColorScheme.DARK, false));
    }

    static ConsolePage phone(URI base) {
        return new ConsolePage(base, context(390, 844, ColorScheme.LIGHT, true));
    }

    private static BrowserContext context(
            int width, int height, ColorScheme scheme, boolean isMobile) {
        start();
        BrowserContext context =
                browser.newContext(
                        new Browser.NewContextOptions()
                                .setViewportSize(width, height)
                                .setColorScheme(scheme)
                                .setIsMobile(isMobile)
                                .setHasTouch(isMobile)
                                .setPermissions(List.of("clipboard-read", "clipboard-write")));
        context.setDefaultTimeout(PATIENCE_MS);
        return context;
    }

    private static synchronized void start() {
        if (playwright == null) {
            PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MS);
            playwright =
                    Playwright.create(
                            new Playwright.CreateOptions()
                                    .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        }
        if (browser == null) {
            browser =
                    playwright
                            .chromium()
                            .launch(
                                    new BrowserType.LaunchOptions()
                                            .setExecutablePath(CHROMIUM)
                                            .setTimeout(120_000)
                                            .setArgs(
                                                    List.of(
                                                            "--no-sandbox",
                                                            "--disable-gpu",
                                                            "--disable-dev-shm-usage",
                                                            "--disable-background-networking")));
        }
    }

    /// Ends the browser that the pages share; the tests that come after have no use for it.
    static synchronized void end() {
        if (browser != null) {
            browser.close();
            browser = null;
        }
    }

    private void heard(ConsoleMessage message) {
        if (message.type().equals("error") || message.type().equals("warning")) {
            complaints.add(message.type() + ": " + message.text());
        }
    }

    ConsolePage open(String hash) {
        page.navigate(base.resolve("/" + hash).toString());
        return this;
    }

    ConsolePage open(UUID job) {
        return open("#/jobs/" + job);
    }

    /// Writes a prompt and sends it.
    ///
    /// @param left the stages to leave out, by their labels
    /// @return the new job
    UUID submit(String prompt, String... left) {
        page.getByLabel("Prompt").fill(prompt);
        for (String stage : left) {
            page.getByLabel(stage, new Page.GetByLabelOptions().setExact(true)).uncheck();
        }
        button("Generate").click();
        return job();
    }

    /// The job that is shown, once there is one.
    UUID job() {
        page.waitForURL(url -> url.contains("#/jobs/"));
        return UUID.fromString(page.url().substring(page.url().indexOf("#/jobs/") + 7));
    }

    Locator button(String name) {
        return page.getByRole(
                com.microsoft.playwright.options.AriaRole.BUTTON,
                new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    Locator tab(String name) {
        return page.getByRole(
                com.microsoft.playwright.options.AriaRole.TAB,
                new Page.GetByRoleOptions().setName(name));
    }

    /// What the eye lands on first.
    Locator summary() {
        return page.locator(".summary");
    }

    void offline(boolean away) {
        context.setOffline(away);
    }

    ConsolePage screenshot(String name) {
        page.screenshot(
                new Page.ScreenshotOptions()
                        .setPath(SCREENSHOTS.resolve(name + ".png"))
                        .setFullPage(true));
        return this;
    }

    /// Findings of axe that keep somebody from using the page.
    List<String> seriousFindings() {
        return new AxeBuilder(page)
                .analyze().getViolations().stream()
                        .filter(rule -> SERIOUS.contains(rule.getImpact()))
                        .map(ConsolePage::told)
                        .toList();
    }

    private static String told(Rule rule) {
        return rule.getId() + ": " + rule.getHelp() + " " + rule.getNodes();
    }

    /// What the browser complained of so far.
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    @Override
    public void close() {
        context.close();
    }
}
