package dev.atomic.api.answer;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A page of jobs, newest first, as the JSON that is sent. What it holds is counted until it is
/// closed. For one thread.
public final class JobPage implements AutoCloseable {
    private final RequestMemory.Share share;
    private final @Nullable UUID nextCursor;
    private final List<byte[]> items = new ArrayList<>();

    /// @param nextCursor asks for the next page; null on the last
    JobPage(RequestMemory.Share share, @Nullable UUID nextCursor) {
        this.share = share;
        this.nextCursor = nextCursor;
    }

    /// @param item a resource without `content`, `spec`, `docs`, `stdout` and `stderr`
    /// @throws ProblemException `503 unavailable` when there is no room for it now
    void add(JsonNode item) {
        byte[] json = Json.STORED.writeValueAsBytes(item);
        share.take(json.length);
        items.add(json);
    }

    public void writeTo(OutputStream out) throws IOException {
        String separator = "{\"jobs\":[";
        for (byte[] item : items) {
            out.write(separator.getBytes(StandardCharsets.UTF_8));
            out.write(item);
            separator = ",";
        }
        if (items.isEmpty()) {
            out.write(separator.getBytes(StandardCharsets.UTF_8));
        }
        String cursor = nextCursor == null ? "null" : "\"" + nextCursor + "\"";
        out.write(("],\"next_cursor\":" + cursor + "}").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        share.close();
    }
}
