package dev.atomic.worker.sandbox.engine;

import com.github.dockerjava.api.model.Container;
import java.time.Instant;
import java.util.Map;

/// What is written on a sandbox's container: whose it is, and when it has to be gone.
final class Labels {
    /// On all of them.
    static final String SANDBOX = "dev.atomic.sandbox";

    private static final String WORKER = "dev.atomic.worker";
    private static final String JOB = "dev.atomic.job";
    private static final String DEADLINE = "dev.atomic.deadline";
    private static final String UID = "dev.atomic.uid";

    private Labels() {}

    static Map<String, String> of(String worker, String job, Instant deadline, int uid) {
        return Map.of(
                SANDBOX,
                "1",
                WORKER,
                worker,
                JOB,
                job,
                UID,
                Integer.toString(uid),
                DEADLINE,
                Long.toString(deadline.toEpochMilli()));
    }

    /// On what a worker's containers have besides.
    static Map<String, String> ofWorker(String worker) {
        return Map.of(SANDBOX, "1", WORKER, worker);
    }

    /// By which the containers of a user are found.
    static Map<String, String> ofUid(int uid) {
        return Map.of(UID, Integer.toString(uid));
    }

    static Engine.Found found(Container container) {
        Map<String, String> labels =
                container.getLabels() == null ? Map.of() : container.getLabels();
        return new Engine.Found(
                container.getId(),
                labels.getOrDefault(WORKER, ""),
                "running".equals(container.getState()),
                Instant.ofEpochSecond(container.getCreated()),
                Instant.ofEpochMilli(milliseconds(labels.getOrDefault(DEADLINE, "0"))));
    }

    private static long milliseconds(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
