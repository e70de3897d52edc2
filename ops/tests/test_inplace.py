"""A folder that is sent and written to: what changes is seen and agreed to first."""

import unittest

from .fake_api import Script, successful
from .test_client import ClientCase


class InPlace(ClientCase):
    """`--file DIR -o DIR`."""

    def setUp(self) -> None:
        super().setUp()
        self.main = self.machine.write("project/main.py", "old\nsame\n")
        self.machine.write("project/other.py", "mine\n")
        script = successful("new\nsame\n", docs="# docs\n")
        script.files = {"main.py": b"new\nsame\n", "other.py": b"mine\n", "added.py": b"1\n"}
        self.api.scripts["hello"] = script
        self.args = ("generate", "hello", "--file", "project", "-o", "project")

    def names(self) -> list[str]:
        """What is in the folder."""
        return sorted(path.name for path in self.main.parent.iterdir())

    def test_off_a_terminal_yes_is_needed_before_anything_is_paid(self) -> None:
        done = self.machine.atomic(*self.args)
        self.assertEqual(done.code, 2, done)
        self.assertIn("--yes is needed off a terminal", done.err)
        self.assertEqual(self.api.requests, [])

    def test_with_yes_the_changes_are_shown_and_written(self) -> None:
        done = self.machine.atomic(*self.args, "--yes")
        self.assertEqual(done.code, 0, done)
        self.assertIn("--- a/main.py\n+++ b/main.py\n@@ -1,2 +1,2 @@\n-old\n+new\n same\n",
                      done.err)
        self.assertIn("--- /dev/null\n+++ b/added.py\n", done.err)
        self.assertNotIn("other.py\n@@", done.err)
        self.assertEqual(self.main.read_text(), "new\nsame\n")
        self.assertEqual(self.names(), ["added.py", "main.py", "other.py"])

    def test_a_person_is_asked_and_no_is_no(self) -> None:
        code, shown = self.machine.on_a_terminal(*self.args, typed="n\n")
        self.assertEqual(code, 1, shown)
        self.assertIn("write these 2 files into project? [y/N]", shown)
        self.assertIn("nothing was written", shown)
        self.assertEqual(self.main.read_text(), "old\nsame\n")
        code, shown = self.machine.on_a_terminal(*self.args, typed="y\n")
        self.assertEqual(code, 0, shown)
        self.assertEqual(self.main.read_text(), "new\nsame\n")

    def test_what_was_edited_meanwhile_is_in_the_way(self) -> None:
        script = self.api.scripts["hello"]
        self.api.scripts["hello"] = script

        class Edits(dict[str, bytes]):
            """Edits the file at the moment its new content is fetched."""

            def get(inner, path: str, default: object = None) -> bytes:
                self.main.write_text("edited\n")
                return inner[path]

        script.files = Edits(script.files)
        done = self.machine.atomic(*self.args, "--yes")
        self.assertEqual(done.code, 1, done)
        self.assertIn("in the way, and not written by this command: main.py", done.err)
        self.assertEqual(self.main.read_text(), "edited\n")

    def test_a_job_that_fails_changes_nothing(self) -> None:
        self.api.scripts["hello"] = Script([{"type": "failed"}], {"main.py": b"bad\n"}, {
            "status": "failed", "error": {"code": "verification_failed", "message": "x"}})
        done = self.machine.atomic(*self.args, "--yes")
        self.assertEqual(done.code, 1, done)
        self.assertEqual(self.main.read_text(), "old\nsame\n")

    def test_files_from_elsewhere_cant_come_back(self) -> None:
        self.machine.write("elsewhere.py", "1\n")
        done = self.machine.atomic(*self.args, "--file", "elsewhere.py", "--yes")
        self.assertEqual(done.code, 2, done)
        self.assertIn("files from outside project", done.err)


if __name__ == "__main__":
    unittest.main()
