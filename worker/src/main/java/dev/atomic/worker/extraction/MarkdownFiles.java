package dev.atomic.worker.extraction;

import dev.atomic.shared.file.FilePath;
import dev.atomic.shared.file.SourceFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Takes files from a model's Markdown: each fenced block that names a path ([BlockName]). Without
/// a named program the longest block of the wanted language that isn't tests is `main.<ext>`. What
/// a model thinks isn't read.
///
/// What it reads is hostile: paths are held to [FilePath], sizes to its bounds, and it takes time
/// in proportion to the answer's length. Pure.
public final class MarkdownFiles {
    private static final Pattern FENCE = Pattern.compile("^ {0,3}(`{3,}|~{3,})[ \\t]*(.*)$");
    private static final Pattern THINKS =
            Pattern.compile(
                    "^\\s*(?:<(?:think|thinking|thought|reasoning|reflection|seed:think)>|◁think▷).*");
    private static final Pattern THOUGHT =
            Pattern.compile(
                    "(?:</(?:think|thinking|thought|reasoning|reflection|seed:think)>|◁/think▷)");

    /// What a file of tests holds, and a program seldom.
    private static final Pattern TESTS =
            Pattern.compile(
                    "(?m)^[ \\t]*(?:import pytest|from pytest|import unittest|def test_|async def"
                            + " test_)|node:test|^[ \\t]*(?:describe|test|it)\\(");

    private static final Pattern IMPORTS_MAIN =
            Pattern.compile("(?m)^[ \\t]*(?:from|import) main\\b");

    private MarkdownFiles() {}

    public sealed interface Result {}

    /// @param doubt why these files are a guess, in words for the model; null where they aren't
    public record Found(List<SourceFile> files, @Nullable String doubt) implements Result {
        Found(List<SourceFile> files) {
            this(files, null);
        }
    }

    /// @param why in words for the caller
    public record None(String why) implements Result {}

    /// @param heading the heading it stands under, if that wasn't another block's name
    private record Block(String info, String above, String heading, List<String> lines) {
        String text() {
            return join(lines);
        }
    }

    /// @param language as the job asked
    public static Result extract(String answer, String language) {
        List<String> lines = withoutThinking(List.of(answer.split("\r?\n", -1)));
        List<Block> blocks = blocks(lines);
        List<Block> unnamed = new ArrayList<>();
        Map<String, SourceFile> named = new LinkedHashMap<>();
        long total = 0;
        for (Block block : blocks) {
            List<SourceFile> found = named(block);
            if (found.isEmpty()) {
                unnamed.add(block);
            }
            for (SourceFile each : found) {
                SourceFile file = withoutDot(each);
                String path = file.path();
                String key = FilePath.key(path);
                Optional<String> refusal = FilePath.refusal(path);
                if (refusal.isPresent()) {
                    return new None(
                            "a path in the model's answer " + refusal.get() + ": " + shown(path));
                }
                // The last of a path holds: models give a draft and then the whole file.
                SourceFile draft = named.remove(key);
                total += file.content().length - (draft == null ? 0 : draft.content().length);
                if (file.content().length > FilePath.MAX_FILE_BYTES
                        || total > FilePath.MAX_TOTAL_BYTES
                        || named.size() == FilePath.MAX_FILES) {
                    return new None("the model's answer has too many files, or they are too large");
                }
                named.put(key, file);
            }
        }
        return named.isEmpty()
                ? unnamed(String.join("\n", lines), unnamed, language)
                : new Found(withProgram(List.copyOf(named.values()), unnamed, language));
    }

    /// What a model thinks before it answers is no answer, fences and all.
    private static List<String> withoutThinking(List<String> lines) {
        List<String> kept = new ArrayList<>();
        @Nullable String fence = null;
        boolean thinking = false;
        for (String line : lines) {
            Matcher match = FENCE.matcher(line);
            if (thinking || (fence == null && THINKS.matcher(line).matches())) {
                Matcher end = THOUGHT.matcher(line);
                thinking = !end.find();
                if (!thinking) {
                    kept.add(line.substring(end.end()));
                }
            } else if (fence == null && THOUGHT.matcher(line.strip()).matches()) {
                // Its beginning was left out, as some servers do.
                kept.clear();
            } else {
                kept.add(line);
                if (match.matches()) {
                    boolean closes =
                            fence != null
                                    && match.group(1).startsWith(fence)
                                    && match.group(2).isBlank();
                    fence = fence == null ? match.group(1) : closes ? null : fence;
                }
            }
        }
        return kept;
    }

    /// Named files without a program among them: it is in a block without a name then.
    private static List<SourceFile> withProgram(
            List<SourceFile> named, List<Block> unnamed, String language) {
        boolean hasProgram =
                named.stream()
                        .map(SourceFile::path)
                        .anyMatch(path -> isSource(path, language) && !isTest(path));
        String path = "main." + CodeLanguages.endingOf(language);
        Optional<Block> program =
                hasProgram
                        ? Optional.empty()
                        : longest(
                                unnamed.stream()
                                        .filter(block -> !isTests(block))
                                        .filter(block -> isOf(block, language))
                                        .toList());
        if (program.isEmpty() || named.stream().noneMatch(each -> isTest(each.path()))) {
            return named;
        }
        List<SourceFile> all = new ArrayList<>(named);
        all.add(SourceFile.of(path, program.get().text()));
        return List.copyOf(all);
    }

    private static boolean isSource(String path, String language) {
        return CodeLanguages.ofEnding(BlockLanguage.ending(path))
                .filter(each -> CodeLanguages.isRelated(each, language))
                .isPresent();
    }

    private static boolean isTest(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.startsWith("test_") || name.matches(".*(_test\\.py|\\.test\\.[a-z]+)");
    }

    /// `./main.py` is `main.py`.
    private static SourceFile withoutDot(SourceFile file) {
        return file.path().startsWith("./")
                ? new SourceFile(file.path().substring(2), file.content())
                : file;
    }

    /// The longest block of the language that isn't tests; the tests of it beside it.
    private static Result unnamed(String answer, List<Block> blocks, String language) {
        String path = "main." + CodeLanguages.endingOf(language);
        List<Block> wanted = blocks.stream().filter(block -> isOf(block, language)).toList();
        if (wanted.isEmpty()) {
            wanted = blocks.stream().filter(block -> block.info().isBlank()).toList();
        }
        List<Block> programs = wanted.stream().filter(block -> !isTests(block)).toList();
        Optional<Block> program = longest(programs.isEmpty() ? wanted : programs);
        if (program.isEmpty()) {
            return blocks.isEmpty() && PlainCode.looksLike(answer, language)
                    ? checked(SourceFile.of(path, answer), null)
                    : new None("the model's answer has no code block in " + language);
        }
        @Nullable String doubt = doubt(programs, program.get());
        SourceFile main = SourceFile.of(path, program.get().text());
        Optional<Block> tests =
                longest(
                        wanted.stream()
                                .filter(block -> isTests(block) && !block.equals(program.get()))
                                .filter(block -> IMPORTS_MAIN.matcher(block.text()).find())
                                .toList());
        Result alone = checked(main, doubt);
        if (tests.isEmpty() || alone instanceof None) {
            return alone;
        }
        SourceFile beside = SourceFile.of("test_main.py", tests.get().text());
        return checked(beside, doubt) instanceof None
                ? alone
                : new Found(List.of(main, beside), doubt);
    }

    /// Whether another block may as well be the program: one at least half as long. A shorter one
    /// shows how the program is used.
    private static @Nullable String doubt(List<Block> programs, Block longest) {
        long others =
                programs.stream()
                        .filter(block -> !block.equals(longest) && 2 * size(block) >= size(longest))
                        .count();
        return others == 0
                ? null
                : "it has %d code blocks that may be the program, and none names its file"
                        .formatted(others + 1);
    }

    private static boolean isOf(Block block, String language) {
        return CodeLanguages.of(block.info()).equals(language);
    }

    private static boolean isTests(Block block) {
        return TESTS.matcher(block.text()).find();
    }

    private static Optional<Block> longest(List<Block> blocks) {
        return blocks.stream().max(Comparator.comparingInt(MarkdownFiles::size));
    }

    private static Result checked(SourceFile file, @Nullable String doubt) {
        return file.content().length > FilePath.MAX_FILE_BYTES
                ? new None("the model's file is larger than 1 MiB")
                : new Found(List.of(file), doubt);
    }

    private static int size(Block block) {
        return block.lines().stream().mapToInt(String::length).sum();
    }

    /// The fenced blocks; one that is never closed goes to the answer's end. A fence inside a block
    /// counts only if it closes it: of the same character, at least as long, with nothing after it.
    /// One with an info string opens a nested block where the block is itself Markdown.
    private static List<Block> blocks(List<String> answer) {
        List<Block> blocks = new ArrayList<>();
        String above = "";
        String heading = "";
        @Nullable String fence = null;
        String info = "";
        String before = "";
        int nested = 0;
        int indent = 0;
        List<String> lines = new ArrayList<>();
        for (String line : answer) {
            Matcher match = FENCE.matcher(line);
            boolean isFence = match.matches();
            if (fence == null) {
                if (isFence) {
                    fence = match.group(1);
                    info = match.group(2).strip();
                    before = above;
                    lines = new ArrayList<>();
                    nested = 0;
                    indent = match.start(1);
                } else if (!line.isBlank()) {
                    above = line;
                    heading = isHeading(line) ? line : heading;
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
                    Block block = new Block(info, before, heading, lines);
                    blocks.add(block);
                    heading = named(block).isEmpty() ? heading : "";
                    fence = null;
                    above = "";
                    continue;
                }
            }
            lines.add(withoutIndent(line, indent));
        }
        if (fence != null) {
            blocks.add(new Block(info, before, heading, lines));
        }
        return blocks;
    }

    /// A block's lines are indented as its fence is (CommonMark), under a list for example.
    private static String withoutIndent(String line, int most) {
        int count = 0;
        while (count < most && count < line.length() && line.charAt(count) == ' ') {
            count++;
        }
        return line.substring(count);
    }

    private static boolean isHeading(String line) {
        String text = line.strip();
        return text.startsWith("#") || (text.startsWith("**") && text.matches(".*\\*\\*:?"));
    }

    private static boolean isMarkdown(String info) {
        String first = info.split("[\\s:]", 2)[0].toLowerCase(java.util.Locale.ROOT);
        return first.equals("markdown") || first.equals("md") || info.endsWith(".md");
    }

    /// The file that a block is, or the files where comments in it begin one after the other.
    private static List<SourceFile> named(Block block) {
        Optional<BlockName.Named> named =
                BlockName.of(block.info(), block.above(), block.lines())
                        .or(() ->
                                BlockName.inLine(block.heading(), block.info())
                                        .filter(path -> BlockLanguage.isOf(block.info(), path))
                                        .map(path -> new BlockName.Named(path, -1)));
        if (named.isEmpty()) {
            return List.of();
        }
        List<SourceFile> files = new ArrayList<>();
        String path = named.get().path();
        List<String> content = new ArrayList<>();
        boolean isByComment = named.get().comment() >= 0;
        for (int i = 0; i < block.lines().size(); i++) {
            String line = block.lines().get(i);
            Optional<String> next =
                    isByComment && i > named.get().comment() && block.lines().get(i - 1).isBlank()
                            ? nextFile(line, path)
                            : Optional.empty();
            if (next.isPresent()) {
                files.add(SourceFile.of(path, join(withoutBlankEnd(content))));
                path = next.get();
                content = new ArrayList<>();
            } else if (i != named.get().comment()) {
                content.add(line);
            }
        }
        files.add(SourceFile.of(path, join(content)));
        return files;
    }

    /// A comment of its own in the first column, that names another file of the same kind.
    private static Optional<String> nextFile(String line, String path) {
        return line.isEmpty() || Character.isWhitespace(line.charAt(0))
                ? Optional.empty()
                : BlockName.commentAlone(line)
                        .filter(next -> !next.equals(path))
                        .filter(next ->
                                BlockLanguage.ending(next).equals(BlockLanguage.ending(path)));
    }

    private static List<String> withoutBlankEnd(List<String> lines) {
        int end = lines.size();
        while (end > 0 && lines.get(end - 1).isBlank()) {
            end--;
        }
        return lines.subList(0, end);
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
