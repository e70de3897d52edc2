package dev.atomic.worker.sandbox;

import java.util.List;
import java.util.Locale;

/// One program the runner starts, after the one before has gone with all it started.
record Step(Kind kind, List<String> argv) {
    /// How the runner treats it; `ops/sandbox/runner/PROTOCOL.md` says what each means.
    enum Kind {
        COMPILE,
        RUN,
        AUTO,
        SERVER,
        TESTS;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Step of(Kind kind, List<String> argv) {
        return new Step(kind, List.copyOf(argv));
    }
}
