package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The short form of `ops/atomic bench chaos`: all processes are killed, stopped and paused at
/// random while clients submit, watch and cancel; then every log and every table is read and
/// checked.
///
/// Three minutes of it, shared out over the databases; `-Dchaos.minutes` makes each longer,
/// `-Dchaos.seed` repeats the order of what was done (not its timing). Output, and after a failure
/// logs and diary, are in `ops/e2e/target/chaos`.
class ChaosIT {
    private static final double MINUTES =
            Double.parseDouble(System.getProperty("chaos.minutes", "1.5"));
    private static final String SEED =
            System.getProperty("chaos.seed", Integer.toString(1 + new Random().nextInt(1 << 30)));

    /// Starting, healing and reading everything, on a busy machine.
    private static final Duration AROUND = Duration.ofMinutes(8);

    private static final Path HOME =
            Stack.repository().resolve("ops/e2e/target/chaos").toAbsolutePath();

    private Process chaos;

    /// Its SIGTERM ends what it started first.
    @AfterEach
    void stop() throws InterruptedException {
        chaos.destroy();
        chaos.waitFor(90, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2", "postgresql"})
    void whateverIsKilledNothingIsLostDoneTwiceOrLeftBehind(String database) throws Exception {
        Files.createDirectories(HOME);
        System.out.println("chaos: seed " + SEED);
        Path said = HOME.resolve(database + ".txt");
        chaos = start(database, said);
        boolean ended = chaos.waitFor((long) (MINUTES * 60) + AROUND.toSeconds(), TimeUnit.SECONDS);
        assertThat(ended).as(Files.readString(said)).isTrue();
        assertThat(chaos.exitValue()).as(Files.readString(said)).isZero();
    }

    private static Process start(String database, Path said) throws IOException {
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
                                SEED,
                                "--db",
                                database));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("ATOMIC_HOME", HOME.toString());
        builder.redirectErrorStream(true).redirectOutput(said.toFile());
        return builder.start();
    }
}
