package dev.atomic.api.openai.fold;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.shared.Json;
import tools.jackson.databind.node.ObjectNode;

/// An event of a response's stream.
///
/// @param number from 0 without gaps, the same at every replay
/// @param body as it is sent, `type` and `sequence_number` included
public record ResponseEvent(long number, String type, ObjectNode body) {

    /// As a server-sent event. JSON has no line ends, so it is one line of data. There is no `id`,
    /// as clients resume by number.
    public byte[] wire() {
        return ("event: " + type + "\ndata: " + Json.write(body) + "\n\n").getBytes(UTF_8);
    }
}
