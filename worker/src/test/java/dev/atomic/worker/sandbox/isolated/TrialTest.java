package dev.atomic.worker.sandbox.isolated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.worker.sandbox.run.RunBuilder;
import dev.atomic.worker.sandbox.run.RunPlan;
import dev.atomic.worker.sandbox.run.SandboxRun;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What goes into the judge's container and what into the subject's.
class TrialTest {
    @Test
    void notAByteOfTheProgramGoesToTheJudgeNorOfTheTestsToTheSubject() {
        SandboxRun run =
                python("main.py", "lib/a.py", "test_main.py", "conftest.py", "data.csv").build();
        Trial trial = only(run);
        assertThat(paths(trial.tests())).containsExactly("test_main.py", "conftest.py", "data.csv");
        assertThat(paths(trial.program())).containsExactly("main.py", "lib/a.py", "data.csv");
        assertThat(trial.files()).containsExactly("test_main.py");
    }

    @Test
    void theCallersTestsAndTheModelsAreJudgedApart() {
        SandboxRun run =
                python("main.py", "conftest.py", "test_model.py", "test_main.py", "expected.py")
                        .callers("test_main.py", "expected.py")
                        .build();
        List<RunPlan.TestSession> sessions = sessions(run);
        assertThat(sessions).hasSize(2);
        Trial callers = Trial.of(run, sessions.getFirst(), 100);
        assertThat(paths(callers.tests())).containsExactly("test_main.py", "expected.py");
        assertThat(paths(callers.program())).containsExactly("main.py");
        Trial models = Trial.of(run, sessions.getLast(), 100);
        assertThat(paths(models.tests())).containsExactly("conftest.py", "test_model.py");
        assertThat(paths(models.program())).containsExactly("main.py");
    }

    @Test
    void itMayTakeFiveTimesWhatItConfirmsAndTwoSecondsMoreButNoLongerThanARun() {
        SandboxRun run = python("main.py", "test_main.py").build();
        assertThat(Trial.of(run, sessions(run).getFirst(), 300).wallMs()).isEqualTo(3_500);
        assertThat(Trial.of(run, sessions(run).getFirst(), 1_000_000).wallMs())
                .isEqualTo(run.wallMs());
    }

    private static RunBuilder python(String... paths) {
        RunBuilder run = RunBuilder.of("python");
        for (String path : paths) {
            run.file(path, "# " + path);
        }
        return run;
    }

    private static Trial only(SandboxRun run) {
        assertThat(sessions(run)).hasSize(1);
        return Trial.of(run, sessions(run).getFirst(), 100);
    }

    private static List<RunPlan.TestSession> sessions(SandboxRun run) {
        return ((RunPlan.Steps) RunPlan.of(run)).sessions();
    }

    private static List<String> paths(List<SourceFile> files) {
        return files.stream().map(SourceFile::path).toList();
    }
}
