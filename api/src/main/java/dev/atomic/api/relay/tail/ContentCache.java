package dev.atomic.api.relay.tail;

import dev.atomic.shared.job.StageName;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The newest chunk messages of a job with their `content`, made once for all who follow it: what a
/// stage has streamed so far is the same for everybody, and 64 KiB a message.
///
/// Thread-safe.
public final class ContentCache {
    private static final long MAX_CHARACTERS = 256 * 1024;

    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private long characters;

    /// What a stage and round has streamed up to some event.
    ///
    /// @param escaped as JSON has it between its quotes; empty when it has grown too large
    /// @param bytes of it in UTF-8, not escaped
    public record Content(StageName stage, int round, String escaped, long bytes) {}

    public record Entry(Content content, String message) {}

    public synchronized @Nullable Entry get(long seq) {
        return entries.get(seq);
    }

    /// Nothing is kept for those who have fallen behind.
    public synchronized void put(long seq, Entry entry) {
        if (!entries.isEmpty() && seq <= entries.lastKey()) {
            return;
        }
        entries.put(seq, entry);
        characters += size(entry);
        while (characters > MAX_CHARACTERS) {
            characters -= size(entries.pollFirstEntry().getValue());
        }
    }

    private static long size(Entry entry) {
        return (long) entry.content().escaped().length() + entry.message().length();
    }
}
