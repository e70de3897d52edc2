package dev.atomic.worker.extraction;

import dev.atomic.shared.file.FilePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The path that a fenced block is meant to have: what its info string, a comment at its top, the
/// line above it or the heading it stands under says. Lines of prose name a block only if they
/// can't mean anything else. Pure.
final class BlockName {
    /// Longer lines are prose.
    private static final int MAX_LINE = 400;

    private static final Pattern TITLE =
            Pattern.compile(
                    "(?:title|file|filename|path|name)\\s*=\\s*(?:\"([^\"]+)\"|'([^']+)'|([^\"'\\s}>]+))");

    /// What looks like a path and not like a word: it has an ending, or is a name files are known
    /// by.
    private static final Pattern PATHLIKE =
            Pattern.compile("(?:[^\\s:]*/)?(?:[^\\s/:]+\\.[A-Za-z0-9]{1,10}|Makefile|Dockerfile)");

    private static final String OPENS = "^\\s*(?:#(?!!)|//|--|;|/\\*|<!--|\"\"\"|''')";
    private static final Pattern COMMENT =
            Pattern.compile(
                    OPENS
                            + "[-=*#~/ \\t]*(?:(?i:file ?name|file"
                            + " ?path|file|path)\\s*:\\s*)?(\\S+?)[-=*#~/"
                            + " \\t]*(?:\\*/|-->|\"\"\"|''')?\\s*$");
    private static final Pattern COMMENT_THAT_TELLS =
            Pattern.compile(OPENS + "\\s*([^\\s:(]+?)(?::|\\s+[-–—]+|\\s+\\()\\s?.*$");

    private static final Pattern TAG = Pattern.compile("</?[A-Za-z][^<>]{0,200}>");
    private static final Pattern SEPARATOR = Pattern.compile("[-–—=>→|:]+");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,3}[.):]*");

    /// Words that say no more than that a file follows.
    private static final Set<String> LABELS =
            Set.of(
                    "file",
                    "files",
                    "filename",
                    "filepath",
                    "path",
                    "name",
                    "step",
                    "part",
                    "create",
                    "new",
                    "updated",
                    "update",
                    "modified",
                    "the",
                    "a",
                    "an",
                    "and",
                    "complete",
                    "full",
                    "final",
                    "entire",
                    "whole",
                    "code",
                    "for",
                    "here",
                    "is",
                    "here's",
                    "here’s",
                    "source",
                    "content",
                    "contents",
                    "of",
                    "in",
                    "into",
                    "this",
                    "save",
                    "saved",
                    "as",
                    "to",
                    "named",
                    "called",
                    "main",
                    "program",
                    "script",
                    "module",
                    "implementation",
                    "test",
                    "tests",
                    "entry",
                    "point",
                    "your",
                    "following",
                    "corrected",
                    "fixed",
                    "revised",
                    "write",
                    "below",
                    "it",
                    "with");

    /// Words of lines that are about a piece of a file, or about using it.
    private static final Set<String> PIECES =
            Set.of(
                    "add",
                    "append",
                    "insert",
                    "replace",
                    "change",
                    "changes",
                    "delete",
                    "remove",
                    "line",
                    "lines",
                    "run",
                    "running",
                    "execute",
                    "usage",
                    "output",
                    "outputs",
                    "prints",
                    "example",
                    "examples",
                    "install",
                    "top",
                    "bottom",
                    "end",
                    "after",
                    "before",
                    "inside",
                    "function",
                    "method",
                    "snippet");

    private BlockName() {}

    /// @param comment the index of the comment that names the file and says nothing else; -1: none
    record Named(String path, int comment) {}

    /// @param info of the block's opening fence
    /// @param above the last line before it that isn't blank
    static Optional<Named> of(String info, String above, List<String> lines) {
        return inInfo(info)
                .map(path -> new Named(path, -1))
                .or(() -> inComment(info, lines))
                .or(() -> inLine(above, info).map(path -> new Named(path, -1)));
    }

    static Optional<String> inInfo(String info) {
        Optional<String> titled = titled(info);
        if (titled.isPresent()) {
            return titled;
        }
        for (String word : info.split("\\s+", -1)) {
            int colon = word.indexOf(':');
            String candidate = colon > 0 ? word.substring(colon + 1) : word;
            for (String each : List.of(candidate, bare(candidate))) {
                if (isPath(each)) {
                    return Optional.of(each);
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> titled(String text) {
        Matcher title = TITLE.matcher(text);
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
        return Optional.empty();
    }

    /// The comment at the top, behind a `#!` line or the first quotes of a docstring.
    private static Optional<Named> inComment(String info, List<String> lines) {
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        boolean interpreter = lines.getFirst().startsWith("#!") && lines.size() > 1;
        int at = interpreter ? 1 : 0;
        Optional<String> alone = commentAlone(lines.get(at));
        if (alone.isPresent()) {
            return Optional.of(new Named(alone.get(), at));
        }
        String line = lines.get(at);
        if (line.length() > MAX_LINE) {
            return Optional.empty();
        }
        Matcher tells = COMMENT_THAT_TELLS.matcher(line);
        if (tells.matches()
                && isPlainPath(tells.group(1))
                && BlockLanguage.isOf(info, tells.group(1))) {
            return Optional.of(new Named(tells.group(1), -1));
        }
        boolean docstring = line.strip().equals("\"\"\"") && lines.size() > at + 1;
        String first = docstring ? lines.get(at + 1).strip() : "";
        return Optional.of(first)
                .filter(path -> isPlainPath(path) && BlockLanguage.isOf(info, path))
                .map(path -> new Named(path, -1));
    }

    /// The path that a line of comment names, saying nothing else.
    static Optional<String> commentAlone(String line) {
        if (line.length() > MAX_LINE + FilePath.MAX_BYTES) {
            return Optional.empty();
        }
        Matcher comment = COMMENT.matcher(line);
        return comment.matches() && isPlainPath(comment.group(1))
                ? Optional.of(comment.group(1))
                : Optional.empty();
    }

    /// The only path of a line that stands for a block with this info string.
    static Optional<String> inLine(String line, String info) {
        if (line.length() > MAX_LINE + FilePath.MAX_BYTES) {
            return Optional.empty();
        }
        Optional<String> attribute = line.strip().startsWith("<") ? titled(line) : Optional.empty();
        if (attribute.isPresent()) {
            return attribute.filter(path -> BlockLanguage.fits(info, path));
        }
        String text = TAG.matcher(line).replaceAll(" ").strip();
        boolean heading = text.startsWith("#");
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        String path = "";
        String written = "";
        for (String word : text.split("\\s+", -1)) {
            String candidate = pathOf(word);
            if (!candidate.isEmpty() && !path.isEmpty() && !candidate.equals(path)) {
                return Optional.empty();
            }
            if (!candidate.isEmpty()) {
                path = candidate;
                written = word;
            } else if (!path.isEmpty()) {
                after.add(word);
            } else if (!NUMBER.matcher(word).matches() && !bare(word).isEmpty()) {
                before.add(bare(word).toLowerCase(Locale.ROOT));
            }
        }
        if (path.isEmpty()) {
            return Optional.empty();
        }
        before.removeIf(word -> NUMBER.matcher(word).matches() || word.equals("-"));
        boolean emphasised = written.contains("`") || written.contains("**");
        return isMeant(before, after, written, info, path, heading, emphasised)
                ? Optional.of(path)
                : Optional.empty();
    }

    private static boolean isMeant(
            List<String> before,
            List<String> after,
            String written,
            String info,
            String path,
            boolean heading,
            boolean emphasised) {
        List<String> wordsAfter =
                after.stream()
                        .map(word -> bare(word).toLowerCase(Locale.ROOT))
                        .filter(word -> !word.isEmpty())
                        .toList();
        if (before.isEmpty() && wordsAfter.isEmpty()) {
            return !BlockLanguage.isShell(info)
                    || BlockLanguage.isScript(path)
                    || BlockLanguage.ending(path).isEmpty();
        }
        if (!BlockLanguage.fits(info, path)) {
            return false;
        }
        boolean told =
                wordsAfter.isEmpty()
                        || SEPARATOR.matcher(after.getFirst()).matches()
                        || after.getFirst().startsWith("(")
                        || written.replaceAll("[*`_]+$", "").endsWith(":")
                        || LABELS.containsAll(wordsAfter);
        boolean marked = before.isEmpty() || heading || emphasised || isLabelled(before);
        if (LABELS.containsAll(before) && told && marked) {
            return true;
        }
        String last = after.isEmpty() ? written : after.getLast();
        boolean announces = last.replaceAll("[*`_]+$", "").endsWith(":");
        return emphasised
                && announces
                && BlockLanguage.isOf(info, path)
                && Stream.concat(before.stream(), wordsAfter.stream()).noneMatch(PIECES::contains);
    }

    private static boolean isLabelled(List<String> before) {
        return before.stream()
                .anyMatch(word -> Set.of("file", "filename", "filepath", "path").contains(word));
    }

    /// The path that a word of prose is, without what stands around it; empty when it is none.
    private static String pathOf(String word) {
        String text = bare(word);
        int link = text.indexOf("](");
        if (link > 0) {
            text = text.substring(0, link);
        }
        int colon = text.lastIndexOf(':');
        if (colon > 0) {
            text = bare(text.substring(colon + 1));
        }
        // Two underscores may be emphasis or the name's own: `__main.py__`, `__init__.py`.
        if (text.length() > 4 && text.startsWith("__") && text.endsWith("__")) {
            text = text.substring(2, text.length() - 2);
        }
        return isPlainPath(text) ? text : "";
    }

    /// A word without marks around it. A dash and an at sign stay: they make an option of it.
    private static String bare(String word) {
        int from = 0;
        int to = word.length();
        while (from < to && isMark(word.codePointAt(from), false)) {
            from += Character.charCount(word.codePointAt(from));
        }
        while (to > from && isMark(word.codePointBefore(to), true)) {
            to -= Character.charCount(word.codePointBefore(to));
        }
        return word.substring(from, to);
    }

    private static boolean isMark(int point, boolean atEnd) {
        if (Character.isLetterOrDigit(point)) {
            return false;
        }
        return switch (point) {
            case '_', '/', '.', '-', '@', '~', '\\' -> point == '.' && atEnd;
            default -> !Character.isISOControl(point);
        };
    }

    private static boolean isPath(String text) {
        return PATHLIKE.matcher(text).matches();
    }

    /// `# @app.route` and a line of a list aren't meant as paths: only an info string names one
    /// that has to be refused.
    static boolean isPlainPath(String text) {
        return isPath(text) && !FilePath.looksLikeAnOption(text);
    }
}
