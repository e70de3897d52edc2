"""Tests as models write them: each file beside its program, as common as they come."""

import unittest
from pathlib import Path

import local_judge

FOLDER = Path(__file__).parent / "isolated" / "models"


class ModelsTest(unittest.TestCase):
    def test_each_is_judged_from_outside(self) -> None:
        for folder in sorted(FOLDER.iterdir()):
            with self.subTest(folder.name):
                program = {"main.py": (folder / "main.py").read_text()}
                got = local_judge.run(program,
                                      {"test_main.py": (folder / "test_main.py").read_text()})
                self.assertTrue(got.passed(), (got.report, got.printed[-3000:]))


if __name__ == "__main__":
    unittest.main()
