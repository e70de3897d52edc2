package dev.atomic.shared.job;

import com.github.f4b6a3.uuid.factory.standard.TimeOrderedEpochFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/// Makes and reads job ids: UUID version 7 (RFC 9562 section 5.7), so that they sort by creation.
///
/// Thread-safe.
public final class JobId {
    private static final Pattern CANONICAL =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final TimeOrderedEpochFactory ids;

    public JobId(Clock clock) {
        // The factory itself follows a clock that goes back by more than a second.
        AtomicReference<Instant> latest = new AtomicReference<>(Instant.EPOCH);
        ids =
                TimeOrderedEpochFactory.builder()
                        .withInstantFunction(
                                () -> latest.accumulateAndGet(clock.instant(), JobId::later))
                        .build();
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    /// A new id, greater than each that this instance gave before: within a millisecond the bits
    /// after it count up (RFC 9562 section 6.2), and a clock that goes back is not followed.
    public UUID next() {
        return ids.create();
    }

    /// A lower bound of the ids made at this time or later.
    public static UUID firstOf(Instant at) {
        return new UUID((at.toEpochMilli() << 16) | 0x7000L, 0x8000_0000_0000_0000L);
    }

    /// Reads an id as we write it; empty for anything else (`UUID.fromString` takes much that isn't
    /// one).
    public static Optional<UUID> parse(String text) {
        return CANONICAL.matcher(text).matches()
                ? Optional.of(UUID.fromString(text))
                : Optional.empty();
    }

    /// The id of a delivery: the job's own for the first, one derived from job and fence for each
    /// later one, so that it needn't wait for JobRunr's bookkeeping of the one that was lost.
    public static UUID delivery(UUID job, long fence) {
        if (fence == 0) {
            return job;
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest((job + "/" + fence).getBytes(StandardCharsets.US_ASCII));
            ByteBuffer bytes = ByteBuffer.wrap(hash);
            long high = (bytes.getLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x8000L;
            long low = (bytes.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
            return new UUID(high, low);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
