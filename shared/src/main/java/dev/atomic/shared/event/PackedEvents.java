package dev.atomic.shared.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/// Successive events of a log as one piece of bytes: a byte that names the format, and the rest in
/// zlib's, whose checksum is checked. Pure.
final class PackedEvents {
    private static final int FORMAT = 1;

    private PackedEvents() {}

    /// @param events at least one, without a gap
    static byte[] pack(List<LoggedEvent> events) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(FORMAT);
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
            out.writeInt(events.size());
            out.writeLong(events.getFirst().seq());
            for (LoggedEvent event : events) {
                out.writeUTF(event.type());
                out.writeLong(event.at().toEpochMilli());
                out.writeInt(event.attempt());
                byte[] payload = event.payload().getBytes(UTF_8);
                out.writeInt(payload.length);
                out.write(payload);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// @throws UncheckedIOException when they aren't what [#pack] gave
    static List<LoggedEvent> unpack(UUID jobId, byte[] packed) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(inflate(packed)))) {
            int count = in.readInt();
            long seq = in.readLong();
            List<LoggedEvent> events = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String type = in.readUTF();
                Instant at = Instant.ofEpochMilli(in.readLong());
                int attempt = in.readInt();
                byte[] payload = new byte[in.readInt()];
                in.readFully(payload);
                events.add(
                        new LoggedEvent(
                                jobId, seq + i, type, at, attempt, new String(payload, UTF_8)));
            }
            return events;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All of it before anything is read, so that the checksum has been checked.
    private static byte[] inflate(byte[] packed) throws IOException {
        ByteArrayInputStream bytes = new ByteArrayInputStream(packed);
        int format = bytes.read();
        if (format != FORMAT) {
            throw new IOException("packed events of format " + format);
        }
        try (InflaterInputStream in = new InflaterInputStream(bytes)) {
            return in.readAllBytes();
        }
    }
}
