package dev.atomic.api;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Whose JWTs are accepted: those of an issuer that publishes its keys, or those that are signed
/// with a secret shared with us. Nobody's, where both are null.
public record TokenSettings(@Nullable String issuer, @Nullable String secret) {
    /// RFC 7518 section 3.2: no shorter than what HS256 makes of it.
    private static final int LEAST_BYTES = 32;

    /// @throws SettingException for a value that can't be used; it never has the secret in it
    public static TokenSettings from(Variables variables, boolean authenticates) {
        String issuer = variables.text("ATOMIC_JWT_ISSUER", "");
        String secret = variables.secret("ATOMIC_JWT_SECRET");
        if (!issuer.isEmpty()) {
            checkIssuer(issuer);
        }
        if (!secret.isEmpty() && secret.getBytes(StandardCharsets.UTF_8).length < LEAST_BYTES) {
            throw new SettingException(
                    "ATOMIC_JWT_SECRET", "…", "at least " + LEAST_BYTES + " bytes, for HS256");
        }
        if (!issuer.isEmpty() && !secret.isEmpty()) {
            throw new SettingException(
                    "ATOMIC_JWT_ISSUER", issuer, "it or ATOMIC_JWT_SECRET; unset one of them");
        }
        if (!authenticates && !(issuer.isEmpty() && secret.isEmpty())) {
            throw new SettingException(
                    issuer.isEmpty() ? "ATOMIC_JWT_SECRET" : "ATOMIC_JWT_ISSUER",
                    issuer.isEmpty() ? "…" : issuer,
                    "it means nothing to an open api; set ATOMIC_AUTH=required, too");
        }
        return new TokenSettings(
                issuer.isEmpty() ? null : issuer, secret.isEmpty() ? null : secret);
    }

    /// Over plain HTTP anybody on the way could put in keys of their own.
    private static void checkIssuer(String issuer) {
        try {
            URI uri = URI.create(issuer);
            boolean plain = "http".equals(uri.getScheme()) && isLoopback(uri.getHost());
            if (uri.getHost() != null
                    && ("https".equals(uri.getScheme()) || plain)
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && uri.getFragment() == null) {
                return;
            }
        } catch (IllegalArgumentException malformed) {
            // told below
        }
        throw new SettingException(
                "ATOMIC_JWT_ISSUER", issuer, "an https address as the tokens' `iss` has it");
    }

    private static boolean isLoopback(@Nullable String host) {
        try {
            return host != null && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            return false;
        }
    }

    /// Never the secret.
    @Override
    public String toString() {
        return "tokens of " + (issuer == null ? secret == null ? "nobody" : "a secret" : issuer);
    }
}
