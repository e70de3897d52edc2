package dev.atomic.api.diff;

import com.github.difflib.algorithm.Change;
import com.github.difflib.algorithm.myers.MeyersDiffWithLinearSpace;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A unified diff of two folders, file by file, as `patch -p1` takes it.
///
/// The cost of a shortest diff is the product of a file's length and the number of its changes, and
/// files come from models and programs. So there is a bound on it, for all files together. Beyond
/// it a file is shown as one change from its first to its last difference, which is as right and
/// only longer. For one thread.
public final class UnifiedDiff {
    /// Comparisons of lines in the worst case.
    private static final long MAX_COMPARISONS = 100_000_000;

    private static final int CONTEXT = 3;
    private static final String NO_NEWLINE = "\n\\ No newline at end of file";

    private long left = MAX_COMPARISONS;

    /// Lines that went and lines that came in their place, each from an index to one past its end.
    private record Edit(int from, int to, int newFrom, int newTo) {}

    /// The diff of one file, empty when nothing changed.
    ///
    /// @param before null for a file that is new
    /// @param after null for a file that is gone
    public String of(String path, byte @Nullable [] before, byte @Nullable [] after) {
        String from = before == null ? "/dev/null" : "a/" + path;
        String to = after == null ? "/dev/null" : "b/" + path;
        List<String> old = lines(before);
        List<String> now = lines(after);
        if (old == null || now == null) {
            return "Binary files " + from + " and " + to + " differ\n";
        }
        List<Edit> edits = edits(old, now);
        if (edits.isEmpty() && (before == null) == (after == null)) {
            return "";
        }
        // A tab ends a name that has spaces in it.
        String end = path.indexOf(' ') < 0 ? "\n" : "\t\n";
        StringBuilder diff = new StringBuilder("--- " + from + end + "+++ " + to + end);
        int next = 0;
        while (next < edits.size()) {
            int first = next++;
            while (next < edits.size()
                    && edits.get(next).from() - edits.get(next - 1).to() <= 2 * CONTEXT) {
                next++;
            }
            hunk(diff, old, now, edits.subList(first, next));
        }
        return diff.toString();
    }

    private static void hunk(
            StringBuilder diff, List<String> old, List<String> now, List<Edit> edits) {
        Edit first = edits.getFirst();
        Edit last = edits.getLast();
        int before = Math.min(CONTEXT, first.from());
        int behind = Math.min(CONTEXT, old.size() - last.to());
        diff.append("@@ -")
                .append(range(first.from() - before, last.to() + behind))
                .append(" +")
                .append(range(first.newFrom() - before, last.newTo() + behind))
                .append(" @@\n");
        int at = first.from() - before;
        for (Edit edit : edits) {
            print(diff, ' ', old.subList(at, edit.from()));
            print(diff, '-', old.subList(edit.from(), edit.to()));
            print(diff, '+', now.subList(edit.newFrom(), edit.newTo()));
            at = edit.to();
        }
        print(diff, ' ', old.subList(at, at + behind));
    }

    /// Lines are counted from 1; an empty range comes after the line that is named.
    private static String range(int from, int to) {
        return (to > from ? from + 1 : from) + "," + (to - from);
    }

    private static void print(StringBuilder diff, char mark, List<String> lines) {
        lines.forEach(line -> diff.append(mark).append(line).append('\n'));
    }

    private List<Edit> edits(List<String> old, List<String> now) {
        int most = Math.min(old.size(), now.size());
        int head = 0;
        while (head < most && old.get(head).equals(now.get(head))) {
            head++;
        }
        int tail = 0;
        while (tail < most - head
                && old.get(old.size() - 1 - tail).equals(now.get(now.size() - 1 - tail))) {
            tail++;
        }
        List<String> gone = old.subList(head, old.size() - tail);
        List<String> come = now.subList(head, now.size() - tail);
        if (gone.isEmpty() && come.isEmpty()) {
            return List.of();
        }
        long length = (long) gone.size() + come.size();
        if (length * length > left) {
            return List.of(new Edit(head, head + gone.size(), head, head + come.size()));
        }
        left -= length * length;
        List<Edit> edits = new ArrayList<>();
        for (Change change :
                new MeyersDiffWithLinearSpace<String>().computeDiff(gone, come, null)) {
            Edit next =
                    new Edit(
                            head + change.startOriginal,
                            head + change.endOriginal,
                            head + change.startRevised,
                            head + change.endRevised);
            Edit last = edits.isEmpty() ? null : edits.getLast();
            if (last != null && last.to() == next.from() && last.newTo() == next.newFrom()) {
                edits.set(
                        edits.size() - 1,
                        new Edit(last.from(), next.to(), last.newFrom(), next.newTo()));
            } else {
                edits.add(next);
            }
        }
        return edits;
    }

    /// @return null when it is no text
    private static @Nullable List<String> lines(byte @Nullable [] content) {
        if (content == null || content.length == 0) {
            return List.of();
        }
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
        if (text.indexOf('\0') >= 0) {
            return null;
        }
        List<String> lines = new ArrayList<>();
        int from = 0;
        int end;
        while ((end = text.indexOf('\n', from)) >= 0) {
            lines.add(text.substring(from, end));
            from = end + 1;
        }
        if (from < text.length()) {
            lines.add(text.substring(from) + NO_NEWLINE);
        }
        return lines;
    }
}
