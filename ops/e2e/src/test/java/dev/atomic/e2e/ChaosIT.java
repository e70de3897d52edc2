package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The short form of `ops/atomic bench chaos`: all processes are killed, stopped and paused at
/// random while clients submit, watch and cancel; then every log and every table is read and
/// checked. On both databases at the same time, each with a stack of its own.
///
/// `-Dchaos.minutes=3` makes it longer, `-Dchaos.seed` repeats the order of what was done (not its
/// timing). Output, and after a failure logs and diary, are in `ops/e2e/target/chaos`.
class ChaosIT {
    private static final double MINUTES =
            Double.parseDouble(System.getProperty("chaos.minutes", "1.5"));
    private static final String SEED =
            System.getProperty("chaos.seed", Integer.toString(1 + new Random().nextInt(1 << 30)));

    /// Starting, healing and reading everything, on a busy machine.
    private static final Duration AROUND = Duration.ofMinutes(8);

    private static final Path HOME =
            Stack.repository().resolve("ops/e2e/target/chaos").toAbsolutePath();

    private static Process onH2;
    private static Process onPostgres;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(HOME);
        System.out.println("chaos: seed " + SEED);
        onH2 = chaos("h2");
        if (hasPostgres()) {
            onPostgres = chaos("postgresql");
        }
    }

    /// Their SIGTERM ends what they started first.
    @AfterAll
    static void stop() throws InterruptedException {
        for (Process process : Stream.of(onH2, onPostgres).filter(p -> p != null).toList()) {
            process.destroy();
            process.waitFor(90, TimeUnit.SECONDS);
        }
    }

    @Test
    void onH2WhateverIsKilledNothingIsLostDoneTwiceOrLeftBehind() throws Exception {
        assertWentWell(onH2, "h2");
    }

    @Test
    void onPostgresWhateverIsKilledNothingIsLostDoneTwiceOrLeftBehind() throws Exception {
        assumeTrue(onPostgres != null, "no PostgreSQL server's programs here: postgresql-15");
        assertWentWell(onPostgres, "postgresql");
    }

    private static Process chaos(String database) throws IOException {
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
        builder.redirectErrorStream(true).redirectOutput(said(database).toFile());
        return builder.start();
    }

    private static boolean hasPostgres() throws IOException {
        Path versions = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(versions)) {
            return false;
        }
        try (Stream<Path> folders = Files.list(versions)) {
            return folders.anyMatch(folder -> Files.isExecutable(folder.resolve("bin/initdb")));
        }
    }

    private static void assertWentWell(Process process, String database) throws Exception {
        boolean ended =
                process.waitFor((long) (MINUTES * 60) + AROUND.toSeconds(), TimeUnit.SECONDS);
        String said = Files.readString(said(database));
        assertThat(ended).as(said).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }

    private static Path said(String database) {
        return HOME.resolve(database + ".txt");
    }
}
