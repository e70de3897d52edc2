package dev.atomic.shared.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Spans sent by OTLP over HTTP: OpenTelemetry's SDK, set up by hand. Nothing in here waits for the
/// collector but one thread of the SDK's.
///
/// Thread-safe.
final class OtlpTraces implements Traces {
    /// How long a span waits for others to be sent with.
    private static final Duration GATHER = Duration.ofSeconds(1);

    private static final Duration TO_CONNECT = Duration.ofSeconds(2);
    private static final Duration TO_SEND = Duration.ofSeconds(5);
    private static final Duration TO_STOP = Duration.ofSeconds(2);

    private final Exports exports;
    private final SdkTracerProvider provider;
    private final Tracer tracer;

    OtlpTraces(TraceSettings settings) {
        this.exports = new Exports(exporter(settings), settings.toString());
        this.provider =
                SdkTracerProvider.builder()
                        .setResource(
                                Resource.getDefault()
                                        .merge(
                                                Resource.create(
                                                        Attributes.of(
                                                                AttributeKey.stringKey(
                                                                        "service.name"),
                                                                settings.service(),
                                                                AttributeKey.stringKey(
                                                                        "service.instance.id"),
                                                                settings.instance()))))
                        .setIdGenerator(new ChosenIds())
                        .addSpanProcessor(
                                BatchSpanProcessor.builder(exports)
                                        .setMaxQueueSize(Exports.MAX_PENDING)
                                        .setScheduleDelay(GATHER)
                                        .setExporterTimeout(TO_SEND.plusSeconds(1))
                                        .build())
                        .build();
        this.tracer = provider.get("dev.atomic");
    }

    /// Without its own tries again: while a batch waits for a collector that is away, others would
    /// only fill the queue.
    private static OtlpHttpSpanExporter exporter(TraceSettings settings) {
        OtlpHttpSpanExporterBuilder builder =
                OtlpHttpSpanExporter.builder()
                        .setEndpoint(settings.endpoint().toString())
                        .setConnectTimeout(TO_CONNECT)
                        .setTimeout(TO_SEND)
                        .setRetryPolicy(null)
                        .setMeterProvider(MeterProvider.noop());
        settings.headers().forEach(builder::addHeader);
        return builder.build();
    }

    @Override
    public Span request(String name, Instant began, TraceContext in, @Nullable UUID job) {
        SpanBuilder builder =
                tracer.spanBuilder(name).setSpanKind(SpanKind.SERVER).setStartTimestamp(began);
        String parent = in.parent();
        if (parent == null) {
            builder.setNoParent();
        } else {
            builder.setParent(below(in.traceId(), parent));
        }
        return new Open(ChosenIds.start(in.traceId(), job == null ? null : spanOf(job), builder));
    }

    @Override
    public Span attempt(String traceId, UUID job) {
        return TraceId.isValid(traceId)
                ? new Open(
                        tracer.spanBuilder("attempt")
                                .setSpanKind(SpanKind.CONSUMER)
                                .setParent(below(traceId, spanOf(job)))
                                .startSpan())
                : Span.NONE;
    }

    /// The span of the request that admitted a job has its id from the job's, so that no worker
    /// need be told it: the second half, which is random and never 0.
    private static String spanOf(UUID job) {
        return SpanId.fromLong(job.getLeastSignificantBits());
    }

    private static Context below(String traceId, String parent) {
        SpanContext remote =
                SpanContext.createFromRemoteParent(
                        traceId, parent, TraceFlags.getSampled(), TraceState.getDefault());
        return Context.root().with(io.opentelemetry.api.trace.Span.wrap(remote));
    }

    @Override
    public void close() {
        var _ = provider.shutdown().join(TO_STOP.toMillis(), TimeUnit.MILLISECONDS);
        exports.tellDropped();
    }

    private final class Open implements Span {
        private final io.opentelemetry.api.trace.Span span;
        private final AtomicBoolean closed = new AtomicBoolean();

        Open(io.opentelemetry.api.trace.Span span) {
            this.span = span;
        }

        @Override
        public Span part(String name) {
            return below(name, SpanKind.INTERNAL);
        }

        @Override
        public Span call(String name) {
            return below(name, SpanKind.CLIENT);
        }

        private Span below(String name, SpanKind kind) {
            return new Open(
                    tracer.spanBuilder(name)
                            .setSpanKind(kind)
                            .setParent(Context.root().with(span))
                            .startSpan());
        }

        @Override
        public Span set(String attribute, @Nullable String value) {
            if (value != null) {
                span.setAttribute(attribute, value);
            }
            return this;
        }

        @Override
        public Span set(String attribute, long value) {
            span.setAttribute(attribute, value);
            return this;
        }

        @Override
        public void failed(String type) {
            span.setStatus(StatusCode.ERROR);
            span.setAttribute("error.type", type);
        }

        @Override
        public String traceparent() {
            SpanContext context = span.getSpanContext();
            return "00-" + context.getTraceId() + "-" + context.getSpanId() + "-01";
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true) && exports.hasRoom()) {
                span.end();
            }
        }
    }

    /// Random ids, but for a span whose ids are chosen.
    private static final class ChosenIds implements IdGenerator {
        private record Chosen(String traceId, @Nullable String spanId) {}

        private static final ScopedValue<Chosen> CHOSEN = ScopedValue.newInstance();

        private final IdGenerator random = IdGenerator.random();

        /// Starts a span, whose ids the SDK asks for meanwhile and in this thread.
        ///
        /// @param spanId null for a random one
        static io.opentelemetry.api.trace.Span start(
                String traceId, @Nullable String spanId, SpanBuilder builder) {
            return ScopedValue.where(CHOSEN, new Chosen(traceId, spanId)).call(builder::startSpan);
        }

        @Override
        public String generateSpanId() {
            String chosen = CHOSEN.isBound() ? CHOSEN.get().spanId() : null;
            return chosen == null ? random.generateSpanId() : chosen;
        }

        @Override
        public String generateTraceId() {
            return CHOSEN.isBound() ? CHOSEN.get().traceId() : random.generateTraceId();
        }
    }
}
