package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.file.SourceFile;
import dev.atomic.shared.verify.Case;
import dev.atomic.shared.verify.CaseResult;
import dev.atomic.shared.verify.Evidence;
import dev.atomic.shared.verify.Match;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.worker.sandbox.run.OutputSink;
import dev.atomic.worker.sandbox.run.RunBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Programs that are started for one case after the other.
@Tag("engine")
class CasesIT {
    private static final String SUM = "print(sum(map(int, input().split())))";
    private static SandboxUnderTest sandbox;

    @BeforeAll
    static void start() {
        sandbox = new SandboxUnderTest(1);
    }

    @AfterAll
    static void stop() {
        sandbox.close();
    }

    @Test
    void everyLanguageIsBuiltOnceAndRunForEachCase() {
        Map<String, RunBuilder> programs =
                Map.of(
                        "python",
                        RunBuilder.python(SUM),
                        "javascript",
                        RunBuilder.of("javascript")
                                .file(
                                        "main.js",
                                        "console.log(require('fs').readFileSync(0,'utf8').trim().split(' ').reduce((a,b)=>a+Number(b),0))"),
                        "bash",
                        RunBuilder.of("bash").file("main.sh", "read a b; echo $((a+b))"),
                        "c",
                        RunBuilder.of("c")
                                .file(
                                        "main.c",
                                        "#include <stdio.h>\nint main(void){long a,b;scanf(\"%ld %ld\",&a,&b);printf(\"%ld\\n\",a+b);}"),
                        "cpp",
                        RunBuilder.of("cpp")
                                .file(
                                        "main.cpp",
                                        "#include <iostream>\nint main(){long a,b;std::cin>>a>>b;std::cout<<a+b<<std::endl;}"));
        programs.forEach((language, program) -> {
            Verification found =
                    sandbox.verify(
                            program.cases(
                                    List.of(sum(1, 2, "3"), sum(-5, 5, "0"), sum(2, 2, "5"))));
            assertThat(statuses(found)).as(language).isEqualTo("PPF");
            assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
            assertThat(found.proof().kind()).isEqualTo("cases");
            assertThat(found.proof().evidence()).isEqualTo(Evidence.OBSERVED);
            assertThat(found.proof().score()).isEqualTo(2 / 3.0);
            assertThat(cases(found).getLast().diff()).contains("-5", "+4");
            assertThat(cases(found).getFirst().stdout()).isEqualTo("3\n");
            assertThat(cases(found).getFirst().peakMemoryBytes()).isPositive();
            assertThat(found.compile() != null).isEqualTo(language.startsWith("c"));
        });
    }

    @Test
    void aThousandCasesAreOneRunAndToldAsTheyEnd() {
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            cases.add(sum(i, i, String.valueOf(2 * i)));
        }
        Told told = new Told();
        Verification found =
                sandbox.run(
                                RunBuilder.of("bash")
                                        .file("main.sh", "read a b; echo $((a+b))")
                                        .seconds(300)
                                        .cases(cases),
                                told)
                        .verification();

        assertThat(found.status()).as("%s", found.reason()).isEqualTo(VerificationStatus.PASSED);
        assertThat(found.proof().score()).isEqualTo(1.0);
        assertThat(told.ended).isEqualTo(cases(found)).hasSize(1_000);
        assertThat(found.cost().cpuMs()).isPositive();
        assertThat(told.text.toString()).startsWith("0\n2\n4\n");
    }

    @Test
    void nothingPassesFromOneCaseToTheNext() {
        String program =
                """
                import os, subprocess, sys, time
                places = ["/tmp", "/dev/shm", "/workspace"]
                found = [os.path.join(p, n) for p in places for n in sorted(os.listdir(p)) if n != "main.py"]
                found += [p for p in os.listdir("/proc") if p.isdigit() and int(p) not in (1, os.getpid())]
                found += [] if open("main.py").read().startswith("import os") else ["overwritten"]
                print(found)
                for p in places:
                    os.makedirs(p + "/kept/deep/deeper", exist_ok=True)
                    open(p + "/kept/state", "w").write(sys.stdin.read())
                    os.chmod(p + "/kept", 0)
                os.remove("main.py")
                open("main.py", "w").write("print([])")
                subprocess.Popen(["sleep", "30"], start_new_session=True, close_fds=True,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                """;
        Verification found =
                sandbox.verify(
                        RunBuilder.python(program)
                                .cases(
                                        List.of(
                                                of("one", "x", "[]"),
                                                of("two", "y", "[]"),
                                                of("three", "z", "[]"))));

        assertThat(found.status()).as("%s", cases(found)).isEqualTo(VerificationStatus.PASSED);
    }

    @Test
    void aCompiledProgramThatReplacesItselfIsTheOldOneAgain() {
        String program =
                """
                #include <stdio.h>
                #include <unistd.h>
                int main(void) {
                    puts("first");
                    unlink("/tmp/program");
                    FILE *file = fopen("/tmp/program", "w");
                    fputs("#!/bin/sh\\necho second\\n", file);
                    fclose(file);
                }
                """;
        Verification found =
                sandbox.verify(
                        RunBuilder.of("c")
                                .file("main.c", program)
                                .cases(List.of(of("a", "", "first"), of("b", "", "first"))));
        assertThat(statuses(found)).isEqualTo("PP");
    }

    @Test
    void aCasesOwnFilesAndArgumentsAreItsAlone() {
        String program =
                """
                import os, sys
                print(sys.argv[1:], open("data.txt").read(), os.path.exists("extra.txt"))
                """;
        Case one =
                new Case(
                        "one",
                        List.of("a b"),
                        "",
                        List.of(SourceFile.of("extra.txt", "x"), SourceFile.of("data.txt", "mine")),
                        0,
                        "['-v', 'a b'] mine True",
                        null,
                        Match.TRIMMED,
                        0,
                        null,
                        false);
        Verification found =
                sandbox.verify(
                        RunBuilder.python(program)
                                .file("data.txt", "ours")
                                .args("-v")
                                .cases(List.of(one, of("two", "", "['-v'] ours False"))));
        assertThat(found.status()).as("%s", cases(found)).isEqualTo(VerificationStatus.PASSED);
    }

    @Test
    void eachEndOfACaseHasItsStatusAndTheNextGoesOn() {
        String program =
                """
                import sys, time, os
                what = input()
                if what == "sleep": time.sleep(30)
                if what == "memory": x = bytearray(400 << 20)
                if what == "print":
                    while True: print("x" * 65536)
                if what == "exit": sys.exit(3)
                if what == "abort": os.abort()
                if what == "error": raise ValueError("that way")
                if what == "bytes": sys.stdout.buffer.write(bytes([255]))
                print("ok")
                """;
        List<Case> cases = new ArrayList<>();
        for (String what :
                List.of("sleep", "memory", "print", "exit", "abort", "error", "bytes", "ok")) {
            // On a busy machine 400 MiB take their time.
            cases.add(timed(of(what, what + "\n", "ok"), what.equals("sleep") ? 1.0 : 20.0));
        }
        Verification found =
                sandbox.verify(RunBuilder.python(program).seconds(120).memoryMb(256).cases(cases));

        assertThat(statuses(found)).as("%s", cases(found)).isEqualTo("TMOFFFFP");
        assertThat(cases(found).get(3).exitCode()).isEqualTo(3);
        assertThat(cases(found).get(4).signal()).isEqualTo("SIGABRT");
        assertThat(cases(found).get(5).diff()).contains("exit code: expected 0, got 1", "that way");
        assertThat(cases(found).get(6).diff()).contains("isn't UTF-8");
        assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(found.proof().score()).isEqualTo(1 / 8.0);
    }

    @Test
    void theRunsTimeBoundsThemAll() {
        List<Case> cases = List.of(of("a", "0\n", ""), of("b", "30\n", ""), of("c", "0\n", ""));
        Verification found =
                sandbox.verify(
                        RunBuilder.python("import time\ntime.sleep(int(input()))")
                                .seconds(1)
                                .cases(cases));
        assertThat(statuses(found)).isEqualTo("PTS");
        assertThat(found.status()).isEqualTo(VerificationStatus.TIMED_OUT);
        assertThat(found.ending().limit()).isEqualTo("time");
    }

    @Test
    void itStopsAtTheFirstFailureIfAsked() {
        List<Case> cases = List.of(sum(1, 1, "2"), sum(1, 1, "3"), sum(1, 1, "2"));
        Verification found = sandbox.verify(RunBuilder.python(SUM).cases(cases).stopOnFailure());
        assertThat(statuses(found)).isEqualTo("PFS");
    }

    @Test
    void whatCannotBeBuiltOrStartedIsToldAsElsewhere() {
        List<Case> cases = List.of(sum(1, 1, "2"));
        Verification compiler =
                sandbox.verify(
                        RunBuilder.of("c").file("main.c", "int main(){return x;}").cases(cases));
        assertThat(compiler.reason()).isEqualTo("compile_error");
        assertThat(compiler.compile()).isNotNull();
        assertThat(statuses(compiler)).isEqualTo("S");
        assertThat(compiler.proof().score()).isEqualTo(0.0);
        Verification missing = sandbox.verify(RunBuilder.python("import nosuch").cases(cases));
        assertThat(missing.reason()).isEqualTo("dependency_missing");
        assertThat(missing.missing()).containsExactly("nosuch");
        Verification command = sandbox.verify(RunBuilder.python("").command("nosuch").cases(cases));
        assertThat(command.reason()).isEqualTo("command_not_found");
    }

    @Test
    void whatIsExpectedIsNowhereInTheContainer() {
        String program =
                """
                import os
                seen = b""
                for folder, _, names in os.walk("/proc"):
                    for name in names:
                        if name in ("environ", "cmdline"):
                            try: seen += open(os.path.join(folder, name), "rb").read()
                            except OSError: pass
                for place in ("/workspace", "/tmp", "/dev/shm"):
                    for folder, _, names in os.walk(place):
                        for name in names:
                            seen += open(os.path.join(folder, name), "rb").read()
                print(b"se" + b"cret-42" in seen)
                """;
        Verification found =
                sandbox.verify(
                        RunBuilder.python(program)
                                .cases(List.of(of("secret-42", "", "secret-42"))));
        assertThat(cases(found).getFirst().stdout()).isEqualTo("False\n");
    }

    private static Case sum(long a, long b, String expected) {
        return of(a + "+" + b, a + " " + b + "\n", expected);
    }

    private static Case of(String name, String stdin, @Nullable String stdout) {
        return new Case(
                name,
                List.of(),
                stdin,
                List.of(),
                0,
                stdout,
                null,
                Match.TRIMMED,
                Case.TOLERANCE,
                null,
                false);
    }

    private static Case timed(Case of, double seconds) {
        return new Case(
                of.name(),
                of.args(),
                of.stdin(),
                of.files(),
                of.exitCode(),
                of.stdout(),
                of.stderr(),
                of.match(),
                of.tolerance(),
                seconds,
                of.hidden());
    }

    private static List<CaseResult> cases(Verification found) {
        List<CaseResult> cases = found.proof().cases();
        return cases == null ? List.of() : cases;
    }

    /// A letter each: passed, failed, timed out, out of memory, output limit, skipped.
    private static String statuses(Verification found) {
        StringBuilder text = new StringBuilder();
        for (CaseResult each : cases(found)) {
            text.append(
                    switch (each.status()) {
                        case PASSED -> 'P';
                        case FAILED -> 'F';
                        case TIMED_OUT -> 'T';
                        case OUT_OF_MEMORY -> 'M';
                        case OUTPUT_LIMIT -> 'O';
                        case SKIPPED -> 'S';
                    });
        }
        return text.toString();
    }

    private static final class Told implements OutputSink {
        final StringBuilder text = new StringBuilder();
        final List<CaseResult> ended = new ArrayList<>();

        @Override
        public void output(String stream, String more) {
            text.append(more);
        }

        @Override
        public void ended(CaseResult result) {
            ended.add(result);
        }
    }
}
