package dev.atomic.api.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atomic.api.problem.ProblemException;
import dev.atomic.shared.job.JobId;
import dev.atomic.shared.problem.ProblemCode;
import dev.atomic.shared.queue.QueueStorage;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jobrunr.jobs.Job;
import org.jobrunr.jobs.states.StateName;
import org.jobrunr.storage.JobNotFoundException;
import org.jobrunr.storage.JobStatsEnricher;
import org.jobrunr.storage.StorageException;
import org.jobrunr.utils.mapper.JsonMapper;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// What the dashboard's page is kept up to date with: a look every few seconds, sent when it has
/// changed. Pages that are open at once share the counts, which run over all of JobRunr's table.
@RestController
final class DashboardStreams implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(DashboardStreams.class);
    private static final Duration EVERY = Duration.ofSeconds(3);
    private static final int MAX_STREAMS = 40;

    /// In this order a delivery's end is looked for.
    private static final List<StateName> LAST =
            List.of(StateName.SUCCEEDED, StateName.FAILED, StateName.DELETED);

    private final QueueStorage queue;
    private final JsonMapper json = new Jackson3JsonMapper();
    private final Semaphore places = new Semaphore(MAX_STREAMS);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Snapshot stats;
    private final Snapshot servers;
    private volatile boolean running;

    DashboardStreams(QueueStorage queue) {
        this.queue = queue;
        JobStatsEnricher estimates = new JobStatsEnricher();
        this.stats =
                new Snapshot(() -> json.serialize(estimates.enrich(queue.getJobStats())), EVERY);
        this.servers = new Snapshot(() -> json.serialize(queue.getBackgroundJobServers()), EVERY);
    }

    @GetMapping("/dashboard/sse/jobstats")
    void jobStats(HttpServletRequest request, HttpServletResponse response)
            throws InterruptedException {
        stream(request, response, () -> new Look(stats.get(), false));
    }

    @GetMapping("/dashboard/sse/servers")
    void servers(HttpServletRequest request, HttpServletResponse response)
            throws InterruptedException {
        stream(request, response, () -> new Look(servers.get(), false));
    }

    @GetMapping("/dashboard/sse/jobs/{id}")
    void job(@PathVariable String id, HttpServletRequest request, HttpServletResponse response)
            throws InterruptedException {
        UUID uuid =
                JobId.parse(id)
                        .orElseThrow(() ->
                                new ProblemException(ProblemCode.NOT_FOUND, "No such delivery."));
        stream(request, response, () -> look(uuid));
    }

    private Look look(UUID id) {
        try {
            Job job = queue.getJobById(id);
            return new Look(json.serialize(job), LAST.contains(job.getState()));
        } catch (JobNotFoundException e) {
            return new Look("", true);
        }
    }

    /// @param data one line of JSON; empty when there is nothing to show
    /// @param last whether there will be nothing new
    private record Look(String data, boolean last) {}

    /// On the request's own virtual thread, as the relay's streams.
    private void stream(
            HttpServletRequest request, HttpServletResponse response, Supplier<Look> source)
            throws InterruptedException {
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    ProblemCode.UNAVAILABLE, "Too many dashboards are open.", List.of(), 5);
        }
        try {
            response.setContentType("text/event-stream;charset=UTF-8");
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("X-Accel-Buffering", "no");
            if (!request.getMethod().equals("HEAD")) {
                send(response.getOutputStream(), source);
            }
        } catch (IOException e) {
            LOG.debug("a dashboard was closed: {}", e.getMessage());
        } finally {
            places.release();
        }
    }

    private void send(OutputStream out, Supplier<Look> source)
            throws IOException, InterruptedException {
        String sent = "";
        do {
            Look look = lookOrNothing(source);
            String line = ":\n\n";
            if (!look.data().isEmpty() && !look.data().equals(sent)) {
                sent = look.data();
                line = "data: " + sent + "\n\n";
            }
            out.write(line.getBytes(UTF_8));
            if (look.last()) {
                out.write("event: close\ndata: \n\n".getBytes(UTF_8));
            }
            out.flush();
            if (look.last()) {
                return;
            }
        } while (!stopping.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
    }

    private static Look lookOrNothing(Supplier<Look> source) {
        try {
            return source.get();
        } catch (StorageException e) {
            LOG.debug("the dashboard shows nothing new: {}", e.getMessage());
            return new Look("", false);
        }
    }

    /// A value that is read again only when it has grown old.
    private static final class Snapshot {
        private final Supplier<String> source;
        private final long lifeNanos;
        private String value = "";
        private long taken;

        Snapshot(Supplier<String> source, Duration life) {
            this.source = source;
            this.lifeNanos = life.toNanos() / 2;
        }

        synchronized String get() {
            if (value.isEmpty() || System.nanoTime() - taken > lifeNanos) {
                value = source.get();
                taken = System.nanoTime();
            }
            return value;
        }
    }

    @Override
    public void start() {
        running = true;
    }

    /// Comes before the web server's own graceful stop, which would wait for the streams.
    @Override
    public void stop() {
        stopping.countDown();
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
