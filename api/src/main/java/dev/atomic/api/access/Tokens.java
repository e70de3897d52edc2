package dev.atomic.api.access;

import dev.atomic.api.TokenSettings;
import dev.atomic.api.key.Secret;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.Scope;
import dev.atomic.api.tenant.Tenant;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.JwtValidationException;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestTemplate;

/// JWTs as credentials: whose they are and what they allow. Nothing of a token is believed before
/// its signature was checked, and only by an algorithm that the settings imply.
///
/// A token must end (`exp`), and must name a tenant (`tenant`). Without `scope` it allows nothing.
/// An `aud`, if there is one, must have `atomic` in it: an issuer's tokens for others aren't ours.
///
/// Thread-safe.
@Component
final class Tokens {
    private static final String AUDIENCE = "atomic";
    private static final int MAX_NAME = 100;

    /// Of a request for the issuer's keys, which a caller waits for.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final @Nullable JwtDecoder decoder;

    Tokens(TokenSettings settings) {
        String issuer = settings.issuer();
        String secret = settings.secret();
        if (secret != null) {
            this.decoder = signedWith(secret);
        } else if (issuer != null) {
            // At the first token: the api starts without its issuer, too.
            this.decoder = new SupplierJwtDecoder(() -> of(issuer));
        } else {
            this.decoder = null;
        }
    }

    /// Whether it is to be looked at as a token, as it is neither a key nor a ticket.
    boolean mayBeOne(String credential) {
        return decoder != null
                && !credential.startsWith(Secret.KEY_PREFIX)
                && !credential.startsWith(Secret.TICKET_PREFIX);
    }

    /// @throws BadCredentialsException when it isn't good
    /// @throws TryLater when the issuer's keys can't be had
    Caller caller(String token) {
        if (decoder == null) {
            throw new IllegalStateException("no tokens are accepted");
        }
        try {
            return caller(decoder.decode(token));
        } catch (JwtValidationException refused) {
            throw new BadCredentialsException(
                    "The token isn't accepted: "
                            + refused.getErrors().stream()
                                    .map(OAuth2Error::getDescription)
                                    .collect(Collectors.joining("; ")));
        } catch (BadJwtException unreadable) {
            throw new BadCredentialsException(
                    "The credential is neither a key nor a token with a signature that is accepted.");
        } catch (JwtException | JwtDecoderInitializationException away) {
            throw new TryLater("The keys of the tokens' issuer can't be had; try again.");
        }
    }

    private static Caller caller(Jwt token) {
        Object tenant = token.getClaims().get("tenant");
        if (!(tenant instanceof String name) || !Tenant.isName(name)) {
            throw new BadCredentialsException("The token has no claim `tenant` that names one.");
        }
        return new Caller(name, name(token), null, token.getExpiresAt(), scopes(token));
    }

    /// As RFC 8693 has it, separated by spaces, or as a list, as some issuers have it.
    private static Set<Scope> scopes(Jwt token) {
        Object scope = token.getClaims().get("scope");
        return switch (scope) {
            case String joined -> Scope.split(joined);
            case Collection<?> several ->
                    Scope.split(
                            several.stream().map(String::valueOf).collect(Collectors.joining(" ")));
            case null, default -> Set.of();
        };
    }

    /// It stands in logs.
    private static String name(Jwt token) {
        String subject = token.getSubject();
        if (subject == null || subject.isBlank()) {
            return "token";
        }
        String visible = subject.replaceAll("[^\\x21-\\x7e]", "_");
        return visible.length() > MAX_NAME ? visible.substring(0, MAX_NAME) : visible;
    }

    private static JwtDecoder signedWith(String secret) {
        var key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
        NimbusJwtDecoder decoder =
                NimbusJwtDecoder.withSecretKey(key)
                        .macAlgorithm(MacAlgorithm.HS256)
                        .validateType(false)
                        .build();
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(common()));
        return decoder;
    }

    /// Which of its algorithms, all with public keys, is said by the issuer.
    private static JwtDecoder of(String issuer) {
        SimpleClientHttpRequestFactory http = new SimpleClientHttpRequestFactory();
        http.setConnectTimeout(PATIENCE);
        http.setReadTimeout(PATIENCE);
        NimbusJwtDecoder decoder =
                NimbusJwtDecoder.withIssuerLocation(issuer)
                        .discoverJwsAlgorithms()
                        .restOperations(new RestTemplate(http))
                        .validateType(false)
                        .build();
        decoder.setJwtValidator(
                new DelegatingOAuth2TokenValidator<>(
                        new JwtIssuerValidator(issuer),
                        new DelegatingOAuth2TokenValidator<>(common())));
        return decoder;
    }

    private static List<OAuth2TokenValidator<Jwt>> common() {
        JwtTimestampValidator times = new JwtTimestampValidator();
        times.setAllowEmptyExpiryClaim(false);
        // An access token of RFC 9068 says so.
        JwtTypeValidator type = new JwtTypeValidator("JWT", "at+jwt");
        type.setAllowEmpty(true);
        return List.of(times, type, Tokens::audience);
    }

    private static OAuth2TokenValidatorResult audience(Jwt token) {
        @Nullable List<String> audience = token.getAudience();
        return audience == null || audience.isEmpty() || audience.contains(AUDIENCE)
                ? OAuth2TokenValidatorResult.success()
                : OAuth2TokenValidatorResult.failure(
                        new OAuth2Error(
                                "invalid_token",
                                "`aud` doesn't have " + AUDIENCE + " in it",
                                null));
    }
}
