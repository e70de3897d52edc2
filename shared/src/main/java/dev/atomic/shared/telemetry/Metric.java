package dev.atomic.shared.telemetry;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Every meter of ours, once. `docs/metrics.md` is made from this table, and a process registers
/// its part of it at start ([Meters]): a meter that isn't here can't be made, and tests see to it
/// that each is fed.
///
/// Names follow Prometheus: `atomic_`, then the unit, then `_total` for counters. A timer has
/// `_count`, `_sum` and `_max`, as has a summary; some timers have `_bucket` too.
public enum Metric {
    ADMISSION(
            Source.API,
            Type.TIMER,
            "atomic.admission",
            Unit.SECONDS,
            "Time of a transaction that admits a group of requests, including the wait for the gate."),
    ADMISSION_GROUP(
            Source.API,
            Type.SUMMARY,
            "atomic.admission.group",
            Unit.REQUESTS,
            "Requests decided in one transaction."),
    ADMISSION_REFUSED(
            Source.API,
            Type.COUNTER,
            "atomic.admission.refused",
            Unit.REQUESTS,
            "Requests refused under the gate's lock.",
            Tag.CODE),
    QUEUE_DEPTH(
            Source.API,
            Type.GAUGE,
            "atomic.queue.depth",
            Unit.JOBS,
            "Waiting jobs as the queue's limit counts them, over all processes. Counted when it is"
                    + " read, so every api says the same; not there while the database is away."),
    QUEUE_LIMIT(
            Source.API,
            Type.GAUGE,
            "atomic.queue.limit",
            Unit.JOBS,
            "The most jobs that may wait (`ATOMIC_MAX_QUEUE_SIZE`)."),
    QUEUE_HEAD_AGE(
            Source.API,
            Type.GAUGE,
            "atomic.queue.head.age.seconds",
            Unit.SECONDS,
            "How long ago the waiting job that goes next was admitted; 0 when none waits. Read as"
                    + " `atomic_queue_depth` is."),
    DATABASE_UP(
            Source.API,
            Type.GAUGE,
            "atomic.database.up",
            Unit.BOOLEAN,
            "Whether the database answered when this was read."),
    WORKERS(
            Source.API,
            Type.GAUGE,
            "atomic.workers",
            Unit.WORKERS,
            "Workers that sent a heartbeat in the last 5 s, over all hosts. Read as"
                    + " `atomic_queue_depth` is."),
    JOB_WITHDRAWN(
            Source.API,
            Type.COUNTER,
            "atomic.job.withdrawn",
            Unit.JOBS,
            "Jobs cancelled while they waited, and so ended by no worker."),
    RELAY_FOLLOWERS(
            Source.API,
            Type.GAUGE,
            "atomic.relay.followers",
            Unit.FOLLOWERS,
            "Followers of event logs at the moment: WebSockets, event streams and waiting"
                    + " requests."),
    RELAY_EVENTS(
            Source.API,
            Type.COUNTER,
            "atomic.relay.events",
            Unit.EVENTS,
            "Events given to followers, including replayed ones."),
    RELAY_LAG(
            Source.API,
            Type.TIMER,
            "atomic.relay.lag",
            Unit.SECONDS,
            "Time from an event's `at` until a follower gets it, for events appended while it followed."
                    + " `at` is the worker's clock, so with several hosts it includes the"
                    + " difference of their clocks; never below 0."),
    CLAIM(
            Source.WORKER,
            Type.TIMER,
            "atomic.claim",
            Unit.SECONDS,
            "Time of a transaction that looked for jobs, even if it found none."),
    CLAIM_JOBS(Source.WORKER, Type.COUNTER, "atomic.claim.jobs", Unit.JOBS, "Claimed jobs."),
    JOB_WAITED(
            Source.WORKER,
            Type.TIMER,
            "atomic.job.waited",
            Unit.SECONDS,
            "Time from when a job could be claimed (admitted, put back, or due again) until it was."
                    + " The beginning is by the clock of the process that delivered it; never below"
                    + " 0."),
    SLOTS(
            Source.WORKER,
            Type.GAUGE,
            "atomic.slots",
            Unit.JOBS,
            "The most jobs this worker runs at once (`ATOMIC_MAX_CONCURRENT`)."),
    SLOTS_BUSY(
            Source.WORKER,
            Type.GAUGE,
            "atomic.slots.busy",
            Unit.JOBS,
            "Jobs this worker holds at the moment."),
    AGENT_UP(
            Source.WORKER,
            Type.GAUGE,
            "atomic.agent.up",
            Unit.BOOLEAN,
            "Whether this host's agent answered its last health check."),
    ENGINE_UP(
            Source.WORKER,
            Type.GAUGE,
            "atomic.engine.up",
            Unit.BOOLEAN,
            "Whether this host's Docker engine could be used when it was last looked at."),
    ATTEMPT_STARTED(
            Source.WORKER,
            Type.COUNTER,
            "atomic.attempt.started",
            Unit.ATTEMPTS,
            "Claims that began to run."),
    ATTEMPT_RETRIED(
            Source.WORKER,
            Type.COUNTER,
            "atomic.attempt.retried",
            Unit.ATTEMPTS,
            "Attempts that ended with the job back in the queue, by the `reason` of its `retrying`.",
            Tag.REASON),
    ATTEMPT_LOST(
            Source.WORKER,
            Type.COUNTER,
            "atomic.attempt.lost",
            Unit.ATTEMPTS,
            "Attempts of workers that fell silent, counted by the worker that took over."),
    FENCE_LOST(
            Source.WORKER,
            Type.COUNTER,
            "atomic.fence.lost",
            Unit.ATTEMPTS,
            "Attempts of this worker that another had taken over before their outcome was written."),
    STAGE(
            Source.WORKER,
            Type.TIMER,
            "atomic.stage",
            Unit.SECONDS,
            "Time of a stage's run, by outcome. Stages that had ended before aren't counted again.",
            Tag.STAGE,
            Tag.OUTCOME),
    MODEL_TOKENS(
            Source.WORKER,
            Type.COUNTER,
            "atomic.model.tokens",
            Unit.TOKENS,
            "Tokens that were paid, whatever became of the answer. What a provider didn't report is"
                    + " estimated.",
            Tag.PROVIDER,
            Tag.DIRECTION),
    MODEL_COST(
            Source.WORKER,
            Type.COUNTER,
            "atomic.model.cost.usd",
            Unit.US_DOLLARS,
            "What those tokens cost by the agent's price table.",
            Tag.PROVIDER),
    MODEL_UNPRICED(
            Source.WORKER,
            Type.COUNTER,
            "atomic.model.unpriced",
            Unit.REQUESTS,
            "Paid requests whose cost isn't known, and so not in `atomic_model_cost_usd_total`.",
            Tag.PROVIDER),
    VERDICT(
            Source.WORKER,
            Type.COUNTER,
            "atomic.verdict",
            Unit.VERDICTS,
            "Committed verdicts of the sandbox.",
            Tag.STATUS,
            Tag.KIND),
    JOB_ENDED(
            Source.WORKER,
            Type.COUNTER,
            "atomic.job.ended",
            Unit.JOBS,
            "Jobs that this worker ended, including those of lost workers.",
            Tag.STATE),
    WEBHOOK(
            Source.WORKER,
            Type.COUNTER,
            "atomic.webhook",
            Unit.ATTEMPTS,
            "Attempts to deliver webhooks.",
            Tag.ATTEMPT),
    EVENT_FLUSH(
            Source.WORKER,
            Type.TIMER,
            "atomic.event.flush",
            Unit.SECONDS,
            "Time of a transaction that writes the events of this worker's jobs."),
    EVENT_FLUSH_EVENTS(
            Source.WORKER,
            Type.SUMMARY,
            "atomic.event.flush.events",
            Unit.EVENTS,
            "Events written in one transaction."),
    SANDBOX_POOL(
            Source.WORKER,
            Type.COUNTER,
            "atomic.sandbox.pool",
            Unit.CONTAINERS,
            "Containers that runs found ready (`hit`, or `prepared` with what the run needs already"
                    + " loaded) or had to start (`miss`).",
            Tag.RESULT),
    SANDBOX_POOL_READY(
            Source.WORKER,
            Type.GAUGE,
            "atomic.sandbox.pool.ready",
            Unit.CONTAINERS,
            "Fresh containers that are ready for any run at the moment.");

    /// The process that has it.
    public enum Source {
        API,
        WORKER
    }

    public enum Type {
        COUNTER,
        GAUGE,
        TIMER,
        SUMMARY;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What is counted. Only seconds are added to the name; it says everything else already.
    public enum Unit {
        SECONDS,
        REQUESTS,
        JOBS,
        FOLLOWERS,
        EVENTS,
        ATTEMPTS,
        VERDICTS,
        RUNS,
        CONTAINERS,
        WORKERS,
        TOKENS,
        US_DOLLARS,
        BOOLEAN;

        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private final Source source;
    private final Type type;
    private final String id;
    private final Unit unit;
    private final String about;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<Tag> tags;

    Metric(Source source, Type type, String id, Unit unit, String about, Tag... tags) {
        this.source = source;
        this.type = type;
        this.id = id;
        this.unit = unit;
        this.about = about;
        this.tags = List.of(tags);
    }

    public Source source() {
        return source;
    }

    public Type type() {
        return type;
    }

    /// The name as Micrometer has it, with dots.
    public String id() {
        return id;
    }

    public Unit unit() {
        return unit;
    }

    /// One sentence or two, in Markdown.
    public String about() {
        return about;
    }

    public List<Tag> tags() {
        return tags;
    }

    /// The upper bounds of a timer's buckets, from which Prometheus reckons percentiles over all
    /// processes; none for most, as each is a series of its own.
    public List<Duration> buckets() {
        return switch (this) {
            case JOB_WAITED ->
                    millis(10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000, 60_000, 300_000);
            case STAGE -> millis(50, 100, 250, 500, 1_000, 5_000, 15_000, 60_000, 300_000);
            case RELAY_LAG -> millis(5, 10, 25, 50, 100, 250, 500, 1_000, 5_000);
            default -> List.of();
        };
    }

    private static List<Duration> millis(long... bounds) {
        return Arrays.stream(bounds).mapToObj(Duration::ofMillis).toList();
    }

    /// The name Prometheus reads.
    public String prometheus() {
        String name = id.replace('.', '_');
        return switch (type) {
            case COUNTER -> name + "_total";
            case TIMER -> name + "_seconds";
            case GAUGE, SUMMARY -> name;
        };
    }
}
