"""Tests count only with a whole report; what a report that is whole proves, the cheats show."""

import unittest

from sandbox_client import Container, Run, node_step, pytest_step, request, step


def run_pytest(files: dict[str, str]) -> Run:
    names = [name for name in files if name.startswith("test_")]
    contents: dict[str, str | bytes] = dict(files)
    return Container().run(request(contents, pytest_step(*names), wall_ms=40_000))


def run_node(source: str, name: str = "a.test.js", **more: str) -> Run:
    contents: dict[str, str | bytes] = {name: source, **more}
    return Container().run(request(contents, node_step(name), wall_ms=40_000))


PASSES = "def test_a():\n    assert 1 + 1 == 2\n"
FAILS = "def test_a():\n    assert 1 + 1 == 3\n"
FAKE = "finished 0 1"


class HonestTest(unittest.TestCase):
    def test_pytest_and_unittest_pass(self) -> None:
        got = run_pytest(
            {
                "test_a.py": PASSES,
                "test_b.py": "import unittest\nclass B(unittest.TestCase):\n"
                "    def test_b(self): self.assertTrue(1)\n"
                "    @unittest.skip('x')\n    def test_c(self): self.fail()\n",
            }
        )
        self.assertTrue(got.tests_passed(), got)
        self.assertIn(b"2 passed, 1 skipped", got.stdout)

    def test_a_failure_is_one(self) -> None:
        got = run_pytest({"test_a.py": PASSES + FAILS.replace("test_a", "test_b")})
        self.assertFalse(got.tests_passed())
        self.assertIn("failed test_a.py::test_b", got.report)

    def test_numpy_pandas_and_the_web_libraries_load(self) -> None:
        got = run_pytest(
            {
                "test_a.py": "import numpy, pandas, flask, fastapi, httpx, requests\n"
                "def test_a():\n"
                "    assert numpy.arange(6).reshape(2, 3).dot(numpy.ones(3)).sum() == 15\n"
                "    assert pandas.DataFrame({'a': [1, 2]}).a.sum() == 3\n"
            }
        )
        self.assertTrue(got.tests_passed(), got)

    def test_tests_may_replace_what_they_use(self) -> None:
        got = run_pytest(
            {
                "test_a.py": "import builtins, threading, unittest\nfrom unittest import mock\n"
                "import pytest\n"
                "builtins.input = lambda: 'always'\n"
                "class A(unittest.TestCase):\n"
                "    @classmethod\n"
                "    def setUpClass(cls): mock.patch('builtins.open', mock.mock_open()).start()\n"
                "    @classmethod\n"
                "    def tearDownClass(cls): mock.patch.stopall()\n"
                "    def test_a(self): self.assertTrue(open('x'))\n"
                "    def test_b(self): self.assertEqual('always', input())\n"
                "@pytest.mark.parametrize('n', [1, 2])\n"
                "def test_c(n, monkeypatch, tmpdir, capsys):\n"
                "    monkeypatch.setattr('os.getcwd', lambda: 'here')\n"
                "    thread = threading.Thread(target=print, args=(n,))\n"
                "    thread.start(); thread.join()\n"
                "    assert capsys.readouterr().out == f'{n}\\n'\n"
                "@pytest.mark.xfail\ndef test_d(): assert 0\n"
                "@pytest.mark.anyio\nasync def test_e(): pass\n"
                "@pytest.fixture(params=['asyncio'])\n"
                "def anyio_backend(request): return request.param\n"
            }
        )
        self.assertTrue(got.tests_passed(), got)

    def test_modules_of_the_workspace_are_found(self) -> None:
        got = run_pytest(
            {
                "calc.py": "def add(a, b): return a + b\n",
                "test_a.py": "from calc import add\ndef test_a(): assert add(1, 2) == 3\n",
            }
        )
        self.assertTrue(got.tests_passed(), got)

    def test_node_passes_and_fails(self) -> None:
        head = "const test = require('node:test'); const assert = require('node:assert');\n"
        self.assertTrue(run_node(head + "test('a', () => assert.equal(1, 1));").tests_passed())
        self.assertTrue(
            run_node(
                "import test from 'node:test';\n"
                "test('a', async (t) => { await t.test('b', () => {}); });",
                "a.test.mjs",
            ).tests_passed()
        )
        self.assertFalse(
            run_node(
                head + "test('a', () => {}); test('b', () => assert.equal(1, 2));"
            ).tests_passed()
        )


class PytestReportTest(unittest.TestCase):
    def refused(self, **files: str) -> Run:
        got = run_pytest({name.replace("__", "."): text for name, text in files.items()})
        self.assertFalse(got.tests_passed(), got)
        return got

    def test_leaving_on_import(self) -> None:
        for way in (
            "os._exit(0)",
            "sys.exit(0)",
            "os.execv('/bin/true', ['true'])",
            "os.kill(os.getpid(), 9)",
            "os.kill(1, 9)",
            "os.kill(1, 15) or os._exit(0)",
            "os.kill(-1, 9)",
            "os.closerange(0, 99)",
        ):
            with self.subTest(way=way):
                got = self.refused(test_a__py=f"import os, sys\n{way}\n{FAILS}")
                self.assertTrue(got.complete)

    def test_leaving_in_the_middle(self) -> None:
        leaves = "import os\ndef test_z():\n    os._exit(0)\n"
        self.refused(test_a__py=PASSES, test_b__py=leaves)

    def test_a_file_without_tests(self) -> None:
        got = self.refused(test_a__py="print('12 passed')\n")
        self.assertIn("collected 0", got.report)

    def test_only_skipped_tests(self) -> None:
        self.refused(test_a__py="import pytest\n@pytest.mark.skip\n" + PASSES)

    def test_writing_to_every_descriptor_of_every_process(self) -> None:
        self.refused(
            test_a__py=(
                "import glob, os\n"
                f"forged = b'E\\0\\0\\0\\x0blimit none\\n"
                f"' + b'R\\0\\0\\0\\x0d\\0{FAKE}' + b'Z\\0\\0\\0\\0'\n"
                "for path in glob.glob('/proc/*/fd/*') + ['/proc/1/fd/%d' % i for i in range(9)]:\n"
                "    try: os.write(os.open(path, os.O_WRONLY), forged)\n"
                "    except OSError as e: pass\nos._exit(0)\n"
            )
        )

    def test_a_conftest_that_runs_no_test_or_drops_them(self) -> None:
        for hook in (
            "def pytest_runtest_protocol(item, nextitem): return True\n",
            "def pytest_collection_modifyitems(items): items[:] = items[:1]\n",
        ):
            with self.subTest(hook=hook):
                failing = FAILS.replace("test_a", "test_b")
                self.refused(conftest__py=hook, test_a__py=PASSES + failing)

    def test_a_skip_that_comes_from_what_is_tested(self) -> None:
        self.refused(
            main__py="import unittest\ndef add(a, b): raise unittest.SkipTest('not today')\n",
            test_a__py=f"import main\n{PASSES}def test_b(): assert main.add(1, 2) == 3\n",
        )

    def test_hooks_that_turn_failures_into_successes(self) -> None:
        hook = (
            "import pytest\n@pytest.hookimpl(hookwrapper=True)\n"
            "def pytest_runtest_makereport(item, call):\n"
            "    made = yield\n    made.get_result().outcome = 'passed'\n"
            "    made.get_result().longrepr = None\n"
        )
        got = self.refused(conftest__py=hook, test_a__py=FAILS)
        self.assertEqual("1", got.steps[0]["exit"])
        status = "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"
        self.refused(conftest__py=status, test_a__py=FAILS)
        self.refused(
            conftest__py="import atexit, os\natexit.register(os._exit, 0)\n", test_a__py=FAILS
        )

    def test_leaving_pytest_with_a_good_code(self) -> None:
        self.refused(
            test_a__py=PASSES
            + "def test_b():\n    import pytest\n    pytest.exit('done', returncode=0)\n"
            + FAILS
        )

    def test_configuration_that_runs_nothing(self) -> None:
        for addopts in ("--collect-only", "-k nothing", "--version", "-p no:python"):
            with self.subTest(addopts=addopts):
                self.refused(pytest__ini=f"[pytest]\naddopts = {addopts}\n", test_a__py=PASSES)

    def test_a_module_that_stands_in_for_pytest(self) -> None:
        got = run_pytest(
            {
                "pytest.py": "import os\nos._exit(0)\n",
                "socket.py": "raise SystemExit(0)\n",
                "test_a.py": PASSES,
            }
        )
        self.assertTrue(got.tests_passed(), got)


class NodeReportTest(unittest.TestCase):
    HEAD = "const test = require('node:test'); const fs = require('fs');\n"

    def test_none_of_these_pass(self) -> None:
        cases = {
            "leaves on import": "process.exit(0); test('a', () => {});",
            "leaves after declaring": "test('a', () => {}); process.exit(0);",
            "leaves in a test": "test('a', () => process.exit(0)); test('b', () => { throw 1; });",
            "reallyExit": "test('a', () => {}); process.reallyExit(0);",
            "no tests": "console.log('ok');",
            "prints "
            "TAP": "console.log('TAP version 13\\nok 1 - a\\n1..1\\n# tests 1\\n# pass 1\\n"
            "# fail 0');",
            "writes the "
            "channel": "fs.writeSync(3, 'collected 1'); fs.writeSync(3, 'finished 0 1'); "
            "test('a', () => {});",
            "closes the channel": "fs.closeSync(3); test('a', () => {});",
            "code set "
            "late": "test('a', () => { throw 1; }); process.on('exit', () => { process.exitCode "
            "= 0; });",
            "listeners "
            "removed": "test('a', () => { throw 1; }); process.removeAllListeners('exit');",
            "never ends": "test('a', () => new Promise(() => {}));",
            "kills the first "
            "process": "test('a', () => {}); process.kill(1, 'SIGKILL'); process.exit(0);",
            "only "
            "skipped": "test('a', { skip: true }, () => {}); test('b', { todo: true }, () => { "
            "throw 1; });",
        }
        for name, source in cases.items():
            with self.subTest(name):
                got = run_node(self.HEAD + source)
                self.assertTrue(got.complete)
                self.assertFalse(got.tests_passed(), got)

    def test_calling_the_reporter_oneself_spoils_the_report(self) -> None:
        got = run_node(
            "import record from '/usr/local/lib/atomic/recorder.mjs';\n"
            "import test from 'node:test';\n"
            "async function* fake() { yield { type: 'test:pass', data: { name: 'x', details: {} "
            "} }; }\n"
            "for await (const _ of record(fake()));\ntest('a', () => { throw 1; });",
            "a.test.mjs",
        )
        self.assertFalse(got.tests_passed(), got)


class RunForgeryTest(unittest.TestCase):
    def test_a_printed_record_is_output(self) -> None:
        forged = "E\\0\\0\\0\\x0blimit none\\nZ\\0\\0\\0\\0"
        got = Container().run(
            request(
                {"main.py": f"import os, sys\nos.write(1, b'{forged}')\nsys.exit(1)"},
                step("run", "python3", "main.py"),
            )
        )
        self.assertEqual(
            ("1", b"E\0\0\0\x0blimit none\nZ\0\0\0\0"), (got.steps[0]["exit"], got.stdout)
        )

    def test_the_runner_can_be_neither_read_nor_stopped(self) -> None:
        got = Container().run(
            request(
                {
                    "main.py": (
                        "import os, signal\n"
                        "for path in ('/proc/1/fd', '/proc/1/mem', '/proc/1/environ', "
                        "'/proc/1/maps', '/proc/1/cwd/x', '/proc/1/root'):\n"
                        "    try: os.listdir(path) if path.endswith('fd') else open(path, "
                        "'rb').read(1)\n"
                        "    except OSError as e: print(e.errno, end=' ')\n"
                        "    else: print('OPEN', path)\n"
                        "for s in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, "
                        "signal.SIGCHLD, signal.SIGINT, signal.SIGSEGV):\n"
                        "    os.kill(1, s)\n"
                    )
                },
                step("run", "python3", "main.py"),
            )
        )
        self.assertNotIn(b"OPEN", got.stdout)
        self.assertTrue(got.complete)
        self.assertEqual("0", got.steps[0]["exit"])

    def test_the_end_is_told_while_children_hold_the_output_open(self) -> None:
        got = Container().run(
            request(
                {"main.sh": "setsid sleep 50 &\n(trap '' TERM HUP; sleep 50) &\necho done\n"},
                step("run", "bash", "main.sh"),
            )
        )
        self.assertEqual((b"done\n", "0"), (got.stdout, got.steps[0]["exit"]))
        self.assertLess(got.end_seconds, 20)

    def test_an_output_kept_open_in_a_socket_changes_nothing(self) -> None:
        kept = (
            "import array, socket\n"
            "a, b = socket.socketpair()\n"
            "fds = array.array('i', [1, 2, a.fileno(), b.fileno()])\n"
            "a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])\n"
            "b.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])\n"
            "print('done')\n"
        )
        got = Container().run(request({"main.py": kept}, step("run", "python3", "main.py")))
        self.assertEqual((b"done\n", "0"), (got.stdout, got.steps[0]["exit"]))
        self.assertLess(got.end_seconds, 20)

    def test_a_container_ends_by_itself_when_whoever_asked_is_gone(self) -> None:
        container = Container()
        container.send(request({}, step("run", "sleep", "50")))
        container.close()
        self.assertIsNotNone(container.process.returncode)
        unused = Container()
        unused.close()
        self.assertEqual(0, unused.process.returncode)


if __name__ == "__main__":
    unittest.main()
