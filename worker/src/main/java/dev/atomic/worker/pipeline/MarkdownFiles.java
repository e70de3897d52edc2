package dev.atomic.worker.pipeline;

import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.SourceFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Takes files from a model's Markdown: each fenced block that names a path, in its info string, in
/// a comment as its first line, or alone on the line above. Without a named block the longest of
/// the wanted language is `main.<ext>`.
///
/// What it reads is hostile: paths are held to [FilePath], sizes to its bounds, and it takes time
/// in proportion to the answer's length. Pure.
final class MarkdownFiles {
    private static final Map<String, String> EXTENSIONS =
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
                    Map.entry("c++", "cpp"),
                    Map.entry("cc", "cpp"),
                    Map.entry("sh", "bash"),
                    Map.entry("shell", "bash"),
                    Map.entry("ts", "typescript"));

    private static final Pattern FENCE = Pattern.compile("^ {0,3}(`{3,}|~{3,})[ \\t]*(.*)$");
    private static final Pattern TITLE =
            Pattern.compile(
                    "(?:title|file|filename|path|name)\\s*=\\s*(?:\"([^\"]+)\"|'([^']+)'|([^\"'\\s}]+))");
    private static final Pattern COMMENT =
            Pattern.compile(
                    "^\\s*(?:#(?!!)|//|--|;|/\\*|<!--)\\s*(?:(?i:file|filename|path)\\s*:\\s*)?(\\S+?)\\s*(?:\\*/|-->)?\\s*$");
    private static final Pattern ABOVE =
            Pattern.compile(
                    "^\\s*(?:#{1,6}\\s+|[-*]\\s+|[0-9]{1,3}[.)]\\s+)?[*`]{0,3}([^*`\\s]+?):?[*`]{0,3}:?\\s*$");

    /// What looks like a path and not like a word: it has an ending, or is a name files are known
    /// by.
    private static final Pattern PATHLIKE =
            Pattern.compile("(?:[^\\s:]*/)?(?:[^\\s/:]+\\.[A-Za-z0-9]{1,10}|Makefile|Dockerfile)");

    private MarkdownFiles() {}

    sealed interface Result {}

    record Found(List<SourceFile> files) implements Result {}

    /// @param why in words for the caller
    record None(String why) implements Result {}

    private record Block(String info, String above, List<String> lines) {}

    /// @param language as the job asked
    static Result extract(String answer, String language) {
        List<Block> blocks = blocks(answer);
        Map<String, SourceFile> named = new LinkedHashMap<>();
        long total = 0;
        for (Block block : blocks) {
            Optional<SourceFile> file = named(block).map(MarkdownFiles::withoutDot);
            if (file.isEmpty()) {
                continue;
            }
            String path = file.get().path();
            String key = FilePath.key(path);
            Optional<String> refusal = FilePath.refusal(path);
            if (refusal.isPresent()) {
                return new None(
                        "a path in the model's answer " + refusal.get() + ": " + shown(path));
            }
            // The last of a path holds: models give a draft and then the whole file.
            SourceFile draft = named.remove(key);
            total += file.get().content().length - (draft == null ? 0 : draft.content().length);
            if (file.get().content().length > FilePath.MAX_FILE_BYTES
                    || total > FilePath.MAX_TOTAL_BYTES
                    || named.size() == FilePath.MAX_FILES) {
                return new None("the model's answer has too many files, or they are too large");
            }
            named.put(key, file.get());
        }
        return named.isEmpty()
                ? unnamed(answer, blocks, language)
                : new Found(List.copyOf(named.values()));
    }

    /// `./main.py` is `main.py`.
    private static SourceFile withoutDot(SourceFile file) {
        return file.path().startsWith("./")
                ? new SourceFile(file.path().substring(2), file.content())
                : file;
    }

    private static Result unnamed(String answer, List<Block> blocks, String language) {
        String path = "main." + EXTENSIONS.getOrDefault(language, "txt");
        Comparator<Block> bySize = Comparator.comparingInt(MarkdownFiles::size);
        Optional<Block> longest =
                blocks.stream()
                        .filter(block -> languageOf(block.info()).equals(language))
                        .max(bySize)
                        .or(() ->
                                blocks.stream()
                                        .filter(block -> block.info().isBlank())
                                        .max(bySize));
        if (longest.isPresent()) {
            return checked(SourceFile.of(path, join(longest.get().lines())));
        }
        if (blocks.isEmpty() && PlainCode.looksLike(answer, language)) {
            return checked(SourceFile.of(path, answer));
        }
        return new None("the model's answer has no code block in " + language);
    }

    private static Result checked(SourceFile file) {
        return file.content().length > FilePath.MAX_FILE_BYTES
                ? new None("the model's file is larger than 1 MiB")
                : new Found(List.of(file));
    }

    private static int size(Block block) {
        return block.lines().stream().mapToInt(String::length).sum();
    }

    /// The fenced blocks; one that is never closed goes to the answer's end. A fence inside a block
    /// counts only if it closes it: of the same character, at least as long, with nothing after it.
    /// One with an info string opens a nested block where the block is itself Markdown.
    private static List<Block> blocks(String answer) {
        List<Block> blocks = new ArrayList<>();
        String above = "";
        @Nullable String fence = null;
        String info = "";
        String before = "";
        int nested = 0;
        List<String> lines = new ArrayList<>();
        for (String line : answer.split("\r?\n", -1)) {
            Matcher match = FENCE.matcher(line);
            boolean isFence = match.matches();
            if (fence == null) {
                if (isFence) {
                    fence = match.group(1);
                    info = match.group(2).strip();
                    before = above;
                    lines = new ArrayList<>();
                    nested = 0;
                } else if (!line.isBlank()) {
                    above = line;
                }
                continue;
            }
            if (isFence && match.group(1).startsWith(fence.substring(0, 1))) {
                boolean bare = match.group(2).isBlank();
                boolean longEnough = match.group(1).length() >= fence.length();
                if (!bare && isMarkdown(info)) {
                    nested++;
                } else if (bare && nested > 0) {
                    nested--;
                } else if (bare && longEnough) {
                    blocks.add(new Block(info, before, lines));
                    fence = null;
                    above = "";
                    continue;
                }
            }
            lines.add(line);
        }
        if (fence != null) {
            blocks.add(new Block(info, before, lines));
        }
        return blocks;
    }

    private static boolean isMarkdown(String info) {
        String first = info.split("[\\s:]", 2)[0].toLowerCase(java.util.Locale.ROOT);
        return first.equals("markdown") || first.equals("md") || info.endsWith(".md");
    }

    private static Optional<SourceFile> named(Block block) {
        Optional<String> inInfo = pathInInfo(block.info());
        if (inInfo.isPresent()) {
            return Optional.of(SourceFile.of(inInfo.get(), join(block.lines())));
        }
        if (!block.lines().isEmpty()) {
            Matcher comment = COMMENT.matcher(block.lines().getFirst());
            if (comment.matches() && isPlainPath(comment.group(1))) {
                return Optional.of(
                        SourceFile.of(
                                comment.group(1),
                                join(block.lines().subList(1, block.lines().size()))));
            }
        }
        return pathAbove(block.above()).map(path -> SourceFile.of(path, join(block.lines())));
    }

    private static Optional<String> pathAbove(String line) {
        Matcher above = ABOVE.matcher(line);
        if (!above.matches()) {
            return Optional.empty();
        }
        String text = above.group(1);
        // Two underscores may be emphasis or the name's own: `__main.py__`, `__init__.py`.
        boolean emphasised = text.length() > 4 && text.startsWith("__") && text.endsWith("__");
        return Optional.of(emphasised ? text.substring(2, text.length() - 2) : text)
                .filter(MarkdownFiles::isPlainPath);
    }

    private static Optional<String> pathInInfo(String info) {
        Matcher title = TITLE.matcher(info);
        while (title.find()) {
            String value =
                    Stream.of(title.group(1), title.group(2), title.group(3))
                            .filter(Objects::nonNull)
                            .findFirst()
                            .orElseThrow();
            if (isPath(value)) {
                return Optional.of(value);
            }
        }
        String[] words = info.split("\\s+", -1);
        for (String word : words) {
            int colon = word.indexOf(':');
            String candidate = colon > 0 ? word.substring(colon + 1) : word;
            if (isPath(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private static boolean isPath(String text) {
        return PATHLIKE.matcher(text).matches();
    }

    /// `# @app.route` and a line of a list aren't meant as paths: only an info string names one
    /// that has to be refused.
    private static boolean isPlainPath(String text) {
        return isPath(text) && !FilePath.looksLikeAnOption(text);
    }

    private static String languageOf(String info) {
        String first = info.split("[\\s:{]", 2)[0].toLowerCase(java.util.Locale.ROOT);
        return ALIASES.getOrDefault(first, first);
    }

    private static String join(List<String> lines) {
        String text = String.join("\n", lines);
        return text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
    }

    private static String shown(String path) {
        String printable = path.replaceAll("\\p{Cntrl}", "?");
        byte[] bytes = printable.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= 100
                ? printable
                : printable.substring(0, Math.min(80, printable.length())) + "…";
    }
}
