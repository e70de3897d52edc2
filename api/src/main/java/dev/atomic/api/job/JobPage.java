package dev.atomic.api.job;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A page of jobs, newest first.
///
/// @param jobs resources without `content`, `spec`, `docs`, `stdout` and `stderr`
/// @param nextCursor asks for the next page; null on the last
public record JobPage(List<JsonNode> jobs, @Nullable String nextCursor) {}
