"""`--cases`: what is sent for it, what is shown of it, and what is said of a wrong one."""

import contextlib
import json
import unittest
from pathlib import Path
from typing import Any

from . import fake_api
from .fake_api import Script, serving
from .machine import Done, Machine

PASSED: dict[str, Any] = {
    "type": "case", "round": 0, "name": "small", "status": "passed", "exit_code": 0,
    "duration_ms": 9, "stdout": "3\n", "diff": None}
FAILED: dict[str, Any] = {
    "type": "case", "round": 0, "name": "la\x1b[2Jrge", "status": "failed", "exit_code": 0,
    "duration_ms": 11, "stdout": "7\n", "diff": "- 8\n+ 7\n" + "  same\n" * 20}
SLOW: dict[str, Any] = {**FAILED, "name": "slow", "status": "timed_out", "diff": None}


def verdict(*cases: dict[str, Any]) -> dict[str, Any]:
    """A verification of these cases."""
    good = all(case["status"] == "passed" for case in cases)
    return {"status": "passed" if good else "failed", "kind": "cases", "evidence": "observed",
            "cases": list(cases), "reason": None if good else "cases_failed"}


class CasesTest(unittest.TestCase):
    def setUp(self) -> None:
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        self.machine = stack.enter_context(Machine())
        self.api = stack.enter_context(serving())
        self.machine.env["ATOMIC_URL"] = self.api.url
        self.folder = self.machine.root / "work"
        self.folder.mkdir()
        self.put("main.py", "print(3)\n")

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def execute(self, *more: str) -> Done:
        return self.machine.atomic("exec", "--lang", "python", str(self.folder / "main.py"), *more)

    def sent(self) -> Any:
        return next(body for method, path, _, body in reversed(self.api.requests)
                    if path == "/api/execute")["verify"]

    def script(self, *cases: dict[str, Any]) -> None:
        self.api.scripts["execute"] = Script(
            [*cases, {"type": "sandbox_output", "stream": "stdout", "round": 0, "text": "3\n"},
             {"type": "succeeded"}],
            final={"status": "succeeded", "kind": "execute", "verification": verdict(*cases)})

    def test_a_table_is_shown_and_the_last_line_says_how_many(self) -> None:
        self.script(PASSED, FAILED, SLOW)
        cases = self.put("cases.json", json.dumps([{"stdout": "3"}]))
        done = self.execute("--cases", str(cases))
        self.assertEqual((done.code, done.out), (1, ""), done)
        lines = done.err.splitlines()
        self.assertEqual(lines.pop(0), "sends main.py, 9 B")
        self.assertRegex(lines[0], r"^  ✔ small +9 ms$")
        self.assertRegex(lines[1], r"^  ✘ la\S*rge +11 ms  differs$")
        self.assertEqual(lines[2:4], ["      - 8", "      + 7"])
        self.assertIn("      … 10 more lines", lines)
        self.assertRegex(done.err, r"✘ slow +11 ms  took too long\n")
        self.assertIn("✘ only 1 of 3 cases passed", done.err)
        self.assertNotIn("\x1b", done.err)

    def test_all_that_pass_are_success(self) -> None:
        self.script(PASSED)
        cases = self.put("cases.json", '{"cases": [{"stdout": "3"}], "stop_on_failure": true}')
        done = self.execute("--cases", str(cases))
        self.assertEqual(done.code, 0, done)
        self.assertIn("✔ 1 of 1 case passed (observed)\n", done.err)
        self.assertEqual(self.sent(), {"kind": "cases", "cases": [{"stdout": "3"}],
                                       "stop_on_failure": True})

    def test_lines_of_json_requests_and_folders(self) -> None:
        self.script(PASSED)
        lines = self.put("cases.jsonl", '{"stdin": "1"}\n\n{"stdin": "2"}\n')
        self.execute("--cases", str(lines))
        self.assertEqual(self.sent()["cases"], [{"stdin": "1"}, {"stdin": "2"}])
        asked = [{"method": "GET", "path": "/", "expect": {"status": 200}}]
        self.execute("--cases", str(self.put("requests.json", json.dumps(asked))))
        self.assertEqual(self.sent(), {"kind": "http", "requests": asked})
        for name, text in (("a.in", "1 2\n"), ("a.out", "3\n"), ("b.out", "4\n")):
            self.put(f"folder/{name}", text)
        self.execute("--cases", str(self.folder / "folder"))
        self.assertEqual(self.sent()["cases"], [
            {"name": "a", "stdin": "1 2\n", "stdout": "3\n"}, {"name": "b", "stdout": "4\n"}])

    def test_a_wrong_file_is_named_with_its_place(self) -> None:
        for text, why in (("{", "isn't JSON"), ("[]", "no cases"), ("3", "a list of cases"),
                          ("[1]", "entry 1 isn't an object"),
                          ("[" * 100_000, "nested too deeply"),
                          ('{"a": 1}\n' + '{"a": ' * 100_000, "line 2: nested too deeply"),
                          ('{"a": 1}\n{', "line 2"),
                          ('[{"method": "GET", "path": "/"}, {"stdin": ""}]', "entry 2 is a case"),
                          (json.dumps([{}] * 1001), "1001 cases; 1000 are allowed")):
            done = self.execute("--cases", str(self.put("cases.json", text)))
            self.assertEqual(done.code, 2, done)
            self.assertIn(why, done.err)
        self.put("lonely/a.in", "1")
        self.put("empty/README", "1")
        for name, why in (("lonely", "a.out"), ("empty", "no NAME.out"), ("gone", "No such file")):
            done = self.execute("--cases", str(self.folder / name))
            self.assertEqual(done.code, 2, done)
            self.assertIn(why, done.err)
        self.assertEqual(self.api.requests, [])

    def test_two_deciders_are_one_too_many(self) -> None:
        cases = str(self.put("cases.json", '[{"stdout": "3"}]'))
        self.assertEqual(self.execute("--cases", cases, "--kind", "run").code, 2)
        done = self.machine.atomic("generate", "hello", "--cases", cases,
                                   "--test", str(self.folder / "main.py"))
        self.assertEqual(done.code, 2, done)

    def test_who_saw_that_tests_passed_is_said(self) -> None:
        for evidence, words in (("isolated", "2 tests passed, judged from outside"),
                                ("reported", "2 tests passed, as the tests themselves report")):
            found = {**fake_api.tests_passed(), "evidence": evidence,
                     "evidence_reason": "a fixture's file" if evidence == "reported" else None}
            self.api.scripts["hello"] = fake_api.successful(verification=found)
            done = self.machine.atomic("generate", "hello", "--evidence", "reported")
            self.assertIn(f"✔ verified: {words}\n", done.err)
        self.assertIn("not judged from outside: a fixture's file", done.err)


if __name__ == "__main__":
    unittest.main()
