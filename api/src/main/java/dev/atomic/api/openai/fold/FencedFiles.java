package dev.atomic.api.openai.fold;

import dev.atomic.api.openai.fold.Made.MadeFile;
import java.util.List;
import java.util.Map;

/// The text of a response's message: the files as fenced blocks that name their paths, and last
/// what was proved. Pure.
final class FencedFiles {
    private static final Map<String, String> LANGUAGES =
            Map.ofEntries(
                    Map.entry("py", "python"),
                    Map.entry("js", "javascript"),
                    Map.entry("mjs", "javascript"),
                    Map.entry("cjs", "javascript"),
                    Map.entry("ts", "typescript"),
                    Map.entry("c", "c"),
                    Map.entry("h", "c"),
                    Map.entry("cc", "cpp"),
                    Map.entry("cpp", "cpp"),
                    Map.entry("hpp", "cpp"),
                    Map.entry("sh", "bash"),
                    Map.entry("json", "json"),
                    Map.entry("md", "markdown"),
                    Map.entry("html", "html"),
                    Map.entry("css", "css"));

    private FencedFiles() {}

    static String text(List<MadeFile> files, String proved) {
        StringBuilder text = new StringBuilder();
        for (MadeFile file : files) {
            String fence = fence(file.text());
            text.append(fence).append(language(file.path())).append(' ').append(file.path());
            text.append('\n').append(file.text());
            if (!file.text().isEmpty() && !file.text().endsWith("\n")) {
                text.append('\n');
            }
            text.append(fence).append("\n\n");
        }
        return text.append(proved).toString();
    }

    /// Longer than any run of back-ticks in the text, which so can't end the block.
    private static String fence(String text) {
        int longest = 2;
        int run = 0;
        for (int i = 0; i < text.length(); i++) {
            run = text.charAt(i) == '`' ? run + 1 : 0;
            longest = Math.max(longest, run);
        }
        return "`".repeat(longest + 1);
    }

    private static String language(String path) {
        return LANGUAGES.getOrDefault(path.substring(path.lastIndexOf('.') + 1), "text");
    }
}
