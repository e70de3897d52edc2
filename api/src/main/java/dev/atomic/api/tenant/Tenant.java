package dev.atomic.api.tenant;

import java.util.regex.Pattern;

/// Whose jobs these are.
public final class Tenant {
    /// Everyone's, where nobody says otherwise.
    public static final String DEFAULT = "default";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    private Tenant() {}

    /// Lower case only, so that no two look alike but for that.
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }
}
