package dev.atomic.worker.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.atomic.shared.Variables;
import dev.atomic.shared.webhook.WebhookRules;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Posts to real servers, with TLS where it matters.
class WebhookSenderIT {
    private static final String PASSWORD = "password";
    private static final ScheduledExecutorService TIMER =
            Executors.newSingleThreadScheduledExecutor();

    @TempDir static Path directory;
    private static SSLContext tls;

    /// A certificate for `localhost`, and for no address.
    @BeforeAll
    static void certify() throws Exception {
        Path store = directory.resolve("store.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-alias",
                                "a",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "SAN=dns:localhost",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                PASSWORD,
                                "-keystore",
                                store.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory ours =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        ours.init(keys, PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("a", keys.getCertificate("a"));
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        tls = SSLContext.getInstance("TLS");
        tls.init(ours.getKeyManagers(), trust.getTrustManagers(), null);
    }

    @AfterAll
    static void stop() {
        TIMER.shutdownNow();
    }

    private static WebhookSender sender(String allow, SSLSocketFactory factory) {
        return new WebhookSender(
                WebhookRules.from(new Variables(Map.of("ATOMIC_WEBHOOK_ALLOW", allow))),
                factory,
                TIMER);
    }

    private static HttpServer answering(int status, AtomicReference<String> heard)
            throws IOException {
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext(
                "/",
                exchange -> {
                    heard.set(
                            exchange.getRequestMethod()
                                    + " "
                                    + exchange.getRequestURI()
                                    + " "
                                    + exchange.getRequestHeaders().getFirst("X-One")
                                    + " "
                                    + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
                    exchange.getResponseHeaders().set("Location", "/elsewhere");
                    exchange.sendResponseHeaders(status, -1);
                    exchange.close();
                });
        server.start();
        return server;
    }

    @Test
    void aNameIsPostedToWithTlsAndARedirectIsOnlyAnAnswer() throws Exception {
        AtomicReference<String> heard = new AtomicReference<>();
        HttpServer server = answering(307, heard);
        try {
            String origin = "https://localhost:" + server.getAddress().getPort();
            int status =
                    sender(origin, tls.getSocketFactory())
                            .post(URI.create(origin + "/a?b=c"), "{}", Map.of("X-One", "two"));
            assertThat(status).isEqualTo(307);
            assertThat(heard.get()).isEqualTo("POST /a?b=c two {}");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aCertificateOfAnotherNameOrOfNobodyKnownIsRefused() throws Exception {
        AtomicReference<String> heard = new AtomicReference<>();
        HttpServer server = answering(204, heard);
        try {
            int port = server.getAddress().getPort();
            String other = "https://127.0.0.1:" + port;
            String right = "https://localhost:" + port;
            assertThatThrownBy(() ->
                            sender(other, tls.getSocketFactory())
                                    .post(URI.create(other), "{}", Map.of()))
                    .isInstanceOf(SSLException.class);
            SSLSocketFactory strangers = (SSLSocketFactory) SSLSocketFactory.getDefault();
            assertThatThrownBy(
                            () -> sender(right, strangers).post(URI.create(right), "{}", Map.of()))
                    .isInstanceOf(SSLException.class);
            assertThat(heard.get()).isNull();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aNameThatLeadsToThisMachineIsNotCalled() throws Exception {
        AtomicReference<String> heard = new AtomicReference<>();
        HttpServer server = answering(204, heard);
        try {
            String origin = "https://localhost:" + server.getAddress().getPort();
            assertThatThrownBy(() ->
                            sender("", tls.getSocketFactory())
                                    .post(URI.create(origin), "{}", Map.of()))
                    .isInstanceOf(WebhookSender.NotAllowed.class)
                    .hasMessageNotContaining("127");
            assertThat(heard.get()).isNull();
        } finally {
            server.stop(0);
        }
    }

    /// It takes the connection, says a little now and then, and never ends.
    @Test
    void aReceiverThatTakesItsTimeIsLeftAfterTenSeconds() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        try (ServerSocket slow = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(() -> {
                        try (var socket = slow.accept()) {
                            while (true) {
                                socket.getOutputStream()
                                        .write(sent.getAndIncrement() == 0 ? 'H' : ' ');
                                socket.getOutputStream().flush();
                                Thread.sleep(200);
                            }
                        } catch (IOException | InterruptedException e) {
                            // left
                        }
                    });
            String origin = "http://127.0.0.1:" + slow.getLocalPort();
            long began = System.nanoTime();
            assertThatThrownBy(() ->
                            sender(origin, tls.getSocketFactory())
                                    .post(URI.create(origin), "{}", Map.of()))
                    .isInstanceOf(IOException.class)
                    .hasMessage("no answer within 10 s");
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(20));
            assertThat(sent.get()).isGreaterThan(5);
        }
    }
}
