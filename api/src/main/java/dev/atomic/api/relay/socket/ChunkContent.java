package dev.atomic.api.relay.socket;

import dev.atomic.api.relay.tail.ContentCache;
import dev.atomic.api.relay.tail.ContentCache.Content;
import dev.atomic.api.relay.tail.ContentCache.Entry;
import dev.atomic.api.relay.tail.FollowerReads;
import dev.atomic.shared.Json;
import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.event.LoggedEvent;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What one stage and round has streamed of its answer so far, for clients that want `content` with
/// each chunk. What a model thinks is no part of it.
///
/// Kept as JSON text already: escaped texts put together are the escaped text, so nothing is
/// escaped twice. Stages stream one after the other, so there is one at a time. For one thread.
final class ChunkContent {
    /// Longest `content`, in bytes of UTF-8; a longer one is left out.
    static final int LIMIT = 64 * 1024;

    private final FollowerReads reads;
    private final UUID job;
    private final ContentCache shared;
    private @Nullable Content content;

    ChunkContent(FollowerReads reads, UUID job, ContentCache shared) {
        this.reads = reads;
        this.job = job;
        this.shared = shared;
    }

    /// The message for an event: the event itself, a chunk's with `content`.
    ///
    /// @throws org.springframework.dao.DataAccessException when what comes before must be read and
    ///   can't be
    String message(LoggedEvent event) {
        if (!event.type().equals("chunk")) {
            follow(event);
            return event.wire();
        }
        Entry known = shared.get(event.seq());
        if (known == null) {
            known = make(event);
            shared.put(event.seq(), known);
        }
        content = known.content();
        return known.message();
    }

    private Entry make(LoggedEvent event) {
        JobEvent.Chunk chunk = Json.read(event.payload(), JobEvent.Chunk.class);
        if (chunk.chunkIndex() > 0 && !isOf(chunk)) {
            restore(event.seq());
        }
        Content grown = grown(chunk);
        return new Entry(grown, message(event.wire(), grown));
    }

    /// Reads what comes before the first event this client got.
    private void restore(long before) {
        long seen = 0;
        List<LoggedEvent> page;
        do {
            page = reads.behind(job, seen).events();
            for (LoggedEvent event : page) {
                seen = event.seq();
                if (seen >= before) {
                    return;
                }
                if (event.type().equals("chunk")) {
                    content = grown(Json.read(event.payload(), JobEvent.Chunk.class));
                } else {
                    follow(event);
                }
            }
        } while (!page.isEmpty());
    }

    /// What was streamed of a stage that begins again is void, and nobody asks for that of a stage
    /// that is over.
    private void follow(LoggedEvent event) {
        if (event.type().equals("stage_completed")) {
            content = null;
        } else if (event.type().equals("stage_reset") && content != null) {
            JobEvent.StageReset reset = Json.read(event.payload(), JobEvent.StageReset.class);
            if (reset.stage() == content.stage()) {
                content = new Content(content.stage(), content.round(), "", 0);
            }
        }
    }

    private Content grown(JobEvent.Chunk chunk) {
        Content before = content;
        if (before == null || chunk.chunkIndex() == 0 || !isOf(chunk)) {
            before = new Content(chunk.stage(), chunk.round(), "", 0);
        }
        long bytes = before.bytes() + MessageAssembly.utf8Length(chunk.answer());
        String escaped = "";
        if (bytes <= LIMIT) {
            String json = Json.write(chunk.answer());
            escaped = before.escaped().concat(json.substring(1, json.length() - 1));
        }
        return new Content(chunk.stage(), chunk.round(), escaped, bytes);
    }

    private boolean isOf(JobEvent.Chunk chunk) {
        return content != null
                && content.stage() == chunk.stage()
                && content.round() == chunk.round();
    }

    private static String message(String wire, Content content) {
        String open = wire.substring(0, wire.length() - 1);
        return content.bytes() > LIMIT
                ? open + ",\"content_omitted\":true}"
                : open + ",\"content\":\"" + content.escaped() + "\"}";
    }
}
