package dev.atomic.worker.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// The real Python agent with its offline provider, as it is run.
final class AgentProcess implements AutoCloseable {
    private final Process process;

    private AgentProcess(Process process) {
        this.process = process;
    }

    /// @param variables besides those that name the socket and the provider
    static AgentProcess launch(Path socket, Map<String, String> variables) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("python3", "-m", "atomic_agent");
        builder.directory(root().resolve("python-agent").toFile());
        builder.environment().put("ATOMIC_IPC_SOCKET", socket.toString());
        builder.environment().put("ATOMIC_LLM_PROVIDERS", "offline");
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        builder.environment().putAll(variables);
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        return new AgentProcess(builder.start());
    }

    static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("mvnw"))) {
            here = here.getParent();
        }
        return here;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
