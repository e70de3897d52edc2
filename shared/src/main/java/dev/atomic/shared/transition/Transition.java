package dev.atomic.shared.transition;

import dev.atomic.shared.job.Failure;
import dev.atomic.shared.job.JobState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How an admitted job's row moves on. Admission and claim move many jobs in one statement, and are
/// [Transitions#admit] and [Transitions#claimNext].
public sealed interface Transition {
    /// The state it begins in.
    JobState from();

    /// The state it ends in.
    JobState to();

    /// Whether another job of the tenant may run instead. A job that goes back and is delivered at
    /// once keeps its place.
    default boolean leavesPlace() {
        return switch (this) {
            case Advance() -> false;
            case PutBack back -> back.delay().isPositive();
            case End _, Withdraw() -> true;
        };
    }

    /// A running job continues: only its log grows. For the holder of its fence.
    record Advance() implements Transition {
        @Override
        public JobState from() {
            return JobState.RUNNING;
        }

        @Override
        public JobState to() {
            return JobState.RUNNING;
        }
    }

    /// A running job waits again, under a new fence: the claim is over. A job that is to be
    /// cancelled can't.
    ///
    /// @param delay until it is delivered again
    /// @param charged whether the next start uses up an attempt
    /// @param lost whether its worker was lost
    record PutBack(Duration delay, boolean charged, boolean lost) implements Transition {
        @Override
        public JobState from() {
            return JobState.RUNNING;
        }

        @Override
        public JobState to() {
            return JobState.QUEUED;
        }
    }

    /// A running job ends. One that is to be cancelled can end in no other way.
    ///
    /// @param to a terminal state
    /// @param failure why, if it failed
    record End(JobState to, @Nullable Failure failure) implements Transition {
        public End {
            if (!JobState.RUNNING.canBecome(to)
                    || !to.isTerminal()
                    || (failure != null) != (to == JobState.FAILED)) {
                throw new IllegalArgumentException("a job can't end " + to + " with " + failure);
            }
        }

        @Override
        public JobState from() {
            return JobState.RUNNING;
        }
    }

    /// A waiting job is cancelled, under a new fence: its delivery is void.
    record Withdraw() implements Transition {
        @Override
        public JobState from() {
            return JobState.QUEUED;
        }

        @Override
        public JobState to() {
            return JobState.CANCELLED;
        }
    }
}
