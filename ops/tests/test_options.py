"""Every option of the api from the command line, and what is refused before anything is asked."""

import json
import subprocess
import unittest
from datetime import datetime, timezone

from cli import completion, languages, listing, main
from cli.errors import UsageError
from cli.text import width_of

from . import fake_api
from .fake_api import Script, successful
from .test_client import ClientCase


class Options(ClientCase):
    """What the api gets."""

    def body(self, *args: str) -> dict[str, object]:
        """The body of the one submit."""
        self.api.requests.clear()
        self.api.scripts["hello"] = self.api.scripts["execute"] = successful()
        done = self.machine.atomic(*args)
        self.assertEqual(done.code, 0, done)
        (found,) = [body for method, _, _, body in self.api.requests if method == "POST"]
        assert isinstance(found, dict)
        return found

    def test_every_option_of_a_job_has_its_field(self) -> None:
        self.machine.write("style.txt", "be brief\n")
        self.assertEqual(
            self.body("generate", "hello", "--pipeline", "verify,code", "--instructions",
                      "@style.txt", "--priority", "high", "--timeout", "60", "--verify-command",
                      "python -m pytest 'a b'", "--max-attempts", "2", "--max-cost", "0.25",
                      "--lang", "js"),
            {"prompt": "hello", "pipeline": ["verify", "code"], "instructions": "be brief\n",
             "priority": "high", "timeout_seconds": 60, "max_attempts": 2, "max_cost_usd": 0.25,
             "language": "js",
             "verify": {"command": ["python", "-m", "pytest", "a b"]}})
        self.assertEqual(self.body("generate", "hello", "--fast", "--verify-kind", "run"),
                         {"prompt": "hello", "pipeline": ["code", "verify"],
                          "verify": {"kind": "run"}})

    def test_exec_takes_language_limits_arguments_and_a_command(self) -> None:
        self.machine.write("main.js", "1")
        self.assertEqual(
            self.body("exec", "main.js", "--cpu", "500", "--pids", "32", "--memory", "64",
                      "--arg", "first", "--", "-x", "--json", "--"),
            {"language": "javascript", "files": [{"path": "main.js", "content": "1"}],
             "limits": {"memory_mb": 64, "cpu_millicores": 500, "pids": 32},
             "args": ["first", "-x", "--json", "--"]})
        self.assertEqual(self.body("exec", "main.js", "--command", "node main.js 'a b'")["command"],
                         ["node", "main.js", "a b"])

    def test_what_cant_be_is_refused_before_anything_is_asked(self) -> None:
        self.machine.write("x.go", "1")
        for args, said in (
                (("run", "x", "--lang", "go"), "go code can't be run here"),
                (("generate", "x", "--lang", "pyton"), "did you mean python?"),
                (("exec", "x.go"), "don't say the language"),
                (("exec", "x.go", "--lang", "go"), "these can: python"),
                (("generate", "x", "--pipeline", "spec,verify"), "`verify` needs `code`"),
                (("generate", "x", "--pipeline", "spec,spec"), "named twice"),
                (("generate", "x", "--pipeline", "build"), "'build' is none of"),
                (("generate", "x", "--pipeline", "code", "--fast"), "not allowed with"),
                (("generate", "x", "--verify-kind", "run", "--verify-command", "y"),
                 "--verify-kind and --verify-command can't both decide"),
                (("generate", "x", "--verify-command", "'"), "--verify-command: No closing"),
                (("generate", "x", "--instructions", " "), "--instructions is empty"),
                (("lsit",), "did you mean list?"), (("exce", "x"), "did you mean exec?")):
            done = self.machine.atomic(*args)
            self.assertEqual((done.code, done.out), (2, ""), done)
            self.assertIn(said, done.err)
        self.assertEqual(self.api.requests, [])
        self.assertEqual(self.body("generate", "hello", "--lang", "go", "--unverified")["language"],
                         "go")
        self.assertEqual(self.body("generate", "hello", "--lang", "go", "--pipeline", "code")[
            "language"], "go")

    def test_exec_gives_a_pipe_every_byte_and_a_terminal_none_that_steers_it(self) -> None:
        text = "\x1b[31mred\x07\r\n\u202eé"
        self.machine.write("main.py", "1")
        self.api.scripts["execute"] = Script(
            [{"type": "sandbox_output", "stream": "stdout", "text": text}, {"type": "succeeded"}],
            final={"status": "succeeded", "verification": {"status": "passed", "exit_code": 0}})
        done = subprocess.run(self.machine.argv("exec", "main.py"), capture_output=True,
                              env=self.machine.env, cwd=self.machine.root, check=True)
        self.assertEqual(done.stdout, text.encode())
        _, shown = self.machine.on_a_terminal("exec", "main.py", NO_COLOR="1")
        self.assertIn("[31mred", shown)
        self.assertNotIn("\x1b[31mred", shown)

    def test_quiet_leaves_only_the_result_and_what_went_wrong(self) -> None:
        self.api.scripts["hello"] = successful("1\n")
        done = self.machine.atomic("generate", "-q", "hello")
        self.assertEqual((done.code, done.out, done.err), (0, "1\n", ""))
        self.api.scripts["hello"] = Script([{"type": "failed"}], final={
            "status": "failed", "error": {"code": "no_model", "message": "none"}})
        done = self.machine.atomic("generate", "-q", "hello")
        self.assertEqual((done.code, done.err), (1, "✘ failed: no_model: none\n"))

    def test_the_version_is_the_poms(self) -> None:
        self.machine.write("pom.xml", "<project><artifactId>atomic</artifactId>\n"
                                      "  <version>1.2.3</version></project>")
        self.assertEqual(self.machine.atomic("--version").out, "Atomic Orchestrator 1.2.3\n")


class Ids(ClientCase):
    """Jobs by what a person can type."""

    IDS = ("01a20266-0000-7000-8000-00000000aaaa", "01a20266-0000-7000-8000-00000000bbbb",
           "01b20266-0000-7000-8000-00000000cccc")

    def setUp(self) -> None:
        super().setUp()
        for job_id, status in zip(self.IDS, ("succeeded", "failed", "succeeded")):
            run = self.api.add(successful(), {"prompt": job_id})
            del self.api.running[run.resource["id"]]
            run.resource.update(id=job_id, status=status)
            self.api.running[job_id] = run

    def got(self, given: str) -> str:
        """The id of the job that `get` finds."""
        done = self.machine.atomic("get", "--json", given)
        job = json.loads(done.out)
        self.assertEqual(done.code, 1 if job["status"] == "failed" else 0, done)
        return str(job["id"])

    def test_a_unique_beginning_or_end_is_enough(self) -> None:
        for given, number in ((self.IDS[0], 0), ("00aaaa", 0), ("00BBBB", 1), ("01b202", 2),
                              ("@last", 2), ("@last-failed", 1)):
            self.assertEqual(self.got(given), self.IDS[number], given)

    def test_what_fits_several_none_or_is_too_short_is_told(self) -> None:
        done = self.machine.atomic("get", "01a20266")
        self.assertEqual(done.code, 2)
        self.assertIn(f"01a20266 may be {self.IDS[1]}, {self.IDS[0]};", done.err)
        for given in ("ffffff", "aaaa", "nonsense"):
            self.assertEqual(self.machine.atomic("get", given).code, 1)
        done = self.machine.atomic("watch", "@lats")
        self.assertEqual(done.code, 2)
        self.assertIn("there are @last and @last-failed", done.err)

    def test_jobs_are_deleted_and_compared_by_them(self) -> None:
        done = self.machine.atomic("delete", "00aaaa", "@last")
        self.assertEqual(done.code, 0, done)
        self.assertEqual(list(self.api.running), [self.IDS[1]])
        self.assertEqual(self.machine.atomic("diff", "@last").code, 2)
        self.api.running[self.IDS[1]].resource["previous_job_id"] = "before"
        done = self.machine.atomic("diff", "@last")
        self.assertEqual((done.code, done.out), (0, f"diff from before to {self.IDS[1]}\n"), done)

    def test_what_the_logs_say_of_a_job_is_found(self) -> None:
        logs = self.machine.home / "logs"
        logs.mkdir(parents=True)
        (logs / "api.log").write_text(f"x\nadmitted [{self.IDS[0]}]\n")
        (logs / "worker-1.log").write_text(f"ran \x1b[{self.IDS[0]}]\n")
        done = self.machine.atomic("logs", "00aaaa")
        self.assertEqual(done.out, f"api      | admitted [{self.IDS[0]}]\n"
                                   f"worker-1 | ran [{self.IDS[0]}]\n")
        self.assertEqual(self.machine.atomic("logs", "00bbbb").code, 2)


class Listed(unittest.TestCase):
    """The table."""

    NOW = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)

    def jobs(self) -> list[dict[str, object]]:
        """Three of different age and fate."""
        return [
            fake_api.resource("01a20266-0000-7000-8000-00000000aaaa", status="running",
                              prompt="日本語の電卓を書いて " * 20, created_at="2026-01-01T11:59:30Z",
                              started_at="2026-01-01T11:59:31Z"),
            fake_api.resource("01a20266-0000-7000-8000-00000000bbbb", status="succeeded",
                              prompt="Write\n a\x1b[31m CLI", created_at="2026-01-01T11:00:00Z",
                              started_at="2026-01-01T11:00:01Z",
                              finished_at="2026-01-01T11:00:10.500Z",
                              usage={"input_tokens": 1, "output_tokens": 2, "cost_usd": 0.25},
                              verification=fake_api.tests_passed(12)),
            fake_api.resource("01a20266-0000-7000-8000-00000000cccc", kind="execute",
                              status="failed", created_at="2025-12-01T11:00:00Z",
                              usage={"cost_usd": None})]

    def test_it_has_a_header_and_fits_every_width(self) -> None:
        for width in range(40, 201):
            lines = [line for line, _ in listing.table(self.jobs(), self.NOW, width)]
            self.assertEqual(len(lines), 4)
            self.assertTrue(lines[0].startswith("ID        "))
            self.assertIn("PROMPT", lines[0])
            for line in lines:
                self.assertLessEqual(width_of(line), width, line)
                self.assertNotIn("\x1b", line)
            self.assertIn("00aaaa", lines[1])
        self.assertEqual(lines[2].split(), [
            "0000bbbb", "1", "h", "9.5", "s", "succeeded", "generate", "python", "12/12", "tests",
            "$0.250", "Write", "a[31m", "CLI"])
        self.assertIn("?", lines[3])

    def test_off_a_terminal_ids_are_whole(self) -> None:
        lines = [line for line, _ in listing.table(self.jobs(), self.NOW, None)]
        self.assertTrue(lines[1].startswith("01a20266-0000-7000-8000-00000000aaaa  "))
        self.assertEqual(listing.table([], self.NOW, 40)[0][0].split()[0], "ID")


class Languages(unittest.TestCase):
    """By the files' names."""

    def test_the_entry_decides_where_there_are_several(self) -> None:
        for paths, language in ((["a.py"], "python"), (["main.cpp", "b.py"], "cpp"),
                                (["x/a.mjs", "data.json"], "javascript"), (["run.SH"], "bash")):
            self.assertEqual(languages.of_files(paths), language)
        for paths in (["a.py", "b.js"], ["a.txt"], ["main.py", "main.js"]):
            with self.assertRaises(UsageError):
                languages.of_files(paths)


class Completion(unittest.TestCase):
    """Values and ids."""

    def complete(self, *words: str) -> list[str]:
        """What bash offers for the last of these words; `list` is a stand-in."""
        script = completion.script("bash", main.parser())
        asks = (script + "fake() { echo 'ID STATUS'; echo 'one-id failed'; }\n"
                f"COMP_WORDS=(fake {' '.join(words)}); COMP_CWORD={len(words)}; _atomic\n"
                'printf "%s\\n" "${COMPREPLY[@]}"\n')
        done = subprocess.run(["bash", "-c", asks], capture_output=True, check=True)
        return done.stdout.decode().split()

    def test_values_of_options_and_ids_are_offered(self) -> None:
        self.assertEqual(self.complete("list", "--status", "f"), ["failed"])
        self.assertEqual(self.complete("list", "--kind", "''"), ["generate", "execute"])
        self.assertIn("javascript", self.complete("exec", "--lang", "j"))
        self.assertEqual(self.complete("watch", "@"), ["@last", "@last-failed"])
        self.assertEqual(self.complete("get", "one"), ["one-id"])
        self.assertEqual(self.complete("generate", "one"), [])
        self.assertEqual(self.complete("cancel", "--j"), ["--json"])


if __name__ == "__main__":
    unittest.main()
