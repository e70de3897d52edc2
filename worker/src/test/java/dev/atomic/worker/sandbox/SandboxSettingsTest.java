package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;
import dev.atomic.shared.verify.Limits;
import dev.atomic.worker.sandbox.engine.EngineSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the environment says about the sandbox, and what holds where it says nothing.
class SandboxSettingsTest {
    @Test
    void theyHaveTheContractsDefaultsAndBounds() {
        assertThat(SandboxSettings.from(new Variables(Map.of()), 3))
                .isEqualTo(
                        new SandboxSettings(
                                new EngineSettings("", "atomic-sandbox:latest", ""),
                                new Limits(512, 1000, 60, 128),
                                2,
                                3));
        assertThatThrownBy(() ->
                        SandboxSettings.from(
                                new Variables(Map.of("ATOMIC_SANDBOX_PIDS", "many")), 1))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("ATOMIC_SANDBOX_PIDS");
    }
}
