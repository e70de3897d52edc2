package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The short form of `ops/atomic bench chaos`: all processes are killed, stopped and paused at
/// random while clients submit, watch and cancel; then every log is read and checked.
///
/// `-Dchaos.minutes=3` makes it longer, `-Dchaos.seed` repeats the order of what was done (not its
/// timing), `-Dchaos.db=postgresql` needs PostgreSQL's programs.
class ChaosIT {
    private static final double MINUTES =
            Double.parseDouble(System.getProperty("chaos.minutes", "0.7"));

    /// Starting, healing and reading everything, on a busy machine.
    private static final Duration AROUND = Duration.ofMinutes(8);

    @Test
    void whateverIsKilledNothingIsLostDoneTwiceOrLeftBehind()
            throws IOException, InterruptedException {
        Path said = Files.createTempFile("atomic-chaos", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(
                        List.of(
                                Stack.repository().resolve("ops/atomic").toString(),
                                "bench",
                                "chaos",
                                "--no-build",
                                "--no-verify",
                                "--minutes",
                                Double.toString(MINUTES),
                                "--seed",
                                System.getProperty("chaos.seed", "0"),
                                "--db",
                                System.getProperty("chaos.db", "h2")));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.redirectErrorStream(true).redirectOutput(said.toFile());
        Process process = builder.start();
        try {
            boolean ended =
                    process.waitFor((long) (MINUTES * 60) + AROUND.toSeconds(), TimeUnit.SECONDS);
            assertThat(ended).as(() -> read(said)).isTrue();
            assertThat(process.exitValue()).as(() -> read(said)).isZero();
        } finally {
            // Its SIGTERM ends what it started first.
            process.destroy();
            process.waitFor(90, TimeUnit.SECONDS);
        }
        Files.delete(said);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
