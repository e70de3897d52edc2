package dev.atomic.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.WebSocketRoute;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// A page that is reloaded or loses its network goes on where it was.
class ConsoleNetworkIT extends ConsoleBase {
    private static final String ANSWER =
            "First\n\n```python main.py\n" + "print('a line')\n".repeat(200) + "```\n";

    @Test
    void aReloadInTheMiddleLosesNothing() {
        begin();
        console.page.reload();
        assertThat(console.page.locator(".pane.code")).containsText("First");
        assertThat(console.summary()).containsText("The model writes the code");

        hold.countDown();

        isWhole();
    }

    @Test
    void withoutNetworkItSaysSoAndGoesOnWhenItIsBack() {
        UUID job = begin();

        console.offline(true);
        assertThat(console.page.locator(".link.lost")).containsText("No network");
        hold.countDown();
        client.awaitEnd(job, java.time.Duration.ofSeconds(60));
        assertThat(console.summary()).containsText("The model writes the code");
        console.offline(false);

        isWhole();
    }

    @Test
    void anApiThatIsKilledAndStartedAgainIsFoundAgain() throws Exception {
        begin();

        stack.kill("api");
        assertThat(console.page.locator(".link.lost")).isVisible();
        restart("api");
        hold.countDown();

        isWhole();
    }

    /// Nothing that was seen vanishes: the run that was lost stays, marked as void.
    @Test
    void aLostWorkersRunStaysBesideTheOneThatTookOver() throws Exception {
        UUID job = begin();
        String lost = client.workerOf(job);

        stack.kill(lost);

        assertThat(console.page.locator(".timeline")).containsText("Queue, again");
        assertThat(console.page.locator(".timeline")).containsText("the worker was lost");
        assertThat(console.page.locator(".earlier")).containsText("Code, void");
        hold.countDown();
        assertThat(console.summary()).containsText("Nothing was run");
        assertThat(console.page.locator(".timeline .row")).hasCount(6);
        console.page.locator(".earlier summary").first().click();
        assertThat(console.page.locator(".earlier .pane")).containsText("First");
        console.screenshot("lost-worker");
        restart(lost);
    }

    /// As behind a proxy that knows no WebSocket.
    @Test
    void withoutAWebSocketItFollowsServerSentEvents() {
        AtomicInteger refused = new AtomicInteger();
        console.page.routeWebSocket(
                "**/ws/stream",
                (WebSocketRoute socket) -> {
                    refused.incrementAndGet();
                    socket.close();
                });
        begin();

        hold.countDown();

        isWhole();
        assertThat(refused.get()).isPositive();
    }

    private UUID begin() {
        model.script(_ -> new ModelServer.Answer(ANSWER, hold, 0));
        console.open("");
        UUID job = console.submit("say hello", ALL_BUT_CODE);
        assertThat(console.page.locator(".pane.code")).containsText("First");
        return job;
    }

    private void isWhole() {
        assertThat(console.summary()).containsText("Nothing was run");
        assertThat(console.page.locator(".block code"))
                .hasText("print('a line')\n".repeat(200).strip());
        assertThat(console.page.locator(".timeline .row")).hasCount(2);
    }

    @Override
    boolean isExpected(String complaint) {
        return complaint.contains("net::ERR_")
                || complaint.contains("WebSocket")
                || complaint.contains("Failed to load resource");
    }
}
