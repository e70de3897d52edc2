package dev.atomic.shared.queue;

import java.util.UUID;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;

/// One delivery of a job through JobRunr.
///
/// JobRunr wants the handler's class named here, where api and worker both see it, while the work
/// is the worker's: so [Handler] is an interface whose default `run` (JobRunr refuses an abstract
/// one) delegates to what the worker implements.
///
/// @param fence the job's fence when the delivery was made; a late one finds another and does
///   nothing
public record RunGeneration(UUID jobId, long fence) implements JobRequest {
    @Override
    public Class<Handler> getJobRequestHandler() {
        return Handler.class;
    }

    /// Implemented by the worker.
    public interface Handler extends JobRequestHandler<RunGeneration> {
        @Override
        default void run(RunGeneration delivery) {
            deliver(delivery);
        }

        /// Runs the job, if there is still anything to do.
        void deliver(RunGeneration delivery);
    }
}
