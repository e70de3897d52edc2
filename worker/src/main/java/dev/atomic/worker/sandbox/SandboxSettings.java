package dev.atomic.worker.sandbox;

import dev.atomic.shared.Settings;
import dev.atomic.shared.job.Limits;

/// What the environment says about the sandbox.
///
/// @param image name or id
/// @param runtime empty for the engine's default
/// @param limits of one run; also the most a run may ask for
/// @param poolSize fresh containers kept ready; 0 for none
/// @param concurrency most runs at once in this process
/// @param engine as in `DOCKER_HOST`; empty for the default socket
public record SandboxSettings(
        String image, String runtime, Limits limits, int poolSize, int concurrency, String engine) {
    /// @throws dev.atomic.db.SettingException for a value that isn't allowed
    public static SandboxSettings from(Settings settings, int cores) {
        return new SandboxSettings(
                settings.text("ATOMIC_SANDBOX_IMAGE", "atomic-sandbox:latest"),
                settings.text("ATOMIC_SANDBOX_RUNTIME", ""),
                Limits.configured(settings),
                settings.integer("ATOMIC_SANDBOX_POOL_SIZE", 2, 0, 64),
                settings.integer("ATOMIC_SANDBOX_CONCURRENCY", cores, 1, 256),
                settings.text("DOCKER_HOST", ""));
    }
}
