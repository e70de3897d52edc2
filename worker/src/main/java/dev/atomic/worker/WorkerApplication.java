package dev.atomic.worker;

import dev.atomic.shared.DatabaseConfiguration;
import dev.atomic.shared.Launch;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;

/// The worker process: claims jobs through JobRunr and runs the pipeline. Any number may run, on
/// any number of hosts.
@SpringBootApplication
@Import(DatabaseConfiguration.class)
public class WorkerApplication {
    public static void main(String[] args) {
        Launch.run(WorkerApplication.class, args);
    }
}
