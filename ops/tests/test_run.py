"""`run` from nothing, and what it rests on: the build, the set-up, doctor, completion."""

import contextlib
import io
import json
import os
import subprocess
import sys
import unittest
from collections.abc import Callable
from unittest import mock

from cli import build, completion, interpreter, main, settings, text
from cli.events import EventParser

from .machine import OPS, Machine


class MachineCase(unittest.TestCase):
    """A machine for each test."""

    def setUp(self) -> None:
        self.machine = Machine()
        self.addCleanup(self.machine.__exit__)


class Run(MachineCase):
    """The main job against stand-ins for the processes."""

    def test_from_nothing_to_verified_code(self) -> None:
        done = self.machine.atomic("run", "hello")
        self.assertEqual((done.code, done.out), (0, "print('hi')\n"), done)
        folder = self.machine.artifacts / "0199-1"
        self.assertEqual((folder / "main.py").read_text(), "print('hi')\n")
        for said in ("✔ verified: 2 tests passed", f"files: {folder} (main.py)",
                     f"cd {folder} && python3 main.py", "ops/atomic exec --lang python",
                     "the stack is still up at http://127.0.0.1:", "ops/atomic down"):
            self.assertIn(said, done.err)
        self.assertNotIn("NOT VERIFIED", done.err)

    def test_the_second_time_nothing_is_built_or_started(self) -> None:
        self.machine.atomic("run", "hello")
        before = self.machine.status()
        done = self.machine.atomic("run", "hello", "--json")
        self.assertEqual(json.loads(done.out)["status"], "succeeded", done)
        self.assertEqual([row["pid"] for row in self.machine.status().values()],
                         [row["pid"] for row in before.values()])
        self.assertEqual(len((self.machine.root / "maven.calls").read_text().splitlines()), 1)

    def test_without_an_engine_not_verified_comes_first_and_last(self) -> None:
        self.machine.engine(there=False)
        done = self.machine.atomic("run", "unverified")
        lines = done.err.splitlines()
        self.assertEqual(done.code, 0, done)
        for line in (lines[0], lines[-1]):
            self.assertRegex(line, "^NOT VERIFIED: .*no engine is installed.*ATOMIC_SETUP_INSTALL")

    def test_the_files_go_where_they_are_wanted(self) -> None:
        done = self.machine.atomic("run", "hello", "-o", "here")
        self.assertEqual(done.code, 0, done)
        self.assertTrue((self.machine.root / "here" / "main.py").is_file())

    def test_an_empty_prompt_starts_nothing(self) -> None:
        self.assertEqual(self.machine.atomic("run", "").code, 2)
        self.assertFalse(self.machine.home.exists())


class Build(MachineCase):
    """What is stale is built, nothing else is."""

    def built(self) -> None:
        """Build, without progress."""
        with mock.patch.dict(os.environ, self.machine.env, clear=True):
            given = settings.load(self.machine.root)
        given.make_home()
        with open(os.devnull, "w") as nowhere, \
                mock.patch.dict(os.environ, {"JAVA_HOME": self.machine.env["JAVA_HOME"]}):
            build.build(given, text.Terminal(nowhere))

    def test_a_change_a_new_file_and_a_removed_one_are_seen(self) -> None:
        self.assertIn("not built yet", str(build.stale(self.machine.root)))
        main_java, new_java = "api/src/main/Main.java", "api/src/main/New.java"
        changes: tuple[Callable[[], object], ...] = (
            lambda: None,
            lambda: self.machine.write(main_java, "class A {}"),
            lambda: self.machine.write(new_java, "class N {}"),
            lambda: (self.machine.root / new_java).unlink())
        for change in changes:
            change()
            self.assertIsNotNone(build.stale(self.machine.root))
            self.built()
            self.assertIsNone(build.stale(self.machine.root))

    def test_newer_files_with_the_same_content_need_no_build(self) -> None:
        self.built()
        for path in self.machine.root.glob("*/src/main/*.java"):
            os.utime(path, (4e9, 4e9))
        self.assertIsNone(build.stale(self.machine.root))

    def test_jars_that_maven_made_by_itself_are_taken(self) -> None:
        subprocess.run([str(self.machine.root / "mvnw")], check=True)
        self.assertIsNone(build.stale(self.machine.root))


class Doctor(MachineCase):
    """One line a check."""

    def test_says_what_is_wrong_and_how_to_mend_it(self) -> None:
        self.machine.engine(there=False)
        done = self.machine.atomic("doctor")
        self.assertEqual(done.code, 1, done)
        lines = done.out.splitlines()
        self.assertEqual([line.split()[1] for line in lines],
                         ["jdk", "python", "build", "engine", "runtime", "image", "socket",
                          "database", "api", "disk"])
        self.assertRegex(done.out, "fail engine .*no engine is installed → ops/engine/ensure")
        self.assertRegex(done.out, "warn build .*→ `ops/atomic up` builds it")

    def test_warns_of_a_container_runtime_with_known_escapes(self) -> None:
        self.machine.engine(there=True, known="runc 1.1.5 has CVE-2024-21626: update it")
        done = self.machine.atomic("doctor")
        self.assertRegex(done.out, "warn runtime +runc 1.1.5 has CVE-2024-21626: update it")

    def test_all_well_is_0(self) -> None:
        self.machine.atomic("up")
        done = self.machine.atomic("doctor", "--json")
        states = {each["what"]: each["state"] for each in json.loads(done.out)}
        self.assertEqual(set(states.values()) - {"ok"}, set(), done)
        self.assertEqual(done.code, 0)


class Completion(unittest.TestCase):
    """The scripts are of the parser's own words, and shells take them."""

    def test_bash_completes_commands_and_options(self) -> None:
        script = completion.script("bash", main.parser())
        asks = script + ('COMP_WORDS=(ops/atomic ge); COMP_CWORD=1; _atomic; '
                         'echo "${COMPREPLY[@]}"\n'
                         'COMP_WORDS=(ops/atomic up --w); COMP_CWORD=2; _atomic; '
                         'echo "${COMPREPLY[@]}"\n')
        done = subprocess.run(["bash", "-c", asks], capture_output=True, check=True)
        self.assertEqual(done.stdout, b"generate get\n--workers\n")

    def test_every_command_has_help(self) -> None:
        for name in completion.commands(main.parser()):
            with self.assertRaises(SystemExit) as ended, \
                    contextlib.redirect_stdout(io.StringIO()) as said:
                main.parser().parse_args([name, "--help"])
            self.assertEqual(ended.exception.code, 0)
            self.assertIn("exit codes:", said.getvalue())


class Text(unittest.TestCase):
    """What may reach a terminal."""

    def test_only_newline_and_tab_are_left_of_the_control_characters(self) -> None:
        every = "".join(map(chr, range(0x20))) + "\x7f" + "".join(map(chr, range(0x80, 0xa0)))
        self.assertEqual(text.clean(f"a{every}b"), "a\t\nb")

    def test_what_isnt_seen_is_left_out_and_letters_stay(self) -> None:
        unseen = [*range(0x200b, 0x2010), *range(0x2028, 0x202f), *range(0x2060, 0x2070), 0xad,
                  0x34f, 0x61c, 0x180e, 0x3164, 0xfeff, 0xfff9, 0xe0001, 0xe0041]
        for code in unseen:
            self.assertEqual(text.clean(f"a{chr(code)}b"), "ab", hex(code))
            self.assertEqual(text.one_line(f"a{chr(code)}b"), "ab", hex(code))
        kept = "grüße 日本語 नमस्ते → ✔ 🎉 e\u0301 \u00a0"
        self.assertEqual(text.clean(kept), kept)

    def test_a_cut_escape_sequence_is_harmless_in_both_halves(self) -> None:
        self.assertEqual(text.clean("x\x1b") + text.clean("[2Jy"), "x[2Jy")

    def test_json_holds_no_raw_control_character_and_stays_the_same_value(self) -> None:
        value = {"text": "\x1b\x7f\x9b\u202e\ud800"}
        said = text.as_json(value)
        self.assertEqual(json.loads(said), value)
        self.assertTrue(all(" " <= character <= "~" or character == "\n" for character in said))


class EventStream(unittest.TestCase):
    """The parser of server-sent events, fed in every cut."""

    STREAM = b": hi\r\nid: 1\r\nevent: chunk\r\ndata: {\"a\":\rdata: 1}\n\ndata:x\n\r\nid: 3\n\nda"

    def test_however_it_is_cut_the_events_are_the_same(self) -> None:
        for size in range(1, len(self.STREAM) + 1):
            parser = EventParser()
            found = [data for at in range(0, len(self.STREAM), size)
                     for data in parser.feed(self.STREAM[at:at + size])]
            self.assertEqual(found, [b'{"a":\n1}', b"x"], size)


class Interpreter(MachineCase):
    """The agent's Python."""

    def test_without_a_provider_over_http_it_is_this_one(self) -> None:
        with mock.patch.dict(os.environ, self.machine.env, clear=True), \
                open(os.devnull, "w") as nowhere:
            given = settings.load(self.machine.root)
            found = interpreter.for_agent(given, text.Terminal(nowhere))
        self.assertTrue(os.access(found, os.X_OK))

    def test_a_key_of_no_provider_asks_for_nothing(self) -> None:
        with mock.patch.dict(os.environ, {"WEATHER_API_KEY": "x"}, clear=True):
            self.assertFalse(settings.needs_http_providers())
        with mock.patch.dict(os.environ, {"OPENAI_BASE_URL": "http://127.0.0.1:1"}, clear=True):
            self.assertTrue(settings.needs_http_providers())
        both = {"OPENAI_API_KEY": "x", "ATOMIC_LLM_PROVIDERS": "offline"}
        with mock.patch.dict(os.environ, both, clear=True):
            self.assertFalse(settings.needs_http_providers())


class Python(unittest.TestCase):
    """The first file of the command, on a Python that is too old."""

    def test_an_older_python_gets_one_line_and_3(self) -> None:
        code = (f"import sys; sys.version_info = (3, 9, 2); sys.argv = ['atomic'];"
                f"source = open({str(OPS / 'atomic')!r}).read();"
                "exec(compile(source, 'atomic', 'exec'), {'__name__': '__main__',"
                " '__file__': 'x'})")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True,
                              env={"PATH": "/nonexistent", "ATOMIC_PYTHON_TRIED": "1"},
                              check=False)
        self.assertEqual(done.returncode, 3, done)
        self.assertRegex(done.stderr.decode(),
                         r"^atomic: Python 3.11 or newer is needed .*3\.9.*\n$")
