package dev.atomic.worker.extraction;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The names that fences give languages, and the endings of their files.
final class CodeLanguages {
    private static final Map<String, String> ENDINGS =
            Map.ofEntries(
                    Map.entry("python", "py"),
                    Map.entry("javascript", "js"),
                    Map.entry("typescript", "ts"),
                    Map.entry("c", "c"),
                    Map.entry("cpp", "cpp"),
                    Map.entry("bash", "sh"),
                    Map.entry("java", "java"),
                    Map.entry("go", "go"),
                    Map.entry("rust", "rs"),
                    Map.entry("ruby", "rb"),
                    Map.entry("html", "html"));

    private static final Map<String, String> ALIASES =
            Map.ofEntries(
                    Map.entry("py", "python"),
                    Map.entry("python3", "python"),
                    Map.entry("js", "javascript"),
                    Map.entry("node", "javascript"),
                    Map.entry("mjs", "javascript"),
                    Map.entry("cjs", "javascript"),
                    Map.entry("jsx", "javascript"),
                    Map.entry("c++", "cpp"),
                    Map.entry("cc", "cpp"),
                    Map.entry("cxx", "cpp"),
                    Map.entry("hpp", "cpp"),
                    Map.entry("h", "c"),
                    Map.entry("sh", "bash"),
                    Map.entry("shell", "bash"),
                    Map.entry("rs", "rust"),
                    Map.entry("rb", "ruby"),
                    Map.entry("htm", "html"),
                    Map.entry("ts", "typescript"),
                    Map.entry("tsx", "typescript"));

    private CodeLanguages() {}

    /// The language of an info string, as it is written there if it is none that is known.
    static String of(String info) {
        String first = info.split("[\\s:{(,]", 2)[0].toLowerCase(Locale.ROOT);
        return ALIASES.getOrDefault(first, first);
    }

    static Optional<String> ofEnding(String ending) {
        return Optional.of(of(ending)).filter(CodeLanguages::isKnown);
    }

    static boolean isKnown(String language) {
        return ENDINGS.containsKey(language);
    }

    static String endingOf(String language) {
        return ENDINGS.getOrDefault(language, "txt");
    }

    /// Whether files of the one are also files of the other, as headers are.
    static boolean isRelated(String one, String other) {
        return one.equals(other) || (isC(one) && isC(other)) || (isScript(one) && isScript(other));
    }

    private static boolean isC(String language) {
        return language.equals("c") || language.equals("cpp");
    }

    private static boolean isScript(String language) {
        return language.equals("javascript") || language.equals("typescript");
    }
}
