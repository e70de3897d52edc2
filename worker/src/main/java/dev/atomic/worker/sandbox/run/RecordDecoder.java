package dev.atomic.worker.sandbox.run;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Cuts the runner's output into records, however its bytes arrive. Pure but for what it has not
/// yet decoded; used by one thread.
public final class RecordDecoder {
    /// Larger than any record the runner writes (a file of 1 MiB and its path).
    private static final int MAX_PAYLOAD = 2 << 20;

    private static final int HEAD = 5;

    private ByteBuffer pending = ByteBuffer.allocate(HEAD);
    private boolean inHead = true;
    private int type;

    /// The records these bytes complete.
    ///
    /// @throws IllegalArgumentException when the bytes are no records; nothing after can be read
    public List<RunnerRecord> feed(byte[] bytes) {
        List<RunnerRecord> records = new ArrayList<>();
        ByteBuffer input = ByteBuffer.wrap(bytes);
        while (fill(input)) {
            if (inHead) {
                beginPayload();
            } else {
                records.add(RunnerRecord.decode(type, pending.array()));
                pending = ByteBuffer.allocate(HEAD);
                inHead = true;
            }
        }
        return records;
    }

    private boolean fill(ByteBuffer input) {
        int wanted = Math.min(pending.remaining(), input.remaining());
        pending.put(input.slice(input.position(), wanted));
        input.position(input.position() + wanted);
        return !pending.hasRemaining();
    }

    private void beginPayload() {
        pending.flip();
        type = pending.get();
        int length = pending.getInt();
        if (length < 0 || length > MAX_PAYLOAD) {
            throw new IllegalArgumentException("record of " + length + " bytes");
        }
        pending = ByteBuffer.allocate(length);
        inHead = false;
    }
}
