package dev.atomic.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// A PostgreSQL server of a test's own, with its disk's promises kept (`fsync`), in a container
/// that can be killed, started again and paused with all its processes. Needs a Docker engine: tag
/// the test `engine`.
final class Postgres implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);

    private final int port = Stack.freePort();
    private final String password = UUID.randomUUID().toString();
    private final String container;

    Postgres() throws IOException {
        container =
                docker(
                        "run",
                        "--detach",
                        "--network=host",
                        "--env=POSTGRES_PASSWORD=" + password,
                        "atomic-postgres:15",
                        "postgres",
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "port=" + port);
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        awaitReady();
    }

    /// What api and workers need to use it.
    Map<String, String> settings() {
        return Map.of(
                "ATOMIC_DB_URL",
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres",
                "ATOMIC_DB_USER",
                "postgres",
                "ATOMIC_DB_PASSWORD",
                password);
    }

    /// Dumps the database as the pages say and restores it into a new one; where that is.
    String restoredFromDump(String name) throws IOException {
        String at = "PGPASSWORD=$POSTGRES_PASSWORD %s -U postgres -h 127.0.0.1 -p " + port + " ";
        docker(
                "exec",
                container,
                "sh",
                "-ec",
                (at + "-Fc postgres >/tmp/atomic.dump\n").formatted("pg_dump")
                        + (at + name + "\n").formatted("createdb")
                        + (at + "-d " + name + " --exit-on-error /tmp/atomic.dump")
                                .formatted("pg_restore"));
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + name;
    }

    /// `kill -9` of all its processes.
    void kill() throws IOException {
        docker("kill", container);
    }

    void start() throws IOException {
        docker("start", container);
        awaitReady();
    }

    /// All its processes stop where they are; connections stay, and new ones are taken by the
    /// kernel.
    void pause() throws IOException {
        docker("pause", container);
    }

    void resume() throws IOException {
        docker("unpause", container);
    }

    private void awaitReady() {
        Stack.await(
                "PostgreSQL to be ready",
                READY,
                () -> {
                    try {
                        // Over TCP: the server that only makes the database has no port yet.
                        docker(
                                "exec",
                                container,
                                "pg_isready",
                                "--host=127.0.0.1",
                                "--port=" + port);
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                });
    }

    private static String docker(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("docker " + arguments[0] + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return said.strip();
    }

    @Override
    public void close() {
        try {
            docker("rm", "--force", "--volumes", container);
        } catch (IOException e) {
            System.err.println(e.getMessage());
        }
    }
}
