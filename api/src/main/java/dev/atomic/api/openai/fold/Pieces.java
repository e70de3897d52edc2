package dev.atomic.api.openai.fold;

import java.util.ArrayList;
import java.util.List;

/// Cuts a long text into the deltas of a stream. Pure.
final class Pieces {
    private static final int MAX_CHARS = 4096;

    private Pieces() {}

    /// The text in order, no pair of surrogates split.
    static List<String> of(String text) {
        List<String> pieces = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int to = Math.min(from + MAX_CHARS, text.length());
            if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
                to--;
            }
            pieces.add(text.substring(from, to));
            from = to;
        }
        return pieces;
    }
}
