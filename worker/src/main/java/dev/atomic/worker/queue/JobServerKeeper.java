package dev.atomic.worker.queue;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts JobRunr's server again when it has shut itself down: an unexpected error in its
/// heartbeat, such as a restart of the database, ends it for good while the process lives on.
public final class JobServerKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(JobServerKeeper.class);
    private static final long LOOK_MS = 1_000;

    private final JobServer server;
    private final Nudger nudger;
    private volatile boolean stopping;
    private boolean announced;

    public JobServerKeeper(JobServer server, Nudger nudger) {
        this.server = server;
        this.nudger = nudger;
    }

    public void start(ScheduledExecutorService timer) {
        server.start();
        var _ =
                timer.scheduleWithFixedDelay(
                        this::look, LOOK_MS / 10, LOOK_MS / 10, TimeUnit.MILLISECONDS);
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

    private void look() {
        try {
            if (stopping) {
                return;
            }
            if (!server.isRunning()) {
                LOG.warn("JobRunr's server has shut itself down; starting it again");
                announced = false;
                server.start();
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
