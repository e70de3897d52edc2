package dev.atomic.db.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The number of a table's rows and a checksum of them, the same in whatever order they are read:
/// two databases don't sort alike. Each row's SHA-256 is added up, 128 bits of it.
///
/// Not thread-safe.
final class RowSum {
    private final MessageDigest digest;
    private long rows;
    private long high;
    private long low;

    RowSum() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    /// @param row its columns' values, of the types [TableCopy.Kind] reads
    void add(List<@Nullable Object> row) {
        for (@Nullable Object value : row) {
            byte[] bytes = bytes(value);
            // Its length first, or two texts could be cut in another place and look the same.
            addLong(value == null ? -1 : bytes.length);
            digest.update(bytes);
        }
        byte[] hash = digest.digest();
        long addedLow = longAt(hash, 8);
        low += addedLow;
        high += longAt(hash, 0) + (Long.compareUnsigned(low, addedLow) < 0 ? 1 : 0);
        rows++;
    }

    long rows() {
        return rows;
    }

    String checksum() {
        return "%016x%016x".formatted(high, low);
    }

    boolean agrees(RowSum other) {
        return rows == other.rows && high == other.high && low == other.low;
    }

    private static byte[] bytes(@Nullable Object value) {
        return switch (value) {
            case null -> new byte[0];
            case byte[] bytes -> bytes;
            // As far as both databases store it.
            case OffsetDateTime at -> text(at.toInstant().truncatedTo(ChronoUnit.MICROS));
            case LocalDateTime at -> text(at.truncatedTo(ChronoUnit.MICROS));
            case LocalDate day -> text(day);
            case String text -> text.getBytes(StandardCharsets.UTF_16BE);
            case Double number -> text(Double.doubleToLongBits(number));
            case Long number -> text(number);
            case Boolean truth -> text(truth);
            case UUID id -> text(id);
            default -> throw new IllegalArgumentException(value.getClass().getName());
        };
    }

    private static byte[] text(Object value) {
        return value.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void addLong(long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            digest.update((byte) (value >>> shift));
        }
    }

    private static long longAt(byte[] bytes, int from) {
        long value = 0;
        for (int i = from; i < from + 8; i++) {
            value = (value << 8) | (bytes[i] & 0xff);
        }
        return value;
    }
}
