package dev.atomic.worker.extraction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.worker.extraction.MarkdownFiles.Found;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The forms in which models give files, as a table: `answers/shapes.txt`.
class AnswerShapesTest {
    private record Shape(String name, String language, String answer, Map<String, String> files) {
        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shapes")
    void eachShapeGivesItsFiles(Shape shape) {
        assertThat(MarkdownFiles.extract(shape.answer(), shape.language()))
                .as(shape.answer())
                .isInstanceOfSatisfying(
                        Found.class,
                        found -> {
                            assertThat(texts(found)).isEqualTo(shape.files());
                            assertThat(found.doubt()).isNull();
                        });
    }

    @Test
    void thereAreEnoughOfThem() throws IOException {
        assertThat(shapes()).hasSizeGreaterThanOrEqualTo(60);
    }

    private static Map<String, String> texts(Found found) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (SourceFile file : found.files()) {
            texts.put(file.path(), file.text());
        }
        return texts;
    }

    private static List<Shape> shapes() throws IOException {
        String table;
        try (var resource = AnswerShapesTest.class.getResourceAsStream("/answers/shapes.txt")) {
            table = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
        List<Shape> shapes = new ArrayList<>();
        String[] cases = table.split("(?m)^§ case ", -1);
        for (int i = 1; i < cases.length; i++) {
            String[] parts = cases[i].split("(?m)^§ file ", -1);
            String head = line(parts[0]);
            Map<String, String> files = new LinkedHashMap<>();
            for (int j = 1; j < parts.length; j++) {
                files.put(line(parts[j]), rest(parts[j]));
            }
            int end = head.indexOf(')');
            shapes.add(
                    new Shape(
                            head.substring(end + 2),
                            head.substring(1, end),
                            rest(parts[0]),
                            files));
        }
        return shapes;
    }

    private static String line(String part) {
        return part.substring(0, part.indexOf('\n'));
    }

    private static String rest(String part) {
        return part.substring(part.indexOf('\n') + 1);
    }
}
