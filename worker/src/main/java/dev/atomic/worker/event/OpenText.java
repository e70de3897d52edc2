package dev.atomic.worker.event;

import dev.atomic.shared.event.JobEvent;
import dev.atomic.shared.job.StageName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Text of one kind that is still being joined: one event a flush instead of one a token, which
/// costs a thirteenth of the rows' bytes (473 KB against 36 KB for 3,000 tokens).
///
/// `at` is when its first piece came.
sealed interface OpenText {
    /// Longest joined text, so that an event stays small: characters.
    int MAX_CHARS = 64 * 1024;

    /// Parts of a text that fit an event each, no character split; U+0000, which PostgreSQL takes
    /// in no text, is U+FFFD on both databases.
    static List<String> pieces(String text) {
        String clean = text.replace('\0', '\uFFFD');
        if (clean.length() <= MAX_CHARS) {
            return List.of(clean);
        }
        List<String> pieces = new ArrayList<>();
        int from = 0;
        while (from < clean.length()) {
            int to = Math.min(from + MAX_CHARS, clean.length());
            if (to < clean.length() && Character.isHighSurrogate(clean.charAt(to - 1))) {
                to--;
            }
            pieces.add(clean.substring(from, to));
            from = to;
        }
        return pieces;
    }

    CharSequence text();

    Instant at();

    JobEvent close();

    record Delta(
            StageName stage,
            int round,
            int index,
            boolean reasoning,
            StringBuilder text,
            Instant at)
            implements OpenText {
        @Override
        public JobEvent close() {
            return new JobEvent.Chunk(
                    stage, round, text.toString(), index, reasoning ? true : null);
        }

        boolean takes(StageName otherStage, int otherRound, boolean otherReasoning, String more) {
            return stage == otherStage
                    && round == otherRound
                    && reasoning == otherReasoning
                    && text.length() + more.length() <= MAX_CHARS;
        }
    }

    /// An event that no text joins. Like streamed text, it waits for no answer.
    ///
    /// @param text stands for its size
    record Single(JobEvent event, String text, Instant at) implements OpenText {
        @Override
        public JobEvent close() {
            return event;
        }
    }

    record Output(String stream, int round, StringBuilder text, Instant at) implements OpenText {
        @Override
        public JobEvent close() {
            return new JobEvent.SandboxOutput(stream, text.toString(), round);
        }

        boolean takes(String otherStream, int otherRound, String more) {
            return stream.equals(otherStream)
                    && round == otherRound
                    && text.length() + more.length() <= MAX_CHARS;
        }
    }
}
