package dev.atomic.db.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/// The one H2 this server knows from the inside, by the SHA-256 of its classes' bytes.
///
/// [StoreGateWeaver] changes methods of H2 and [Connections] reads its private fields. Both were
/// written from the sources of one version. In another the names may be there still and mean
/// something else, so that the server would start and a kill could tear a transaction as before. So
/// a version is never taken by its number alone.
///
/// Thread-safe.
final class KnownH2 {
    /// As `h2.version` in the parent pom.
    static final String VERSION = "2.4.240";

    private static final String PACKAGE = "org.h2.";

    /// The woven, those whose fields are read, and the one that holds H2's version: that changes
    /// with each release, and with it what isn't woven but called from there.
    static final Map<String, String> SHA_256 =
            Map.of(
                    "mvstore.MVMap",
                    "a05ef9bad439cc3dda54d82abdfb5c03bf4bbf9e95c6d8981e8f9a9b59ad6f29",
                    "mvstore.MVStore",
                    "9907fb3267cc978dc04e132a4786a2487208168415c8a6f1d4cd590e3674bc59",
                    "mvstore.tx.TransactionStore",
                    "bf8c839e406b8de9bc1dbf4338a160ee1dbadf8e1ea9a32511b339f48983daf9",
                    "mvstore.tx.Transaction",
                    "8cad044f85efa76ca20a464808a9f58ccf326db4ac0dc9d0cfc69395939a5e8a",
                    "command.Command",
                    "b2a239fb43da375bf47db39500fa8157f769b5cec4dffe811360a015f98a3a34",
                    "server.TcpServer",
                    "49adccfde2ccf25d602dea2fd0b576de22a5aaff248fa43874a637a5927d5d66",
                    "server.TcpServerThread",
                    "ebf5630553d74da36a0d1e9ccd3eaa5f73025d0622b8b9944ff2f70d95f6452d",
                    "engine.Constants",
                    "8e77cb670ef231dbd3a39f95a7bd2b0e42ec4e66299af52a767131f64bd604d9");

    private KnownH2() {}

    /// Reads all of them, about 300 KiB, and loads none.
    ///
    /// @throws UnknownH2Exception when one isn't there or is another
    static void require() {
        SHA_256.keySet().stream().sorted().forEach(KnownH2::bytes);
    }

    /// @param name of a known class, without `org.h2.`
    /// @return the class file, which is the known one
    /// @throws UnknownH2Exception when it isn't there or is another
    static byte[] bytes(String name) {
        String path = (PACKAGE + name).replace('.', '/') + ".class";
        try (InputStream file = KnownH2.class.getClassLoader().getResourceAsStream(path)) {
            if (file == null) {
                throw new UnknownH2Exception(PACKAGE + name + " isn't there, unlike in");
            }
            byte[] bytes = file.readAllBytes();
            if (!sha256(bytes).equals(SHA_256.get(name))) {
                throw new UnknownH2Exception(PACKAGE + name + " isn't that of");
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has it", e);
        }
    }
}
