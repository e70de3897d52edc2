package dev.atomic.worker.queue;

import dev.atomic.db.Dialect;
import dev.atomic.shared.job.JobStore.Due;
import dev.atomic.shared.queue.RunGeneration;
import dev.atomic.shared.queue.Signals;
import dev.atomic.worker.claim.Claim;
import dev.atomic.worker.claim.Claims;
import dev.atomic.worker.claim.StopReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/// The queue as the rest of the worker sees it: started, woken, stopped, it hands out claims, each
/// on a thread of its own and never more at once than there are slots. Nothing outside this package
/// knows JobRunr.
///
/// JobRunr's server shuts itself down for good at an unexpected error in its heartbeat, such as a
/// restart of the database, while the process lives on. Here it is started again.
///
/// Thread-safe.
@Component
public final class JobRunrQueue {
    private static final Logger LOG = LoggerFactory.getLogger(JobRunrQueue.class);
    private static final long INTERVAL_MS = 100;
    private static final Duration STOP = Duration.ofSeconds(5);

    private final JobServer server;
    private final Nudger nudger;
    private final Slots slots;
    private final Claims claims;
    private final Signals signals;
    private final FirstLook look;
    private final Passes passes = new Passes();
    private final BooleanSupplier databaseIsUp;
    private final ScheduledExecutorService timer;
    private volatile boolean stopping;
    private boolean announced;
    private boolean waiting;

    /// This worker among the others.
    ///
    /// @param slots most jobs run at once
    /// @param stopWithin how long threads may continue after a stop before they are interrupted
    /// @param alive the living workers, in an order all share; thread-safe
    /// @param databaseIsUp as the last heartbeat found it: without a database the server would end
    ///   at once again
    public record Member(
            UUID worker,
            String name,
            int slots,
            Duration stopWithin,
            Supplier<List<UUID>> alive,
            BooleanSupplier databaseIsUp) {}

    /// @param dataSource JobRunr commits on the connections it takes from here
    /// @param claims decides what goes next, and whether a delivery is still to be begun
    /// @param work what is done with a claim that was begun
    public JobRunrQueue(
            DataSource dataSource,
            Dialect dialect,
            Claims claims,
            Consumer<Claim> work,
            Signals signals,
            Member member,
            ScheduledExecutorService timer) {
        Slots slots = new Slots(member.slots(), passes);
        RunGeneration.Handler begin =
                delivery ->
                        claims.begin(new Due(delivery.jobId(), delivery.fence())).ifPresent(work);
        this.server =
                new JobServer(
                        new ClaimingStorage(dataSource, dialect, claims, passes, timer),
                        slots,
                        begin,
                        member);
        this.nudger = new Nudger(server, slots, passes);
        this.slots = slots;
        this.claims = claims;
        this.signals = signals;
        this.look = new FirstLook(member.worker(), member.alive());
        this.databaseIsUp = member.databaseIsUp();
        this.timer = timer;
    }

    public void start() {
        signals.listen(
                Map.of(
                        Signals.Channel.WORK,
                        work -> look.delayNanos(work).ifPresent(nudger::nudgeIn),
                        Signals.Channel.CANCEL,
                        cancelled -> claims.stop(cancelled.jobs(), StopReason.CANCELLED)));
        server.start();
        var _ =
                timer.scheduleWithFixedDelay(
                        this::look, INTERVAL_MS, INTERVAL_MS, TimeUnit.MILLISECONDS);
    }

    /// Asks for a pass over the queue that begins after this call. Returns at once.
    public void wake() {
        nudger.nudge();
    }

    /// Asks for a pass if there is a slot free: a job waits of which no signal told, or for which
    /// nobody who was told had a slot.
    public void wakeIfFree() {
        if (slots.free() > 0) {
            nudger.nudge();
        }
    }

    /// Whether jobs are being claimed.
    public boolean isClaiming() {
        return !stopping && server.isRunning() && server.isAnnounced();
    }

    /// No more claims; jobs under way continue.
    public void stopClaiming() {
        stopping = true;
        nudger.close();
    }

    /// JobRunr waits for its threads and signs off in the database. Where that hangs it isn't
    /// waited for: the jobs were told to stop before, and the server is forgotten like a lost
    /// worker's.
    public void stop() {
        stopping = true;
        Thread end = Thread.ofPlatform().daemon().name("queue-stop").start(server::stop);
        try {
            if (!end.join(STOP)) {
                LOG.warn("JobRunr's server couldn't sign off: the database doesn't answer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// For tests, which shut it down as JobRunr does by itself.
    JobServer server() {
        return server;
    }

    /// For tests, which count them.
    Passes passes() {
        return passes;
    }

    private void startAgain() {
        announced = false;
        if (databaseIsUp.getAsBoolean()) {
            waiting = false;
            server.start();
            LOG.info("JobRunr's server has been restarted");
        } else if (!waiting) {
            waiting = true;
            LOG.warn(
                    "JobRunr's server has shut itself down; it is restarted once the database is back");
        }
    }

    private void look() {
        try {
            if (stopping) {
                return;
            }
            if (!server.isRunning()) {
                startAgain();
            } else if (!announced && server.isAnnounced()) {
                // What was enqueued before it could be woken.
                announced = true;
                nudger.nudge();
            }
        } catch (RuntimeException e) {
            LOG.warn("JobRunr's server can't be started yet: {}", e.getMessage());
        }
    }
}
