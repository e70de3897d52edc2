package dev.atomic.db;

import java.io.Serial;

/// A setting that stops the start, with the one line an operator needs: variable, value, what is
/// allowed.
public final class SettingException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    public SettingException(String variable, String value, String allowed) {
        super(variable + "=" + value + " is not allowed: " + allowed);
    }
}
