package dev.atomic.worker.sandbox;

import dev.atomic.worker.Cancellation;

/// Runs code in fresh containers. Thread-safe.
public interface Sandbox {
    /// Runs and waits for the end; returns within 2 s of being cancelled, the container killed.
    SandboxResult run(SandboxRun run, OutputSink output, Cancellation cancellation);

    /// Whether an engine answers and has the image; quick, from the last look.
    boolean isAvailable();
}
