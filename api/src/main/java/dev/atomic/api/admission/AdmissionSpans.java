package dev.atomic.api.admission;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.submission.Submitted;
import dev.atomic.shared.telemetry.Span;
import dev.atomic.shared.telemetry.TraceContext;
import dev.atomic.shared.telemetry.Traces;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.HandlerMapping;

/// One span for each request that asks for a job, whichever door it came through. It lasts as long
/// as the admission, not as long as a client may wait for the job.
///
/// Thread-safe.
@Component
final class AdmissionSpans {
    /// A socket's messages have no headers: each begins a trace of its own.
    private static final String SOCKET = "/ws/stream";

    private final Traces traces;

    AdmissionSpans(Traces traces) {
        this.traces = traces;
    }

    /// To be called in the thread that serves the request.
    Begun begin() {
        HttpServletRequest request =
                RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes http
                        ? http.getRequest()
                        : null;
        return new Begun(
                traces,
                Instant.now(),
                TraceContext.of(request == null ? null : request.getHeader("traceparent")),
                request == null ? null : request.getMethod(),
                request == null
                        ? SOCKET
                        : String.valueOf(
                                request.getAttribute(
                                        HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE)));
    }

    /// @param method of HTTP; null for a socket's message
    /// @param route the pattern, never the address itself
    record Begun(
            Traces traces, Instant at, TraceContext trace, @Nullable String method, String route) {
        void admitted(Submitted submitted) {
            try (Span span = end(submitted.replayed() ? null : submitted.jobId())) {
                span.set("atomic.job.id", submitted.jobId().toString());
                if (submitted.replayed()) {
                    span.set("atomic.admission", "replayed");
                }
            }
        }

        /// A refusal is an error of the client's, for which OpenTelemetry has no status; what is
        /// wrong here has one.
        void refused(RuntimeException failure) {
            try (Span span = end(null)) {
                if (failure instanceof ProblemException problem) {
                    span.set("atomic.admission", problem.code());
                    span.set("http.response.status_code", problem.status());
                    if (problem.status() >= 500) {
                        span.failed(problem.code());
                    }
                } else {
                    span.failed(failure.getClass().getSimpleName());
                }
            }
        }

        private Span end(@Nullable UUID job) {
            return traces.request(method == null ? route : method + " " + route, at, trace, job)
                    .set("http.request.method", method)
                    .set("http.route", route);
        }
    }
}
