package dev.atomic.shared.tenant;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;

/// What each tenant may have at most. 0 is no limit.
///
/// @param maxWaiting jobs that were admitted and never started
/// @param maxRunning jobs that run at once
/// @param submitsPerMinute jobs that are admitted
/// @param nanosPerDay what jobs admitted in a day may cost, in billionths of a US dollar
/// @param tokensPerDay what models may be asked and answer in jobs admitted in a day
/// @param jobNanos what one job may cost: the most a request can ask for, and the default
public record TenantLimits(
        int maxWaiting,
        int maxRunning,
        int submitsPerMinute,
        long nanosPerDay,
        int tokensPerDay,
        long jobNanos) {
    public static final TenantLimits NONE = new TenantLimits(0, 0, 0, 0, 0, 0);

    private static final String USD_PER_DAY = "ATOMIC_TENANT_USD_PER_DAY";

    /// @throws SettingException for the first value that can't be read or isn't allowed
    public static TenantLimits from(Variables variables) {
        long perDay = variables.billionths(USD_PER_DAY, 1_000_000);
        long perJob = variables.billionths("ATOMIC_JOB_MAX_COST_USD", 1_000_000);
        if (perDay > 0 && perJob == 0) {
            throw new SettingException(
                    USD_PER_DAY,
                    variables.text(USD_PER_DAY, ""),
                    "only with ATOMIC_JOB_MAX_COST_USD, which is set aside for each job");
        }
        return new TenantLimits(
                variables.integer("ATOMIC_TENANT_MAX_WAITING", 0, 0, 1_000_000),
                variables.integer("ATOMIC_TENANT_MAX_RUNNING", 0, 0, 1_000_000),
                variables.integer("ATOMIC_TENANT_SUBMITS_PER_MINUTE", 0, 0, 1_000_000),
                perDay,
                variables.integer("ATOMIC_TENANT_TOKENS_PER_DAY", 0, 0, 2_000_000_000),
                perJob);
    }

    /// Whether an admission goes by what is in the tenant's row.
    public boolean concernAdmission() {
        return maxWaiting > 0 || submitsPerMinute > 0;
    }

    /// Whether it matters what a tenant spends in a day.
    public boolean concernDays() {
        return nanosPerDay > 0 || tokensPerDay > 0;
    }
}
