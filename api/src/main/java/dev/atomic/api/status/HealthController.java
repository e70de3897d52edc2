package dev.atomic.api.status;

import dev.atomic.shared.job.WorkerRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// `/health`: whether jobs can be admitted and worked on. Only a database that is away is an error
/// of this process; what workers lack is reported without being one.
@RestController
final class HealthController {
    private static final Logger LOG = LoggerFactory.getLogger(HealthController.class);

    private static final WorkerRegistry.Summary NOBODY =
            new WorkerRegistry.Summary(0, 0, 0, false, false);

    private final Fleet fleet;

    HealthController(Fleet fleet) {
        this.fleet = fleet;
    }

    /// @param status `ok`, `degraded` (no worker, or none with an agent and an engine) or `down`
    /// @param llmAgent `healthy` or `unreachable`, as seen by any worker alive
    /// @param docker `available` or `unavailable`, as seen by any worker alive
    /// @param uptimeMs of the process that answers
    record Health(String status, String llmAgent, String docker, long uptimeMs, Detail detail) {}

    /// @param database `up` or `away`
    /// @param workers those that beat in the last 5 s
    record Detail(String database, WorkerRegistry.Summary workers) {}

    @GetMapping(path = "/health", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Health> health() {
        try {
            WorkerRegistry.Summary workers = fleet.workers();
            boolean complete = workers.alive() > 0 && workers.agentUp() && workers.engineUp();
            return answer(HttpStatus.OK, complete ? "ok" : "degraded", "up", workers);
        } catch (RuntimeException e) {
            LOG.debug("the database is away: {}", e.getMessage());
            return answer(HttpStatus.SERVICE_UNAVAILABLE, "down", "away", NOBODY);
        }
    }

    private static ResponseEntity<Health> answer(
            HttpStatus status, String word, String database, WorkerRegistry.Summary workers) {
        return ResponseEntity.status(status)
                .cacheControl(CacheControl.noStore())
                .body(
                        new Health(
                                word,
                                workers.agentUp() ? "healthy" : "unreachable",
                                workers.engineUp() ? "available" : "unavailable",
                                Uptime.millis(),
                                new Detail(database, workers)));
    }
}
