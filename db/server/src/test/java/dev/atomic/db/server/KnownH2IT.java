package dev.atomic.db.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.db.TestDatabase;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.constant.ConstantDescs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.h2.engine.Constants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class KnownH2IT {
    @TempDir private Path folder;

    static Set<String> known() {
        return KnownH2.SHA_256.keySet();
    }

    /// All names are there in such an H2, as they would be in most others.
    @ParameterizedTest
    @MethodSource("known")
    void anH2WithAnotherClassIsRefusedInOneLineWithTheMend(String name) throws Exception {
        Path classes = folder.resolve("classes");
        Path home = folder.resolve("home");
        another("org/h2/" + name.replace('.', '/') + ".class", classes);
        try (H2Process process = H2Process.launchWith(classes, home, TestDatabase.freePort())) {
            assertThat(process.awaitExit()).isEqualTo(3);
            assertThat(process.errors())
                    .singleElement()
                    .asString()
                    .startsWith("db: org.h2." + name + " isn't that of H2 2.4.240: ")
                    .contains("build with h2.version 2.4.240")
                    .contains("put its hashes into KnownH2");
        }
        assertThat(home).as("the data of an H2 that may tear it").doesNotExist();
    }

    @Test
    void theVersionItNamesIsTheOneItKnows() {
        assertThat(KnownH2.VERSION).isEqualTo(Constants.VERSION);
    }

    /// Differs by a field that nobody uses.
    private static void another(String path, Path classes) throws Exception {
        Path file = classes.resolve(path);
        Files.createDirectories(file.getParent());
        try (InputStream original = KnownH2IT.class.getClassLoader().getResourceAsStream(path)) {
            ClassFile format = ClassFile.of();
            Files.write(
                    file,
                    format.transformClass(
                            format.parse(original.readAllBytes()),
                            ClassTransform.endHandler(builder ->
                                    builder.withField(
                                            "another",
                                            ConstantDescs.CD_int,
                                            ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC))));
        }
    }
}
