package dev.atomic.shared.verify;

import dev.atomic.shared.Variables;

/// The limits of one run in the sandbox.
///
/// @param memoryMb memory without swap, MiB
/// @param cpuMillicores thousandths of a core
/// @param timeoutSeconds wall time, fractions allowed
/// @param pids most processes and threads
public record Limits(int memoryMb, int cpuMillicores, double timeoutSeconds, int pids) {
    /// What the environment configures, and the most that a run may ask for. Read by api and worker
    /// alike, so that what the one admits the other can do.
    ///
    /// @throws dev.atomic.db.SettingException for a value that isn't allowed
    public static Limits configured(Variables variables) {
        return new Limits(
                variables.integer("ATOMIC_MEMORY_LIMIT_MB", 512, 32, 1_048_576),
                variables.integer("ATOMIC_CPU_LIMIT_MILLICORES", 1000, 10, 1_048_576),
                variables.integer("ATOMIC_SANDBOX_TIMEOUT_SECONDS", 60, 1, 3600),
                variables.integer("ATOMIC_SANDBOX_PIDS", 128, 16, 32_768));
    }
}
