package dev.atomic.worker;

import dev.atomic.shared.DatabaseConfiguration;
import dev.atomic.shared.Launch;
import dev.atomic.shared.Variables;
import dev.atomic.shared.WebAddress;
import dev.atomic.shared.access.AccessRules;
import dev.atomic.shared.telemetry.TraceSettings;
import dev.atomic.worker.sandbox.SandboxSettings;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;

/// The worker process: claims jobs through JobRunr and runs the pipeline. Any number may run, on
/// any number of hosts.
@SpringBootApplication
@Import(DatabaseConfiguration.class)
public class WorkerApplication {
    public static void main(String[] args) {
        Launch.run(WorkerApplication.class, args, WorkerApplication::actuator);
    }

    /// The worker's only web is actuator, on loopback whatever the api listens on.
    private static WebAddress actuator(Variables variables) {
        // Looked at before Spring starts, which would tell of a bad one in a stack trace.
        WorkerSettings.from(variables);
        SandboxSettings.from(variables, 1);
        AccessRules.ofActuator(variables);
        TraceSettings.from(variables, "atomic-worker");
        return new WebAddress(
                "127.0.0.1", variables.integer("ATOMIC_WORKER_MANAGEMENT_PORT", 0, 0, 65_535));
    }
}
