package dev.atomic.shared.transition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.FailureCode;
import dev.atomic.shared.job.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransitionTest {
    private static final Failure FAILURE = new Failure(FailureCode.INTERNAL, "broken", null, false);

    @Test
    void everyArrowOfTheTableIsTakenAndNoOther() {
        Set<String> table = new TreeSet<>();
        for (JobState from : JobState.values()) {
            for (JobState to : JobState.values()) {
                if (from.canBecome(to)) {
                    table.add(from + " " + to);
                }
            }
        }
        Set<String> taken = new TreeSet<>();
        taken.add(JobState.QUEUED + " " + JobState.RUNNING); // Transitions.claimNext
        for (Transition transition :
                List.of(
                        new Transition.PutBack(Duration.ZERO, false, false),
                        new Transition.End(JobState.SUCCEEDED, null),
                        new Transition.End(JobState.FAILED, FAILURE),
                        new Transition.End(JobState.CANCELLED, null),
                        new Transition.Withdraw())) {
            taken.add(transition.from() + " " + transition.to());
        }
        assertThat(taken).isEqualTo(table);
        assertThat(Transition.class.getPermittedSubclasses()).hasSize(4);
    }

    @ParameterizedTest
    @EnumSource(names = {"QUEUED", "RUNNING"})
    void aJobEndsInATerminalState(JobState state) {
        assertThatThrownBy(() -> new Transition.End(state, null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatFailsSaysWhyAndNothingElseDoes() {
        assertThatThrownBy(() -> new Transition.End(JobState.FAILED, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Transition.End(JobState.SUCCEEDED, FAILURE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
