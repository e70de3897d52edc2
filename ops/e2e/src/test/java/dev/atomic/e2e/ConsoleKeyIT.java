package dev.atomic.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The console of an api that wants a key.
class ConsoleKeyIT extends ConsoleBase {
    private static final String API = "api-with-keys";

    private final ConsolePage guarded = ConsolePage.desktop(URI.create(stack.url(API)));

    @BeforeAll
    static void startGuarded() throws IOException {
        stack.set(API, "ATOMIC_HTTP_PORT", Integer.toString(Stack.freePort()));
        stack.set(API, "ATOMIC_AUTH", "required");
        restart(API);
    }

    @AfterAll
    static void stopGuarded() {
        stack.stop(API);
    }

    @Test
    void aKeyIsAskedForOnceAndOpensStreamsAndFiles() throws Exception {
        String key = Files.readString(stack.home().resolve("run/admin.key")).strip();
        model.script(_ -> new ModelServer.Answer(CODE, hold, 0));
        List<String> sockets = new CopyOnWriteArrayList<>();
        guarded.page.onWebSocket(socket -> sockets.add(socket.url()));
        guarded.open("");
        guarded.page.getByLabel("API key").fill(key.replaceAll(".$", "_"));
        guarded.button("Sign in").click();
        assertThat(guarded.page.getByRole(com.microsoft.playwright.options.AriaRole.ALERT))
                .hasText("There is no such key.");
        assertThat(guarded.seriousFindings()).isEmpty();
        guarded.page.getByLabel("API key").fill(key);
        guarded.button("Sign in").click();

        UUID job = guarded.submit("say hello", ALL_BUT_CODE);

        assertThat(guarded.page.locator(".pane.code")).containsText("Here");
        hold.countDown();
        assertThat(guarded.summary()).containsText("Nothing was run");
        guarded.tab("1 file").click();
        assertThat(guarded.page.locator(".opened code")).containsText("print('hello')");
        Download zip =
                guarded.page.waitForDownload(
                        () -> guarded.page.getByText("Download all (zip)").click());
        assertThat(zip.suggestedFilename()).isEqualTo(job + ".zip");
        assertThat(Files.readAllBytes(zip.path())).startsWith('P', 'K');

        guarded.page.reload();
        assertThat(guarded.summary()).containsText("Nothing was run");
        guarded.button("Sign out").click();
        assertThat(guarded.page.getByLabel("API key")).isVisible();
        guarded.page.reload();
        assertThat(guarded.page.getByLabel("API key")).isVisible();
        assertThat(
                        (String)
                                guarded.page.evaluate(
                                        "() => JSON.stringify([sessionStorage, localStorage])"))
                .doesNotContain(key);
        assertThat(guarded.complaints())
                // A page that opens on a job asks for its events before it knows.
                .allSatisfy(complaint ->
                        assertThat(complaint).containsAnyOf("status of 401", "WebSocket"));
        assertThat(sockets).anyMatch(url -> url.contains("?ticket=att_"));
        guarded.close();
    }
}
