"""How a job looks on a terminal: sections, folded output, what a repair changed."""

import unittest

from cli.folding import Folded

from .fake_api import Job, Script, successful
from .test_client import ClientCase


def repaired(wrong: str = "y = 2\nx = 0\n", right: str = "y = 2\nx = 1\n") -> Script:
    """A job whose first code fails and whose second passes."""
    def round_of(number: int, code: str) -> list[Job]:
        return [{"type": "stage_started", "stage": "code", "round": number},
                {"type": "chunk", "stage": "code", "round": number, "delta": code},
                {"type": "stage_completed", "stage": "code", "round": number,
                 "status": "succeeded", "duration_ms": 7,
                 "usage": {"input_tokens": 10, "output_tokens": 20}}]
    good = successful("y = 2\nx = 1\n")
    return Script([
        *round_of(0, wrong),
        {"type": "stage_started", "stage": "verify", "round": 0},
        {"type": "verification", "round": 0, "verification": {
            "status": "failed", "kind": "tests", "tests": {"run": 2, "failed": 1}}},
        {"type": "stage_completed", "stage": "verify", "round": 0, "status": "failed"},
        {"type": "stage_reset", "stage": "code", "reason": "repair"},
        *round_of(1, right), *good.events[-4:]], good.files, good.final)


class Looks(ClientCase):
    """On a terminal and off it."""

    def test_red_then_what_changed_then_green(self) -> None:
        self.api.scripts["hello"] = repaired()
        done = self.machine.atomic("generate", "hello")
        self.assertEqual(done.code, 0, done)
        parts = ["✘ 1 of 2 tests failed", "code, repair 1 …", "what the repair changed:\n",
                 "  -x = 0\n  +x = 1\n", "✔ 2 tests passed"]
        places = [done.err.index(part) for part in parts]
        self.assertEqual(places, sorted(places))

    def test_a_file_that_a_repair_leaves_alone_isnt_shown_as_gone(self) -> None:
        program = "```python main.py\nx = {}\n```\n"
        tests = "```python test_main.py\ndef test_x():\n    assert x == 1\n```\n"
        self.api.scripts["hello"] = repaired(program.format(0) + tests,
                                             "I see.\n" + program.format(1))
        done = self.machine.atomic("generate", "hello")
        self.assertIn("what the repair changed:\n  +++ main.py\n  @@ -1 +1 @@\n  -x = 0\n"
                      "  +x = 1\nstdout", done.err)

    def test_an_answer_asked_for_in_another_form_isnt_a_models_failure(self) -> None:
        script = repaired()
        script.events.insert(1, {"type": "stage_reset", "stage": "code", "reason": "retry"})
        self.api.scripts["hello"] = script
        done = self.machine.atomic("generate", "hello")
        self.assertIn("code starts again (the model is asked for its files in another form)",
                      done.err)
        script.events.insert(1, {"type": "retrying", "reason": "rate_limited", "attempt": 1})
        done = self.machine.atomic("generate", "hello")
        self.assertIn("code starts again (the model failed)", done.err)

    def test_stages_are_sections_and_nothing_is_wider_than_the_terminal(self) -> None:
        self.api.scripts["hello"] = repaired()
        _, shown = self.machine.on_a_terminal("generate", "hello", NO_COLOR="1")
        self.assertIn("── code, repair 1 ─", shown)
        self.assertIn("\r\n── verify ─", shown)
        _, plain = self.machine.on_a_terminal("generate", "hello", TERM="dumb")
        self.assertNotIn("\x1b", plain)
        self.assertNotIn("──", plain)

    def test_long_output_is_folded_on_a_terminal_with_the_way_to_all_of_it(self) -> None:
        script = successful()
        script.events.insert(-4, {"type": "sandbox_output", "stream": "stdout", "text": "".join(
            f"line {number}\n" for number in range(200))})
        self.api.scripts["hello"] = script
        _, shown = self.machine.on_a_terminal("generate", "hello", NO_COLOR="1")
        for line in ("line 0\r", "line 29\r", "line 186\r", "line 199\r", "2 passed\r"):
            self.assertIn(line, shown)
        for line in ("line 30\r", "line 180\r"):
            self.assertNotIn(line, shown)
        self.assertIn("… 156 lines of stdout left out; all of it: ops/atomic watch 0199-1 --all",
                      shown)
        _, shown = self.machine.on_a_terminal("watch", "0199-1", "--all", NO_COLOR="1")
        self.assertIn("line 100\r", shown)
        self.assertIn("line 100\n", self.machine.atomic("generate", "hello").err)


class Folding(unittest.TestCase):
    """However the text is cut, the same is shown."""

    def test_it_doesnt_depend_on_the_pieces(self) -> None:
        text = "".join(f"{number}\n" for number in range(100)) + "rest"
        seen = set()
        for size in (1, 3, 7, len(text)):
            folded = Folded()
            now = "".join(folded.feed(text[at:at + size]) for at in range(0, len(text), size))
            seen.add((now, *folded.end()))
        self.assertEqual(seen, {("".join(f"{number}\n" for number in range(30)), 55,
                                 "".join(f"{number}\n" for number in range(85, 100)) + "rest")})


if __name__ == "__main__":
    unittest.main()
