package dev.atomic.worker.sandbox.cases;

import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.compare.Bytes;
import dev.atomic.worker.sandbox.compare.Comparison;
import dev.atomic.worker.sandbox.run.RunnerRecord;
import dev.atomic.worker.sandbox.verdict.SignalNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What one case gave. Pure.
record CaseJudge(Case wanted, Bytes stdout, Bytes stderr) {
    private static final int SIGKILL = 9;

    /// How much of what the program said last is shown beside an end that wasn't expected.
    private static final int MAX_LAST_WORDS = 1_000;

    CaseResult judge(RunnerRecord.StepEnded end) {
        return switch (end.limit()) {
            case "wall" -> told(VerificationStatus.TIMED_OUT, end, "it ran out of time");
            case "output" -> told(VerificationStatus.OUTPUT_LIMIT, end, "it printed too much");
            default ->
                    isForMemory(end)
                            ? told(VerificationStatus.OUT_OF_MEMORY, end, "it ran out of memory")
                            : byWhatCame(end);
        };
    }

    /// The run's own time is over, whatever this one did.
    CaseResult outOfTime(RunnerRecord.@Nullable StepEnded end, long wallMs) {
        return new CaseResult(
                wanted.name(),
                VerificationStatus.TIMED_OUT,
                null,
                SignalNames.of(SIGKILL),
                end == null ? wallMs : end.wallUs() / 1000,
                end == null ? null : peak(end),
                CaseResult.beginning(stdout.shown()),
                "the time of the whole run is over");
    }

    /// A child's end that the program coped with isn't the end of the case.
    private static boolean isForMemory(RunnerRecord.StepEnded end) {
        return end.used().oomKills() > 0 && (end.exit() == null || end.exit() != 0);
    }

    private static @Nullable Long peak(RunnerRecord.StepEnded end) {
        return end.used().peakBytes() > 0 ? end.used().peakBytes() : null;
    }

    private CaseResult byWhatCame(RunnerRecord.StepEnded end) {
        List<String> differs = new ArrayList<>();
        if (end.execErrno() != 0) {
            differs.add("it can't be started (errno " + end.execErrno() + ")");
        } else if (end.exit() == null || end.exit() != wanted.exitCode()) {
            differs.add("exit code: expected " + wanted.exitCode() + ", got " + how(end));
        }
        difference(stdout, wanted.stdout()).ifPresent(what -> differs.add("stdout: " + what));
        difference(stderr, wanted.stderr()).ifPresent(what -> differs.add("stderr: " + what));
        if (differs.isEmpty()) {
            return told(VerificationStatus.PASSED, end, null);
        }
        String lastWords = stderr.shown().strip();
        if (wanted.stderr() == null && !lastWords.isEmpty()) {
            differs.add("it said on stderr:\n" + tail(lastWords));
        }
        return told(VerificationStatus.FAILED, end, String.join("\n", differs));
    }

    private Optional<String> difference(Bytes got, @Nullable String expected) {
        if (expected == null) {
            return Optional.empty();
        }
        if (got.isCut()) {
            return Optional.of("more than 1 MiB, which is not what is expected");
        }
        return got.text()
                .map(text ->
                        Comparison.difference(wanted.match(), wanted.tolerance(), expected, text))
                .orElse(Optional.of("isn't UTF-8"));
    }

    private static String how(RunnerRecord.StepEnded end) {
        Integer signal = end.signal();
        return signal == null ? String.valueOf(end.exit()) : SignalNames.of(signal);
    }

    private static String tail(String text) {
        if (text.length() <= MAX_LAST_WORDS) {
            return text;
        }
        int from = text.length() - MAX_LAST_WORDS;
        return "…" + text.substring(Character.isLowSurrogate(text.charAt(from)) ? from + 1 : from);
    }

    private CaseResult told(
            VerificationStatus status, RunnerRecord.StepEnded end, @Nullable String diff) {
        boolean killed = status != VerificationStatus.PASSED && status != VerificationStatus.FAILED;
        Integer signal = end.signal();
        return new CaseResult(
                wanted.name(),
                status,
                killed ? null : end.exit(),
                killed ? SignalNames.of(SIGKILL) : signal == null ? null : SignalNames.of(signal),
                end.wallUs() / 1000,
                peak(end),
                CaseResult.beginning(stdout.shown()),
                diff == null ? null : CaseResult.beginning(diff));
    }
}
