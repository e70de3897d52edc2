package dev.atomic.worker.sandbox.verdict;

import dev.atomic.shared.verify.TestResult;
import dev.atomic.shared.verify.Verification;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import java.util.List;

/// What the tests of one step reported, line by line as it came. PROTOCOL.md says what the lines
/// are.
///
/// Used by one thread.
public final class TestReport {
    private final TestResults results = new TestResults();
    private long collected = -1;
    private int passed;
    private int failed;
    private int skipped;
    private int leftOut;
    private int broken;
    private long deselected;
    private int finishes;
    private long finishedCode = -1;
    private long finishedCount = -1;
    private boolean malformed;
    private String firstBad = "";
    private String notCarried = "";

    void take(String line) {
        int space = line.indexOf(' ');
        String kind = space < 0 ? line : line.substring(0, space);
        String rest = space < 0 ? "" : line.substring(space + 1);
        switch (kind) {
            case "collected" -> collected = number(rest);
            case "passed" -> {
                passed++;
                ended(rest, TestResult.Status.PASSED);
            }
            case "failed", "error" -> bad(rest);
            case "skipped" -> {
                skipped++;
                ended(rest, TestResult.Status.SKIPPED);
            }
            case "left_out" -> {
                leftOut++;
                ended(rest, TestResult.Status.LEFT_OUT);
            }
            case "broken" -> {
                broken++;
                ended(rest, TestResult.Status.FAILED);
                firstBad = firstBad.isEmpty() ? rest : firstBad;
            }
            case "not_carried" -> notCarried = notCarried.isEmpty() ? rest : notCarried;
            case "deselected" -> deselected += number(rest);
            case "finished" -> finished(rest);
            default -> malformed = true;
        }
    }

    private void bad(String id) {
        failed++;
        ended(id, TestResult.Status.FAILED);
        firstBad = firstBad.isEmpty() ? id : firstBad;
    }

    private void ended(String id, TestResult.Status status) {
        results.add(new TestResult(id, status));
    }

    private void finished(String rest) {
        int space = rest.indexOf(' ');
        finishes++;
        finishedCode = number(space < 0 ? "" : rest.substring(0, space));
        finishedCount = number(rest.substring(space + 1));
    }

    private long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            malformed = true;
            return -1;
        }
    }

    /// Whether the session came to its end, reported every test it had collected, and the process
    /// then ended as it had said it would.
    public boolean isComplete(RunnerRecord.StepEnded end) {
        boolean whole = finishes == 1 && finishedCount == results();
        // A session that couldn't collect (a broken file, a wrong option) says so by its code.
        boolean counted =
                collected == results() || broken > 0 || (collected < 0 && finishedCode != 0);
        Integer exit = end.exit();
        return whole && counted && !malformed && exit != null && exit == finishedCode;
    }

    /// Whether a test file couldn't even be loaded.
    boolean hasBroken() {
        return broken > 0;
    }

    /// Whether it came to its end, and every test of it was run and passed, or was waived by its
    /// own file.
    boolean isClean(RunnerRecord.StepEnded end) {
        return isComplete(end) && finishedCode == 0 && failed + broken + leftOut == 0;
    }

    /// Tests that a result came of, whatever it was.
    int results() {
        return passed + failed + skipped + leftOut;
    }

    /// Tests that a selection has left out.
    long deselected() {
        return deselected;
    }

    /// Tests that were skipped or expected to fail by something else than their own files.
    int leftOut() {
        return leftOut;
    }

    /// Tests that ran: skipped ones didn't, and of a file that couldn't be loaded none did.
    Verification.Tests tests() {
        return new Verification.Tests(passed + failed, failed + broken, null);
    }

    /// How each ended, at most [TestResults#MAX].
    List<TestResult> each() {
        return results.kept();
    }

    public int passed() {
        return passed;
    }

    /// The first test that failed, or file that couldn't be loaded; empty when there is none.
    public String firstBad() {
        return firstBad;
    }

    /// What a judge couldn't carry between tests and program, in words; empty when it could.
    public String notCarried() {
        return notCarried;
    }

    /// What could have passed: tests that ran or should have, and files that couldn't be loaded.
    int counted() {
        return passed + failed + leftOut + broken;
    }
}
