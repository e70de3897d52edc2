package dev.atomic.worker.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.shared.webhook.WebhookRules;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;

/// Posts to an address that a tenant named. The name is resolved once, every address it has must be
/// allowed, and the connection goes to one of those that were looked at: a client that resolves for
/// itself could be given another one a moment later. Redirects aren't followed, and the answer's
/// body isn't read.
///
/// Thread-safe.
public final class WebhookSender {
    /// For all of it: connecting, TLS, sending, the answer's head.
    static final Duration MAX_DURATION = Duration.ofSeconds(10);

    private static final int MAX_LINE = 8_192;
    private static final int MAX_HEADERS = 100;

    private final WebhookRules rules;
    private final SSLSocketFactory tls;
    private final ScheduledExecutorService timer;

    public WebhookSender(WebhookRules rules, SSLSocketFactory tls, ScheduledExecutorService timer) {
        this.rules = rules;
        this.tls = tls;
        this.timer = timer;
    }

    /// The address isn't one that may be called, now. Its message is for the job's owner.
    static final class NotAllowed extends IOException {
        private static final long serialVersionUID = 1;

        NotAllowed(String message) {
            super(message);
        }
    }

    /// @return the answer's status
    /// @throws NotAllowed before anything is sent
    /// @throws IOException when there is no answer, or none within 10 s
    int post(URI url, String body, Map<String, String> headers) throws IOException {
        long began = System.nanoTime();
        InetAddress address = resolve(url);
        try (Socket socket = new Socket()) {
            // Closing it ends whatever waits on it, wherever that is.
            ScheduledFuture<?> deadline =
                    timer.schedule(
                            () -> close(socket), MAX_DURATION.toMillis(), TimeUnit.MILLISECONDS);
            try {
                socket.connect(
                        new InetSocketAddress(address, WebhookRules.port(url)),
                        (int) MAX_DURATION.toMillis());
                return exchange(url, socket, body, headers);
            } catch (IOException e) {
                boolean late = System.nanoTime() - began >= MAX_DURATION.toNanos();
                throw late ? new IOException("no answer within 10 s", e) : e;
            } finally {
                deadline.cancel(false);
            }
        }
    }

    private InetAddress resolve(URI url) throws IOException {
        String why = rules.refusal(url.toString()).orElse(null);
        if (why != null) {
            throw new NotAllowed("the address " + why);
        }
        String host = url.getHost();
        InetAddress[] all;
        try {
            all = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw new IOException("the name can't be resolved", e);
        }
        for (InetAddress address : all) {
            if (!rules.mayReach(url, address)) {
                // Which one isn't said: a tenant isn't told what is in this network.
                throw new NotAllowed("the name leads to an address that isn't public");
            }
        }
        return all[0];
    }

    private int exchange(URI url, Socket socket, String body, Map<String, String> headers)
            throws IOException {
        Http1Config bounds =
                Http1Config.custom()
                        .setMaxLineLength(MAX_LINE)
                        .setMaxHeaderCount(MAX_HEADERS)
                        .build();
        try (DefaultBHttpClientConnection connection = new DefaultBHttpClientConnection(bounds)) {
            connection.bind(
                    url.getScheme().equalsIgnoreCase("https") ? secure(url, socket) : socket);
            BasicClassicHttpRequest request = new BasicClassicHttpRequest("POST", target(url));
            request.setHeader("Host", url.getRawAuthority());
            request.setHeader("Content-Type", "application/json");
            request.setHeader("Content-Length", body.getBytes(UTF_8).length);
            request.setHeader("User-Agent", "Atomic-Orchestrator");
            request.setHeader("Connection", "close");
            headers.forEach(request::setHeader);
            request.setEntity(new StringEntity(body, ContentType.APPLICATION_JSON));
            connection.sendRequestHeader(request);
            connection.sendRequestEntity(request);
            connection.flush();
            ClassicHttpResponse response = connection.receiveResponseHeader();
            return response.getCode();
        } catch (HttpException e) {
            throw new IOException("the answer isn't HTTP", e);
        }
    }

    private SSLSocket secure(URI url, Socket socket) throws IOException {
        String host = url.getHost();
        String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        SSLSocket secured =
                (SSLSocket) tls.createSocket(socket, name, WebhookRules.port(url), true);
        SSLParameters parameters = secured.getSSLParameters();
        // Without this the JDK checks who signed a certificate but not whose it is.
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private static String target(URI url) {
        String path =
                url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed
        }
    }
}
