"""Tests as models write them: each file beside its program, as common as they come."""

import unittest
from pathlib import Path

import local_judge

# In these the program's own answer to a question that holds what is expected decides.
REPORTED = {"test_vector", "test_versions_in_order", "test_versions_equal"}
FOLDER = Path(__file__).parent / "isolated" / "models"


class ModelsTest(unittest.TestCase):
    def test_each_is_judged_from_outside(self) -> None:
        for folder in sorted(FOLDER.iterdir()):
            with self.subTest(folder.name):
                program = {"main.py": (folder / "main.py").read_text()}
                got = local_judge.run(program,
                                      {"test_main.py": (folder / "test_main.py").read_text()})
                told = {reason.partition(": ")[0].rpartition("::")[2]
                        for reason in got.reasons()}
                self.assertEqual(told, REPORTED & set(got.of("passed")), got.reasons())
                self.assertFalse(got.of("failed") + got.of("error"), got.printed[-3000:])
                self.assertIn(f"finished 0 {len(got.of('passed'))}", got.report)


if __name__ == "__main__":
    unittest.main()
