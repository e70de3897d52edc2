package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/// A test with the console before it, on a desktop. Whatever it does, the browser finds nothing to
/// complain of.
@Timeout(240)
abstract class ConsoleBase extends ScriptedModel {
    static final String[] ALL_BUT_CODE = {"Specification", "Run and repair", "Documentation"};

    final URI base = URI.create(stack.environment().get("ATOMIC_URL"));
    final ConsolePage console = ConsolePage.desktop(base);

    @AfterEach
    void theBrowserDoesNotComplain() {
        List<String> complaints =
                console.complaints().stream()
                        // A busy machine's api says so, and the page asks again.
                        .filter(each -> !each.contains("status of 503"))
                        .filter(each -> !isExpected(each))
                        .toList();
        console.close();
        assertThat(complaints).as("what the browser complained of").isEmpty();
    }

    @AfterAll
    static void end() {
        ConsolePage.end();
    }

    /// What a test brought about itself: a network that is gone is an error to the browser.
    boolean isExpected(String complaint) {
        return false;
    }

    /// A finished job that has no more than code.
    UUID finished(String answer) {
        model.script(_ -> new ModelServer.Answer(answer, null, 0));
        UUID id = client.submit("{\"prompt\":\"say hello\",\"pipeline\":[\"code\"]}");
        client.awaitEnd(id, Duration.ofSeconds(60));
        return id;
    }
}
