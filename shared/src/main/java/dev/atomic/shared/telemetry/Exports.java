package dev.atomic.shared.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts the spans on their way to the collector. What finds no room, and what the collector
/// doesn't take, is dropped; that is told once, until it takes some again.
///
/// Thread-safe.
final class Exports implements SpanExporter {
    /// Most spans that wait or are being sent.
    static final int MAX_PENDING = 2048;

    private static final Logger LOG = LoggerFactory.getLogger(Exports.class);

    private final SpanExporter exporter;
    private final String endpoint;
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicBoolean away = new AtomicBoolean();

    Exports(SpanExporter exporter, String endpoint) {
        this.exporter = exporter;
        this.endpoint = endpoint;
    }

    /// Whether one more may be ended, which is then to be.
    boolean hasRoom() {
        if (pending.incrementAndGet() <= MAX_PENDING) {
            return true;
        }
        pending.decrementAndGet();
        dropped.incrementAndGet();
        return false;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        int count = spans.size();
        CompletableResultCode sent = exporter.export(spans);
        return sent.whenComplete(() -> {
            pending.addAndGet(-count);
            if (sent.isSuccess()) {
                taken();
            } else {
                dropped.addAndGet(count);
                notTaken();
            }
        });
    }

    private void taken() {
        if (away.compareAndSet(true, false)) {
            LOG.info("{} takes spans again; {} were dropped", endpoint, dropped.getAndSet(0));
        }
    }

    private void notTaken() {
        if (away.compareAndSet(false, true)) {
            LOG.warn("{} doesn't take spans; they are dropped until it does", endpoint);
        }
    }

    /// To be called when nothing more is sent.
    void tellDropped() {
        long lost = dropped.get() + pending.get();
        if (lost > 0) {
            LOG.warn("{} spans were dropped: {} didn't take them", lost, endpoint);
        }
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
