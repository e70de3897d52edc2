package dev.atomic.api.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.api.RunningApi;
import dev.atomic.db.TestDatabase;
import dev.atomic.shared.event.EventLog;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.queue.Signals;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Method;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.ActionCode;
import org.apache.coyote.ActionHook;
import org.apache.coyote.OutputBuffer;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.transaction.support.TransactionTemplate;

/// Shorter than the web server's graceful stop would wait for streams that never end.
@Timeout(20)
class ApiStopsIT {
    @Test
    void streamsAndSocketsAreToldToComeBackElsewhere() throws Exception {
        try (TestDatabase database = TestDatabase.h2();
                HttpClient http = HttpClient.newHttpClient()) {
            RunningApi api = RunningApi.on(database, Map.of());
            WorkerAtHand worker =
                    new WorkerAtHand(
                            api.bean(JobStore.class),
                            api.bean(EventLog.class),
                            api.bean(Signals.class),
                            api.bean(TransactionTemplate.class));
            UUID id = worker.running();
            SocketClient client = SocketClient.open(http, api.port());
            client.send("{'subscribe':'" + id + "'}");
            client.until("started");
            var stream =
                    http.send(
                            api.request(
                                            "/api/jobs/" + id + "/events",
                                            "Accept",
                                            "text/event-stream")
                                    .build(),
                            BodyHandlers.ofLines());
            var dashboard =
                    http.send(
                            api.request("/dashboard/sse/jobstats").build(), BodyHandlers.ofLines());
            api.close();
            assertThat(stream.body().filter(line -> line.startsWith("id: "))).hasSize(2);
            assertThat(dashboard.body().count()).isPositive();
            assertThat(client.closed.get(5, TimeUnit.SECONDS)).isEqualTo(1001);
        }
    }

    /// When it is told to stop between its look whether it is and the end of a request's first
    /// line, Tomcat reads no headers, answers 503, then finds no `Host` and makes it a 400. The
    /// moment is too short to be met by chance, so what Tomcat does then is done here: its adapter
    /// gets that request.
    @Test
    void whoComesWhileItStopsIsToldToComeBackNotThatTheRequestIsBad() throws Exception {
        try (TestDatabase database = TestDatabase.h2();
                RunningApi api = RunningApi.on(database, Map.of())) {
            Connector connector = api.connector();
            assertThat(refused(connector)).startsWith("400 ").contains("invalid_request");
            connector.pause();
            assertThat(refused(connector))
                    .startsWith("503 ")
                    .contains("\"code\":\"unavailable\"")
                    .endsWith(" Retry-After: 2");
        }
    }

    /// The answer to a request of which Tomcat has read the first line, and which it refuses.
    private static String refused(Connector connector) throws Exception {
        Request request = new Request();
        Response response = new Response();
        request.setResponse(response);
        request.setMethod("POST");
        request.requestURI().setBytes("/api/jobs".getBytes(US_ASCII), 0, 9);
        request.protocol().setString("HTTP/1.1");
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        response.setOutputBuffer(
                new OutputBuffer() {
                    @Override
                    public int doWrite(ByteBuffer chunk) {
                        byte[] bytes = new byte[chunk.remaining()];
                        chunk.get(bytes);
                        body.writeBytes(bytes);
                        return bytes.length;
                    }

                    @Override
                    public long getBytesWritten() {
                        return body.size();
                    }
                });
        // Tomcat's own processor sets this, and nobody else can.
        Method setHook = Response.class.getDeclaredMethod("setHook", ActionHook.class);
        setHook.setAccessible(true);
        ActionHook ioIsAllowed =
                (action, parameter) -> {
                    if (action == ActionCode.IS_IO_ALLOWED
                            && parameter instanceof AtomicBoolean allowed) {
                        allowed.set(true);
                    }
                };
        setHook.invoke(response, ioIsAllowed);
        response.setStatus(400);
        response.setError();
        connector.getProtocolHandler().getAdapter().service(request, response);
        return response.getStatus()
                + " "
                + body.toString(US_ASCII)
                + " Retry-After: "
                + response.getMimeHeaders().getHeader("Retry-After");
    }
}
