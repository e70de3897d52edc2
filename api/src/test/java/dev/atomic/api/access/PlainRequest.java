package dev.atomic.api.access;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A request written by hand: Java's own client sets `Host` itself and refuses broken headers.
final class PlainRequest {
    private PlainRequest() {}

    /// @param asked method and path
    /// @return the status line, the headers and the first line of a refusal's body
    static String ask(int port, String asked, String host, String headers, boolean hasBody)
            throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            // Where a handshake succeeds, the connection stays open, and the line never ends.
            boolean closes = !headers.contains("Upgrade");
            String request =
                    asked
                            + " HTTP/1.1\r\nHost: "
                            + host
                            + "\r\n"
                            + (closes ? "Connection: close\r\n" : "")
                            + headers
                            + (hasBody ? "Content-Length: 0\r\n" : "")
                            + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            BufferedReader reader =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.ISO_8859_1));
            StringBuilder answer = new StringBuilder();
            for (String line = reader.readLine();
                    line != null && !line.isEmpty();
                    line = reader.readLine()) {
                answer.append(line).append('\n');
            }
            if (closes
                    && (answer.indexOf("HTTP/1.1 40") == 0 || answer.indexOf("HTTP/1.1 42") == 0)) {
                answer.append(reader.readLine());
            }
            return answer.toString();
        }
    }
}
