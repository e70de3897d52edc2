package dev.atomic.api.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.api.memory.RequestMemory;
import dev.atomic.api.openai.fold.ResponseEvent;
import dev.atomic.api.openai.fold.ResponseFold;
import dev.atomic.api.openai.fold.ResponseFolds;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.relay.tail.Bell;
import dev.atomic.api.relay.tail.EventCursor;
import dev.atomic.api.relay.tail.EventTail;
import dev.atomic.shared.job.Job;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/// A job's log as one of OpenAI's streams, live until the job ends.
///
/// As for our own event streams, the request's own virtual thread follows and writes. A client that
/// goes away cancels nothing: it comes back and asks for the rest.
@Component
final class ResponseStreams {
    private static final Logger LOG = LoggerFactory.getLogger(ResponseStreams.class);

    /// An idle stream shows that it is alive. Clients pass over lines like this.
    private static final byte[] COMMENT = ":\n\n".getBytes(UTF_8);

    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(UTF_8);
    private static final long COMMENT_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final EventTail tail;
    private final ResponseFolds folds;
    private final RequestMemory memory;

    ResponseStreams(EventTail tail, ResponseFolds folds, RequestMemory memory) {
        this.tail = tail;
        this.folds = folds;
        this.memory = memory;
    }

    /// What a kind of stream makes of an event: the bytes to send, maybe none.
    interface Wire {
        byte[] of(ResponseEvent event);
    }

    void write(Job job, HttpServletResponse response, Wire wire)
            throws IOException, InterruptedException {
        try (RequestMemory.Share share = memory.open()) {
            ResponseFold fold = folds.begin(job, share);
            response.setContentType("text/event-stream;charset=UTF-8");
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("X-Accel-Buffering", "no");
            Bell bell = new Bell();
            try (EventCursor cursor = tail.follow(job.id(), 0, job.course().lastSeq(), bell)) {
                send(new Following(cursor, bell, fold, share, wire), response.getOutputStream());
            } catch (IOException e) {
                LOG.debug("the client of a response's stream is gone: {}", e.getMessage());
            } catch (DataAccessException | ProblemException e) {
                // The headers are sent, so there is no other way to tell.
                LOG.warn(
                        "ended a response's stream, which its client can resume: {}",
                        e.getMessage());
            }
        }
    }

    private record Following(
            EventCursor cursor,
            Bell bell,
            ResponseFold fold,
            RequestMemory.Share share,
            Wire wire) {}

    private void send(Following following, OutputStream out)
            throws IOException, InterruptedException {
        // Sends the headers: a client is connected before the first event.
        out.write(COMMENT);
        out.flush();
        long commentDue = System.nanoTime() + COMMENT_NANOS;
        while (!tail.isStopping()) {
            var events = following.cursor().poll();
            for (var event : events) {
                long before = following.fold().chars();
                var told = following.fold().add(event);
                if (!following.share().tryTake(ResponseFolds.heap(before, following.fold()))) {
                    LOG.warn("ended a response's stream, as requests use all they may");
                    return;
                }
                for (ResponseEvent each : told) {
                    out.write(following.wire().of(each));
                }
            }
            if (following.cursor().isEnded()) {
                out.write(DONE);
                out.flush();
                return;
            }
            if (!events.isEmpty()) {
                out.flush();
                commentDue = System.nanoTime() + COMMENT_NANOS;
                continue;
            }
            long left = commentDue - System.nanoTime();
            if (left > 0) {
                following.bell().await(left);
            } else {
                out.write(COMMENT);
                out.flush();
                commentDue = System.nanoTime() + COMMENT_NANOS;
            }
        }
    }
}
