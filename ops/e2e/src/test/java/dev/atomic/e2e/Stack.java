package dev.atomic.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The whole system as an operator has it: database, agent, api and workers, each a process of its
/// own started from its jar, on free ports, with a state directory that nobody else uses.
final class Stack implements AutoCloseable {
    /// Six JVMs that start at once on two cores that others use too.
    private static final Duration READY = Duration.ofSeconds(180);

    private final Path home;
    private final Path root;
    private final Map<String, String> env = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> envOf = new LinkedHashMap<>();
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final @Nullable Postgres postgres;
    private final Programs programs;

    private Stack(@Nullable Postgres postgres, Map<String, String> settings, Programs programs)
            throws IOException {
        this.programs = programs;
        this.postgres = postgres;
        this.root = root();
        this.home = Files.createTempDirectory("atomic-e2e");
        Files.createDirectories(home.resolve("run"));
        Files.createDirectories(home.resolve("logs"));
        env.put("ATOMIC_HOME", home.toString());
        env.put("ATOMIC_HTTP_PORT", Integer.toString(freePort()));
        env.put("ATOMIC_H2_PORT", Integer.toString(freePort()));
        env.put("ATOMIC_IPC_SOCKET", home.resolve("agent.sock").toString());
        env.put("ATOMIC_LLM_PROVIDERS", "offline");
        if (postgres != null) {
            env.putAll(postgres.settings());
        }
        env.putAll(settings);
    }

    /// A stack on H2 with one api and as many workers as asked for, ready.
    static Stack start(int workers, Map<String, String> settings) throws IOException {
        return start(null, 1, workers, settings);
    }

    /// A stack of `api`, `api-2`, …, `worker-1`, …, ready.
    ///
    /// @param postgres the database, which the stack closes with itself; null for H2
    static Stack start(
            @Nullable Postgres postgres, int apis, int workers, Map<String, String> settings)
            throws IOException {
        Stack stack = prepare(postgres, settings);
        List<String> names = new ArrayList<>(List.of("agent", "api"));
        for (int i = 2; i <= apis; i++) {
            stack.set("api-" + i, "ATOMIC_HTTP_PORT", Integer.toString(freePort()));
            names.add("api-" + i);
        }
        for (int i = 1; i <= workers; i++) {
            names.add("worker-" + i);
        }
        stack.startAll(names);
        return stack;
    }

    /// Starts these at once and waits until all are ready; closes everything when one isn't.
    void startAll(List<String> names) throws IOException {
        try {
            for (String name : names) {
                start(name);
            }
            names.forEach(this::awaitReady);
        } catch (IOException | AssertionError e) {
            close();
            throw e;
        }
    }

    /// A stack that has its database and nothing else yet.
    static Stack prepare(@Nullable Postgres postgres, Map<String, String> settings)
            throws IOException {
        return prepare(postgres, settings, Programs.of(root()));
    }

    /// The same, of programs that needn't be ready to be started.
    static Stack prepare(
            @Nullable Postgres postgres, Map<String, String> settings, Programs programs)
            throws IOException {
        Stack stack = new Stack(postgres, settings, programs);
        Runtime.getRuntime().addShutdownHook(new Thread(stack::close));
        if (postgres == null) {
            stack.start("db");
            stack.awaitReady("db");
        }
        return stack;
    }

    /// Gives one process a variable of its own, from its next start on.
    void set(String name, String variable, String value) {
        envOf.computeIfAbsent(name, _ -> new LinkedHashMap<>()).put(variable, value);
    }

    Client client() {
        return client("api");
    }

    Client client(String api) {
        return new Client(URI.create(url(api)));
    }

    String url(String api) {
        return "http://127.0.0.1:" + httpPort(api);
    }

    private String httpPort(String api) {
        return envOf.getOrDefault(api, Map.of())
                .getOrDefault("ATOMIC_HTTP_PORT", env.get("ATOMIC_HTTP_PORT"));
    }

    /// `kill -9` of the database, PostgreSQL's with all its processes.
    void killDatabase() throws IOException {
        if (postgres == null) {
            kill("db");
        } else {
            postgres.kill();
        }
    }

    void startDatabase() throws IOException {
        if (postgres == null) {
            start("db");
            awaitReady("db");
        } else {
            postgres.start();
        }
    }

    /// The database hangs: it lives, takes connections, and answers nothing.
    void pauseDatabase() throws IOException {
        if (postgres == null) {
            signal("db", "STOP");
        } else {
            postgres.pause();
        }
    }

    void resumeDatabase() throws IOException {
        if (postgres == null) {
            signal("db", "CONT");
        } else {
            postgres.resume();
        }
    }

    Path home() {
        return home;
    }

    static Path repository() {
        return root();
    }

    /// The environment a command of a user's would need to reach this stack.
    Map<String, String> environment() {
        Map<String, String> all = new LinkedHashMap<>(env);
        all.put("ATOMIC_URL", "http://127.0.0.1:" + httpPort("api"));
        return all;
    }

    void start(String name) throws IOException {
        start(name, command(name));
    }

    /// Starts it with a command of the caller's.
    void start(String name, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeIf(key -> key.startsWith("ATOMIC_") || key.startsWith("OTEL_"));
        builder.environment().putAll(env);
        builder.environment().putAll(envOf.getOrDefault(name, Map.of()));
        builder.environment().put("ATOMIC_NAME", name);
        if (name.equals("agent")) {
            builder.directory(root.resolve("python-agent").toFile());
        }
        Files.deleteIfExists(home.resolve("run").resolve(name + ".port"));
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()));
        processes.put(name, builder.start());
    }

    private List<String> command(String name) {
        if (name.equals("agent")) {
            return List.of(python(), "-m", "atomic_agent");
        }
        return programs.command(name);
    }

    /// The first interpreter that has what providers over HTTP need.
    private static String python() {
        for (String candidate : List.of("python3", "/usr/bin/python3")) {
            try {
                Process process =
                        new ProcessBuilder(candidate, "-c", "import httpx")
                                .redirectErrorStream(true)
                                .start();
                if (process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0) {
                    return candidate;
                }
            } catch (IOException e) {
                // not there
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        throw new AssertionError("no python3 with httpx; install python3-httpx");
    }

    /// Waits until a process does what it is there for.
    void awaitReady(String name) {
        await(
                name + " to be ready",
                READY,
                () -> {
                    if (!processes.get(name).isAlive()) {
                        throw new AssertionError(name + " ended:\n" + tail(name));
                    }
                    return isReady(name);
                });
    }

    private boolean isReady(String name) {
        if (name.equals("db")) {
            return answersOn(Integer.parseInt(env.get("ATOMIC_H2_PORT")));
        }
        if (name.equals("agent")) {
            return Files.exists(Path.of(env.get("ATOMIC_IPC_SOCKET")));
        }
        Path port = home.resolve("run").resolve(name + ".port");
        try {
            return Files.exists(port)
                    && status(
                                    "http://127.0.0.1:"
                                            + Files.readString(port).strip()
                                            + "/actuator/health/readiness")
                            == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean answersOn(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static int status(String url) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
        connection.setConnectTimeout(1_000);
        connection.setReadTimeout(5_000);
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }

    /// `kill -9`.
    void kill(String name) {
        Process process = processes.get(name);
        process.destroyForcibly();
        awaitEnd(process);
    }

    /// SIGTERM, and waits for the end.
    void stop(String name) {
        Process process = processes.get(name);
        process.destroy();
        awaitEnd(process);
    }

    /// Sends a signal by its name, e.g. `STOP` or `CONT`.
    void signal(String name, String signal) throws IOException {
        Process kill =
                new ProcessBuilder("kill", "-" + signal, Long.toString(processes.get(name).pid()))
                        .start();
        awaitEnd(kill);
    }

    private static void awaitEnd(Process process) {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("a process does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String log(String name, int lines) throws IOException {
        List<String> all = Files.readAllLines(log(name));
        return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    }

    boolean hasLogged(String name, String text) {
        try {
            return Files.readString(log(name)).contains(text);
        } catch (IOException e) {
            return false;
        }
    }

    private Path log(String name) {
        return home.resolve("logs").resolve(name + ".log");
    }

    private String tail(String name) {
        try {
            return log(name, 40);
        } catch (IOException e) {
            return "(no log)";
        }
    }

    /// Waits for a condition, looking ten times a second.
    static void await(String what, Duration most, BooleanSupplier condition) {
        long until = System.nanoTime() + most.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("waited " + most + " for " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("mvnw"))) {
            at = at.getParent();
        }
        return at;
    }

    @Override
    public void close() {
        // The database last: a worker that can't put its jobs back takes its whole time to stop.
        List<Process> running = new ArrayList<>(processes.values());
        Process db = processes.get("db");
        running.remove(db);
        end(running);
        if (db != null) {
            end(List.of(db));
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    private static void end(List<Process> running) {
        running.forEach(process -> {
            if (process.isAlive()) {
                process.destroy();
            }
        });
        for (Process process : running) {
            try {
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    /// How long a process took to end after SIGTERM, bounded to a minute.
    Duration stopTimed(String name) {
        long began = System.nanoTime();
        stop(name);
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /// SIGTERM, and doesn't wait.
    void askToStop(String name) {
        processes.get(name).destroy();
    }

    long pid(String name) {
        return processes.get(name).pid();
    }

    boolean isAlive(String name) {
        return processes.get(name).isAlive();
    }
}
