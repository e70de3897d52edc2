package dev.atomic.api.relay.socket;

import dev.atomic.api.answer.JobResources;
import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.relay.tail.EventTail;
import dev.atomic.api.relay.tail.FollowerReads;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.problem.ProblemCode;
import jakarta.websocket.Session;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PongMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.adapter.NativeWebSocketSession;
import org.springframework.web.socket.handler.AbstractWebSocketHandler;

/// The sockets of `/ws/stream`: reads what clients send, in parts, so that the container's buffers
/// can be small (it makes them for each socket before anything is sent), and gives each socket its
/// writer ([StreamSocket]).
@Component
public final class StreamSocketHandler extends AbstractWebSocketHandler {
    private static final Logger LOG = LoggerFactory.getLogger(StreamSocketHandler.class);

    /// Largest message that is taken, in bytes.
    static final int TAKEN = 1024 * 1024;

    /// Largest message that is skipped and answered.
    static final int SKIPPED = 8 * 1024 * 1024;

    private static final String SEND_TIMEOUT = "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT";

    private final SocketRequests requests;
    private final EventTail tail;
    private final FollowerReads reads;
    private final JobStore jobs;
    private final JobResources resources;
    private final SocketTimes times;
    private final RequestMemory memory;
    private final Map<String, Connection> connections = new ConcurrentHashMap<>();

    /// One client. The assemblies' parts are for the thread that reads.
    private record Connection(StreamSocket socket, MessageAssembly text, MessageAssembly binary) {}

    StreamSocketHandler(
            SocketRequests requests,
            EventTail tail,
            FollowerReads reads,
            JobStore jobs,
            JobResources resources,
            SocketTimes times,
            RequestMemory memory) {
        this.requests = requests;
        this.tail = tail;
        this.reads = reads;
        this.jobs = jobs;
        this.resources = resources;
        this.times = times;
        this.memory = memory;
    }

    @Override
    public boolean supportsPartialMessages() {
        return true;
    }

    @Override
    public void afterConnectionEstablished(WebSocketSession session) {
        Session container = ((NativeWebSocketSession) session).getNativeSession(Session.class);
        if (container != null) {
            container.getUserProperties().put(SEND_TIMEOUT, times.send().toMillis());
        }
        StreamSocket socket =
                new StreamSocket(
                        session,
                        StreamSocketHandshake.caller(session),
                        tail,
                        reads,
                        jobs,
                        resources,
                        memory,
                        times);
        connections.put(
                session.getId(),
                new Connection(
                        socket,
                        new MessageAssembly(TAKEN, SKIPPED, memory.openForUnfinished()),
                        new MessageAssembly(0, SKIPPED, memory.openForUnfinished())));
        Thread.ofVirtual().name("socket-" + session.getId()).start(socket);
    }

    @Override
    protected void handleTextMessage(WebSocketSession session, TextMessage message)
            throws IOException, InterruptedException {
        Connection client = connections.get(session.getId());
        if (client == null) {
            return;
        }
        client.socket().heard();
        switch (client.text().text(message.getPayload(), message.isLast())) {
            case PARTIAL -> {}
            case WHOLE -> {
                try {
                    requests.handle(client.text().take(), client.socket());
                } finally {
                    client.text().handled();
                }
            }
            case NO_ROOM -> refuse(client, RequestMemory.full());
            case TOO_LARGE ->
                    refuse(
                            client,
                            new ProblemException(
                                    ProblemCode.TOO_LARGE,
                                    "A message may have at most 1 MiB; this one was skipped."));
            case EXCESSIVE -> session.close(CloseStatus.TOO_BIG_TO_PROCESS);
        }
    }

    @Override
    protected void handleBinaryMessage(WebSocketSession session, BinaryMessage message)
            throws IOException, InterruptedException {
        Connection client = connections.get(session.getId());
        if (client == null) {
            return;
        }
        client.socket().heard();
        switch (client.binary().binary(message.getPayloadLength(), message.isLast())) {
            case PARTIAL -> {}
            case WHOLE, TOO_LARGE, NO_ROOM ->
                    refuse(
                            client,
                            new ProblemException(
                                    ProblemCode.INVALID_REQUEST,
                                    "Messages are JSON text, not binary."));
            case EXCESSIVE -> session.close(CloseStatus.TOO_BIG_TO_PROCESS);
        }
    }

    @Override
    protected void handlePongMessage(WebSocketSession session, PongMessage message) {
        Connection client = connections.get(session.getId());
        if (client != null) {
            client.socket().heard();
        }
    }

    @Override
    public void handleTransportError(WebSocketSession session, Throwable failure) {
        LOG.debug("a socket failed: {}", failure.getMessage());
    }

    /// Disconnecting cancels nothing.
    @Override
    public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
        @Nullable Connection client = connections.remove(session.getId());
        if (client != null) {
            client.socket().closed();
            client.text().close();
        }
    }

    /// How many clients there are.
    public int connections() {
        return connections.size();
    }

    private static void refuse(Connection client, ProblemException problem)
            throws InterruptedException {
        client.socket().order(new SocketOrder.Say(ServerMessage.refused(problem, null, null)));
    }
}
