package dev.atomic.worker.sandbox.run;

import dev.atomic.shared.file.SourceFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What the runner is asked, as the bytes of `ops/sandbox/runner/PROTOCOL.md`.
///
/// @param wallMs from the request's end to the kill
/// @param collect globs
public record RunnerRequest(
        long wallMs, List<SourceFile> files, String stdin, List<Step> steps, List<String> collect) {
    /// A record's type and length.
    private static final int HEAD = 5;

    /// What is kept of each stream.
    public static final int KEPT_BYTES = 1 << 20;

    /// Past so much of both streams the program is killed.
    public static final int OUTPUT_BYTES = 16 << 20;

    /// How long a program may take until it listens, and then to answer.
    static final int PROBE_MS = 10_000;

    /// The request in parts, to be sent in this order. The files' contents are parts of their own:
    /// they are many megabytes, and a copy of them would double what each run holds.
    public List<byte[]> encode() {
        List<byte[]> parts = new ArrayList<>();
        record(parts, 'L', utf8(settings()));
        for (SourceFile file : files) {
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
        if (!stdin.isEmpty()) {
            record(parts, 'I', utf8(stdin));
        }
        for (Step step : steps) {
            record(
                    parts,
                    'S',
                    utf8(step.kind().wire() + '\0' + String.join("\0", step.argv()) + '\0'));
        }
        for (String pattern : collect) {
            record(parts, 'K', utf8(pattern));
        }
        record(parts, 'G', new byte[0]);
        return parts;
    }

    private String settings() {
        return "wall_ms %d\nkept_bytes %d\noutput_bytes %d\nprobe_ms %d\n"
                .formatted(wallMs, KEPT_BYTES, OUTPUT_BYTES, PROBE_MS);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void record(List<byte[]> parts, char type, byte[] payload) {
        parts.add(ByteBuffer.allocate(HEAD).put((byte) type).putInt(payload.length).array());
        parts.add(payload);
    }
}
