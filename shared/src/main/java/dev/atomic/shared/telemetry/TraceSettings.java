package dev.atomic.shared.telemetry;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where spans go. The agent reads the same variables by the same rules; one file of examples holds
/// both to them.
///
/// @param endpoint where batches are posted
/// @param headers sent with each; may hold a key
/// @param service `service.name` of the spans
/// @param instance `service.instance.id` of the spans
public record TraceSettings(
        URI endpoint, Map<String, String> headers, String service, String instance) {
    private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private static final String HEADERS = "OTEL_EXPORTER_OTLP_HEADERS";
    private static final String SERVICE = "OTEL_SERVICE_NAME";

    private static final Pattern BASE =
            Pattern.compile(
                    "https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+])"
                            + "(?::([0-9]{1,5}))?(?:/[A-Za-z0-9._~/-]*)?");
    private static final Pattern HEADER = Pattern.compile("([A-Za-z0-9_.-]+)\\s*=\\s*(.*)");
    private static final Pattern PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");
    private static final Pattern VALUE = Pattern.compile("[!-~](?:[ -~]*[!-~])?");
    private static final Pattern NAME = Pattern.compile("[ -~]{1,255}");

    /// What belongs to HTTP itself.
    private static final Set<String> NOT_OURS =
            Set.of(
                    "connection",
                    "content-length",
                    "content-type",
                    "expect",
                    "host",
                    "transfer-encoding",
                    "upgrade");

    /// @param service what the process is called where nothing is set
    /// @return empty where traces are off; the other variables are checked all the same
    /// @throws SettingException for a value that isn't allowed
    public static Optional<TraceSettings> from(Variables variables, String service) {
        Map<String, String> headers = headers(variables.text(HEADERS, ""));
        String name = variables.text(SERVICE, service);
        if (!NAME.matcher(name).matches()) {
            throw new SettingException(SERVICE, "…", "at most 255 characters of printable ASCII");
        }
        String base = variables.text(ENDPOINT, "");
        return base.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new TraceSettings(
                                endpoint(base),
                                headers,
                                name,
                                variables.text("ATOMIC_NAME", service)));
    }

    private static URI endpoint(String base) {
        Matcher found = BASE.matcher(base);
        if (found.matches()) {
            int port = found.group(1) == null ? 1 : Integer.parseInt(found.group(1));
            URI uri = URI.create((base.endsWith("/") ? base : base + "/") + "v1/traces");
            if (port >= 1 && port <= 65_535 && uri.getHost() != null) {
                return uri;
            }
        }
        // Not shown: it may hold a password, which isn't allowed there.
        throw new SettingException(
                ENDPOINT, "…", "http:// or https:// with a host, e.g. http://localhost:4318");
    }

    /// `name=value, name=value` with values percent-encoded, as OpenTelemetry's specification says.
    private static Map<String, String> headers(String text) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String entry : text.split(",", -1)) {
            if (entry.isBlank()) {
                continue;
            }
            Matcher found = HEADER.matcher(entry.strip());
            if (!found.matches()
                    || NOT_OURS.contains(found.group(1).toLowerCase(Locale.ROOT))
                    || PERCENT.matcher(found.group(2)).find()) {
                throw wrongHeaders();
            }
            String value =
                    URLDecoder.decode(found.group(2).replace("+", "%2B"), StandardCharsets.UTF_8);
            if (!VALUE.matcher(value).matches()) {
                throw wrongHeaders();
            }
            headers.put(found.group(1), value);
        }
        return headers;
    }

    private static SettingException wrongHeaders() {
        return new SettingException(
                HEADERS, "…", "name=value, separated by commas, with percent-encoded values");
    }

    /// Never the headers.
    @Override
    public String toString() {
        return endpoint.toString();
    }
}
