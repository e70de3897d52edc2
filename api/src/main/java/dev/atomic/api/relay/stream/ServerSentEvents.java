package dev.atomic.api.relay.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.shared.event.LoggedEvent;

/// The format of server-sent events (WHATWG HTML, section 9.2). Pure.
final class ServerSentEvents {
    /// A line every client ignores, which keeps the connection open and shows that it is.
    static final byte[] COMMENT = ":\n\n".getBytes(UTF_8);

    private ServerSentEvents() {}

    static byte[] format(LoggedEvent event) {
        return format(event.seq(), event.type(), event.wire()).getBytes(UTF_8);
    }

    /// A line end within the data begins a new `data` line: left alone it would end the event, or
    /// be a way to forge one.
    static String format(long id, String type, String data) {
        StringBuilder text = new StringBuilder(data.length() + 64);
        text.append("id: ").append(id).append("\nevent: ").append(type);
        for (String line : data.split("\r\n|\r|\n", -1)) {
            text.append("\ndata: ").append(line);
        }
        return text.append("\n\n").toString();
    }
}
