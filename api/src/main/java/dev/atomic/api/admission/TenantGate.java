package dev.atomic.api.admission;

import dev.atomic.api.ApiSettings;
import dev.atomic.api.problem.ProblemException;
import dev.atomic.api.problem.Quota;
import dev.atomic.api.submission.Submission;
import dev.atomic.shared.job.Reservation;
import dev.atomic.shared.job.StageName;
import dev.atomic.shared.job.WaitingJobs;
import dev.atomic.shared.problem.ProblemCode;
import dev.atomic.shared.tenant.SubmitRate;
import dev.atomic.shared.tenant.TenantDays;
import dev.atomic.shared.tenant.TenantDays.Used;
import dev.atomic.shared.tenant.TenantLimits;
import dev.atomic.shared.tenant.TenantQueues;
import dev.atomic.shared.tenant.TenantQueues.Counts;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Each tenant's limits, exact over all api processes: what they go by is in the tenant's row, and
/// only the holder of the gate reads and writes it. It is read once for a group, and written with
/// the tenant's turn. Where no limit is set, nothing is read.
///
/// Takes part in the caller's transaction. Used by one thread at a time.
@Component
final class TenantGate {
    /// Nobody knows when a tenant's next job starts.
    private static final int RETRY_WAITING_SECONDS = 5;

    private static final int MINUTE = 60;
    private static final int DAY = 86_400;
    private static final Period KEPT = Period.ofDays(32);
    private static final long NANOS_OF_CENT = 10_000_000;

    private final TenantLimits limits;
    private final TenantQueues tenants;
    private final TenantDays days;
    private final WaitingJobs waiting;

    TenantGate(ApiSettings settings, TenantQueues tenants, TenantDays days, WaitingJobs waiting) {
        this.limits = settings.tenant();
        this.tenants = tenants;
        this.days = days;
        this.waiting = waiting;
    }

    /// Begins to decide on a group.
    ///
    /// @param now by the database's clock
    Group open(List<Submission.Request> requests, Instant now) {
        if (!limits.concernAdmission()) {
            return new Group(Map.of(), now);
        }
        SortedSet<String> theirs =
                requests.stream()
                        .map(Submission.Request::tenant)
                        .collect(Collectors.toCollection(TreeSet::new));
        Group group = new Group(tenants.counts(theirs), now);
        if (limits.concernDays() && theirs.size() > 1) {
            days.lock(theirs, group.at.toLocalDate());
        }
        return group;
    }

    /// Deletes what tenants spent long ago.
    void forgetOldDays(Instant now) {
        if (limits.concernDays()) {
            days.forgetBefore(
                    LocalDateTime.ofInstant(now, ZoneOffset.UTC).toLocalDate().minus(KEPT));
        }
    }

    /// What a tenant has, with what this group has admitted of it.
    private static final class Standing {
        private long submitsUntil;

        /// Null until somebody has counted.
        private @Nullable Long waiting;

        private boolean counted;
        private int admitted;
    }

    final class Group {
        private final Map<String, Counts> before;
        private final long now;
        private final LocalDateTime at;
        private final Map<String, Standing> standings = new HashMap<>();

        private Group(Map<String, Counts> before, Instant now) {
            this.before = before;
            this.now = SubmitRate.nanos(now);
            this.at = LocalDateTime.ofInstant(now, ZoneOffset.UTC);
        }

        /// Why a tenant may not have one more job; null if it may.
        @Nullable ProblemException refusal(String tenant) {
            if (!limits.concernAdmission()) {
                return null;
            }
            Standing standing = standing(tenant);
            if (limits.maxWaiting() > 0 && waiting(tenant, standing) >= limits.maxWaiting()) {
                return tooManyWaiting();
            }
            if (limits.submitsPerMinute() > 0) {
                SubmitRate rate = new SubmitRate(limits.submitsPerMinute());
                if (rate.take(standing.submitsUntil, now).isEmpty()) {
                    return tooFast(rate.wait(standing.submitsUntil, now));
                }
            }
            return null;
        }

        /// What has to be set aside for a job; null for nothing.
        @Nullable Reservation needed(Submission submission) {
            boolean asksModels =
                    submission.input().pipeline().stream().anyMatch(s -> s != StageName.VERIFY);
            return limits.concernDays() && asksModels
                    ? new Reservation(
                            at.toLocalDate(), nanos(submission), Estimate.tokens(submission))
                    : null;
        }

        /// Sets that aside, the last before a job is admitted.
        ///
        /// @return why it can't be; null when it is
        @Nullable ProblemException reserve(String tenant, @Nullable Reservation needed) {
            if (needed == null || days.reserve(tenant, needed)) {
                return null;
            }
            Used used = days.used(tenant, needed.day());
            int untilTomorrow = DAY - at.toLocalTime().toSecondOfDay();
            return limits.nanosPerDay() > 0 && used.nanos() + needed.nanos() > limits.nanosPerDay()
                    ? tooDear(used, needed, untilTomorrow)
                    : tooManyTokens(used, needed, untilTomorrow);
        }

        /// A tenant's job is admitted.
        void admitted(String tenant) {
            Standing standing = standing(tenant);
            standing.admitted++;
            if (standing.waiting != null) {
                standing.waiting++;
            }
            if (limits.submitsPerMinute() > 0) {
                OptionalLong until =
                        new SubmitRate(limits.submitsPerMinute()).take(standing.submitsUntil, now);
                standing.submitsUntil = until.orElse(standing.submitsUntil);
            }
        }

        /// What is to be written of a tenant.
        Counts counts(String tenant) {
            Standing standing = standing(tenant);
            return new Counts(
                    limits.submitsPerMinute() > 0 ? standing.submitsUntil : null,
                    limits.maxWaiting() > 0 ? standing.waiting : null);
        }

        private Standing standing(String tenant) {
            return standings.computeIfAbsent(
                    tenant,
                    _ -> {
                        Counts counts = before.getOrDefault(tenant, Counts.NONE);
                        Standing made = new Standing();
                        made.submitsUntil =
                                counts.submitsUntil() == null ? 0 : counts.submitsUntil();
                        made.waiting = counts.waitingAtMost();
                        return made;
                    });
        }

        /// At most this many wait; exactly, if it could matter.
        private long waiting(String tenant, Standing standing) {
            boolean matters = standing.waiting == null || standing.waiting >= limits.maxWaiting();
            if (matters && !standing.counted) {
                standing.waiting =
                        (long) waiting.count(tenant, limits.maxWaiting()) + standing.admitted;
                standing.counted = true;
            }
            return standing.waiting == null ? 0 : standing.waiting;
        }
    }

    private static long nanos(Submission submission) {
        Double most = submission.input().maxCostUsd();
        return most == null ? 0 : Math.round(most * TenantDays.NANOS);
    }

    private ProblemException tooDear(Used used, Reservation needed, int untilTomorrow) {
        return new ProblemException(
                ProblemCode.TENANT_USD_LIMIT,
                "This job may cost "
                        + dollars(needed.nanos())
                        + " USD, and of your "
                        + dollars(limits.nanosPerDay())
                        + " USD for today "
                        + dollars(used.nanos())
                        + " are spent or set aside for jobs under way; lower max_cost_usd, or try"
                        + " again later.",
                untilTomorrow,
                new Quota(
                        "usd",
                        limits.nanosPerDay() / NANOS_OF_CENT,
                        DAY,
                        "usd-cents",
                        Math.max(0, limits.nanosPerDay() - used.nanos()) / NANOS_OF_CENT));
    }

    private ProblemException tooManyTokens(Used used, Reservation needed, int untilTomorrow) {
        return new ProblemException(
                ProblemCode.TENANT_TOKEN_LIMIT,
                "This job may take some "
                        + needed.tokens()
                        + " tokens, and of your "
                        + limits.tokensPerDay()
                        + " for today "
                        + used.tokens()
                        + " are spent or set aside for jobs under way; ask for less, or try again"
                        + " later.",
                untilTomorrow,
                new Quota(
                        "tokens",
                        limits.tokensPerDay(),
                        DAY,
                        "tokens",
                        Math.max(0, limits.tokensPerDay() - used.tokens())));
    }

    private static String dollars(long nanos) {
        return BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString();
    }

    private ProblemException tooManyWaiting() {
        return new ProblemException(
                ProblemCode.TENANT_WAITING_LIMIT,
                "You have "
                        + limits.maxWaiting()
                        + " jobs waiting, which is your limit; try again when one has started.",
                RETRY_WAITING_SECONDS,
                new Quota("waiting", limits.maxWaiting(), null, "concurrent-requests", 0));
    }

    private ProblemException tooFast(Duration wait) {
        return new ProblemException(
                ProblemCode.TENANT_RATE_LIMIT,
                "You may submit "
                        + limits.submitsPerMinute()
                        + " jobs a minute, and have; try again later.",
                Math.max(1, Math.toIntExact(Math.ceilDiv(wait.toMillis(), 1_000L))),
                new Quota("submits", limits.submitsPerMinute(), MINUTE, null, 0));
    }
}
