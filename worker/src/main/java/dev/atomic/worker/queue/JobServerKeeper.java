package dev.atomic.worker.queue;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts JobRunr's server again when it has shut itself down: an unexpected error in its
/// heartbeat, such as a restart of the database, ends it for good while the process lives on.
public final class JobServerKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(JobServerKeeper.class);
    private static final long LOOK_MS = 100;

    private final JobServer server;
    private final Nudger nudger;
    private final BooleanSupplier databaseIsUp;
    private volatile boolean stopping;
    private boolean announced;
    private boolean waiting;

    /// @param databaseIsUp as the last heartbeat found it: without a database the server would end
    ///   at once again
    public JobServerKeeper(JobServer server, Nudger nudger, BooleanSupplier databaseIsUp) {
        this.server = server;
        this.nudger = nudger;
        this.databaseIsUp = databaseIsUp;
    }

    public void start(ScheduledExecutorService timer) {
        server.start();
        var _ = timer.scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    }

    /// Whether jobs are being claimed.
    public boolean isClaiming() {
        return !stopping && server.isRunning() && server.isAnnounced();
    }

    /// No more claims; jobs in hand go on.
    public void stopClaiming() {
        stopping = true;
        nudger.close();
    }

    public void stop() {
        stopping = true;
        server.stop();
    }

    private void startAgain() {
        announced = false;
        if (databaseIsUp.getAsBoolean()) {
            waiting = false;
            server.start();
            LOG.info("JobRunr's server is started again");
        } else if (!waiting) {
            waiting = true;
            LOG.warn(
                    "JobRunr's server has shut itself down; it is started again with the database");
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
