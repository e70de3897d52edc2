package dev.atomic.shared.telemetry;

import dev.atomic.shared.Variables;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where a process's spans begin. Off unless `OTEL_EXPORTER_OTLP_ENDPOINT` is set; then none of
/// OpenTelemetry's classes are loaded, and no thread is started.
///
/// Thread-safe.
public interface Traces extends AutoCloseable {
    Traces OFF =
            new Traces() {
                @Override
                public Span request(
                        String name, Instant began, TraceContext in, @Nullable UUID job) {
                    return Span.NONE;
                }

                @Override
                public Span attempt(String traceId, UUID job) {
                    return Span.NONE;
                }

                @Override
                public void close() {}
            };

    /// @param service what the process is called where `OTEL_SERVICE_NAME` isn't set
    /// @throws dev.atomic.db.SettingException for a value that isn't allowed
    static Traces from(Variables variables, String service) {
        // Not a method reference, whose class is loaded where it is passed on.
        Optional<TraceSettings> settings = TraceSettings.from(variables, service);
        return settings.isPresent() ? new OtlpTraces(settings.get()) : OFF;
    }

    /// The span of a request that asks for a job. The attempts of the job it admitted are below it.
    ///
    /// @param began when the request came; the span is made when it is known what became of it
    /// @param job what it admitted; null for nothing new
    Span request(String name, Instant began, TraceContext in, @Nullable UUID job);

    /// One attempt of a job, below the request that admitted it.
    Span attempt(String traceId, UUID job);

    /// Sends what is left, in 2 s at most.
    @Override
    void close();
}
