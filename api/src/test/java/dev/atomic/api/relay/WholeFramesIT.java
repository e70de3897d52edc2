package dev.atomic.api.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.event.JobEvent;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A simple client, which takes each frame for a message (RFC 6455, section 5).
@Timeout(120)
class WholeFramesIT extends LiveApi {
    private static final int MESSAGES = 2_000;
    private static final int LARGEST = 8_000;
    private static final int TEXT = 1;

    @Test
    void aMessageUpTo8KiBIsOneFrame() throws Exception {
        UUID id = worker.running();
        int index = 0;
        while (index < MESSAGES) {
            List<JobEvent> batch = new ArrayList<>();
            for (int i = 0; i < 100; i++, index++) {
                batch.addAll(WorkerAtHand.chunks(index, text(index)));
            }
            worker.append(id, batch);
        }
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            DataInputStream in =
                    new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            handshake(socket, in);
            subscribe(socket, id);
            int whole = 0;
            while (whole < MESSAGES + 3) {
                int first = in.readUnsignedByte();
                byte[] payload = new byte[length(in)];
                in.readFully(payload);
                if ((first & 0x0f) >= 8) {
                    continue; // a ping
                }
                assertThat(first)
                        .as("FIN and text, %d bytes", payload.length)
                        .isEqualTo(0x80 | TEXT);
                assertThat(payload.length).isLessThan(8 * 1024);
                assertThat(new String(payload, StandardCharsets.UTF_8))
                        .startsWith("{")
                        .endsWith("}");
                whole++;
            }
        }
    }

    /// Of 1, 2, 3 and 4 bytes a character, so that they come to lie across any boundary.
    private static String text(int index) {
        int bytes = index * 3 % (LARGEST - 300);
        return "x".repeat(index % 7) + "aé€🙂".repeat(bytes / 10);
    }

    private static int length(DataInputStream in) throws IOException {
        int length = in.readUnsignedByte();
        return switch (length) {
            case 126 -> in.readUnsignedShort();
            case 127 -> Math.toIntExact(in.readLong());
            default -> length;
        };
    }

    private void handshake(Socket socket, DataInputStream in) throws IOException {
        String request =
                """
                GET /ws/stream HTTP/1.1
                Host: 127.0.0.1:%d
                Upgrade: websocket
                Connection: Upgrade
                Sec-WebSocket-Version: 13
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

                """
                        .formatted(port)
                        .replace("\n", "\r\n");
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        assertThat(head.toString()).startsWith("HTTP/1.1 101");
    }

    /// Masked, as a client's frames have to be; with a mask of zeros the text stays as it is.
    private static void subscribe(Socket socket, UUID id) throws IOException {
        byte[] text =
                ("{\"subscribe\":\"" + id + "\",\"accumulate\":false}")
                        .getBytes(StandardCharsets.US_ASCII);
        byte[] frame = new byte[6 + text.length];
        frame[0] = (byte) (0x80 | TEXT);
        frame[1] = (byte) (0x80 | text.length);
        System.arraycopy(text, 0, frame, 6, text.length);
        socket.getOutputStream().write(frame);
    }
}
