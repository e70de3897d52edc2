"""What tests ask of programs goes across, or the run says that it didn't."""

import unittest
from pathlib import Path

import local_judge

FOLDER = Path(__file__).parent / "isolated"
PROGRAM = {"shop.py": (FOLDER / "shop.py").read_text()}


def run(name: str) -> local_judge.Outcome:
    return local_judge.run(PROGRAM, {name: (FOLDER / name).read_text()})


class TrapsTest(unittest.TestCase):
    def test_what_is_carried_passes(self) -> None:
        got = run("test_carried.py")
        self.assertTrue(got.passed(), (got.of("failed"), got.reasons(), got.printed[-2000:]))
        self.assertGreater(len(got.of("passed")), 100)

    def test_what_is_not_carried_says_so_or_fails(self) -> None:
        got = run("test_not_carried.py")
        told = {reason.partition(":")[2].partition(": ")[0].rpartition(":")[2]
                for reason in got.reasons()}
        for name in got.of("passed"):
            with self.subTest(name):
                self.assertIn(name, told)
        self.assertEqual(16, len(got.of("passed") + got.of("failed")), got.printed[-2000:])


if __name__ == "__main__":
    unittest.main()
