package dev.atomic.worker.sandbox;

import dev.atomic.shared.Settings;
import dev.atomic.shared.verify.Limits;
import dev.atomic.worker.sandbox.engine.EngineSettings;

/// What the environment says about the sandbox.
///
/// @param limits of one run; also the most a run may ask for
/// @param poolSize fresh containers kept ready; 0 for none
/// @param concurrency most runs at once in this process
public record SandboxSettings(EngineSettings engine, Limits limits, int poolSize, int concurrency) {
    /// @throws dev.atomic.db.SettingException for a value that isn't allowed
    public static SandboxSettings from(Settings settings, int cores) {
        return new SandboxSettings(
                new EngineSettings(
                        settings.text("DOCKER_HOST", ""),
                        settings.text("ATOMIC_SANDBOX_IMAGE", "atomic-sandbox:latest"),
                        settings.text("ATOMIC_SANDBOX_RUNTIME", "")),
                Limits.configured(settings),
                settings.integer("ATOMIC_SANDBOX_POOL_SIZE", 2, 0, 64),
                settings.integer("ATOMIC_SANDBOX_CONCURRENCY", cores, 1, 256));
    }
}
