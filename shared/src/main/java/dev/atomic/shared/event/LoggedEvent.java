package dev.atomic.shared.event;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.UUID;

/// An event as it stands in the log.
///
/// @param seq from 1, without gaps
/// @param payload the event's own fields as a JSON object
public record LoggedEvent(
        UUID jobId, long seq, String type, Instant at, int attempt, String payload) {
    private static final DateTimeFormatter RFC3339 =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    public boolean isTerminal() {
        return type.equals("succeeded") || type.equals("failed") || type.equals("cancelled");
    }

    /// The event as it goes over the wire. The payload is put in as it is stored: relaying parses
    /// nothing.
    public String wire() {
        StringBuilder json = new StringBuilder(payload.length() + 160);
        json.append("{\"seq\":").append(seq);
        json.append(",\"type\":\"").append(type);
        json.append("\",\"job_id\":\"").append(jobId);
        json.append("\",\"at\":\"").append(time(at));
        json.append("\",\"attempt\":").append(attempt);
        if (payload.length() > 2) {
            json.append(',').append(payload, 1, payload.length());
        } else {
            json.append('}');
        }
        return json.toString();
    }

    /// RFC 3339, UTC, milliseconds.
    public static String time(Instant instant) {
        return RFC3339.format(instant);
    }
}
