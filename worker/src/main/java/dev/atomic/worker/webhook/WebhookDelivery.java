package dev.atomic.worker.webhook;

import dev.atomic.shared.job.Job;
import dev.atomic.shared.job.JobStore;
import dev.atomic.shared.upkeep.MaintenanceTurns;
import dev.atomic.shared.webhook.WebhookBody;
import dev.atomic.shared.webhook.WebhookSecrets;
import dev.atomic.shared.webhook.WebhookStore;
import dev.atomic.shared.webhook.WebhookStore.Attempt;
import dev.atomic.worker.maintenance.Upkeep;
import dev.atomic.worker.telemetry.WorkerMeters;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/// Delivers webhooks that are due: at once those of jobs that ended here, and every few seconds, by
/// the workers in turns, whatever else is due. An attempt is taken in the database before it is
/// made, so two workers never make it; one whose worker dies is made again. So a receiver may hear
/// of an end twice, under the same `webhook-id`, but never not at all while it answers.
///
/// Thread-safe.
public final class WebhookDelivery {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookDelivery.class);

    private static final String TURN = "webhooks";
    static final Duration EVERY = Duration.ofSeconds(10);

    /// Longer than an attempt takes.
    private static final Duration LEASE = Duration.ofSeconds(60);

    /// Attempts under way at once. Receivers that hang hold theirs for 10 s.
    private static final int MAX_AT_ONCE = 32;

    private static final Duration FIRST_DELAY = Duration.ofSeconds(5);
    private static final Duration MAX_DELAY = Duration.ofHours(4);
    private static final int GONE = 410;

    private final MaintenanceTurns turns;
    private final WebhookStore webhooks;
    private final JobStore jobs;
    private final WebhookSecrets secrets;
    private final WebhookSender sender;
    private final ScheduledExecutorService timer;
    private final Clock clock;
    private final WorkerMeters meters;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Semaphore free = new Semaphore(MAX_AT_ONCE);
    private final AtomicBoolean woken = new AtomicBoolean();

    public WebhookDelivery(
            MaintenanceTurns turns,
            WebhookStore webhooks,
            JobStore jobs,
            WebhookSecrets secrets,
            WebhookSender sender,
            ScheduledExecutorService timer,
            Clock clock,
            WorkerMeters meters) {
        this.turns = turns;
        this.webhooks = webhooks;
        this.jobs = jobs;
        this.secrets = secrets;
        this.sender = sender;
        this.timer = timer;
        this.clock = clock;
        this.meters = meters;
    }

    void start(Upkeep upkeep) {
        upkeep.add(TURN, () -> guarded(this::takeTurn));
    }

    /// A job that has a webhook ended here. Returns at once. One pass is for all that end
    /// meanwhile: the timer's few threads have the heartbeat to do as well.
    public void wake() {
        if (woken.compareAndSet(false, true)) {
            timer.execute(() -> {
                woken.set(false);
                guarded(this::pass);
            });
        }
    }

    private void takeTurn() {
        if (turns.take(TURN, EVERY)) {
            pass();
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("webhooks will be delivered later, the database is away: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("delivering webhooks failed unexpectedly", e);
        }
    }

    /// Begins what is due, as far as there is room.
    void pass() {
        for (Attempt attempt : webhooks.due(MAX_AT_ONCE)) {
            if (!free.tryAcquire()) {
                return;
            }
            boolean begun = false;
            try {
                if (webhooks.take(attempt, LEASE)) {
                    Thread.ofPlatform()
                            .daemon()
                            .name("webhook")
                            .start(() -> {
                                try {
                                    guarded(() -> deliver(attempt));
                                } finally {
                                    free.release();
                                }
                            });
                    begun = true;
                }
            } finally {
                if (!begun) {
                    free.release();
                }
            }
        }
    }

    private void deliver(Attempt attempt) {
        Optional<Job> job = jobs.find(attempt.job());
        if (job.isEmpty()) {
            // Deleted meanwhile, and its webhook with it.
            return;
        }
        String outcome;
        try {
            int status = send(attempt, job.get());
            if (status >= 200 && status < 300) {
                webhooks.delivered(attempt, "answered " + status);
                meters.webhook("delivered");
                return;
            }
            if (status == GONE) {
                webhooks.failed(attempt, "answered 410: it wants no more");
                meters.webhook("failed");
                return;
            }
            outcome = "answered " + status;
        } catch (IOException e) {
            outcome = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        }
        boolean again = webhooks.again(attempt, outcome, delayAfter(attempt.attempt()));
        meters.webhook(again ? "retry" : "failed");
        LOG.info(
                "the webhook of job {} {} ({})",
                attempt.job(),
                again ? "will be tried again" : "is given up",
                outcome);
    }

    private int send(Attempt attempt, Job job) throws IOException {
        String id = "msg_" + attempt.job().toString().replace("-", "");
        long timestamp = clock.instant().getEpochSecond();
        String body = WebhookBody.of(job, id);
        String signature = Signature.of(secrets.of(attempt.tenant()), id, timestamp, body);
        return sender.post(
                URI.create(attempt.url()),
                body,
                Map.of(
                        "webhook-id", id,
                        "webhook-timestamp", Long.toString(timestamp),
                        "webhook-signature", signature));
    }

    /// 5 s, 20 s, 80 s, … 4 h, each by up to a fifth more or less: about 13 attempts in a day.
    private Duration delayAfter(int attempt) {
        double grown = (double) FIRST_DELAY.toMillis() * Math.pow(4, Math.min(attempt - 1, 20));
        double bounded = Math.min(grown, (double) MAX_DELAY.toMillis());
        double millis = bounded * (0.8 + 0.4 * random.nextDouble());
        return Duration.ofMillis((long) millis);
    }
}
