package dev.atomic.worker.agent;

import dev.atomic.shared.checkpoint.Usage;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.worker.StopToken;
import dev.atomic.worker.agent.AgentConnection.Received;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the agent, and streams its answer.
///
/// An agent that can't be connected to uses up no attempt: it is tried every 2 s. The same holds
/// for a connection lost before the first chunk, unless that happens every time. After the first
/// chunk another answer would have to be paid for, so the attempt has failed.
///
/// Thread-safe; a call blocks its thread until the answer is whole.
public final class AgentClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentClient.class);
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(2);

    /// How often a request is sent to an agent that takes it and hangs up without a word. The
    /// guide's own server does so with a line of more than 64 KiB, each time.
    private static final int MAX_HANG_UPS = 5;

    /// How long a cancelled request's end is waited for before it is left to itself.
    private static final Duration CANCEL_WAIT = Duration.ofSeconds(1);

    private final AgentSettings settings;
    private final AgentConnections connections;

    public AgentClient(AgentSettings settings) {
        this.settings = settings;
        this.connections =
                new AgentConnections(settings.socket(), settings.connect(), settings.poolSize());
    }

    /// Whether the agent answers.
    public boolean isHealthy() {
        Frame.Health said = health();
        return said != null && said.isHealthy();
    }

    /// What the agent says of itself and its providers; null when it doesn't answer.
    public Frame.@Nullable Health health() {
        try {
            return connections.health();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /// Takes each piece of an answer as it comes.
    @FunctionalInterface
    public interface Deltas {
        /// @param reasoning whether it is what the model thinks, which is no part of its answer
        /// @return false to break the answer off
        boolean take(String delta, boolean reasoning);
    }

    /// Asks, and waits for the whole answer.
    public AgentReply generate(AgentRequest request, StopToken stop, Deltas onDelta) {
        long giveUp = System.nanoTime() + settings.unreachable().toNanos();
        boolean waiting = false;
        int hangUps = 0;
        while (!stop.isStopped()) {
            try (AgentConnections.Lease lease = connections.acquire(stop)) {
                if (lease == null) {
                    return new AgentReply.Stopped(null);
                }
                AgentReply reply = new Call(lease, stop, onDelta).run(request);
                if (reply != null) {
                    return reply;
                }
                hangUps++;
                if (hangUps == MAX_HANG_UPS) {
                    return hungUp(request);
                }
            } catch (IOException e) {
                if (!waiting) {
                    waiting = true;
                    LOG.warn(
                            "no agent on {} ({}); trying every {} s for {} s",
                            settings.socket(),
                            e.getMessage(),
                            RETRY_INTERVAL.toSeconds(),
                            settings.unreachable().toSeconds());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new AgentReply.Stopped(null);
            }
            if (System.nanoTime() > giveUp) {
                return new AgentReply.Failed(
                        FailureCode.AGENT_UNREACHABLE,
                        "no agent answered on its socket for "
                                + settings.unreachable().toSeconds()
                                + " s",
                        false,
                        null,
                        null);
            }
            stop.awaitStop(RETRY_INTERVAL);
        }
        return new AgentReply.Stopped(null);
    }

    private static AgentReply hungUp(AgentRequest request) {
        int length = FrameCodec.request("", 0, request).length;
        return new AgentReply.Failed(
                FailureCode.UNAVAILABLE,
                "the agent hung up "
                        + MAX_HANG_UPS
                        + " times without a word; the request is a line of "
                        + (length >> 10)
                        + " KiB, which may be more than it takes",
                true,
                null,
                null);
    }

    @Override
    public void close() {
        connections.close();
    }

    /// One request on one connection.
    private final class Call {
        private final AgentConnections.Lease lease;
        private final StopToken stop;
        private final Deltas onDelta;
        private final String id;
        private final Inbox inbox;
        private final StringBuilder text = new StringBuilder();
        private long thought;
        private boolean begun;
        private final long started = System.nanoTime();

        Call(AgentConnections.Lease lease, StopToken stop, Deltas onDelta) {
            this.lease = lease;
            this.id = lease.connection.newId();
            this.inbox = lease.connection.expect(id);
            this.stop = stop;
            this.onDelta = onDelta;
        }

        /// @return null when the connection was lost before anything came: ask again
        @Nullable AgentReply run(AgentRequest request) throws IOException, InterruptedException {
            AgentConnection connection = lease.connection;
            BlockingQueue<Boolean> stopped = new LinkedBlockingQueue<>();
            try (var _ =
                    stop.onStop(() -> {
                        stopped.add(true);
                        inbox.gone(); // wakes the wait below
                    })) {
                connection.send(FrameCodec.request(id, System.currentTimeMillis(), request));
                while (true) {
                    Received received = inbox.poll(nanosLeft(), TimeUnit.NANOSECONDS);
                    if (!stopped.isEmpty()) {
                        return new AgentReply.Stopped(cancel());
                    }
                    if (received == null) {
                        return timedOut(cancel());
                    }
                    if (received instanceof Received.Got(Frame frame)) {
                        AgentReply reply = take(frame, request);
                        if (reply != null) {
                            return reply;
                        }
                    } else {
                        return begun ? lost() : null;
                    }
                }
            } finally {
                connection.forget(id);
            }
        }

        private long nanosLeft() {
            Duration next = begun ? settings.idle() : settings.firstChunk();
            long total = settings.total().toNanos() - (System.nanoTime() - started);
            return Math.min(next.toNanos(), Math.max(total, 0));
        }

        /// @return the reply when the frame ends the request
        private @Nullable AgentReply take(Frame frame, AgentRequest request)
                throws IOException, InterruptedException {
            return switch (frame) {
                case Frame.StreamChunk chunk -> {
                    if (!append(chunk.delta(), chunk.reasoning())) {
                        yield new AgentReply.Failed(
                                FailureCode.INVALID_REQUEST,
                                "the answer grew too long",
                                false,
                                null,
                                cancel());
                    }
                    yield chunk.last()
                            ? completed(chunk.model(), chunk.provider(), chunk.tokens(), request)
                            : null;
                }
                case Frame.Response response -> {
                    append(response.content(), false);
                    yield completed(
                            response.model(), response.provider(), response.tokens(), request);
                }
                case Frame.Failed error ->
                        new AgentReply.Failed(
                                error.code(),
                                error.message(),
                                error.retryable(),
                                error.retryAfterMs() == null
                                        ? null
                                        : Duration.ofMillis(error.retryAfterMs()),
                                spent(error));
                case Frame.Health _ -> null;
            };
        }

        private boolean append(String delta, boolean reasoning) {
            if (delta.isEmpty()) {
                return true;
            }
            begun = true;
            if (reasoning) {
                thought += delta.length();
            } else {
                text.append(delta);
            }
            return onDelta.take(delta, reasoning);
        }

        private static AgentReply.@Nullable Spent spent(Frame frame) {
            return switch (frame) {
                case Frame.Failed error -> spent(error.model(), error.provider(), error.tokens());
                case Frame.StreamChunk end -> spent(end.model(), end.provider(), end.tokens());
                case Frame.Response end -> spent(end.model(), end.provider(), end.tokens());
                case Frame.Health _ -> null;
            };
        }

        private static AgentReply.@Nullable Spent spent(
                @Nullable String model, @Nullable String provider, Frame.Tokens tokens) {
            if (tokens.input() == null && tokens.output() == null) {
                return null;
            }
            return new AgentReply.Spent(
                    model,
                    provider,
                    new Usage(
                            tokens.input() == null ? 0 : tokens.input(),
                            tokens.output() == null ? 0 : tokens.output(),
                            tokens.costUsd(),
                            tokens.estimated()
                                    || tokens.input() == null
                                    || tokens.output() == null));
        }

        private AgentReply completed(
                @Nullable String model,
                @Nullable String provider,
                Frame.Tokens tokens,
                AgentRequest request) {
            Long input = tokens.input();
            Long output = tokens.output();
            boolean estimated = tokens.estimated() || input == null || output == null;
            Usage usage =
                    new Usage(
                            input == null ? (request.prompt().length() + 3) / 4 : input,
                            output == null ? (text.length() + thought + 3) / 4 : output,
                            tokens.costUsd(),
                            estimated);
            return new AgentReply.Completed(text.toString(), model, provider, usage);
        }

        private AgentReply timedOut(AgentReply.@Nullable Spent spent) {
            return new AgentReply.Failed(
                    FailureCode.TIMEOUT,
                    begun
                            ? "the answer broke off"
                            : "no answer within " + settings.firstChunk().toSeconds() + " s",
                    true,
                    null,
                    spent);
        }

        private AgentReply lost() {
            return new AgentReply.Failed(
                    FailureCode.UNAVAILABLE,
                    "the agent went away in the middle of an answer",
                    true,
                    null,
                    null);
        }

        /// Tells the agent to stop, and waits a moment for what it had cost. An agent that doesn't
        /// know how to stop loses its connection for this request.
        private AgentReply.@Nullable Spent cancel() throws InterruptedException {
            AgentConnection connection = lease.connection;
            if (lease.isExclusive()) {
                connection.close();
                return null;
            }
            connection.send(FrameCodec.cancel(id, System.currentTimeMillis()));
            long until = System.nanoTime() + CANCEL_WAIT.toNanos();
            while (connection.isOpen()) {
                Received received = inbox.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (received == null) {
                    return null;
                }
                if (received instanceof Received.Got(Frame frame) && ends(frame)) {
                    return spent(frame);
                }
            }
            return null;
        }

        private static boolean ends(Frame frame) {
            return !(frame instanceof Frame.StreamChunk chunk) || chunk.last();
        }
    }
}
