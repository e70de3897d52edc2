package dev.atomic.shared.telemetry;

import org.jspecify.annotations.Nullable;

/// A part of a job's way, from when it is made until it is closed. What it is told must hold no
/// prompt, code, key or output: names, counts and codes alone.
///
/// Thread-safe.
public interface Span extends AutoCloseable {
    /// Of traces that are off.
    Span NONE =
            new Span() {
                @Override
                public Span part(String name) {
                    return this;
                }

                @Override
                public Span call(String name) {
                    return this;
                }

                @Override
                public Span set(String attribute, @Nullable String value) {
                    return this;
                }

                @Override
                public Span set(String attribute, long value) {
                    return this;
                }

                @Override
                public void failed(String type) {}

                @Override
                public @Nullable String traceparent() {
                    return null;
                }

                @Override
                public void close() {}
            };

    /// A span below this one.
    Span part(String name);

    /// A span below this one, of a call to another process.
    Span call(String name);

    /// @param value null is no attribute
    Span set(String attribute, @Nullable String value);

    Span set(String attribute, long value);

    /// Its status becomes an error.
    ///
    /// @param type one of a closed set, for `error.type`; never a message
    void failed(String type);

    /// What a process that is called needs to put its spans below this one (W3C Trace Context);
    /// null where traces are off.
    @Nullable String traceparent();

    @Override
    void close();
}
