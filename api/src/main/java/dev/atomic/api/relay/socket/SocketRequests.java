package dev.atomic.api.relay.socket;

import dev.atomic.api.admission.Submissions;
import dev.atomic.api.job.Cancellation;
import dev.atomic.api.key.KeyStore;
import dev.atomic.api.problem.DatabaseAway;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.relay.socket.ClientMessage.Cancel;
import dev.atomic.api.relay.socket.ClientMessage.Refused;
import dev.atomic.api.relay.socket.ClientMessage.Submit;
import dev.atomic.api.relay.socket.ClientMessage.Subscribe;
import dev.atomic.api.relay.socket.ClientMessage.Unsubscribe;
import dev.atomic.api.submission.Submitted;
import dev.atomic.api.tenant.Caller;
import dev.atomic.api.tenant.Scope;
import dev.atomic.shared.job.JobHead;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.job.Kind;
import dev.atomic.shared.problem.ProblemCode;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/// Does what a client's message asks and hands the answer to the socket's writer. Whatever is wrong
/// with a message is an answer too; none closes the socket.
///
/// Thread-safe.
@Component
final class SocketRequests {
    private static final Logger LOG = LoggerFactory.getLogger(SocketRequests.class);

    private final Submissions submissions;
    private final Cancellation cancellation;
    private final JobStore jobs;
    private final KeyStore keys;

    SocketRequests(
            Submissions submissions, Cancellation cancellation, JobStore jobs, KeyStore keys) {
        this.submissions = submissions;
        this.cancellation = cancellation;
        this.jobs = jobs;
        this.keys = keys;
    }

    void handle(String text, StreamSocket socket) throws InterruptedException {
        try {
            ClientMessage message = ClientMessage.parse(text);
            try {
                needsAGoodKey(socket.caller());
                socket.order(
                        switch (message) {
                            case Submit submit -> submit(submit, socket);
                            case Subscribe subscribe -> subscribe(subscribe, socket);
                            case Unsubscribe leave ->
                                    new SocketOrder.Leave(
                                            leave.job(),
                                            ServerMessage.unsubscribed(leave.job(), leave.ref()));
                            case Cancel cancel -> cancel(cancel, socket.caller());
                        });
            } catch (RuntimeException e) {
                throw new Refused(problem(e), message.ref(), job(message));
            }
        } catch (Refused refused) {
            socket.order(
                    new SocketOrder.Say(
                            ServerMessage.refused(
                                    refused.problem(), refused.job(), refused.ref())));
        }
    }

    /// A socket may stay open for days. A caller whose key was revoked asks for nothing more on it.
    private void needsAGoodKey(Caller caller) {
        if (!keys.isStillGood(caller)) {
            throw new ProblemException(
                    ProblemCode.UNAUTHORIZED,
                    "The credential has expired or been revoked; open a socket with another.");
        }
    }

    private SocketOrder submit(Submit message, StreamSocket socket) {
        Caller caller = socket.caller();
        caller.needs(Scope.SUBMIT);
        if (!socket.hasRoom()) {
            throw tooMany();
        }
        Submitted submitted =
                submissions.submit(
                        caller.tenant(), Kind.GENERATE, message.body(), message.idempotencyKey());
        JobHead job = head(submitted.jobId(), caller);
        return new SocketOrder.Follow(
                job.id(),
                0,
                job.course().lastSeq(),
                job.course().state().isTerminal(),
                message.accumulate(),
                ServerMessage.accepted(job.id(), submitted.replayed(), message.ref()));
    }

    private SocketOrder subscribe(Subscribe message, StreamSocket socket) {
        socket.caller().needs(Scope.READ);
        if (!socket.hasRoomFor(message.job())) {
            throw tooMany();
        }
        JobHead job = head(message.job(), socket.caller());
        return new SocketOrder.Follow(
                job.id(),
                message.after(),
                job.course().lastSeq(),
                job.course().state().isTerminal(),
                message.accumulate(),
                ServerMessage.subscribed(job.id(), job.course().lastSeq(), message.ref()));
    }

    private SocketOrder cancel(Cancel message, Caller caller) {
        caller.needs(Scope.SUBMIT, Scope.EXECUTE);
        cancellation.cancel(caller.tenant(), message.job());
        return new SocketOrder.Say(ServerMessage.cancelling(message.job(), message.ref()));
    }

    private JobHead head(UUID id, Caller caller) {
        return jobs.head(caller.tenant(), id).orElseThrow(ClientMessage::noSuchJob);
    }

    private static @Nullable String job(ClientMessage message) {
        return switch (message) {
            case Submit _ -> null;
            case Subscribe subscribe -> subscribe.job().toString();
            case Unsubscribe unsubscribe -> unsubscribe.job().toString();
            case Cancel cancel -> cancel.job().toString();
        };
    }

    private static ProblemException problem(RuntimeException failure) {
        return switch (failure) {
            case ProblemException refused -> refused;
            case RuntimeException away when DatabaseAway.isCauseOf(away) -> {
                LOG.warn("answered a WebSocket message with `unavailable`: {}", away.getMessage());
                yield DatabaseAway.problem();
            }
            default -> {
                LOG.error("answered a WebSocket message with `internal` because of a bug", failure);
                yield new ProblemException(
                        ProblemCode.INTERNAL,
                        "Something went wrong; the api's log has the details.");
            }
        };
    }

    private static ProblemException tooMany() {
        return new ProblemException(
                ProblemCode.TOO_MANY_SUBSCRIPTIONS,
                "A socket can follow at most "
                        + StreamSocket.SUBSCRIPTIONS
                        + " jobs; unsubscribe from one or open another socket.");
    }
}
