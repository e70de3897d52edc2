package dev.atomic.api.status;

import dev.atomic.api.ApiSettings;
import dev.atomic.shared.job.JobState;
import dev.atomic.shared.job.WorkerRegistry;
import dev.atomic.shared.upkeep.JobTotals;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// `/api/metrics`: numbers over all processes, from the database. Totals never fall.
@RestController
final class MetricsController {
    private final Fleet fleet;
    private final ApiSettings settings;

    MetricsController(Fleet fleet, ApiSettings settings) {
        this.fleet = fleet;
        this.settings = settings;
    }

    /// @param averageLatencyMs mean of created → finished, succeeded and failed jobs alike
    /// @param successRate of succeeded and failed; 1 when there are none
    /// @param queueSize as the queue's limit counts
    /// @param uptimeMs of the process that answers
    record Metrics(
            long totalRequests,
            long successfulRequests,
            long failedRequests,
            double averageLatencyMs,
            double successRate,
            long activePipelines,
            long queueSize,
            long uptimeMs,
            Detail detail) {}

    /// @param queuedJobs all that wait, those between two attempts too
    record Detail(
            long cancelledRequests,
            long queuedJobs,
            int maxQueueSize,
            WorkerRegistry.Summary workers) {}

    @GetMapping(path = "/api/metrics", produces = MediaType.APPLICATION_JSON_VALUE)
    Metrics metrics() {
        JobTotals.Totals totals = fleet.totals();
        long succeeded = totals.of(JobState.SUCCEEDED);
        long failed = totals.of(JobState.FAILED);
        long ended = succeeded + failed;
        return new Metrics(
                totals.admitted(),
                succeeded,
                failed,
                ended == 0 ? 0 : totals.latencyMs() / ended,
                ended == 0 ? 1 : (double) succeeded / ended,
                totals.of(JobState.RUNNING),
                totals.waiting(),
                Uptime.millis(),
                new Detail(
                        totals.of(JobState.CANCELLED),
                        totals.of(JobState.QUEUED),
                        settings.maxQueueSize(),
                        fleet.workers()));
    }
}
