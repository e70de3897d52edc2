package dev.atomic.api.openai.fold;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.relay.tail.FollowerReads;
import dev.atomic.api.tenant.JobFinder;
import dev.atomic.shared.checkpoint.UsageStore;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.file.FileStore;
import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.problem.ProblemCode;
import java.util.UUID;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/// Finds the job that a response is, and folds its log.
///
/// Thread-safe.
@Component
public final class ResponseFolds {
    /// Heap bytes of a fold with next to nothing in it, and of a page of events.
    private static final long BASE = 256 << 10;

    /// Heap bytes of a character that a fold holds: in its texts, and in the event that carries all
    /// of them.
    private static final long HEAP_PER_CHARACTER = 12;

    private final JobFinder jobs;
    private final FollowerReads log;
    private final FileStore files;
    private final UsageStore usage;

    ResponseFolds(JobFinder jobs, FollowerReads log, FileStore files, UsageStore usage) {
        this.jobs = jobs;
        this.log = log;
        this.files = files;
        this.usage = usage;
    }

    /// The job that a response's id names.
    ///
    /// @throws ProblemException `not_found`
    public UUID jobId(String responseId) {
        return JobId.parse(withoutPrefix(responseId)).orElseThrow(ResponseFolds::notFound);
    }

    public static String withoutPrefix(String responseId) {
        return responseId.startsWith(ResponseHead.PREFIX)
                ? responseId.substring(ResponseHead.PREFIX.length())
                : responseId;
    }

    /// @throws ProblemException `not_found`, also for a job that asked no model
    public Job job(String tenant, UUID id) {
        Job job = jobs.find(tenant, id);
        if (job.asked().kind() != Kind.GENERATE) {
            throw notFound();
        }
        return job;
    }

    private static ProblemException notFound() {
        return new ProblemException(ProblemCode.NOT_FOUND, "There is no such response.");
    }

    /// A fold that has been given nothing yet.
    ///
    /// @param share pays for it until it is closed
    public ResponseFold begin(Job job, RequestMemory.Share share) {
        share.take(BASE);
        return new ResponseFold(
                new ResponseHead(job), new StoredMade(job.id(), files, usage, share));
    }

    /// What is to be taken for texts that a fold holds since it held fewer.
    public static long heap(long charsBefore, ResponseFold fold) {
        return HEAP_PER_CHARACTER * Math.max(0, fold.chars() - charsBefore);
    }

    /// The response as the log has it now.
    ///
    /// @param share pays for it until it is closed
    public ObjectNode now(Job job, RequestMemory.Share share) {
        ResponseFold fold = begin(job, share);
        long seen = 0;
        EventLog.Page page;
        do {
            page = log.behind(job.id(), seen);
            long before = fold.chars();
            page.events().forEach(fold::add);
            share.take(heap(before, fold));
            seen = page.events().isEmpty() ? seen : page.events().getLast().seq();
        } while (page.more());
        return fold.response();
    }
}
