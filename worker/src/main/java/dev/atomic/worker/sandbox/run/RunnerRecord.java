package dev.atomic.worker.sandbox.run;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the runner says, one record of `ops/sandbox/runner/PROTOCOL.md` each.
public sealed interface RunnerRecord {
    /// Ready for a request.
    record Hello(String name) implements RunnerRecord {}

    /// @param stream 1 or 2
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Output(int step, int stream, byte[] bytes) implements RunnerRecord {}

    /// One line of the tests' report.
    record Report(int step, String line) implements RunnerRecord {}

    /// A listener was found and asked.
    ///
    /// @param answer `http`, `malformed` (begins as HTTP and has no status from 200 to 599),
    ///   `other`, `closed` or `silent`
    /// @param status HTTP's, with `http` only
    record Probed(int port, String answer, int status) implements RunnerRecord {}

    /// The program of an exchange listens, and waits to be asked.
    record Listening(int port) implements RunnerRecord {}

    /// Bytes that came back on the connection of the last request.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answer(int step, byte[] bytes) implements RunnerRecord {}

    /// Nothing more comes on the connection of a request.
    ///
    /// @param how `closed`, `timeout`, `refused`, `cut`, `replaced` or `too_much`
    record Answered(int step, String how) implements RunnerRecord {}

    /// No process of this step is left.
    ///
    /// @param exit null unless it ended by itself
    /// @param signal null unless a signal ended it
    /// @param execErrno not 0 when it couldn't be started
    /// @param stopped ended by the runner, after a probe or for want of a listener
    /// @param limit what ended it: `none`, `wall` or `output`
    /// @param used what its processes used
    record StepEnded(
            int step,
            String kind,
            @Nullable Integer exit,
            @Nullable Integer signal,
            int execErrno,
            long wallUs,
            boolean stopped,
            String limit,
            Used used)
            implements RunnerRecord {}

    /// What the processes of a step used.
    ///
    /// @param peakBytes the largest one's
    record Used(long cpuUs, long peakBytes, long oomKills) {
        public static final Used NOTHING = new Used(0, 0, 0);
    }

    /// The batch's steps have ended, and the runner is ready for the next batch.
    record BatchEnded() implements RunnerRecord {}

    /// No process but the runner is left.
    ///
    /// @param limit `none`, `wall` or `output`
    /// @param cpuUs -1 when not known, as is `peakBytes`
    record Ended(
            String limit,
            long wallUs,
            long cpuUs,
            long throttledUs,
            long peakBytes,
            long oomKills,
            long stdoutBytes,
            long stderrBytes)
            implements RunnerRecord {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record CollectedFile(String path, byte[] content) implements RunnerRecord {}

    /// A file that was asked for and isn't given back.
    record RefusedFile(String reason, String path) implements RunnerRecord {}

    record Complete() implements RunnerRecord {}

    /// The runner can't carry out the request.
    record RequestRefused(String reason) implements RunnerRecord {}

    /// @throws IllegalArgumentException when it is no record of the protocol
    static RunnerRecord decode(int type, byte[] payload) {
        return switch (type) {
            case 'H' -> new Hello(text(payload, 0));
            case 'O' -> new Output(step(payload), payload[2], rest(payload, 3));
            case 'R' -> new Report(step(payload), text(payload, 2));
            case 'A' -> new Answer(step(payload), rest(payload, 2));
            case 'a' -> answered(fields(payload));
            case 'N' -> probed(fields(payload));
            case 'S' -> stepEnded(fields(payload));
            case 'M' -> new BatchEnded();
            case 'E' -> ended(fields(payload));
            case 'F' -> collected(payload);
            case 'X' -> refused(text(payload, 0));
            case 'Z' -> new Complete();
            case 'Q' -> new RequestRefused(text(payload, 0));
            default -> throw new IllegalArgumentException("no record of type " + type);
        };
    }

    private static int step(byte[] payload) {
        return ByteBuffer.wrap(payload).getShort() & 0xffff;
    }

    private static Answered answered(Map<String, String> fields) {
        return new Answered((int) number(fields, "step"), fields.getOrDefault("how", ""));
    }

    private static RunnerRecord probed(Map<String, String> fields) {
        if (!fields.containsKey("answer")) {
            return new Listening((int) number(fields, "port"));
        }
        return new Probed(
                (int) number(fields, "port"),
                fields.getOrDefault("answer", "silent"),
                (int) number(fields, "status"));
    }

    private static StepEnded stepEnded(Map<String, String> fields) {
        return new StepEnded(
                (int) number(fields, "step"),
                fields.getOrDefault("kind", ""),
                fields.containsKey("exit") ? (int) number(fields, "exit") : null,
                fields.containsKey("signal") ? (int) number(fields, "signal") : null,
                fields.containsKey("exec_errno") ? (int) number(fields, "exec_errno") : 0,
                number(fields, "wall_us"),
                number(fields, "stopped") == 1,
                fields.getOrDefault("limit", ""),
                new Used(
                        number(fields, "cpu_us"),
                        number(fields, "peak_bytes"),
                        number(fields, "oom_kills")));
    }

    private static Ended ended(Map<String, String> fields) {
        return new Ended(
                fields.getOrDefault("limit", ""),
                number(fields, "wall_us"),
                number(fields, "cpu_us"),
                number(fields, "throttled_us"),
                number(fields, "peak_bytes"),
                number(fields, "oom_kills"),
                number(fields, "stdout_bytes"),
                number(fields, "stderr_bytes"));
    }

    private static CollectedFile collected(byte[] payload) {
        int length = ByteBuffer.wrap(payload).getShort() & 0xffff;
        String path = new String(payload, 2, length, StandardCharsets.UTF_8);
        return new CollectedFile(path, rest(payload, 2 + length));
    }

    private static RefusedFile refused(String text) {
        int end = text.indexOf('\0');
        return new RefusedFile(text.substring(0, end), text.substring(end + 1));
    }

    private static long number(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("record without " + name);
        }
        return Long.parseLong(value);
    }

    private static Map<String, String> fields(byte[] payload) {
        Map<String, String> fields = new HashMap<>();
        for (String line : text(payload, 0).split("\n", -1)) {
            int space = line.indexOf(' ');
            if (space > 0) {
                fields.put(line.substring(0, space), line.substring(space + 1));
            }
        }
        return fields;
    }

    private static String text(byte[] payload, int from) {
        return new String(payload, from, payload.length - from, StandardCharsets.UTF_8);
    }

    private static byte[] rest(byte[] payload, int from) {
        return Arrays.copyOfRange(payload, from, payload.length);
    }
}
