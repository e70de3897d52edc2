package dev.atomic.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.atomic.api.TokenSettings;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.Scope;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.security.authentication.BadCredentialsException;

@Timeout(60)
class TokensTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    private final Tokens shared = new Tokens(new TokenSettings(null, SECRET));

    @Test
    void aTokenSaysWhoseItIsAndWhatItAllows() throws Exception {
        Caller caller = shared.caller(signed(claims().build()));

        assertThat(caller.tenant()).isEqualTo("acme");
        assertThat(caller.name()).isEqualTo("some_one");
        assertThat(caller.scopes()).containsExactlyInAnyOrder(Scope.READ, Scope.SUBMIT);
        assertThat(caller.keyId()).isNull();
        assertThat(caller.until()).isAfter(Instant.now());
        assertThat(shared.caller(signed(claims().claim("scope", List.of("read")).build())).scopes())
                .containsExactly(Scope.READ);
        assertThat(shared.caller(signed(claims().claim("scope", null).build())).scopes()).isEmpty();
        assertThat(shared.caller(signed(claims().claim("scope", "Admin root").build())).scopes())
                .isEmpty();
        assertThat(shared.caller(signed(claims().audience(List.of("x", "atomic")).build())))
                .isNotNull();
    }

    @Test
    void whatIsNotOursOrNotNowIsRefused() throws Exception {
        Date past = Date.from(Instant.now().minus(Duration.ofMinutes(5)));
        Date future = Date.from(Instant.now().plus(Duration.ofMinutes(5)));
        for (JWTClaimsSet claims :
                List.of(
                        claims().expirationTime(past).build(),
                        claims().expirationTime(null).build(),
                        claims().notBeforeTime(future).build(),
                        claims().audience("somebody-else").build(),
                        claims().claim("tenant", null).build(),
                        claims().claim("tenant", "Acme!").build(),
                        claims().claim("tenant", 7).build())) {
            refused(shared, signed(claims));
        }
        JWTClaimsSet good = claims().build();
        refused(shared, new PlainJWT(good).serialize());
        refused(shared, signed(good, new MACSigner(SECRET.replace('0', '1')), JWSAlgorithm.HS256));
        refused(shared, signed(good, new MACSigner(SECRET + SECRET), JWSAlgorithm.HS512));
        refused(shared, signed(good).replaceAll(".$", "").concat("~"));
        refused(shared, "a.b.c");
        refused(shared, "not a token");
    }

    @Test
    void anIssuersKeysAreItsOwnAndMayChange() throws Exception {
        RSAKey first = new RSAKeyGenerator(2048).keyID("1").generate();
        RSAKey second = new RSAKeyGenerator(2048).keyID("2").generate();
        RSAKey foreign = new RSAKeyGenerator(2048).keyID("1").generate();
        try (Issuer issuer = new Issuer(first)) {
            Tokens tokens = new Tokens(new TokenSettings(issuer.address(), null));
            JWTClaimsSet claims = claims().issuer(issuer.address()).build();
            assertThat(tokens.caller(signed(claims, first)).tenant()).isEqualTo("acme");
            refused(tokens, signed(claims, foreign));
            refused(tokens, signed(claims().issuer("https://other.example").build(), first));
            refused(tokens, signed(claims().build(), first));
            // What is public must not serve as a shared secret.
            String publicKey = first.toPublicJWK().toJSONString();
            refused(tokens, signed(claims, new MACSigner(publicKey), JWSAlgorithm.HS256));
            issuer.keys = new JWKSet(List.of(first, second));
            assertThat(tokens.caller(signed(claims, second)).tenant()).isEqualTo("acme");
        }
    }

    @Test
    void anIssuerThatIsAwayMakesNoTokenWrong() throws Exception {
        RSAKey key = new RSAKeyGenerator(2048).keyID("1").generate();
        Issuer issuer = new Issuer(key);
        Tokens tokens = new Tokens(new TokenSettings(issuer.address(), null));
        issuer.close();
        String token = signed(claims().issuer(issuer.address()).build(), key);
        assertThatThrownBy(() -> tokens.caller(token)).isInstanceOf(TryLater.class);
    }

    @Test
    void keysAndTicketsAreNoTokens() {
        assertThat(shared.mayBeOne("atk_x")).isFalse();
        assertThat(shared.mayBeOne("att_x")).isFalse();
        assertThat(shared.mayBeOne("eyJ")).isTrue();
        assertThat(new Tokens(new TokenSettings(null, null)).mayBeOne("eyJ")).isFalse();
    }

    private static void refused(Tokens tokens, String token) {
        assertThatThrownBy(() -> tokens.caller(token))
                .as(token)
                .isInstanceOf(BadCredentialsException.class)
                .hasMessageNotContaining(token);
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .subject("some one")
                .claim("tenant", "acme")
                .claim("scope", "read submit profile")
                .expirationTime(Date.from(Instant.now().plus(Duration.ofMinutes(5))));
    }

    private static String signed(JWTClaimsSet claims) throws Exception {
        return signed(claims, new MACSigner(SECRET), JWSAlgorithm.HS256);
    }

    private static String signed(JWTClaimsSet claims, RSAKey key) throws Exception {
        SignedJWT token =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .type(new JOSEObjectType("at+jwt"))
                                .keyID(key.getKeyID())
                                .build(),
                        claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    private static String signed(JWTClaimsSet claims, JWSSigner signer, JWSAlgorithm algorithm)
            throws Exception {
        SignedJWT token = new SignedJWT(new JWSHeader(algorithm), claims);
        token.sign(signer);
        return token.serialize();
    }

    /// Publishes its keys as OpenID Connect Discovery says.
    private static final class Issuer implements AutoCloseable {
        private final HttpServer server;
        private volatile JWKSet keys;

        Issuer(RSAKey key) throws Exception {
            keys = new JWKSet(key);
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            serve(
                    "/.well-known/openid-configuration",
                    () ->
                            "{\"issuer\":\"%1$s\",\"jwks_uri\":\"%1$s/keys\",\"subject_types_supported\":[\"public\"]}"
                                    .formatted(address()));
            serve("/keys", () -> keys.toPublicJWKSet().toString());
            server.start();
        }

        private void serve(String path, java.util.function.Supplier<String> body) {
            server.createContext(
                    path,
                    exchange -> {
                        byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
                        exchange.getResponseHeaders().set("Content-Type", "application/json");
                        exchange.sendResponseHeaders(200, bytes.length);
                        exchange.getResponseBody().write(bytes);
                        exchange.close();
                    });
        }

        String address() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
