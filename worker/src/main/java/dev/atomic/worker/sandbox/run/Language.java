package dev.atomic.worker.sandbox.run;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What the sandbox's image has a runtime for.
@SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
public enum Language {
    PYTHON(List.of("python", "python3", "py"), List.of(".py")),
    JAVASCRIPT(
            List.of("javascript", "js", "node", "nodejs", "ecmascript"),
            List.of(".js", ".mjs", ".cjs")),
    C(List.of("c"), List.of(".c")),
    CPP(List.of("cpp", "c++", "cxx", "cc"), List.of(".cpp", ".cc", ".cxx")),
    BASH(List.of("bash", "sh", "shell"), List.of(".sh", ".bash"));

    private final List<String> names;
    private final List<String> endings;

    Language(List<String> names, List<String> endings) {
        this.names = names;
        this.endings = endings;
    }

    /// The language of this name, whatever its case; empty when there is no runtime for it.
    public static Optional<Language> of(String name) {
        String wanted = name.strip().toLowerCase(Locale.ROOT);
        for (Language language : values()) {
            if (language.names.contains(wanted)) {
                return Optional.of(language);
            }
        }
        return Optional.empty();
    }

    /// Whether a file of this path is source code of this language.
    public boolean owns(String path) {
        String lower = path.toLowerCase(Locale.ROOT);
        return endings.stream().anyMatch(lower::endsWith);
    }

    /// Whether a file of this path holds tests that this language's runner finds.
    public boolean ownsTest(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return switch (this) {
            case PYTHON ->
                    name.endsWith(".py") && (name.startsWith("test_") || name.endsWith("_test.py"));
            case JAVASCRIPT ->
                    name.endsWith(".test.js")
                            || name.endsWith(".test.mjs")
                            || name.endsWith(".test.cjs");
            case C, CPP, BASH -> false;
        };
    }

    boolean isCompiled() {
        return this == C || this == CPP;
    }
}
