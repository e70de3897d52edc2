package dev.atomic.worker.sandbox.compare;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.ArrayList;
import java.util.List;

/// Two texts that aren't the same, as a diff that a person reads: `-` was expected, `+` came.
///
/// Only some lines from the first difference on are compared: the cost of a whole diff is the
/// product of both texts, and what a hostile program prints may be a million lines. Pure.
final class LineDifference {
    private static final int LINES = 24;
    private static final int CONTEXT = 2;

    private LineDifference() {}

    static String of(String expected, String actual) {
        int place = firstDifference(expected, actual);
        int start = startOfLine(expected, place);
        long number = 1 + expected.substring(0, start).chars().filter(c -> c == '\n').count();
        int from = start;
        for (int i = 0; i < CONTEXT && from > 0; i++) {
            from = startOfLine(expected, from - 1);
        }
        List<String> wanted = window(expected, from, start, place);
        List<String> got = window(actual, from, start, place);
        List<String> unified =
                UnifiedDiffUtils.generateUnifiedDiff(
                        "expected", "actual", wanted, DiffUtils.diff(wanted, got), CONTEXT);
        StringBuilder text = new StringBuilder("first difference in line " + number);
        // The first two name the files, and hunks are counted from the window's first line.
        for (String line : unified.subList(Math.min(2, unified.size()), unified.size())) {
            text.append('\n').append(line.startsWith("@@") ? "@@" : line);
        }
        return text.toString();
    }

    private static int firstDifference(String a, String b) {
        int most = Math.min(a.length(), b.length());
        int i = 0;
        while (i < most && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        return i;
    }

    /// The texts are the same before `place`, so that it is the same for both.
    private static int startOfLine(String text, int place) {
        return text.lastIndexOf('\n', place - 1) + 1;
    }

    private static List<String> window(String text, int from, int start, int place) {
        List<String> lines = new ArrayList<>();
        int begin = from;
        while (lines.size() < LINES) {
            int end = text.indexOf('\n', begin);
            String line = text.substring(begin, end < 0 ? text.length() : end);
            lines.add(begin == start ? Excerpt.around(line, place - start) : Excerpt.of(line));
            if (end < 0) {
                return lines;
            }
            begin = end + 1;
        }
        return lines;
    }
}
