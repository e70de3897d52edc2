package dev.atomic.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Programs for Node with their packages from npm, at the versions of their lock file.
final class NodeFolder {
    private NodeFolder() {}

    /// Copies a folder's resources and installs the packages they ask for. A test is left out where
    /// that can't be done, but never where everything should be there.
    static void fill(Path directory, String resources, List<String> programs) throws Exception {
        copy(directory, resources, List.of("package.json", "package-lock.json"));
        copy(directory, resources, programs);
        Process npm;
        try {
            npm =
                    new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            missing("npm isn't there: apt-get install npm");
            return;
        }
        String said = new String(npm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (npm.waitFor() != 0) {
            missing("npm can't install what " + resources + " needs: " + said);
        }
    }

    private static void copy(Path directory, String resources, List<String> files)
            throws IOException {
        for (String file : files) {
            try (InputStream in =
                    NodeFolder.class.getResourceAsStream("/" + resources + "/" + file)) {
                Files.copy(in, directory.resolve(file));
            }
        }
    }

    private static void missing(String what) {
        assertThat(System.getenv("CI")).as(what).isNotEqualTo("true");
        assumeThat(false).as(what).isTrue();
    }
}
