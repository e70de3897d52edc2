package dev.atomic.api.submission;

import dev.atomic.shared.job.Job;

/// A job without files, just admitted: all its resource is made of, known without reading.
///
/// @param queuePosition 1 is next, exact to [#EXACT_POSITIONS]
public record Admitted(Job job, int queuePosition) {
    /// Places in the queue are told exactly up to here.
    public static final int EXACT_POSITIONS = 1_000;
}
