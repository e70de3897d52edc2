package dev.atomic.worker.sandbox.run;

import dev.atomic.shared.file.SourceFile;
import java.util.List;

/// What the runner is asked, as the bytes of `ops/sandbox/runner/PROTOCOL.md`.
///
/// @param wallMs from the request's end to the kill
/// @param collect globs
public record RunnerRequest(
        long wallMs, List<SourceFile> files, String stdin, List<Step> steps, List<String> collect) {
    /// What is kept of each stream.
    public static final int KEPT_BYTES = 1 << 20;

    /// The program is killed once both streams together have more than this.
    public static final int OUTPUT_BYTES = 16 << 20;

    /// How long a program may take until it listens, and then to answer.
    public static final int PROBE_MS = 10_000;

    /// The request in parts, to be sent in this order.
    public List<byte[]> encode() {
        return new Batch()
                .set("wall_ms", wallMs)
                .set("kept_bytes", KEPT_BYTES)
                .set("output_bytes", OUTPUT_BYTES)
                .set("probe_ms", PROBE_MS)
                .files(files)
                .stdin(stdin)
                .steps(steps)
                .collect(collect)
                .encode();
    }
}
