package dev.atomic.worker.sandbox.compare;

/// The part of a text that a person is shown of it: short, on one line, with nothing in it that
/// can't be seen. Pure.
public final class Excerpt {
    static final int MAX_CHARS = 160;

    private Excerpt() {}

    /// Its beginning.
    public static String of(String text) {
        return from(text, 0);
    }

    /// What stands around a place in it.
    static String around(String text, int place) {
        return from(text, text.length() <= MAX_CHARS ? 0 : Math.max(0, place - MAX_CHARS / 3));
    }

    private static String from(String text, int start) {
        int from = start > 0 && isInCharacter(text, start) ? start - 1 : start;
        int to = Math.min(text.length(), from + MAX_CHARS);
        if (isInCharacter(text, to)) {
            to--;
        }
        return (from > 0 ? "…" : "")
                + visible(text.substring(from, to))
                + (to < text.length() ? "…" : "");
    }

    private static boolean isInCharacter(String text, int at) {
        return at > 0
                && at < text.length()
                && Character.isLowSurrogate(text.charAt(at))
                && Character.isHighSurrogate(text.charAt(at - 1));
    }

    private static String visible(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(point -> append(shown, point));
        return shown.toString();
    }

    private static void append(StringBuilder shown, int point) {
        switch (point) {
            case '\n' -> shown.append("\\n");
            case '\r' -> shown.append("\\r");
            case '\t' -> shown.append("\\t");
            default -> {
                if (isSeen(point)) {
                    shown.appendCodePoint(point);
                } else {
                    shown.append("\\u{").append(Integer.toHexString(point)).append('}');
                }
            }
        }
    }

    /// Whether a character is visible and neither moves a cursor nor changes the direction of text.
    public static boolean isSeen(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    false;
            default -> true;
        };
    }
}
