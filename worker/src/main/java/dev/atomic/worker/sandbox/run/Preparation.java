package dev.atomic.worker.sandbox.run;

import java.util.List;
import java.util.Optional;

/// What a container that waits for its run has started already: a program of ours that has loaded
/// all it needs and waits for the rest of its arguments. Loading is most of what a short run of
/// tests takes.
public enum Preparation {
    NOTHING,
    /// Tests in the program's own process.
    TESTS,
    /// Tests, with the program elsewhere.
    JUDGE,
    /// The program such tests are about.
    SUBJECT;

    /// The step's kind and the arguments it begins with.
    public Optional<Step> step() {
        return switch (this) {
            case NOTHING -> Optional.empty();
            case TESTS -> Optional.of(Toolchain.session());
            case JUDGE -> Optional.of(Toolchain.judge(List.of()));
            case SUBJECT -> Optional.of(Toolchain.subject());
        };
    }

    /// What fits a run that begins with this step.
    public static Preparation of(Step first) {
        return first.startsWith(Toolchain.session()) ? TESTS : NOTHING;
    }
}
