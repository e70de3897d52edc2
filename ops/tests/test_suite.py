"""`test` and `.ci/run`: what ends it, the exit code, what is left out. The tools are stand-ins."""

import os
import re
import subprocess
import unittest
from pathlib import Path

from cli import testing

from .machine import OPS, Machine

TOOLS = ("shellcheck", "flake8", "mypy")
SUMMARY = "[INFO] Reactor Summary for it:\n[INFO] SUCCESS\n"
MAVEN = "echo CALLED mvnw $*\necho 'Tests run: 5'\n" + "".join(
    f"echo '{line}'\n" for line in SUMMARY.splitlines())


class SuiteCase(unittest.TestCase):
    """A machine whose tools and tests only say that they were called."""

    def setUp(self) -> None:
        self.machine = Machine()
        self.addCleanup(self.machine.__exit__)
        for tool in TOOLS:
            self.machine.script(f"bin/{tool}", f"#!/bin/sh\necho CALLED {tool} $*\n")
        self.machine.script("bin/dpkg-query", "#!/bin/sh\nshift 3\n"
                            'for name in "$@"; do echo "$name installed"; done\n')
        self.machine.script("mvnw", "#!/bin/sh\n" + MAVEN)
        self.machine.script("ops/sandbox/test", "#!/bin/sh\necho CALLED sandbox $*\n")
        self.machine.write("ops/sandbox/harness/isolated/__init__.py", "")
        self.machine.script("ops/postgres/build", "#!/bin/sh\necho CALLED postgres\n")
        for where in ("ops/tests", "python-agent/tests"):
            self.machine.write(f"{where}/__init__.py", "")
            self.machine.write(f"{where}/test_it.py", "import unittest\n"
                               "class T(unittest.TestCase):\n    def test(self): pass\n")
        self.machine.script(".ci/run", (OPS.parent / ".ci" / "run").read_text())
        self.machine.env["PATH"] = f"{self.machine.root}/bin:{self.machine.env['PATH']}"


class Suite(SuiteCase):
    """The whole suite."""

    def test_everything_runs_and_maven_is_last(self) -> None:
        done = self.machine.atomic("test")
        self.assertEqual(done.code, 0, done)
        called = re.findall(r"^CALLED (\w+)", done.out, re.MULTILINE)
        self.assertEqual([each for each in called if each != "mvnw"],
                         ["shellcheck", *["flake8", "mypy"] * 3, "sandbox"])
        self.assertIn("CALLED mvnw -B -ntp -fae -T 2 verify\n", done.out)
        self.assertTrue(done.out.endswith(SUMMARY), done)
        self.assertEqual(done.out.count("Ran 1 test in"), 2, done)
        self.assertEqual(len(re.findall(r"^slowest:\n +[\d.]+ s  tests.test_it.T.test$", done.out,
                                        re.MULTILINE)), 2, done)
        self.assertRegex(done.err.splitlines()[-1], "^── sandbox: passed in ")

    def test_the_slowest_classes_are_named_before_mavens_summary(self) -> None:
        report = "api/target/failsafe-reports/TEST-dev.%s.xml"
        old = self.machine.write(report % "OldIT", '<testsuite name="dev.OldIT" time="99"/>')
        os.utime(old, (1e9, 1e9))
        self.machine.script("mvnw", "#!/bin/sh\n" + "".join(
            f"echo '<testsuite name=\"dev.{name}\" time=\"{took}\"/>' > {report % name}\n"
            for name, took in (("QuickIT", "0.25"), ("SlowIT", "1,061.5"))) +
            f"echo '<testsuite na' > {report % 'KilledIT'}\n" + MAVEN)
        done = self.machine.atomic("test")
        self.assertTrue(done.out.endswith(
            "slowest classes:\n   1061.5 s  dev.SlowIT\n      0.2 s  dev.QuickIT\n"
            + SUMMARY), done)

    def test_what_failed_is_named_where_the_eye_lands(self) -> None:
        report = "api/target/surefire-reports/TEST-dev.It.xml"
        self.machine.write(report, "")
        self.machine.script("mvnw", f"""#!/bin/sh
cat > {report} <<'E'
<testsuite name="dev.It" time="1"><testcase name="good" classname="dev.It"/>
<testcase name="bad" classname="dev.It"><failure message="1 isn't 2">at It.java</failure>
</testcase><testcase name="broken" classname="dev.It"><error>no &lt;message&gt;</error></testcase>
</testsuite>
E
exit 1
""")
        done = self.machine.atomic("test")
        self.assertEqual(done.code, 1, done)
        self.assertEqual(done.err.splitlines()[-3:], [
            "dev.It.bad: 1 isn't 2", "dev.It.broken: no <message>", "failed: Java"], done)

    def test_a_python_test_that_failed_is_named_at_the_end_too(self) -> None:
        self.machine.write("ops/tests/test_it.py", """import unittest
class T(unittest.TestCase):
    def test_bad(self): self.assertEqual(1, 2)
    def test_broken(self):
        '''What it is for.'''
        raise ValueError('none')
    def test_good(self): pass
""")
        done = self.machine.atomic("test")
        self.assertEqual(done.code, 1, done)
        end = done.err[done.err.index("── sandbox: passed"):]
        self.assertIn("\ntest_broken (tests.test_it.T.test_broken): Traceback", end)
        self.assertIn("\nValueError: none\ntest_bad (tests.test_it.T.test_bad): Traceback", end)
        self.assertTrue(end.endswith("\nAssertionError: 1 != 2\n"
                                     "failed: Python tests of the command\n"), done)

    def test_any_failure_is_1_and_the_rest_still_runs(self) -> None:
        for broken in ("bin/mypy", "mvnw"):
            kept = (self.machine.root / broken).read_text()
            self.machine.script(broken, "#!/bin/sh\nexit 7\n")
            done = self.machine.atomic("test")
            self.machine.script(broken, kept)
            self.assertEqual(done.code, 1, done)
            self.assertIn("FAILED (exit 7)", done.err)
            self.assertRegex(done.err.splitlines()[-1], "^failed: ")
            self.assertIn("CALLED sandbox", done.out)

    def test_ci_runs_exactly_this(self) -> None:
        for status in (0, 1):
            self.machine.script("mvnw", f"#!/bin/sh\n{MAVEN}exit {status}\n")
            done = subprocess.run([str(self.machine.root / ".ci" / "run")], capture_output=True,
                                  env=self.machine.env, cwd="/", check=False)
            self.assertEqual(done.returncode, status, done)
            self.assertTrue(done.stdout.endswith(SUMMARY.encode()), done)


class Quick(SuiteCase):
    """`--quick`: no process, no engine, no database."""

    def test_no_engine_and_no_image_is_asked_for(self) -> None:
        self.machine.script("ops/engine/ensure", "#!/bin/sh\necho CALLED engine\nexit 3\n")
        done = self.machine.atomic("test", "--quick", CI="true")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(sorted(re.findall(r"CALLED (\w+)", done.out + done.err)), sorted(
            ["shellcheck", *["flake8", "mypy"] * 3, "sandbox", "mvnw"]), done)
        self.assertIn("CALLED sandbox --quick\n", done.out)
        self.assertIn("CALLED mvnw -B -ntp -fae -T 2 test -DexcludedGroups=engine\n", done.out)

    def test_tests_that_start_a_process_are_left_out_and_counted(self) -> None:
        for ways in ("subprocess.run(['false'], check=True)", "os.system('exit 1') and 1 / 0",
                     "os._exit(3) if os.fork() == 0 else 1 / 0"):
            self.machine.write("ops/tests/test_it.py", f"""
import os, subprocess, unittest
class T(unittest.TestCase):
    def test_quick(self): pass
    def test_that_starts_one(self): {ways}
""")
            done = self.machine.atomic("test", "--quick")
            self.assertEqual(done.code, 0, done)
            self.assertIn("left out: 1 tests that start a process", done.out)

    def test_a_test_that_fails_is_1_also_so(self) -> None:
        self.machine.write("ops/tests/test_it.py", "import unittest\n"
                           "class T(unittest.TestCase):\n    def test(self): self.fail()\n")
        done = self.machine.atomic("test", "--quick")
        self.assertEqual(done.code, 1, done)
        self.assertRegex(done.err.splitlines()[-1], "^failed: Python tests of the command$")


class WithoutAnEngine(SuiteCase):
    """What needs the engine is left out and counted; with CI=true that is a failure."""

    def setUp(self) -> None:
        super().setUp()
        self.machine.engine(there=False)
        folder = "worker/src/test/java/"
        self.machine.write(folder + "A.java", '@Tag("engine")\nclass A {\n@Test void a() {}\n'
                                              "@Test void b() {}\n}")
        self.machine.write(folder + "B.java", 'class B {\n@Tag("engine") @Test void a() {}\n'
                                              "@Test void b() {}\n}")
        self.machine.write(folder + "C.java", "class C {\n@Test void a() {}\n}")
        self.machine.write("ops/sandbox/tests/test_image.py", "    def test_it(self): pass\n")

    def test_how_many_and_why_is_said(self) -> None:
        done = self.machine.atomic("test", CI="")
        self.assertEqual(done.code, 0, done)
        self.assertIn("left out: 4 tests in 3 files, which need a Docker engine: no Docker engine "
                      "(no engine is installed); not installed here: ATOMIC_SETUP_INSTALL=0",
                      done.err)
        self.assertIn("verify -DexcludedGroups=engine\n", done.out)
        self.assertNotIn("CALLED sandbox\n", done.out)
        self.assertIn("CALLED sandbox --quick\n", done.out)

    def test_in_ci_it_is_a_failure(self) -> None:
        done = self.machine.atomic("test", CI="true")
        self.assertEqual(done.code, 1, done)
        self.assertIn("CALLED mvnw", done.out)

    def test_tools_that_cant_be_installed_are_named(self) -> None:
        self.machine.script("bin/dpkg-query", "#!/bin/sh\nexit 1\n")
        done = self.machine.atomic("test")
        self.assertEqual(done.code, 3, done)
        self.assertRegex(done.err, "the tests need shellcheck flake8 .*ATOMIC_SETUP_INSTALL=0")


class ShellScripts(SuiteCase):
    """What shellcheck is given."""

    def test_they_are_found_by_name_or_first_line(self) -> None:
        found = [path.relative_to(self.machine.root)
                 for path in testing.shell_scripts(self.machine.root)]
        ours = [path for path in found if os.path.splitext(path)[1] != ".py"]
        self.assertEqual(ours, [Path(".ci/run"), Path("mvnw"), Path("ops/engine/advise"),
                                Path("ops/engine/ensure"), Path("ops/postgres/build"),
                                Path("ops/sandbox/build"),
                                Path("ops/sandbox/test")])
