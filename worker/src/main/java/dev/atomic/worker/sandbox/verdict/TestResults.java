package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.verify.TestResult;
import java.util.ArrayList;
import java.util.List;

/// The first results of many, in the order in which the tests ended. Where there is no room for one
/// that failed, the last that didn't gives way to it.
///
/// Used by one thread.
final class TestResults {
    /// A verdict is part of an event, and of the job: with names of usual length 200 are 12 KiB.
    static final int MAX = 200;

    private final List<TestResult> kept = new ArrayList<>();

    void add(TestResult result) {
        if (kept.size() == MAX) {
            if (!isBad(result)) {
                return;
            }
            int last = lastThatIsNotBad();
            if (last < 0) {
                return;
            }
            kept.remove(last);
        }
        kept.add(result);
    }

    List<TestResult> kept() {
        return List.copyOf(kept);
    }

    private int lastThatIsNotBad() {
        for (int i = kept.size() - 1; i >= 0; i--) {
            if (!isBad(kept.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isBad(TestResult result) {
        return result.status() == TestResult.Status.FAILED
                || result.status() == TestResult.Status.LEFT_OUT;
    }
}
