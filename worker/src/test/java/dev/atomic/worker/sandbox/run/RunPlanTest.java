package dev.atomic.worker.sandbox.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.VerifyKind;
import dev.atomic.worker.sandbox.run.RunPlan.Proof;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How code is run, by what its files are and what was asked.
class RunPlanTest {
    @Test
    void theEntryFileIsMainOrTheOnlyOne() {
        assertThat(
                        argv(
                                RunBuilder.of("python")
                                        .file("app.py", "")
                                        .file("lib/main.py", "")
                                        .file("main.py", "")))
                .containsExactly("python3", "main.py");
        assertThat(argv(RunBuilder.of("js").file("tool.mjs", "").file("README.md", "")))
                .containsExactly("node", "tool.mjs");
        assertThat(argv(RunBuilder.of("bash").file("-x.sh", "").args("a b")))
                .containsExactly("bash", "./-x.sh", "a b");
    }

    @Test
    void withoutAFileOfTheLanguageThereIsNothingToRun() {
        assertThat(RunPlan.of(RunBuilder.of("python").file("notes.txt", "").build()))
                .isEqualTo(new RunPlan.Nothing(Proof.RUN, "no_entry_file"));
        assertThat(RunPlan.of(RunBuilder.of("c").file("part.h", "").build()))
                .isEqualTo(new RunPlan.Nothing(Proof.RUN, "no_entry_file"));
    }

    @Test
    void testsComeFirstUnlessSomethingElseIsAskedFor() {
        RunBuilder run =
                RunBuilder.python("")
                        .file("test_b.py", "")
                        .file("pkg/a_test.py", "")
                        .file("testing.py", "");
        RunPlan.Steps plan = steps(run);
        assertThat(plan.proof()).isEqualTo(Proof.TESTS);
        assertThat(plan.steps()).hasSize(1);
        assertThat(plan.steps().getFirst().argv())
                .endsWith("reported", "pkg/a_test.py", "test_b.py");
        assertThat(steps(run.kind(VerifyKind.RUN)).proof()).isEqualTo(Proof.RUN);
    }

    @Test
    void everyJavascriptTestFileHasAProcessOfItsOwn() {
        RunPlan.Steps plan =
                steps(
                        RunBuilder.of("javascript")
                                .file("a.test.js", "")
                                .file("b.test.cjs", "")
                                .file("c.test.mjs", "")
                                .file("d.spec.js", ""));
        assertThat(plan.steps()).hasSize(3);
        assertThat(plan.steps()).allMatch(step -> step.kind() == Step.Kind.TESTS);
    }

    @Test
    void allSourcesAreCompiledButTestsWithAMainOfTheirOwn() {
        RunPlan.Steps plan =
                steps(
                        RunBuilder.of("cpp")
                                .file("main.cpp", "")
                                .file("part.cc", "")
                                .file("part.hpp", "")
                                .file("test_part.cpp", "")
                                .args("x"));
        assertThat(plan.steps().getFirst().kind()).isEqualTo(Step.Kind.COMPILE);
        assertThat(plan.steps().getFirst().argv())
                .contains("main.cpp", "part.cc")
                .doesNotContain("part.hpp", "test_part.cpp");
        assertThat(plan.steps().getLast().argv()).containsExactly(Toolchain.PROGRAM, "x");
    }

    @Test
    void aCommandReplacesTheRule() {
        RunBuilder run = RunBuilder.python("").file("test_a.py", "").command("make", "x").args("y");
        assertThat(steps(run).proof()).isEqualTo(Proof.COMMAND);
        assertThat(argv(run)).containsExactly("make", "x", "y");
        assertThat(RunPlan.of(run.kind(VerifyKind.TESTS).build()))
                .isEqualTo(new RunPlan.Nothing(Proof.TESTS, "no_report"));
    }

    @Test
    void pytestAsACommandRunsInOurSession() {
        for (List<String> command :
                List.of(List.of("pytest", "-q"), List.of("python", "-m", "pytest", "-q"))) {
            RunPlan.Steps plan =
                    steps(RunBuilder.python("").command(command.toArray(String[]::new)));
            assertThat(plan.proof()).isEqualTo(Proof.TESTS);
            assertThat(plan.steps().getFirst().kind()).isEqualTo(Step.Kind.TESTS);
            assertThat(plan.steps().getFirst().argv()).endsWith("-q");
        }
    }

    @Test
    void aLanguageWithoutARuntimeIsUnsupported() {
        assertThat(RunPlan.of(RunBuilder.of("rust").file("main.rs", "").build()))
                .isEqualTo(new RunPlan.Unsupported());
    }

    private static RunPlan.Steps steps(RunBuilder run) {
        return (RunPlan.Steps) RunPlan.of(run.build());
    }

    private static List<String> argv(RunBuilder run) {
        return steps(run).steps().getFirst().argv();
    }
}
