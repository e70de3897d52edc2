package dev.atomic.worker.sandbox.verdict;

import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunnerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What is kept of one stream of a program: the first MiB goes on as text while it comes, however
/// many batches it was printed in; the last 64 KiB of that stand in the verdict. Used by one
/// thread.
public final class Capture {
    /// The most that is kept, in bytes of UTF-8.
    static final int TAIL_BYTES = 64 << 10;

    private final String name;
    private final OutputSink sink;
    private final TextStream text = new TextStream();
    private final StringBuilder kept = new StringBuilder();
    private String note = "";
    private int left = RunnerRequest.KEPT_BYTES;

    /// @param name as the sink is told
    Capture(String name, OutputSink sink) {
        this.name = name;
        this.sink = sink;
    }

    void take(byte[] bytes) {
        int taken = Math.min(left, bytes.length);
        left -= taken;
        pass(text.feed(taken == bytes.length ? bytes : Arrays.copyOf(bytes, taken)));
    }

    void end() {
        pass(text.end());
    }

    /// Adds whole lines of ours behind the program's.
    void note(String lines) {
        if (!lines.isEmpty()) {
            boolean open = !kept.isEmpty() && kept.charAt(kept.length() - 1) != '\n';
            note = (open ? "\n" : "") + lines;
            sink.output(name, note);
        }
    }

    /// All that was kept of the program's output, for those who search it.
    public String all() {
        return kept.toString();
    }

    String tail() {
        byte[] bytes = (kept + note).getBytes(StandardCharsets.UTF_8);
        int from = Math.max(0, bytes.length - TAIL_BYTES);
        while (from > 0 && from < bytes.length && (bytes[from] & 0xc0) == 0x80) {
            from++; // not in the middle of a character
        }
        return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }

    private void pass(String piece) {
        if (!piece.isEmpty()) {
            kept.append(piece);
            sink.output(name, piece);
        }
    }
}
