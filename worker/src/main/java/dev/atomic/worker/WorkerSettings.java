package dev.atomic.worker;

import dev.atomic.shared.Variables;
import dev.atomic.worker.agent.AgentSettings;
import java.nio.file.Path;
import java.time.Duration;

/// The worker's settings, from the environment.
///
/// @param maxConcurrent most jobs at once; exact
/// @param stopWithin how long a stopping worker lets stages finish
/// @param retention jobs that finished longer ago are deleted
public record WorkerSettings(
        String name,
        int maxConcurrent,
        Duration stopWithin,
        Duration retention,
        AgentSettings agent) {
    /// @throws dev.atomic.db.SettingException when a value can't be read or isn't allowed
    static WorkerSettings from(Variables variables) {
        return new WorkerSettings(
                variables.text("ATOMIC_NAME", "worker-" + ProcessHandle.current().pid()),
                variables.integer("ATOMIC_MAX_CONCURRENT", 10, 1, 1_000),
                Duration.ofSeconds(20),
                Duration.ofDays(variables.integer("ATOMIC_RETENTION_DAYS", 30, 1, 36_500)),
                new AgentSettings(
                        Path.of(variables.text("ATOMIC_IPC_SOCKET", "/tmp/atomic_llm_agent.sock")),
                        variables.integer("ATOMIC_IPC_POOL_SIZE", 4, 1, 1_000),
                        seconds(variables, "ATOMIC_AGENT_WAIT_SECONDS", 600),
                        seconds(variables, "ATOMIC_LLM_CONNECT_SECONDS", 5),
                        seconds(variables, "ATOMIC_LLM_FIRST_CHUNK_SECONDS", 60),
                        seconds(variables, "ATOMIC_LLM_IDLE_SECONDS", 30),
                        seconds(variables, "ATOMIC_LLM_TOTAL_SECONDS", 600)));
    }

    private static Duration seconds(Variables variables, String name, int byDefault) {
        return Duration.ofSeconds(variables.integer(name, byDefault, 1, 86_400));
    }
}
