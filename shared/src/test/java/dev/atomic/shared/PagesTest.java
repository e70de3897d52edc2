package dev.atomic.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The pages lead through the tree by links, which a moved class breaks silently.
class PagesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\[([^\\]]*)]\\(([^)\\s]+)\\)");

    @Test
    void everyLinkLeadsToAFileThatIsThere() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : pages()) {
            for (MatchResult link : links(page)) {
                links++;
                String target = link.group(2).replaceFirst("#.*", "");
                if (!Files.exists(page.resolveSibling(target))) {
                    broken.add(ROOT.relativize(page) + ": " + link.group());
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(50);
    }

    @Test
    void aLinkToAClassBearsItsName() throws IOException {
        List<String> misnamed = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult link : links(page)) {
                String file = link.group(2).replaceFirst(".*/", "");
                if (file.endsWith(".java") && !link.group(1).equals("`" + className(file) + "`")) {
                    misnamed.add(ROOT.relativize(page) + ": " + link.group());
                }
            }
        }
        assertThat(misnamed).isEmpty();
    }

    private static String className(String file) {
        return file.substring(0, file.length() - ".java".length());
    }

    /// Links within the tree; those that lead elsewhere or into the same page are passed over.
    private static List<MatchResult> links(Path page) throws IOException {
        return LINK.matcher(Files.readString(page))
                .results()
                .filter(link -> !link.group(2).matches("(https?:|#).*"))
                .toList();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"));
                Stream<Path> top = Files.list(ROOT)) {
            return Stream.concat(docs, top)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }
}
