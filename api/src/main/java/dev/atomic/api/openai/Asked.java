package dev.atomic.api.openai;

import tools.jackson.databind.node.ObjectNode;

/// What a request of either shape asks for.
///
/// @param job the body of the job
record Asked(ObjectNode job, Wants wants) {
    /// How it is to be answered.
    ///
    /// @param background whether at once, before the job has ended
    /// @param includeUsage whether a stream ends with what was paid
    record Wants(boolean stream, boolean background, boolean includeUsage) {}
}
