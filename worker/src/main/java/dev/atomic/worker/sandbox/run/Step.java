package dev.atomic.worker.sandbox.run;

import java.util.List;
import java.util.Locale;

/// One program the runner starts, after the one before has gone with all it started.
public record Step(Kind kind, List<String> argv) {
    /// How the runner treats it; `ops/sandbox/runner/PROTOCOL.md` says what each means.
    public enum Kind {
        COMPILE,
        RUN,
        AUTO,
        SERVER,
        TESTS,
        EXCHANGE,
        JUDGE,
        SUBJECT;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Whether this is of the same kind and begins with these arguments.
    boolean startsWith(Step other) {
        return kind == other.kind
                && argv.size() >= other.argv.size()
                && argv.subList(0, other.argv.size()).equals(other.argv);
    }

    public static Step of(Kind kind, List<String> argv) {
        return new Step(kind, List.copyOf(argv));
    }
}
