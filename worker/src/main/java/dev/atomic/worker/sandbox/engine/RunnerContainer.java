package dev.atomic.worker.sandbox.engine;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import dev.atomic.shared.verify.Limits;
import dev.atomic.worker.sandbox.run.Batch;
import dev.atomic.worker.sandbox.run.Preparation;
import dev.atomic.worker.sandbox.run.RecordDecoder;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One container, its input and output attached, and the runner in it. Used for one run by one
/// thread; whether it is still there may be asked by any.
public final class RunnerContainer implements AutoCloseable {
    private static final String HELLO = "atomic-runner 2";
    private static final int MAX_COMPLAINT = 2000;

    /// @param atNanos when it arrived, so that a slow reader doesn't make a run look slow
    public record Said(RunnerRecord message, long atNanos) {}

    private final String id;
    private final String imageId;
    private final Limits limits;
    private final Link link;
    private final long bornNanos = System.nanoTime();
    private final StdinFeed stdin = new StdinFeed();
    private final Output output = new Output();
    private final Consumer<RunnerContainer> onClose;
    private Preparation preparation = Preparation.NOTHING;
    private boolean complete;
    private @Nullable RunnerContainer subject;

    /// @param onClose told once, when the container is of no more use
    RunnerContainer(
            String id,
            String imageId,
            Limits limits,
            Link link,
            Consumer<RunnerContainer> onClose) {
        this.id = id;
        this.imageId = imageId;
        this.limits = limits;
        this.link = link;
        this.onClose = onClose;
    }

    public String id() {
        return id;
    }

    public String imageId() {
        return imageId;
    }

    /// Of a judge: gives it the container of the program. From now on the two go together.
    public void join(RunnerContainer program) {
        subject = program;
    }

    /// The container that was joined to it.
    public RunnerContainer subject() {
        return Objects.requireNonNull(subject, "of a judge alone");
    }

    /// Whether it has a connection to the other one. If not, what the two say has to be relayed.
    public boolean isLinked() {
        return !(link instanceof Link.None);
    }

    /// Whether it has exactly these limits; the time is not the container's but the run's. Of a
    /// judge it is the program's container that is asked.
    boolean hasLimits(Limits asked) {
        if (subject != null) {
            return subject.hasLimits(asked);
        }
        return limits.memoryMb() == asked.memoryMb()
                && limits.cpuMillicores() == asked.cpuMillicores()
                && limits.pids() == asked.pids();
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - bornNanos);
    }

    /// Whether its output is still connected, so that it can be used.
    public boolean isThere() {
        return !output.over && (subject == null || subject.isThere());
    }

    /// Whether the runner has said all there is to say and is ending by itself.
    boolean isComplete() {
        return complete;
    }

    StdinFeed stdin() {
        return stdin;
    }

    ResultCallback.Adapter<Frame> output() {
        return output;
    }

    /// Waits until its input and output are connected; it must not be started before.
    void awaitAttached(Duration patience) throws EngineException, InterruptedException {
        boolean answered = output.attached.await(patience.toSeconds(), TimeUnit.SECONDS);
        if (!answered || !isThere()) {
            throw new EngineException("the container can't be attached to: " + output.why());
        }
    }

    /// Waits for the runner to be ready.
    void awaitHello(Duration patience) throws EngineException, InterruptedException {
        Said first = next(patience);
        if (first == null) {
            throw new EngineException(
                    "the runner didn't say hello within " + patience.toSeconds() + " s");
        }
        if (!(first.message() instanceof RunnerRecord.Hello hello) || !hello.name().equals(HELLO)) {
            throw new EngineException("not a runner of this version: " + first.message());
        }
    }

    /// Starts what its run will need, so that it gets ready while the container waits. Once, and
    /// before anything else is sent.
    public void prepare(Preparation wanted) {
        preparation = wanted;
        wanted.step().map(Batch::prepare).ifPresent(this::send);
    }

    public Preparation preparation() {
        return preparation;
    }

    public void send(List<byte[]> request) {
        request.forEach(stdin::hand);
    }

    /// Bytes that were sent and not yet taken by the engine.
    public long waitingBytes() {
        return stdin.waiting();
    }

    /// From now on what the program writes to its channel goes there, at once and on the
    /// transport's thread. An empty piece is the end, also when the container has gone.
    public void relay(Consumer<byte[]> channel) {
        output.channel = channel;
    }

    /// Nobody needs to hear it out: who listens is told that it has gone. Thread-safe.
    public void abandon(String why) {
        output.complain(why);
        output.queue.add(Optional.empty());
    }

    /// What the runner says next, or null if it says nothing in this time.
    ///
    /// @throws EngineException when the container has gone before it had said all
    public @Nullable Said next(Duration patience) throws EngineException, InterruptedException {
        Optional<Said> arrived = output.queue.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        if (arrived == null) {
            return null;
        }
        if (arrived.isPresent()) {
            complete |= arrived.get().message() instanceof RunnerRecord.Complete;
            return arrived.get();
        }
        output.queue.add(arrived); // for the next call
        throw new EngineException("the container has gone: " + output.why());
    }

    /// Lets go of it: its input ends, and with that the runner and all it started.
    @Override
    public void close() {
        stdin.end();
        try {
            output.close();
        } catch (IOException e) {
            // The connection is of no more use, broken or not.
        }
        onClose.accept(this);
        if (subject != null) {
            subject.close();
        }
    }

    /// Takes what the engine sends, on the transport's thread. The queue needs no bound: the
    /// runner, which nothing in the container can speak for, bounds what it says.
    private static final class Output extends ResultCallback.Adapter<Frame> {
        /// An empty queue entry is the end.
        private final BlockingQueue<Optional<Said>> queue = new LinkedBlockingQueue<>();

        private final RecordDecoder decoder = new RecordDecoder();
        private final StringBuilder complaint = new StringBuilder();
        private final CountDownLatch attached = new CountDownLatch(1);
        private volatile boolean over;
        private volatile @Nullable Consumer<byte[]> channel;

        @Override
        public void onNext(Frame frame) {
            if (frame.getStreamType() == StreamType.STDOUT) {
                for (RunnerRecord each : decoder.feed(frame.getPayload())) {
                    pass(each);
                }
            } else {
                // The runner's own complaint, or what its program writes to a channel.
                Consumer<byte[]> relayed = channel;
                if (relayed == null) {
                    complain(new String(frame.getPayload(), StandardCharsets.UTF_8));
                } else {
                    // A copy: docker-java uses the array of a full one again for what follows.
                    relayed.accept(frame.getPayload().clone());
                }
            }
        }

        private void pass(RunnerRecord record) {
            queue.add(Optional.of(new Said(record, System.nanoTime())));
            Consumer<byte[]> relayed = channel;
            if (relayed != null && record instanceof RunnerRecord.StepEnded) {
                relayed.accept(new byte[0]);
            }
        }

        @Override
        public void onStart(Closeable stream) {
            super.onStart(stream);
            attached.countDown();
        }

        /// Not the parent's: it logs an error for every connection we cut ourselves.
        @Override
        public void onError(Throwable cause) {
            complain(String.valueOf(cause.getMessage()));
            end();
        }

        @Override
        public void onComplete() {
            end();
            super.onComplete();
        }

        private void end() {
            over = true;
            attached.countDown();
            Consumer<byte[]> relayed = channel;
            if (relayed != null) {
                relayed.accept(new byte[0]);
            }
            queue.add(Optional.empty());
        }

        private synchronized void complain(String text) {
            if (complaint.length() < MAX_COMPLAINT) {
                complaint.append(text);
            }
        }

        private synchronized String why() {
            return complaint.isEmpty() ? "its output ended" : complaint.toString().strip();
        }
    }
}
