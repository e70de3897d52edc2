package dev.atomic.api.access;

import org.springframework.security.core.AuthenticationException;

/// Whose credential it is can't be found out just now. It may be good: `503`, and not `401`.
final class TryLater extends AuthenticationException {
    private static final long serialVersionUID = 1;

    TryLater(String detail) {
        super(detail);
    }
}
