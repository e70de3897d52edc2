package dev.atomic.api.mcp;

/// As much of a text as a model should get at once. Pure.
final class ShortText {
    /// In UTF-8.
    static final int MAX_BYTES = 8 << 10;

    private ShortText() {}

    /// Where the longest piece ends that begins here, fits, and splits no character.
    static int end(String text, int from, int maxBytes) {
        int at = from;
        int bytes = 0;
        while (at < text.length()) {
            int character = text.codePointAt(at);
            bytes += bytes(character);
            if (bytes > maxBytes) {
                return at;
            }
            at += Character.charCount(character);
        }
        return at;
    }

    private static int bytes(int character) {
        if (character < 0x80) {
            return 1;
        }
        if (character < 0x800) {
            return 2;
        }
        return character < 0x10000 ? 3 : 4;
    }
}
