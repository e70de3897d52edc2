package dev.atomic.worker.sandbox;

import dev.atomic.shared.Variables;
import dev.atomic.shared.verify.Limits;
import dev.atomic.worker.sandbox.engine.EngineSettings;
import dev.atomic.worker.sandbox.run.Preparation;
import java.util.Map;

/// What the environment says about the sandbox.
///
/// @param limits of one run; also the most a run may ask for
/// @param poolSize fresh containers kept ready for any run; 0 for no pool
/// @param concurrency most runs at once in this process
public record SandboxSettings(EngineSettings engine, Limits limits, int poolSize, int concurrency) {
    /// Which containers are kept ready: those for any run, and for each two of them what one run of
    /// Python's tests takes, which is one and a judge with its subject.
    Map<Preparation, Integer> pool() {
        int tests = (poolSize + 1) / 2;
        return Map.of(
                Preparation.NOTHING, poolSize,
                Preparation.TESTS, tests,
                Preparation.JUDGE, tests);
    }

    /// @throws dev.atomic.db.SettingException for a value that isn't allowed
    public static SandboxSettings from(Variables variables, int cores) {
        return new SandboxSettings(
                new EngineSettings(
                        variables.text("DOCKER_HOST", ""),
                        variables.text("ATOMIC_SANDBOX_IMAGE", "atomic-sandbox:latest"),
                        variables.text("ATOMIC_SANDBOX_RUNTIME", "")),
                Limits.configured(variables),
                variables.integer("ATOMIC_SANDBOX_POOL_SIZE", 2, 0, 64),
                variables.integer("ATOMIC_SANDBOX_CONCURRENCY", cores, 1, 256));
    }
}
