package dev.atomic.shared.tenant;

import dev.atomic.db.SettingException;
import dev.atomic.shared.Variables;

/// What each tenant may have at most. 0 is no limit.
///
/// @param maxWaiting jobs that were admitted and never started
/// @param submitsPerMinute jobs that are admitted
public record TenantLimits(int maxWaiting, int submitsPerMinute) {
    public static final TenantLimits NONE = new TenantLimits(0, 0);

    /// @throws SettingException for the first value that can't be read or isn't allowed
    public static TenantLimits from(Variables variables) {
        return new TenantLimits(
                variables.integer("ATOMIC_TENANT_MAX_WAITING", 0, 0, 1_000_000),
                variables.integer("ATOMIC_TENANT_SUBMITS_PER_MINUTE", 0, 0, 1_000_000));
    }

    /// Whether an admission has anything to look at.
    public boolean concernAdmission() {
        return maxWaiting > 0 || submitsPerMinute > 0;
    }
}
