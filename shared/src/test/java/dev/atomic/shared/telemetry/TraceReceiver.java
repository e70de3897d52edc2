package dev.atomic.shared.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.atomic.shared.Json;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// A collector: takes OTLP over HTTP in both its encodings, and keeps what it is sent.
public final class TraceReceiver implements AutoCloseable {
    /// A span as it came.
    ///
    /// @param parent empty where it has none
    /// @param kind as OTLP numbers them: 1 internal, 2 server, 3 client, 5 consumer
    /// @param attributes numbers as text
    public record Seen(
            String service,
            String instance,
            String trace,
            String id,
            String parent,
            String name,
            int kind,
            long began,
            long ended,
            boolean error,
            Map<String, String> attributes) {}

    private final HttpServer server;
    private final List<Seen> spans = new CopyOnWriteArrayList<>();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> keys = new CopyOnWriteArrayList<>();
    private volatile CountDownLatch hold = new CountDownLatch(0);
    private volatile int status = 200;

    public TraceReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public List<Seen> spans() {
        return List.copyOf(spans);
    }

    public Stream<Seen> of(String trace) {
        return spans.stream().filter(span -> span.trace().equals(trace));
    }

    /// What was sent, byte for byte.
    public List<String> bodies() {
        return List.copyOf(bodies);
    }

    /// The header `x-key` of each batch.
    public List<String> keys() {
        return List.copyOf(keys);
    }

    /// Answers nobody from now on.
    public void hang() {
        hold = new CountDownLatch(1);
    }

    public void answer(int with) {
        status = with;
        hold.countDown();
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        try (exchange) {
            var _ = hold.await(60, TimeUnit.SECONDS);
            if (status == 200) {
                bodies.add(new String(body, StandardCharsets.ISO_8859_1));
                keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("x-key")));
                String type = exchange.getRequestHeaders().getFirst("Content-Type");
                if (type.equals("application/json")) {
                    json(Json.STRICT.readTree(body));
                } else {
                    ExportTraceServiceRequest.parseFrom(body)
                            .getResourceSpansList()
                            .forEach(this::protobuf);
                }
            }
            exchange.sendResponseHeaders(status, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void protobuf(ResourceSpans of) {
        Map<String, String> resource = attributes(of.getResource().getAttributesList());
        of.getScopeSpansList().stream()
                .flatMap(scope -> scope.getSpansList().stream())
                .forEach(span ->
                        spans.add(
                                new Seen(
                                        resource.getOrDefault("service.name", ""),
                                        resource.getOrDefault("service.instance.id", ""),
                                        hex(span.getTraceId().toByteArray()),
                                        hex(span.getSpanId().toByteArray()),
                                        hex(span.getParentSpanId().toByteArray()),
                                        span.getName(),
                                        span.getKindValue(),
                                        span.getStartTimeUnixNano(),
                                        span.getEndTimeUnixNano(),
                                        span.getStatus().getCode() == StatusCode.STATUS_CODE_ERROR,
                                        attributes(span.getAttributesList()))));
    }

    private static String hex(byte[] id) {
        return HexFormat.of().formatHex(id);
    }

    private static Map<String, String> attributes(List<KeyValue> from) {
        Map<String, String> found = new TreeMap<>();
        for (KeyValue each : from) {
            AnyValue value = each.getValue();
            found.put(
                    each.getKey(),
                    value.hasIntValue()
                            ? Long.toString(value.getIntValue())
                            : value.getStringValue());
        }
        return found;
    }

    private void json(JsonNode document) {
        for (JsonNode of : document.get("resourceSpans")) {
            Map<String, String> resource = attributes(of.get("resource").get("attributes"));
            for (JsonNode scope : of.get("scopeSpans")) {
                for (JsonNode span : scope.get("spans")) {
                    spans.add(
                            new Seen(
                                    resource.getOrDefault("service.name", ""),
                                    resource.getOrDefault("service.instance.id", ""),
                                    span.get("traceId").stringValue(),
                                    span.get("spanId").stringValue(),
                                    span.path("parentSpanId").asString(""),
                                    span.get("name").stringValue(),
                                    span.get("kind").intValue(),
                                    Long.parseLong(span.get("startTimeUnixNano").stringValue()),
                                    Long.parseLong(span.get("endTimeUnixNano").stringValue()),
                                    span.path("status").path("code").asInt(0) == 2,
                                    attributes(span.get("attributes"))));
                }
            }
        }
    }

    private static Map<String, String> attributes(JsonNode from) {
        Map<String, String> found = new TreeMap<>();
        for (JsonNode each : from) {
            JsonNode value = each.get("value");
            found.put(
                    each.get("key").stringValue(),
                    value.path("stringValue").asString(value.toString()));
        }
        return found;
    }

    @Override
    public void close() {
        hold.countDown();
        server.stop(0);
    }
}
