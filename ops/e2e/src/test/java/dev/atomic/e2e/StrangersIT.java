package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients that nobody here wrote: Node's own `WebSocket` and npm's `ws`.
@Timeout(300)
class StrangersIT {

    @TempDir static Path directory;

    private static ModelServer model;
    private static Stack stack;

    @BeforeAll
    static void start() throws Exception {
        NodeFolder.fill(directory, "strangers", List.of("converse.mjs"));
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
