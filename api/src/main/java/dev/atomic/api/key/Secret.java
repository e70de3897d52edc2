package dev.atomic.api.key;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The texts that let someone in: a key `atk_<id>_<secret>`, a ticket `att_<secret>`. Each secret
/// has 256 random bits. That is why what is kept of it is a plain SHA-256: nobody can try them all.
///
/// The prefixes are there so that scanners of repositories find keys.
public final class Secret {
    public static final String KEY_PREFIX = "atk_";
    public static final String TICKET_PREFIX = "att_";

    private static final int SECRET_BYTES = 32;
    private static final int ID_BYTES = 8;
    private static final Pattern KEY = Pattern.compile("atk_([0-9a-f]{16})_[A-Za-z0-9_-]{43}");
    private static final Pattern TICKET = Pattern.compile("att_[A-Za-z0-9_-]{43}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secret() {}

    static String newId() {
        return HexFormat.of().formatHex(random(ID_BYTES));
    }

    static String newKey(String id) {
        return KEY_PREFIX + id + "_" + secret();
    }

    static String newTicket() {
        return TICKET_PREFIX + secret();
    }

    /// The id of the key that this may be; empty for what is none.
    static Optional<String> keyId(String text) {
        Matcher key = KEY.matcher(text);
        return key.matches() ? Optional.of(key.group(1)) : Optional.empty();
    }

    static boolean isTicket(String text) {
        return TICKET.matcher(text).matches();
    }

    /// Of the whole text, as hexadecimal digits. Not of the bytes it stands for, which other texts
    /// stand for, too.
    public static String hash(String text) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// Takes as long wherever the two differ.
    static boolean matches(String text, String hash) {
        return MessageDigest.isEqual(
                hash(text).getBytes(StandardCharsets.US_ASCII),
                hash.getBytes(StandardCharsets.US_ASCII));
    }

    private static String secret() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random(SECRET_BYTES));
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
