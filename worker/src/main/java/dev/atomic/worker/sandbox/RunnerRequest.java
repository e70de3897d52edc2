package dev.atomic.worker.sandbox;

import dev.atomic.shared.job.SourceFile;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What the runner is asked, as the bytes of `ops/sandbox/runner/PROTOCOL.md`.
///
/// @param wallMs from the request's end to the kill
/// @param collect globs
record RunnerRequest(
        long wallMs, List<SourceFile> files, String stdin, List<Step> steps, List<String> collect) {
    /// What is kept of each stream.
    static final int KEPT_BYTES = 1 << 20;

    /// Past so much of both streams the program is killed.
    static final int OUTPUT_BYTES = 16 << 20;

    /// How long a program may take until it listens, and then to answer.
    static final int PROBE_MS = 10_000;

    byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        record(out, 'L', utf8(settings()));
        for (SourceFile file : files) {
            byte[] path = utf8(file.path());
            ByteBuffer payload = ByteBuffer.allocate(2 + path.length + file.content().length);
            payload.putShort((short) path.length).put(path).put(file.content());
            record(out, 'W', payload.array());
        }
        if (!stdin.isEmpty()) {
            record(out, 'I', utf8(stdin));
        }
        for (Step step : steps) {
            record(
                    out,
                    'S',
                    utf8(step.kind().wire() + '\0' + String.join("\0", step.argv()) + '\0'));
        }
        for (String pattern : collect) {
            record(out, 'K', utf8(pattern));
        }
        record(out, 'G', new byte[0]);
        return out.toByteArray();
    }

    private String settings() {
        return "wall_ms %d\nkept_bytes %d\noutput_bytes %d\nprobe_ms %d\n"
                .formatted(wallMs, KEPT_BYTES, OUTPUT_BYTES, PROBE_MS);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void record(ByteArrayOutputStream out, char type, byte[] payload) {
        out.write(type);
        out.writeBytes(ByteBuffer.allocate(4).putInt(payload.length).array());
        out.writeBytes(payload);
    }
}
