package dev.atomic.api.relay;

import dev.atomic.shared.job.Job;

/// A job as its resource.
@FunctionalInterface
public interface JobView {
    /// @return what becomes the resource's JSON
    Object render(Job job);
}
