package dev.atomic.api.request;

import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.verify.Checks;
import dev.atomic.shared.verify.Exchange;
import dev.atomic.shared.verify.Match;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads `verify.requests`.
final class RequestsBody {
    private static final Set<String> FIELDS =
            Set.of("name", "method", "path", "headers", "body", "json", "expect");
    private static final Set<String> EXPECTED =
            Set.of("status", "headers", "body", "json", "contains", "match");
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    /// Headers that say how the message itself is sent, which is ours.
    private static final Set<String> OURS =
            Set.of("connection", "content-length", "transfer-encoding", "upgrade", "expect", "te");

    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}");
    private static final Pattern HEADER_VALUE = Pattern.compile("[\\x20-\\x7e\\t]{0,8000}");
    private static final Pattern PATH = Pattern.compile("/[\\x21-\\x7e]{0,8000}");
    private static final int MAX_NAME = 200;
    private static final int MAX_HEADERS = 64;

    private RequestsBody() {}

    /// @return empty when there are none
    static List<Exchange> read(Fields verify) {
        List<Exchange> requests = new ArrayList<>();
        verify.objects(
                "requests", Checks.MAX_REQUESTS, each -> requests.add(readOne(each.only(FIELDS))));
        return requests;
    }

    private static Exchange readOne(Fields each) {
        String name = each.text("name", 1, MAX_NAME);
        String method = each.choice("method", METHODS, value -> value);
        if (!each.has("method")) {
            each.wrong("method", "is missing");
        }
        String path = each.text("path", 1, 8_001);
        if (path == null) {
            if (!each.has("path")) {
                each.wrong("path", "is missing");
            }
        } else if (!PATH.matcher(path).matches()) {
            each.wrong("path", "must begin with / and be printable ASCII without spaces");
        }
        Map<String, String> headers = headers(each);
        for (String header : headers.keySet()) {
            if (OURS.contains(header.toLowerCase(Locale.ROOT))) {
                each.wrong("headers." + header, "is set by the sandbox itself");
            }
        }
        String body = each.text("body", 0, FilePath.MAX_FILE_BYTES);
        JsonNode json = each.node("json");
        if (json != null) {
            if (body != null) {
                each.wrong("json", "can't be given together with body");
            }
            body = json.toString();
            if (headers.keySet().stream().noneMatch("content-type"::equalsIgnoreCase)) {
                headers.put("Content-Type", "application/json");
            }
        }
        return new Exchange(
                Objects.requireNonNullElse(name, method + " " + path),
                Objects.requireNonNullElse(method, "GET"),
                Objects.requireNonNullElse(path, "/"),
                headers,
                body,
                expected(each));
    }

    private static Exchange.Expected expected(Fields each) {
        Fields expect = each.object("expect");
        if (expect == null) {
            if (!each.has("expect")) {
                each.wrong("expect", "is missing");
            }
            return new Exchange.Expected(null, Map.of(), null, null, null, Match.TRIMMED);
        }
        expect.only(EXPECTED);
        Integer status = expect.integer("status", 200, 599);
        Map<String, String> headers = headers(expect);
        String body = CasesBody.expected(expect, "body");
        JsonNode json = expect.node("json");
        String contains = expect.text("contains", 1, FilePath.MAX_FILE_BYTES);
        Match match = expect.choice("match", List.of(Match.values()), Match::wire);
        Match how = Objects.requireNonNullElse(match, Match.TRIMMED);
        CasesBody.expectation(expect, "body", body, how);
        if (match != null && body == null) {
            expect.wrong("match", "says how body is compared, but there is no body");
        }
        @Nullable String text = json == null ? null : json.toString();
        return new Exchange.Expected(status, headers, body, text, contains, how);
    }

    private static Map<String, String> headers(Fields of) {
        Map<String, String> headers = new LinkedHashMap<>();
        Fields given = of.object("headers");
        if (given == null) {
            return headers;
        }
        for (String name : given.names()) {
            String value = given.text(name, 0, 8_000);
            if (!HEADER_NAME.matcher(name).matches()) {
                given.wrong(name, "isn't a valid header name");
            } else if (value != null && !HEADER_VALUE.matcher(value).matches()) {
                given.wrong(name, "must be printable ASCII");
            } else if (value != null) {
                headers.put(name, value);
            }
        }
        if (headers.size() > MAX_HEADERS) {
            of.wrong("headers", "may have " + MAX_HEADERS);
        }
        return headers;
    }
}
