package dev.atomic.worker.sandbox.engine;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.atomic.shared.verify.Limits;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The Docker engine, as far as the sandbox needs it. The only class that speaks to it.
///
/// Thread-safe.
public final class Engine implements AutoCloseable {
    static final String RUNNER = "/usr/local/lib/atomic/runner";

    private static final Logger log = LoggerFactory.getLogger(Engine.class);
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration REMOVALS = Duration.ofSeconds(5);
    private static final int DRAWS = 20;

    private final EngineSettings settings;
    private final String worker;
    private final Clock clock;
    private final IntSupplier uids;
    private final Confinement confinement;
    private final DockerClient control;

    /// Streams are silent for as long as a program is: no time-out for an answer here.
    private final DockerClient streams;

    private final ExecutorService removals = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<String> inUse = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Map<String, String> isolation;

    /// What the image's name stands for, looked up anew by every `isReady`: asking before each
    /// container would be one more call to the engine.
    private volatile @Nullable String imageId;

    /// @param worker what the containers' labels say of whose they are
    public Engine(EngineSettings settings, String worker, Clock clock) {
        this(settings, worker, clock, new UserIds());
    }

    /// @param uids drawn from until one is found that no other container has
    Engine(EngineSettings settings, String worker, Clock clock, IntSupplier uids) {
        this.settings = settings;
        this.worker = worker;
        this.clock = clock;
        this.uids = uids;
        this.confinement = new Confinement(settings.runtime(), Labels.ofWorker(worker));
        this.control = client(settings, ANSWER);
        this.streams = client(settings, null);
    }

    /// A container as the engine lists it.
    ///
    /// @param worker empty if it has no such label, as `deadline` is then the epoch
    public record Found(
            String id, String worker, boolean running, Instant created, Instant deadline) {}

    /// Whether two containers can be connected: other runtimes than the engine's own keep a socket
    /// from being seen in both.
    public boolean links() {
        return settings.runtime().isEmpty();
    }

    public boolean answers() {
        try {
            control.pingCmd().exec();
            return true;
        } catch (RuntimeException e) {
            isolation = null; // what comes back may be another version
            imageId = null;
            return false;
        }
    }

    /// Whether it answers and has the image.
    public boolean isReady() {
        if (!answers()) {
            return false;
        }
        try {
            imageId = lookUpImage();
            isolation();
            return true;
        } catch (EngineException e) {
            return false;
        }
    }

    private String image() throws EngineException {
        String known = imageId;
        if (known == null) {
            known = lookUpImage();
            imageId = known;
        }
        return known;
    }

    private String lookUpImage() throws EngineException {
        try {
            return Objects.requireNonNull(control.inspectImageCmd(settings.image()).exec().getId());
        } catch (NotFoundException e) {
            imageId = null;
            throw new EngineException(
                    "no image " + settings.image() + " (ops/sandbox/build makes it)", e);
        } catch (RuntimeException e) {
            throw failure("looking for the image", e);
        }
    }

    /// Starts a container whose runner waits for its request.
    ///
    /// @param job empty when it isn't known yet
    /// @param deadline when it has to be gone, whatever happens to us
    public RunnerContainer start(Limits limits, String job, Instant deadline, Link link)
            throws EngineException, InterruptedException {
        RunnerContainer container = create(limits, job, deadline, link);
        try {
            streams.attachContainerCmd(container.id())
                    .withStdIn(container.stdin())
                    .withStdOut(true)
                    .withStdErr(true)
                    .withFollowStream(true)
                    .exec(container.output());
            container.awaitAttached(ANSWER);
            control.startContainerCmd(container.id()).exec();
            container.awaitHello(ANSWER);
            return container;
        } catch (RuntimeException e) {
            container.close();
            throw failure("starting a container", e);
        } catch (EngineException | InterruptedException e) {
            container.close();
            throw e;
        }
    }

    /// Creates it, not yet started.
    public RunnerContainer create(Limits limits, String job, Instant deadline, Link link)
            throws EngineException {
        String image = image();
        try {
            return create(image, limits, job, deadline, link);
        } catch (NotFoundException replaced) {
            // The name stands for another image since it was looked up, and that one is gone.
            try {
                return create(lookUpImage(), limits, job, deadline, link);
            } catch (RuntimeException e) {
                throw failure("creating a container", e);
            }
        } catch (RuntimeException e) {
            throw failure("creating a container", e);
        }
    }

    /// Draws a user until nobody else has it. Looked up behind the creation, which the engine lists
    /// at once: of two workers that drew the same, at least one sees it and draws again.
    private RunnerContainer create(
            String image, Limits limits, String job, Instant deadline, Link link)
            throws EngineException {
        for (int draw = 0; draw < DRAWS; draw++) {
            int uid = uids.getAsInt();
            String id = create(image, limits, uid, Labels.of(worker, job, deadline, uid), link);
            inUse.add(id);
            boolean alone = false;
            try {
                alone = isAlone(uid);
            } finally {
                if (!alone) {
                    inUse.remove(id);
                    removeQuietly(id);
                }
            }
            if (alone) {
                return new RunnerContainer(id, image, limits, link, this::letGo);
            }
        }
        throw new EngineException("no user was found that no other container has");
    }

    private boolean isAlone(int uid) {
        return control.listContainersCmd()
                        .withShowAll(true)
                        .withLabelFilter(Labels.ofUid(uid))
                        .exec()
                        .size()
                == 1;
    }

    private String create(
            String image, Limits limits, int uid, Map<String, String> labels, Link link) {
        return control.createContainerCmd(image)
                .withCmd(RUNNER)
                .withUser(uid + ":" + uid)
                .withWorkingDir("/workspace")
                .withStdinOpen(true)
                .withStdInOnce(true)
                .withAttachStdin(true)
                .withAttachStdout(true)
                .withAttachStderr(true)
                .withTty(false)
                .withNetworkDisabled(true)
                .withHostConfig(confinement.of(limits, uid, link))
                .withLabels(labels)
                .exec()
                .getId();
    }

    /// A runner that has said all ends by itself and its container with it; any other is removed.
    private void letGo(RunnerContainer container) {
        inUse.remove(container.id());
        if (!container.isComplete()) {
            try {
                removals.execute(() -> removeQuietly(container.id()));
            } catch (RejectedExecutionException closing) {
                // One that was still being started when the worker stopped.
                removeQuietly(container.id());
            }
        }
    }

    private void removeQuietly(String id) {
        try {
            remove(id);
        } catch (EngineException e) {
            log.warn(
                    "container {} could not be removed now, the reaper will: {}",
                    id,
                    e.getMessage());
        }
    }

    /// Kills and removes; that it is gone already is fine.
    public void remove(String id) throws EngineException {
        try {
            control.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
        } catch (NotFoundException | ConflictException e) {
            // gone, or the engine is removing it
        } catch (RuntimeException e) {
            throw failure("removing a container", e);
        }
    }

    boolean isInUse(String id) {
        return inUse.contains(id);
    }

    boolean isOurs(Found container) {
        return container.worker().equals(worker);
    }

    /// All workers' sandbox containers on this engine, running or not.
    public List<Found> containers() throws EngineException {
        try {
            return control
                    .listContainersCmd()
                    .withShowAll(true)
                    .withLabelFilter(List.of(Labels.SANDBOX))
                    .exec()
                    .stream()
                    .map(Labels::found)
                    .toList();
        } catch (RuntimeException e) {
            throw failure("listing containers", e);
        }
    }

    /// What holds the containers, for the verdict: `runtime`, `engine`, `runc`, `seccomp`,
    /// `rootless`.
    public Map<String, String> isolation() throws EngineException {
        Map<String, String> known = isolation;
        if (known == null) {
            known = readIsolation();
            isolation = known;
        }
        return known;
    }

    private Map<String, String> readIsolation() throws EngineException {
        try {
            return Isolation.of(
                    control.infoCmd().exec(), control.versionCmd().exec(), settings.runtime());
        } catch (RuntimeException e) {
            throw failure("asking the engine for its version", e);
        }
    }

    public Instant now() {
        return clock.instant();
    }

    /// docker-java throws runtime exceptions for all that goes wrong, a broken socket included.
    private static EngineException failure(String doing, RuntimeException cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new EngineException(doing + ": " + String.valueOf(root.getMessage()).strip(), cause);
    }

    private static DockerClient client(EngineSettings settings, @Nullable Duration answer) {
        DefaultDockerClientConfig.Builder config =
                DefaultDockerClientConfig.createDefaultConfigBuilder();
        if (!settings.host().isEmpty()) {
            config.withDockerHost(settings.host());
        }
        DefaultDockerClientConfig built = config.build();
        ZerodepDockerHttpClient.Builder transport =
                new ZerodepDockerHttpClient.Builder()
                        .dockerHost(built.getDockerHost())
                        .sslConfig(built.getSSLConfig())
                        .connectionTimeout(CONNECT);
        if (answer != null) {
            transport.responseTimeout(answer);
        }
        return DockerClientImpl.getInstance(built, transport.build());
    }

    /// Waits a moment for removals that are under way.
    @Override
    public void close() {
        removals.shutdown();
        try {
            removals.awaitTermination(REMOVALS.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (DockerClient client : List.of(control, streams)) {
            try {
                client.close();
            } catch (IOException e) {
                log.debug("closing the engine's client", e);
            }
        }
    }
}
