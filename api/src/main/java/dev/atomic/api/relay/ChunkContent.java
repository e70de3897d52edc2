package dev.atomic.api.relay;

import dev.atomic.shared.Json;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.event.LoggedEvent;
import dev.atomic.shared.job.StageName;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What one stage and round has streamed so far, for clients that want `content` with each chunk.
///
/// Kept as JSON text already: escaped texts put together are the escaped text, so nothing is
/// escaped twice. Stages stream one after the other, so there is one at a time. For one thread.
final class ChunkContent {
    /// More than this, in bytes of UTF-8, and `content` is left out.
    static final int LIMIT = 64 * 1024;

    private static final int PAGE = 256;

    private final EventLog log;
    private final UUID job;
    private @Nullable StageName stage;
    private int round;
    private final StringBuilder escaped = new StringBuilder();
    private long bytes;

    ChunkContent(EventLog log, UUID job) {
        this.log = log;
        this.job = job;
    }

    /// The message for an event: the event itself, a chunk's with `content`.
    ///
    /// @throws org.springframework.dao.DataAccessException when what lies before must be read and
    ///   can't be
    String message(LoggedEvent event) {
        if (event.type().equals("chunk")) {
            JobEvent.Chunk chunk = Json.read(event.payload(), JobEvent.Chunk.class);
            if (chunk.chunkIndex() > 0 && !isOf(chunk.stage(), chunk.round())) {
                restore(event.seq());
            }
            add(chunk);
            return withContent(event.wire());
        }
        follow(event);
        return event.wire();
    }

    /// Reads what lies before the first event this client was given.
    private void restore(long before) {
        long seen = 0;
        List<LoggedEvent> page;
        do {
            page = log.read(job, seen, PAGE);
            for (LoggedEvent event : page) {
                seen = event.seq();
                if (seen >= before) {
                    return;
                }
                if (event.type().equals("chunk")) {
                    add(Json.read(event.payload(), JobEvent.Chunk.class));
                } else {
                    follow(event);
                }
            }
        } while (!page.isEmpty());
    }

    private void follow(LoggedEvent event) {
        if (event.type().equals("stage_reset")
                && Json.read(event.payload(), JobEvent.StageReset.class).stage() == stage) {
            clear();
        } else if (event.type().equals("stage_completed")) {
            clear();
            stage = null;
        }
    }

    private void add(JobEvent.Chunk chunk) {
        if (chunk.chunkIndex() == 0 || !isOf(chunk.stage(), chunk.round())) {
            clear();
            stage = chunk.stage();
            round = chunk.round();
        }
        bytes += MessageAssembly.utf8Length(chunk.delta());
        if (bytes <= LIMIT) {
            String json = Json.write(chunk.delta());
            escaped.append(json, 1, json.length() - 1);
        } else {
            escaped.setLength(0);
            escaped.trimToSize();
        }
    }

    private boolean isOf(StageName otherStage, int otherRound) {
        return stage == otherStage && round == otherRound;
    }

    private void clear() {
        bytes = 0;
        escaped.setLength(0);
        escaped.trimToSize();
    }

    private String withContent(String wire) {
        StringBuilder message = new StringBuilder(wire.length() + escaped.length() + 32);
        message.append(wire, 0, wire.length() - 1);
        if (bytes <= LIMIT) {
            message.append(",\"content\":\"").append(escaped).append("\"}");
        } else {
            message.append(",\"content_omitted\":true}");
        }
        return message.toString();
    }
}
