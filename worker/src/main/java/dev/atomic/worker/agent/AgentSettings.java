package dev.atomic.worker.agent;

import java.nio.file.Path;
import java.time.Duration;

/// Where the agent is and how long it may take.
///
/// @param poolSize most connections to an agent that serves one request a connection
/// @param unreachable how long an agent that can't be reached is tried
/// @param firstChunk from asked to the first chunk
/// @param idle between chunks
/// @param total of a whole answer
public record AgentSettings(
        Path socket,
        int poolSize,
        Duration unreachable,
        Duration connect,
        Duration firstChunk,
        Duration idle,
        Duration total) {}
