package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Clients that nobody here wrote: Node's own `WebSocket`, npm's `ws` and `eventsource`, and curl.
@Timeout(300)
class StrangersIT {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir static Path directory;

    private static ModelServer model;
    private static Stack stack;

    @BeforeAll
    static void start() throws Exception {
        NodeFolder.fill(directory, "strangers", List.of("converse.mjs", "cuts.mjs"));
        model = new ModelServer();
        stack = Stack.start(1, model.settings());
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            stack.close();
            model.close();
        }
    }

    /// What a client may say to a socket, and what no client should.
    @Test
    void aSocketAnswersEachMessageByItsRefAndLivesThroughBadOnes() throws Exception {
        model.script(_ -> new ModelServer.Answer("a b c", new CountDownLatch(1), 0));
        for (String client : List.of("native", "ws")) {
            Process process = node("converse.mjs", client, stack.url("api"));
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).as(client).isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(directory.resolve(client + ".err")))
                    .isZero();
        }
    }

    /// Two hundred cuts at random points of a job that streams, and an api killed twice: what each
    /// client has in the end is the log.
    @Test
    void whoeverBreaksOffAndComesBackHasTheWholeLog() throws Exception {
        model.script(_ -> new ModelServer.Answer(manyWords(), null, 0, "", 20));
        Client client = stack.client();
        UUID job = client.submit("{\"prompt\":\"words\",\"pipeline\":[\"spec\"]}");
        Map<String, Process> clients = new LinkedHashMap<>();
        for (String each : List.of("native", "ws", "eventsource", "curl")) {
            String seed = Integer.toString(each.hashCode() & 0xffff);
            clients.put(each, node("cuts.mjs", each, stack.url("api"), job.toString(), "50", seed));
        }
        for (int events : List.of(100, 300)) {
            String log = "/api/jobs/" + job + "/events?limit=1";
            Stack.await(
                    events + " events",
                    Duration.ofSeconds(120),
                    () -> client.get(log).body().get("last_seq").asInt() > events);
            stack.kill("api");
            stack.start("api");
            stack.awaitReady("api");
        }
        int cuts = 0;
        int lost = 0;
        for (Map.Entry<String, Process> each : clients.entrySet()) {
            String name = each.getKey();
            assertThat(each.getValue().waitFor(120, TimeUnit.SECONDS)).as(name).isTrue();
            assertThat(each.getValue().exitValue())
                    .as(name + Files.readString(directory.resolve(name + ".err")))
                    .isZero();
            JsonNode counts = JSON.readTree(Files.readString(directory.resolve(name + ".out")));
            cuts += counts.get("cuts").asInt();
            lost += counts.get("lost").asInt();
        }
        assertThat(cuts).isEqualTo(200);
        assertThat(lost).as("streams that ended with the api").isGreaterThanOrEqualTo(8);
    }

    /// As many as make ten seconds of a stream, of one to four bytes a character.
    private static String manyWords() {
        return "word wörd 語 \ud83e\udd80 \u2028 ".repeat(100);
    }

    private static Process node(String program, String client, String... more) throws IOException {
        return new ProcessBuilder(
                        Stream.concat(
                                        Stream.of(
                                                "node",
                                                "--experimental-websocket",
                                                "--no-warnings",
                                                program,
                                                client),
                                        Stream.of(more))
                                .toList())
                .directory(directory.toFile())
                .redirectOutput(directory.resolve(client + ".out").toFile())
                .redirectError(directory.resolve(client + ".err").toFile())
                .start();
    }
}
