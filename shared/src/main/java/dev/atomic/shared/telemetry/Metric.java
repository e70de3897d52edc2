package dev.atomic.shared.telemetry;

import java.util.List;
import java.util.Locale;

/// Every meter of ours, once. `docs/metrics.md` is made from this table, and a process registers
/// its part of it at start ([Meters]): a meter that isn't here can't be made, and tests see to it
/// that each is fed.
///
/// Names follow Prometheus: `atomic_`, then the unit, then `_total` for counters. A timer has
/// `_count`, `_sum` and `_max`, as has a summary.
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
            "Waiting jobs when this process last admitted one: the position that job got, up to"
                    + " 1,000. It costs no statement, and doesn't change while nothing is admitted."
                    + " `queue_size` of `/api/metrics` is counted at each request."),
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
        CONTAINERS;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
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
