package dev.atomic.worker.sandbox.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.shared.file.SourceFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The bytes between the worker and the runner.
class RunnerProtocolTest {
    @Test
    void aRequestIsRecordsInTheRunnersOrder() {
        List<byte[]> parts =
                new RunnerRequest(
                                1500,
                                List.of(SourceFile.of("é.py", "x")),
                                "in",
                                List.of(Step.of(Step.Kind.AUTO, List.of("python3", "é.py"))),
                                List.of("out/**"))
                        .encode();

        List<String> records = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(concat(parts.toArray(byte[][]::new)));
        while (rest.hasRemaining()) {
            char type = (char) rest.get();
            byte[] payload = new byte[rest.getInt()];
            rest.get(payload);
            records.add(type + ":" + new String(payload, StandardCharsets.UTF_8));
        }
        assertThat(records)
                .containsExactly(
                        "L:wall_ms 1500\nkept_bytes 1048576\noutput_bytes 16777216\nprobe_ms 10000\n",
                        "W:\0\5é.pyx",
                        "I:in",
                        "S:auto\0python3\0é.py\0",
                        "K:out/**",
                        "G:");
    }

    @Test
    void recordsAreTheSameHoweverTheirBytesArrive() {
        byte[] bytes =
                concat(
                        record('H', "atomic-runner 2"),
                        record('O', "\0\0\1hello"),
                        record('R', "\0\0passed test_a.py::test_b"),
                        record('N', "step 0\nport 8000\nanswer http\nstatus 204\n"),
                        record(
                                'S',
                                "step 0\nkind run\nexit 3\nwall_us 12\nstopped 0\nlimit wall\ncpu_us 7\npeak_bytes 8\noom_kills 9\n"),
                        record(
                                'E',
                                "limit none\nwall_us 1\ncpu_us 2\nthrottled_us 3\npeak_bytes 4\noom_kills 5\nstdout_bytes 6\nstderr_bytes 7\n"),
                        record('X', "link\0out/l"),
                        record('Z', ""));
        for (int size : new int[] {1, 3, 7, bytes.length}) {
            RecordDecoder decoder = new RecordDecoder();
            List<RunnerRecord> got = new ArrayList<>();
            for (int from = 0; from < bytes.length; from += size) {
                got.addAll(
                        decoder.feed(
                                Arrays.copyOfRange(
                                        bytes, from, Math.min(bytes.length, from + size))));
            }
            assertThat(got).hasSize(8);
            assertThat(got.get(2))
                    .isEqualTo(new RunnerRecord.Report(0, "passed test_a.py::test_b"));
            assertThat(got.get(3)).isEqualTo(new RunnerRecord.Probed(8000, "http", 204));
            assertThat(got.get(4))
                    .isEqualTo(
                            new RunnerRecord.StepEnded(
                                    0,
                                    "run",
                                    3,
                                    null,
                                    0,
                                    12,
                                    false,
                                    "wall",
                                    new RunnerRecord.Used(7, 8, 9)));
            assertThat(got.get(5)).isEqualTo(new RunnerRecord.Ended("none", 1, 2, 3, 4, 5, 6, 7));
            assertThat(got.get(6)).isEqualTo(new RunnerRecord.RefusedFile("link", "out/l"));
        }
    }

    @Test
    void stepsAreCountedBeyondWhatAByteOfJavaHolds() {
        byte[] bytes = record('R', "xxpassed a");
        bytes[5] = (byte) 3;
        bytes[6] = (byte) 200;
        assertThat(new RecordDecoder().feed(bytes))
                .containsExactly(new RunnerRecord.Report(968, "passed a"));
    }

    @Test
    void whatIsNoRecordIsRefused() {
        assertThatThrownBy(() -> new RecordDecoder().feed(record('?', "")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RecordDecoder().feed(new byte[] {'O', 127, 127, 127, 127}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RecordDecoder().feed(record('E', "limit none\n")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] record(char type, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(5 + bytes.length)
                .put((byte) type)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    private static byte[] concat(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(4096);
        for (byte[] part : parts) {
            all.put(part);
        }
        byte[] bytes = new byte[all.position()];
        all.flip().get(bytes);
        return bytes;
    }
}
