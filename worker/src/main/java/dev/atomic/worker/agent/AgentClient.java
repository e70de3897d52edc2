package dev.atomic.worker.agent;

import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.Usage;
import dev.atomic.worker.StopToken;
import dev.atomic.worker.agent.AgentConnection.Received;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the agent, and streams its answer.
///
/// No agent to connect to uses up no attempt: it is tried every 2 s. A connection lost before the
/// first chunk is the same; after it the answer can't be had again for nothing, so the attempt has
/// failed.
///
/// Thread-safe; a call blocks its thread until the answer is whole.
public final class AgentClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentClient.class);
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(2);

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
        try {
            return connections.isHealthy();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Asks, and waits for the whole answer.
    ///
    /// @param onDelta takes each piece; false breaks the answer off
    public AgentReply generate(AgentRequest request, StopToken stop, Predicate<String> onDelta) {
        long giveUp = System.nanoTime() + settings.unreachable().toNanos();
        boolean waiting = false;
        while (!stop.isStopped()) {
            try (AgentConnections.Lease lease = connections.acquire(stop)) {
                if (lease == null) {
                    return new AgentReply.Stopped();
                }
                AgentReply reply = new Call(lease, stop, onDelta).run(request);
                if (reply != null) {
                    return reply;
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
                return new AgentReply.Stopped();
            }
            if (System.nanoTime() > giveUp) {
                return new AgentReply.Failed(
                        FailureCode.AGENT_UNREACHABLE,
                        "no agent answered on its socket for "
                                + settings.unreachable().toSeconds()
                                + " s",
                        false,
                        null);
            }
            stop.awaitStop(RETRY_INTERVAL);
        }
        return new AgentReply.Stopped();
    }

    @Override
    public void close() {
        connections.close();
    }

    /// One request on one connection.
    private final class Call {
        private final AgentConnections.Lease lease;
        private final StopToken stop;
        private final Predicate<String> onDelta;
        private final String id;
        private final StringBuilder text = new StringBuilder();
        private final long started = System.nanoTime();

        Call(AgentConnections.Lease lease, StopToken stop, Predicate<String> onDelta) {
            this.lease = lease;
            this.id = lease.connection.newId();
            this.stop = stop;
            this.onDelta = onDelta;
        }

        /// @return null when the connection was lost before anything came: ask again
        @Nullable AgentReply run(AgentRequest request) throws IOException, InterruptedException {
            AgentConnection connection = lease.connection;
            BlockingQueue<Received> frames = connection.expect(id);
            BlockingQueue<Boolean> stopped = new LinkedBlockingQueue<>();
            try (var _ =
                    stop.onStop(() -> {
                        stopped.add(true);
                        frames.add(new Received.Gone()); // wakes the wait below
                    })) {
                connection.send(FrameCodec.request(id, System.currentTimeMillis(), request));
                while (true) {
                    Received received = frames.poll(nanosLeft(), TimeUnit.NANOSECONDS);
                    if (!stopped.isEmpty()) {
                        cancel(frames);
                        return new AgentReply.Stopped();
                    }
                    if (received == null) {
                        cancel(frames);
                        return timedOut();
                    }
                    if (received instanceof Received.Got(Frame frame)) {
                        AgentReply reply = take(frame, request);
                        if (reply != null) {
                            return reply;
                        }
                    } else {
                        return text.isEmpty() ? null : lost();
                    }
                }
            } finally {
                connection.forget(id);
            }
        }

        private long nanosLeft() {
            Duration next = text.isEmpty() ? settings.firstChunk() : settings.idle();
            long total = settings.total().toNanos() - (System.nanoTime() - started);
            return Math.min(next.toNanos(), Math.max(total, 0));
        }

        /// @return the reply when the frame ends the request
        private @Nullable AgentReply take(Frame frame, AgentRequest request)
                throws IOException, InterruptedException {
            return switch (frame) {
                case Frame.StreamChunk chunk -> {
                    if (!chunk.delta().isEmpty() && !append(chunk.delta())) {
                        cancel(new LinkedBlockingQueue<>());
                        yield new AgentReply.Failed(
                                FailureCode.INVALID_REQUEST,
                                "the answer grew too long",
                                false,
                                null);
                    }
                    yield chunk.last()
                            ? completed(chunk.model(), chunk.provider(), chunk.tokens(), request)
                            : null;
                }
                case Frame.Response response -> {
                    if (!response.content().isEmpty()) {
                        append(response.content());
                    }
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
                                        : Duration.ofMillis(error.retryAfterMs()));
                case Frame.Health _ -> null;
            };
        }

        private boolean append(String delta) {
            text.append(delta);
            return onDelta.test(delta);
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
                            output == null ? (text.length() + 3) / 4 : output,
                            tokens.costUsd() == null ? 0 : tokens.costUsd(),
                            estimated);
            return new AgentReply.Completed(text.toString(), model, provider, usage);
        }

        private AgentReply timedOut() {
            return new AgentReply.Failed(
                    FailureCode.TIMEOUT,
                    text.isEmpty()
                            ? "no answer within " + settings.firstChunk().toSeconds() + " s"
                            : "the answer broke off",
                    true,
                    null);
        }

        private AgentReply lost() {
            return new AgentReply.Failed(
                    FailureCode.UNAVAILABLE,
                    "the agent went away in the middle of an answer",
                    true,
                    null);
        }

        /// Tells the agent to stop. One that doesn't know how to, loses the connection it had for
        /// this request.
        private void cancel(BlockingQueue<Received> frames) throws InterruptedException {
            if (lease.isExclusive()) {
                lease.connection.close();
                return;
            }
            lease.connection.send(FrameCodec.cancel(id, System.currentTimeMillis()));
            long until = System.nanoTime() + CANCEL_WAIT.toNanos();
            Received received;
            do {
                received = frames.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            } while (received instanceof Received.Got(Frame.StreamChunk chunk) && !chunk.last());
        }
    }
}
