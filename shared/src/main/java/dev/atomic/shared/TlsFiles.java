package dev.atomic.shared;

import dev.atomic.db.SettingException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.ssl.pem.PemContent;

/// The certificate an api shows and its key, as PEM (`ATOMIC_TLS_CERT`, `ATOMIC_TLS_KEY`). Both are
/// read again when the files change, so that a renewed certificate needs no restart.
///
/// @param certificate its own first, then those that lead to a root
public record TlsFiles(Path certificate, Path key) {
    private static final String CERTIFICATE = "ATOMIC_TLS_CERT";
    private static final String KEY = "ATOMIC_TLS_KEY";

    /// @return empty when neither is set
    /// @throws SettingException when only one is, or what they name can't be used
    public static Optional<TlsFiles> from(Variables variables) {
        String certificate = variables.text(CERTIFICATE, "");
        String key = variables.text(KEY, "");
        if (certificate.isEmpty() && key.isEmpty()) {
            return Optional.empty();
        }
        if (key.isEmpty()) {
            throw new SettingException(CERTIFICATE, certificate, "only with " + KEY);
        }
        if (certificate.isEmpty()) {
            throw new SettingException(KEY, key, "only with " + CERTIFICATE);
        }
        X509Certificate shown = certificate(path(CERTIFICATE, certificate));
        if (!belong(shown, key(path(KEY, key)))) {
            throw new SettingException(KEY, key, "the key of the first one in " + CERTIFICATE);
        }
        return Optional.of(new TlsFiles(Path.of(certificate), Path.of(key)));
    }

    private static Path path(String variable, String text) {
        try {
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                return path;
            }
        } catch (InvalidPathException none) {
            // told below
        }
        throw new SettingException(variable, text, "the absolute path of a file in PEM");
    }

    private static X509Certificate certificate(Path file) {
        try {
            return PemContent.load(file).getCertificates().getFirst();
        } catch (IOException | RuntimeException unreadable) {
            throw new SettingException(
                    CERTIFICATE, file.toString(), "a readable file with a certificate in PEM");
        }
    }

    private static PrivateKey key(Path file) {
        try {
            @org.jspecify.annotations.Nullable
            PrivateKey key = PemContent.load(file).getPrivateKey();
            if (key != null) {
                return key;
            }
        } catch (IOException | RuntimeException unreadable) {
            // told below
        }
        throw new SettingException(
                KEY, file.toString(), "a readable file with a private key in PEM, not encrypted");
    }

    /// Whether what the one signs the other proves.
    private static boolean belong(X509Certificate certificate, PrivateKey key) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update((byte) 1);
            byte[] signature = signing.sign();
            signing.initVerify(certificate.getPublicKey());
            signing.update((byte) 1);
            return signing.verify(signature);
        } catch (GeneralSecurityException different) {
            return false;
        }
    }

    /// Spring Boot's own words for it.
    Map<String, Object> properties() {
        String bundle = "spring.ssl.bundle.pem.api.";
        return Map.of(
                bundle + "keystore.certificate",
                "file:" + certificate,
                bundle + "keystore.private-key",
                "file:" + key,
                bundle + "reload-on-update",
                true,
                "server.ssl.bundle",
                "api");
    }
}
