package dev.atomic.worker.sandbox.run;

import dev.atomic.shared.file.SourceFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Records for the runner up to a `G`, as `ops/sandbox/runner/PROTOCOL.md` has them: what it does
/// before it reports and, if more is to come, waits again.
///
/// Used by one thread.
public final class Batch {
    /// A record's type and length.
    private static final int HEAD = 5;

    private static final byte[] NOTHING = {};

    private final Map<String, Long> settings = new LinkedHashMap<>();
    private final List<byte[]> parts = new ArrayList<>();

    /// A setting of the run, or of this batch.
    public Batch set(String name, long value) {
        settings.put(name, value);
        return this;
    }

    /// The workspace and all else a program can write is as it was before the first program ran.
    public Batch setBack() {
        record('B', NOTHING);
        return this;
    }

    public Batch files(List<SourceFile> files) {
        files.forEach(this::file);
        return this;
    }

    /// A file's contents are a part of their own: they are many megabytes, and a copy of them would
    /// double what each run holds.
    private void file(SourceFile file) {
        byte[] path = utf8(file.path());
        byte[] content = file.content();
        parts.add(
                ByteBuffer.allocate(HEAD + 2 + path.length)
                        .put((byte) 'W')
                        .putInt(2 + path.length + content.length)
                        .putShort((short) path.length)
                        .put(path)
                        .array());
        parts.add(content);
    }

    public Batch stdin(String text) {
        if (!text.isEmpty()) {
            record('I', utf8(text));
        }
        return this;
    }

    public Batch steps(List<Step> steps) {
        steps.forEach(step -> record('S', utf8(text(step))));
        return this;
    }

    private static String text(Step step) {
        return step.kind().wire() + '\0' + String.join("\0", step.argv()) + '\0';
    }

    public Batch collect(List<String> patterns) {
        patterns.forEach(pattern -> record('K', utf8(pattern)));
        return this;
    }

    /// All of it in parts, to be sent in this order.
    public List<byte[]> encode() {
        StringBuilder text = new StringBuilder();
        settings.forEach((name, value) -> text.append(name).append(' ').append(value).append('\n'));
        List<byte[]> all = new ArrayList<>();
        all.add(one('L', utf8(text.toString())));
        all.addAll(parts);
        all.add(one('G', NOTHING));
        return all;
    }

    /// Starts a step's program before it is known what it is asked.
    public static List<byte[]> prepare(Step step) {
        return List.of(one('P', utf8(text(step))));
    }

    /// A request to the program of an exchange, on a connection of its own.
    public static List<byte[]> ask(long timeoutMs, byte[] request) {
        byte[] payload =
                ByteBuffer.allocate(4 + request.length)
                        .putInt((int) timeoutMs)
                        .put(request)
                        .array();
        return List.of(one('T', payload));
    }

    /// Ends the step that runs.
    public static List<byte[]> stop() {
        return List.of(one('X', NOTHING));
    }

    private void record(char type, byte[] payload) {
        parts.add(one(type, payload));
    }

    private static byte[] one(char type, byte[] payload) {
        return ByteBuffer.allocate(HEAD + payload.length)
                .put((byte) type)
                .putInt(payload.length)
                .put(payload)
                .array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
