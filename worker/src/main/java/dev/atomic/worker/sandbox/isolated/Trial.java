package dev.atomic.worker.sandbox.isolated;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.worker.sandbox.run.Language;
import dev.atomic.worker.sandbox.run.RunPlan;
import dev.atomic.worker.sandbox.run.SandboxRun;
import dev.atomic.worker.sandbox.run.Steering;
import java.util.List;
import java.util.Set;

/// Tests and the program they are about, kept apart.
///
/// @param tests what the judge holds: test files and what belongs to them
/// @param program what the subject holds
/// @param files the test files' paths
/// @param wallMs how long both sides may take
public record Trial(
        List<SourceFile> tests, List<SourceFile> program, List<String> files, long wallMs) {
    private static final long TIMES = 5;
    private static final long MORE_MS = 2_000;

    /// The trial of one session.
    ///
    /// @param reportedMs how long the run took that this one confirms, so that a test that can't be
    ///   carried and hangs doesn't cost a minute
    public static Trial of(SandboxRun run, RunPlan.TestSession session, long reportedMs) {
        Set<String> chosen = Set.copyOf(session.files());
        List<SourceFile> tests =
                run.files().stream()
                        .filter(file ->
                                chosen.contains(file.path()) || belongsToTests(run, session, file))
                        .toList();
        List<SourceFile> program =
                run.files().stream().filter(file -> isProgram(run, file)).toList();
        return new Trial(
                tests,
                program,
                session.files(),
                Math.min(run.wallMs(), TIMES * reportedMs + MORE_MS));
    }

    /// What the caller handed in beside the tests, settings, and data that either side may read.
    private static boolean belongsToTests(
            SandboxRun run, RunPlan.TestSession session, SourceFile file) {
        if (Language.PYTHON.ownsTest(file.path())) {
            return false;
        }
        boolean same =
                run.isCallers(file.path()) == session.files().stream().allMatch(run::isCallers);
        boolean handedIn = run.isCallers(file.path()) && !run.isAllCallers();
        return (same && (Steering.isSettings(file.path()) || handedIn))
                || !Language.PYTHON.owns(file.path());
    }

    private static boolean isProgram(SandboxRun run, SourceFile file) {
        boolean handedIn = run.isCallers(file.path()) && !run.isAllCallers();
        return !Language.PYTHON.ownsTest(file.path())
                && !Steering.isSettings(file.path())
                && !(handedIn && Language.PYTHON.owns(file.path()));
    }
}
