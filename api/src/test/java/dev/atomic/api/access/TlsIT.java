package dev.atomic.api.access;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.api.RunningApi;
import dev.atomic.db.SettingException;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.TlsFiles;
import dev.atomic.shared.Variables;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsIT {
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir private Path folder;

    @Test
    void theApiSpeaksTlsAloneAndAnswersAnybodyWithAKey() throws Exception {
        KeyStore store = certificate("first", "RSA");
        Map<String, String> variables = new HashMap<>();
        variables.put("ATOMIC_TLS_CERT", folder.resolve("first.crt").toString());
        variables.put("ATOMIC_TLS_KEY", folder.resolve("first.key").toString());
        // What it is told; the test itself binds to loopback.
        variables.put("ATOMIC_HTTP_HOST", "0.0.0.0");
        variables.put("ATOMIC_HOME", folder.toString());
        try (TestDatabase database = TestDatabase.h2();
                RunningApi api = RunningApi.on(database, variables);
                HttpClient client = HttpClient.newBuilder().sslContext(trusting(store)).build()) {
            String key = Files.readString(folder.resolve("run/admin.key")).strip();
            URI jobs = URI.create("https://localhost:" + api.port() + "/api/jobs");
            HttpRequest.Builder request = HttpRequest.newBuilder(jobs);
            assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(401);
            request.header("X-API-Key", key);
            assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
            assertThat(PlainRequest.ask(api.port(), "GET /health", "localhost", "", false))
                    .startsWith("HTTP/1.1 400");
            try (HttpClient strict = HttpClient.newHttpClient()) {
                assertThatThrownBy(() -> strict.send(request.build(), BodyHandlers.discarding()))
                        .isInstanceOf(javax.net.ssl.SSLHandshakeException.class);
            }
        }
    }

    @Test
    void whatCannotBeUsedIsToldByItsVariable() throws Exception {
        certificate("first", "RSA");
        certificate("second", "EC");
        assertThat(TlsFiles.from(new Variables(Map.of()))).isEmpty();
        assertThat(files("second.crt", "second.key").isPresent()).isTrue();
        refused("first.crt", "second.key", "ATOMIC_TLS_KEY");
        refused("second.crt", "first.key", "ATOMIC_TLS_KEY");
        refused("first.key", "first.key", "ATOMIC_TLS_CERT");
        refused("first.crt", "first.crt", "ATOMIC_TLS_KEY");
        refused("none.crt", "first.key", "ATOMIC_TLS_CERT");
        refused("first.crt", "none.key", "ATOMIC_TLS_KEY");
        for (Map<String, String> half :
                java.util.List.of(
                        Map.of("ATOMIC_TLS_CERT", folder.resolve("first.crt").toString()),
                        Map.of("ATOMIC_TLS_KEY", folder.resolve("first.key").toString()),
                        Map.of("ATOMIC_TLS_CERT", "first.crt", "ATOMIC_TLS_KEY", "first.key"))) {
            assertThatThrownBy(() -> TlsFiles.from(new Variables(half)))
                    .isInstanceOf(SettingException.class);
        }
    }

    private java.util.Optional<TlsFiles> files(String certificate, String key) {
        return TlsFiles.from(
                new Variables(
                        Map.of(
                                "ATOMIC_TLS_CERT", folder.resolve(certificate).toString(),
                                "ATOMIC_TLS_KEY", folder.resolve(key).toString())));
    }

    private void refused(String certificate, String key, String variable) {
        assertThatThrownBy(() -> files(certificate, key))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(variable + "=");
    }

    /// Signs itself, for `localhost`.
    private KeyStore certificate(String name, String algorithm) throws Exception {
        Path file = folder.resolve(name + ".p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                new String(PASSWORD),
                                "-alias",
                                name,
                                "-keyalg",
                                algorithm,
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=dns:localhost")
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve(name + ".log").toFile())
                        .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD);
        Key key = store.getKey(name, PASSWORD);
        pem(name + ".key", "PRIVATE KEY", key.getEncoded());
        pem(name + ".crt", "CERTIFICATE", store.getCertificate(name).getEncoded());
        return store;
    }

    private void pem(String file, String what, byte[] content) throws Exception {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(content);
        Files.writeString(
                folder.resolve(file),
                "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(what, text));
    }

    private static SSLContext trusting(KeyStore store) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("it", store.getCertificate("first"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
