package dev.atomic.shared.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JobStateTest {
    private static final Pattern ARROW =
            Pattern.compile("^\\s*(\\[\\*]|\\w+) --> (\\[\\*]|\\w+)(?::.*)?$");

    @Test
    void theDiagramHasExactlyTheArrowsOfTheTable() throws IOException {
        Set<String> arrows = new TreeSet<>();
        arrows.add("[*] --> queued");
        for (JobState from : JobState.values()) {
            for (JobState to : JobState.values()) {
                if (from.canBecome(to)) {
                    arrows.add(from.wire() + " --> " + to.wire());
                }
            }
            if (from.isTerminal()) {
                arrows.add(from.wire() + " --> [*]");
            }
        }
        assertThat(drawn()).isEqualTo(arrows);
    }

    @ParameterizedTest
    @EnumSource
    void aTerminalStateNeverChangesAndNoOtherIsTheLast(JobState state) {
        boolean changes = Set.of(JobState.values()).stream().anyMatch(state::canBecome);
        assertThat(changes).isEqualTo(!state.isTerminal());
    }

    @ParameterizedTest
    @EnumSource
    void itsNameOnTheWireIsReadBack(JobState state) {
        assertThat(JobState.of(state.wire())).isEqualTo(state);
    }

    private static Set<String> drawn() throws IOException {
        Set<String> arrows = new TreeSet<>();
        boolean inDiagram = false;
        for (String line : Files.readAllLines(root().resolve("ARCHITECTURE.md"))) {
            if (line.strip().equals("stateDiagram-v2")) {
                inDiagram = true;
            } else if (line.startsWith("```")) {
                inDiagram = false;
            } else if (inDiagram) {
                Matcher arrow = ARROW.matcher(line);
                assertThat(arrow.matches()).as("an arrow: %s", line).isTrue();
                arrows.add(arrow.group(1) + " --> " + arrow.group(2));
            }
        }
        return arrows;
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("mvnw"))) {
            here = here.getParent();
        }
        return here;
    }
}
