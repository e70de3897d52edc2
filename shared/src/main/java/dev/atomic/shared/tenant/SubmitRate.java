package dev.atomic.shared.tenant;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;

/// A bucket of so many submits a minute, which fills evenly: a minute's worth may come at once, and
/// then one each time a submit's share of the minute has passed.
///
/// All that is kept is one number, when the bucket will be full again: the generic cell rate
/// algorithm (ITU-T I.371, annex A). Times are in ns since 1970. Pure.
///
/// @param perMinute 1 to 1,000,000
public record SubmitRate(int perMinute) {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    public static long nanos(Instant at) {
        return Math.addExact(
                Math.multiplyExact(at.getEpochSecond(), Duration.ofSeconds(1).toNanos()),
                at.getNano());
    }

    /// The time a submit takes to be worked off; rounded up, so that no more fit into a minute.
    private long share() {
        return Math.ceilDiv(MINUTE, perMinute);
    }

    private long whole() {
        return share() * perMinute;
    }

    /// What was kept, as it matters now. A clock that was put back, or a rate that was lowered,
    /// must not keep a tenant out for longer than a full bucket takes.
    private long until(long kept, long now) {
        return Math.clamp(kept, now, now + whole());
    }

    /// Takes one submit.
    ///
    /// @param kept what the last one gave; 0 before the first
    /// @return what is to be kept; empty when the bucket is empty
    public OptionalLong take(long kept, long now) {
        long next = until(kept, now) + share();
        return next - now > whole() ? OptionalLong.empty() : OptionalLong.of(next);
    }

    /// How long until one can be taken; zero when one can be now.
    public Duration wait(long kept, long now) {
        return Duration.ofNanos(Math.max(0, until(kept, now) + share() - now - whole()));
    }
}
