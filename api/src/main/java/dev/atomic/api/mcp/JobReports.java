package dev.atomic.api.mcp;

import dev.atomic.api.answer.JobResources;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.shared.job.Job;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/// Reads what a [JobReport] tells of.
///
/// Thread-safe.
@Component
final class JobReports {
    private final JobResources resources;
    private final RequestMemory memory;

    JobReports(JobResources resources, RequestMemory memory) {
        this.resources = resources;
        this.memory = memory;
    }

    ObjectNode of(Job job) {
        try (RequestMemory.Share share = memory.open()) {
            share.take(resources.heap(job));
            return JobReport.of(resources.of(job));
        }
    }
}
