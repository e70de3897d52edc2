package dev.atomic.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atomic.shared.verify.TestResult;
import dev.atomic.shared.verify.TestsBy;
import dev.atomic.shared.verify.Verification;
import dev.atomic.shared.verify.VerificationStatus;
import dev.atomic.shared.verify.VerifyKind;
import dev.atomic.worker.sandbox.run.RunBuilder;
import dev.atomic.worker.sandbox.verdict.SandboxResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What code is said to have proved, for every language and kind.
@Tag("engine")
class VerdictIT {
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
    void everyLanguageRunsItsEntryFileWithArgumentsAndInput() throws Exception {
        List<RunBuilder> programs =
                List.of(
                        RunBuilder.python(
                                "import sys\nprint(sys.argv[1], sys.stdin.read().strip())"),
                        RunBuilder.of("javascript")
                                .file(
                                        "main.js",
                                        "console.log(process.argv[2], require('fs').readFileSync(0, 'utf8').trim())"),
                        RunBuilder.of("bash").file("main.sh", "read line; echo \"$1\" \"$line\""),
                        RunBuilder.of("c")
                                .file(
                                        "main.c",
                                        "#include <stdio.h>\n#include \"part.h\"\nint main(int n, char **a) { char s[9]; scanf(\"%8s\", s); printf(\"%s %s\\n\", a[part()], s); }")
                                .file("part.c", "int part(void) { return 1; }")
                                .file("part.h", "int part(void);"),
                        RunBuilder.of("cpp")
                                .file(
                                        "main.cpp",
                                        "#include <iostream>\nint main(int, char **a) { std::string s; std::cin >> s; std::cout << a[1] << ' ' << s << std::endl; }"));
        for (RunBuilder program : programs) {
            Verification found = sandbox.verify(program.args("arg").stdin("input\n"));
            assertThat(found.status()).as("%s", found).isEqualTo(VerificationStatus.PASSED);
            assertThat(found.proof().kind()).isEqualTo("run");
            assertThat(found.printed().stdout()).isEqualTo("arg input\n");
            assertThat(found.ending().exitCode()).isZero();
        }
    }

    @Test
    void theVerdictTellsWhatWasUsedAndWhatHeldIt() throws Exception {
        Verification found = sandbox.verify(RunBuilder.python("x = bytearray(64 << 20)\nprint(1)"));

        assertThat(found.cost().peakMemoryBytes()).isGreaterThan(64 << 20);
        assertThat(found.cost().cpuMs()).isPositive();
        assertThat(found.cost().durationMs()).isBetween(5L, 5000L);
        assertThat(found.container().image()).startsWith("sha256:");
        assertThat(found.container().limits()).isEqualTo(RunBuilder.LIMITS);
        assertThat(found.container().isolation())
                .containsOnlyKeys("runtime", "engine", "runc", "seccomp", "rootless")
                .containsEntry("seccomp", "atomic");
    }

    @Test
    void anExitCodeOrASignalIsAFailure() throws Exception {
        Verification exit = sandbox.verify(RunBuilder.python("import sys\nsys.exit(3)"));
        assertThat(exit.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(exit.ending().exitCode()).isEqualTo(3);
        assertThat(exit.reason()).isNull();

        Verification crash =
                sandbox.verify(
                        RunBuilder.of("c").file("main.c", "int main(void) { return *(int *)0; }"));
        assertThat(crash.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(crash.ending().exitCode()).isNull();
        assertThat(crash.ending().signal()).isEqualTo("SIGSEGV");
        assertThat(crash.compile()).isNotNull();
    }

    @Test
    void aCompileErrorIsToldApart() throws Exception {
        Verification found =
                sandbox.verify(RunBuilder.of("c").file("main.c", "int main(void) { return x; }"));

        assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(found.reason()).isEqualTo("compile_error");
        assertThat(found.ending().exitCode()).isNull();
        assertThat(found.compile().exitCode()).isEqualTo(1);
        assertThat(found.compile().stderr()).contains("undeclared");
    }

    @Test
    void testsDecideWhereThereAreAny() throws Exception {
        RunBuilder calc =
                RunBuilder.of("python").file("calc.py", "def add(a, b):\n    return a + b\n");
        Verification passed =
                sandbox.verify(
                        calc.file(
                                "test_calc.py",
                                "from calc import add\ndef test_one(): assert add(1, 2) == 3\ndef test_two(): assert add(0, 0) == 0\n"));
        assertThat(passed.status()).as("%s", passed).isEqualTo(VerificationStatus.PASSED);
        assertThat(passed.proof().kind()).isEqualTo("tests");
        assertThat(passed.proof().tests()).isEqualTo(new Verification.Tests(2, 0, TestsBy.CALLER));

        Verification failed =
                sandbox.verify(
                        RunBuilder.of("python")
                                .file(
                                        "test_a.py",
                                        "def test_one(): assert 1 == 2\ndef test_two(): pass\n"));
        assertThat(failed.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(failed.proof().tests()).isEqualTo(new Verification.Tests(2, 1, TestsBy.CALLER));
        assertThat(failed.proof().testResults())
                .containsExactly(
                        new TestResult("test_a.py::test_one", TestResult.Status.FAILED),
                        new TestResult("test_a.py::test_two", TestResult.Status.PASSED));
        assertThat(failed.printed().stdout()).contains("assert 1 == 2");
    }

    @Test
    void javascriptTestsAreCountedOverAllTheirFiles() throws Exception {
        String head = "const test = require('node:test'); const assert = require('assert');\n";
        RunBuilder run =
                RunBuilder.of("javascript")
                        .file("a.test.js", head + "test('one', () => assert.ok(1));")
                        .file(
                                "lib/b.test.mjs",
                                "import test from 'node:test';\ntest('two', () => {}); test('three', () => {});");
        Verification passed = sandbox.verify(run);
        assertThat(passed.status()).as("%s", passed).isEqualTo(VerificationStatus.PASSED);
        assertThat(passed.proof().tests()).isEqualTo(new Verification.Tests(3, 0, TestsBy.CALLER));

        Verification failed =
                sandbox.verify(run.file("c.test.cjs", head + "test('four', () => assert.ok(0));"));
        assertThat(failed.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(failed.proof().tests()).isEqualTo(new Verification.Tests(4, 1, TestsBy.CALLER));
        assertThat(failed.proof().testResults())
                .contains(
                        new TestResult("one", TestResult.Status.PASSED),
                        new TestResult("four", TestResult.Status.FAILED));
    }

    @Test
    void exitZeroAloneIsNoProofWhereTestsDecide() throws Exception {
        assertThat(reason("import os\nos._exit(0)\ndef test_a(): pass")).isEqualTo("no_report");
        assertThat(reason("print('3 passed')")).isEqualTo("no_tests");
        assertThat(sandbox.verify(RunBuilder.python("print(1)").kind(VerifyKind.TESTS)).reason())
                .isEqualTo("no_tests");
        assertThat(
                        sandbox.verify(
                                        RunBuilder.python("print(1)")
                                                .kind(VerifyKind.TESTS)
                                                .command("true"))
                                .reason())
                .isEqualTo("no_report");
    }

    private static String reason(String test) throws Exception {
        Verification found = sandbox.verify(RunBuilder.of("python").file("test_a.py", test));
        assertThat(found.status()).isEqualTo(VerificationStatus.FAILED);
        return found.reason();
    }

    @Test
    void aCommandThatRunsPytestIsBelievedByItsReport() throws Exception {
        RunBuilder run = RunBuilder.of("python").file("checks.py", "def test_a(): assert 1\n");
        assertThat(sandbox.verify(run.command("pytest", "-q", "checks.py")).proof().tests())
                .isEqualTo(new Verification.Tests(1, 0, null));
        assertThat(
                        sandbox.verify(run.command("python", "-m", "pytest").args("checks.py"))
                                .proof()
                                .kind())
                .isEqualTo("tests");
    }

    @Test
    void missingImportsAreNamed() throws Exception {
        Verification python = sandbox.verify(RunBuilder.python("import no_such_thing.deep\n"));
        assertThat(python.reason()).isEqualTo("dependency_missing");
        assertThat(python.missing()).containsExactly("no_such_thing");

        assertThat(
                        sandbox.verify(
                                        RunBuilder.of("javascript")
                                                .file("main.js", "require('left-pad')"))
                                .missing())
                .containsExactly("left-pad");
        Verification tests =
                sandbox.verify(
                        RunBuilder.of("python")
                                .file("test_a.py", "import absent\ndef test_a(): pass\n"));
        assertThat(tests.reason()).isEqualTo("dependency_missing");
        assertThat(tests.missing()).containsExactly("absent");
    }

    @Test
    void aServerIsAskedAndStopped() throws Exception {
        String flask =
                "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef root(): return %s\napp.run(port=8000)\n";
        Verification up = sandbox.verify(RunBuilder.python(flask.formatted("'hello'")));
        assertThat(up.status()).as("%s", up).isEqualTo(VerificationStatus.PASSED);
        assertThat(up.proof().kind()).isEqualTo("server");
        assertThat(up.server().port()).isEqualTo(8000);
        assertThat(up.server().httpStatus()).isEqualTo(200);
        assertThat(up.ending().exitCode()).isNull();

        Verification broken = sandbox.verify(RunBuilder.python(flask.formatted("1 / 0")));
        assertThat(broken.status()).isEqualTo(VerificationStatus.FAILED);
        assertThat(broken.reason()).isEqualTo("server_error");

        Verification none = sandbox.verify(RunBuilder.python("print(1)").kind(VerifyKind.SERVER));
        assertThat(none.reason()).isEqualTo("not_listening");
    }

    @Test
    void aServerThatAcceptsAndNeverAnswersIsNone() throws Exception {
        Verification silent =
                sandbox.verify(
                        RunBuilder.python(
                                "import socket, time\ns = socket.create_server(('', 8000))\ntime.sleep(60)\n"));
        assertThat(silent.status()).as("%s", silent).isEqualTo(VerificationStatus.FAILED);
        assertThat(silent.reason()).isEqualTo("not_answering");
        assertThat(silent.server().port()).isEqualTo(8000);
    }

    @Test
    void aScriptThatTestsItsOwnServerAndFailsIsNotCalledAServer() throws Exception {
        String script =
                """
                import http.server, threading, time, urllib.request
                class Hello(http.server.BaseHTTPRequestHandler):
                    def do_GET(self):
                        self.send_response(200)
                        self.end_headers()
                server = http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Hello)
                threading.Thread(target=server.serve_forever, daemon=True).start()
                time.sleep(0.5)
                assert urllib.request.urlopen("http://127.0.0.1:8000").status == 404
                """;
        for (VerifyKind kind : List.of(VerifyKind.AUTO, VerifyKind.RUN)) {
            Verification found = sandbox.verify(RunBuilder.python(script).kind(kind));
            assertThat(found.status()).as("%s", found).isEqualTo(VerificationStatus.FAILED);
            assertThat(found.proof().kind()).isEqualTo("run");
            assertThat(found.ending().exitCode()).isEqualTo(1);
            assertThat(found.printed().stderr()).contains("AssertionError");
        }
    }

    @Test
    void buildingReadsAndDoesNotRun() throws Exception {
        assertThat(
                        sandbox.verify(
                                        RunBuilder.python("import sys\nsys.exit(1)")
                                                .kind(VerifyKind.BUILD))
                                .status())
                .isEqualTo(VerificationStatus.PASSED);
        Verification bad = sandbox.verify(RunBuilder.python("def f(:\n").kind(VerifyKind.BUILD));
        assertThat(bad.reason()).isEqualTo("compile_error");
        assertThat(
                        sandbox.verify(
                                        RunBuilder.of("javascript")
                                                .file("a.js", "let x = 1;")
                                                .file("b.js", "let = = 2")
                                                .kind(VerifyKind.BUILD))
                                .status())
                .isEqualTo(VerificationStatus.FAILED);
        Verification c =
                sandbox.verify(
                        RunBuilder.of("c")
                                .file("main.c", "int main(void) { return 1; }")
                                .kind(VerifyKind.BUILD));
        assertThat(c.status()).isEqualTo(VerificationStatus.PASSED);
        assertThat(c.proof().kind()).isEqualTo("build");
    }

    @Test
    void aCommandRunsWithoutAShell() throws Exception {
        Verification found =
                sandbox.verify(
                        RunBuilder.of("bash")
                                .file("a.txt", "x")
                                .command("echo", "$HOME;")
                                .args("*"));
        assertThat(found.proof().kind()).isEqualTo("command");
        assertThat(found.printed().stdout()).isEqualTo("$HOME; *\n");
        assertThat(sandbox.verify(RunBuilder.of("bash").command("no-such-program")).reason())
                .isEqualTo("command_not_found");
    }

    @Test
    void whatIsPrintedComesWhileItRuns() throws Exception {
        // A line may come in pieces: Python writes its end by itself to stderr.
        Map<String, String> seen = new HashMap<>();
        Verification found =
                sandbox.run(
                                RunBuilder.python(
                                        "import sys, time\nprint('é' * 3)\nsys.stdout.buffer.write(b'\\xff\\x00!')\nprint('err', file=sys.stderr)"),
                                (stream, text) -> seen.merge(stream, text, String::concat))
                        .verification();
        assertThat(seen.get("stdout")).startsWith("ééé\n");
        assertThat(seen.get("stderr")).isEqualTo("err\n");
        assertThat(found.printed().stdout()).isEqualTo("ééé\n\uFFFD\uFFFD!");
    }

    @Test
    void filesAskedForComeBackAndOthersAreNamed() throws Exception {
        SandboxResult.Verdict found =
                sandbox.run(
                        RunBuilder.python(
                                        """
                                        import os
                                        os.makedirs("out/deep")
                                        open("out/deep/a.txt", "w").write("1")
                                        open("out/A.txt", "w").write("2")
                                        open("out/a.txt", "w").write("3")
                                        os.symlink("/etc/passwd", "out/link")
                                        """)
                                .collect("out/**"));
        assertThat(found.collected()).hasSize(2);
        assertThat(found.refused())
                .hasSize(2)
                .anyMatch(line -> line.equals("out/link: link"))
                .anyMatch(line -> line.endsWith("differs from another only in case"));
    }

    @Test
    void noRuntimeIsSaidSo() throws Exception {
        assertThat(
                        sandbox.sandbox.run(
                                RunBuilder.of("cobol").file("a.cob", "").build(),
                                (_, _) -> {},
                                new Stop()))
                .isEqualTo(new SandboxResult.Unsupported("cobol"));
        assertThat(sandbox.verify(RunBuilder.of("python").file("readme.md", "x")).reason())
                .isEqualTo("no_entry_file");
    }
}
