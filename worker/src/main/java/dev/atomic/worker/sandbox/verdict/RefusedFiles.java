package dev.atomic.worker.sandbox.verdict;

import dev.atomic.worker.sandbox.compare.Excerpt;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Files that stay behind, as they are told: beside what the program printed, because that is what
/// is read when something is missing.
///
/// Used by one thread.
final class RefusedFiles {
    /// A program may make as many as it likes. This many are named, the others are counted.
    static final int MAX_NAMED = 20;

    private static final int MAX_NAME_BYTES = 512;
    private static final String AND_MORE = "and_more";

    private final String prefix;
    private final List<String> named = new ArrayList<>();
    private long count;

    /// @param what became of them, for a person
    RefusedFiles(String what) {
        this.prefix = "[sandbox] " + what + ": ";
    }

    void add(RunnerRecord.RefusedFile file) {
        if (file.reason().equals(AND_MORE)) {
            count += Long.parseLong(file.path()); // those the runner doesn't name itself
        } else {
            add(file.path(), file.reason());
        }
    }

    void add(String path, String reason) {
        count++;
        if (named.size() < MAX_NAMED) {
            named.add(readable(path) + ": " + reason);
        }
    }

    /// Each name with its reason, cleaned and cut.
    List<String> named() {
        return named;
    }

    /// Lines for a person, empty when there are none.
    String note() {
        if (count == 0) {
            return "";
        }
        StringBuilder note = new StringBuilder();
        named.forEach(each -> note.append(prefix).append(each).append('\n'));
        if (count > named.size()) {
            note.append(prefix).append(count - named.size()).append(" more files\n");
        }
        return note.toString();
    }

    /// A name is the program's choice: nothing in it may look like another line, move a terminal's
    /// cursor or turn the text around.
    private static String readable(String path) {
        StringBuilder text = new StringBuilder();
        int bytes = 0;
        for (int point : path.codePoints().toArray()) {
            int shown = Excerpt.isSeen(point) ? point : '\uFFFD';
            bytes += Character.toString(shown).getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_NAME_BYTES) {
                break;
            }
            text.appendCodePoint(shown);
        }
        return text.toString();
    }
}
