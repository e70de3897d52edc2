package dev.atomic.api.submission;

import org.jspecify.annotations.Nullable;

/// How it is known whether a request is made again.
public enum Repeats {
    /// The client says so by its key, or never makes it again.
    BY_KEY,
    /// A library that tries again by itself says that this is its first try: another job, whatever
    /// was asked before.
    FIRST_TRY,
    /// It says that it tries again: the job of its last try, if there was one lately.
    TRIED_AGAIN;

    /// Begins the keys under which tries are remembered. No client's key has this character.
    private static final String OURS = "\t";

    /// @param retryCount the header by which OpenAI's libraries count, as it was sent; null where
    ///   it wasn't
    public static Repeats of(@Nullable String retryCount) {
        if (retryCount == null || !retryCount.matches("[0-9]{1,4}")) {
            return BY_KEY;
        }
        return Integer.parseInt(retryCount) == 0 ? FIRST_TRY : TRIED_AGAIN;
    }

    /// The key for a request without a key of the client's: what it asks for.
    public static String key(String bodySha256) {
        return OURS + bodySha256;
    }
}
