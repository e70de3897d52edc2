package dev.atomic.shared.job;

import java.time.Instant;
import java.util.UUID;

/// A job's row without what was asked, which may be long: enough to know that the job exists, how
/// it stands and where its next event goes.
///
/// @param createdAt by the database's clock
/// @param webhook whether somebody is to be told of its end
public record JobHead(
        UUID id, String tenantId, Job.Course course, Instant createdAt, boolean webhook) {}
