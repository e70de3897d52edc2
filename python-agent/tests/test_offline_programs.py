"""Every program of the offline library: its own tests pass, and fail once it is broken."""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from atomic_agent.providers.offline_library import LIBRARY, SourceFile, Variant, load_library

LIMIT_SECONDS = 30
NEEDED = "pytest flask fastapi httpx numpy pandas"
PROGRAMS = load_library()
VARIANTS = [(f"{program.name} in {variant.directory.name}", variant)
            for program in PROGRAMS for variant in program.variants]


@functools.cache
def python() -> str:
    """An interpreter that has what the sandbox has, or a failure that says what to install."""
    imports = "; ".join(f"import {name}" for name in NEEDED.split())
    for interpreter in dict.fromkeys((sys.executable, "/usr/bin/python3")):
        try:
            found = subprocess.run([interpreter, "-c", imports], capture_output=True, check=False)
        except OSError:
            continue
        if found.returncode == 0:
            return interpreter
    packages = " ".join(f"python3-{name}" for name in NEEDED.split())
    raise AssertionError(f"the programs' tests need: apt-get install {packages}")


def tool(*names: str) -> str:
    """The first of these programs that is installed."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise AssertionError(f"the programs' tests need one of: {', '.join(names)}")
    return found


def commands(variant: Variant) -> list[list[str]]:
    """What the sandbox does to verify a program: its tests, or build and run it."""
    match variant.language:
        case "python":
            return [[python(), "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]]
        case "javascript":
            return [[tool("node", "nodejs"), "--test"]]
        case "c":
            return [[tool("gcc", "cc"), "-Wall", "-Wextra", "-Werror", "-o", "prog", "main.c"],
                    ["./prog"]]
        case "cpp":
            return [[tool("g++", "c++"), "-std=c++17", "-Wall", "-Wextra", "-Werror", "-o",
                     "prog", "main.cpp"], ["./prog"]]
    raise AssertionError(f"no way to run {variant.language}")


def verify(variant: Variant, files: Sequence[SourceFile]) -> tuple[bool, str]:
    """Whether these files of a program pass, run as the sandbox would, and what was printed."""
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
                   "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="program-") as directory:
        for file in files:
            path = Path(directory) / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.content, encoding="utf-8")
        printed = ""
        for command in commands(variant):
            done = subprocess.run(
                command, cwd=directory, env={**environment, "HOME": directory}, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=LIMIT_SECONDS, check=False)
            printed += done.stdout
            if done.returncode != 0:
                return False, printed
        return True, printed


def mutated(variant: Variant) -> list[SourceFile]:
    """The program with the one change that its program.json says its tests must notice."""
    target, find, replace = (variant.mutation[name] for name in ("file", "find", "replace"))
    changed = []
    for file in variant.files:
        if file.path == target:
            assert file.content.count(find) == 1, f"{variant.directory}: {find!r} isn't there once"
            file = SourceFile(file.path, file.content.replace(find, replace))
        changed.append(file)
    return changed


class ProgramsRun(unittest.TestCase):
    def each(self, check: Callable[[Variant], str | None]) -> None:
        """Runs a check for every variant, two at a time; it returns what is wrong, if anything."""
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda entry: check(entry[1]), VARIANTS))
        for (name, _), problem in zip(VARIANTS, results):
            with self.subTest(name):
                self.assertIsNone(problem, problem)

    def test_every_programs_own_tests_pass(self) -> None:
        def check(variant: Variant) -> str | None:
            passed, printed = verify(variant, variant.files_of_round(1))
            return None if passed else printed

        self.each(check)

    def test_every_programs_own_tests_notice_a_broken_line(self) -> None:
        def check(variant: Variant) -> str | None:
            passed, printed = verify(variant, mutated(variant))
            return f"{variant.mutation} went unnoticed:\n{printed}" if passed else None

        self.each(check)

    def test_a_first_round_that_needs_a_repair_fails_its_tests(self) -> None:
        broken = [variant for _, variant in VARIANTS if variant.first_round]
        self.assertTrue(broken)
        for variant in broken:
            passed, printed = verify(variant, variant.files_of_round(0))
            self.assertFalse(passed, printed)
            self.assertIn("failed", printed)


class ProgramsAreWhole(unittest.TestCase):
    def test_there_are_enough_programs_in_enough_languages(self) -> None:
        self.assertGreaterEqual(len(PROGRAMS), 16)
        languages = {language for program in PROGRAMS for language in program.languages}
        self.assertEqual(languages, {"python", "javascript", "c", "cpp"})

    def test_every_program_has_an_entry_and_tests_and_texts_of_its_own(self) -> None:
        for program in PROGRAMS:
            with self.subTest(program.name):
                self.assertTrue(program.examples and program.needs and program.summary)
                self.assertGreater(len(program.spec), 300)
                self.assertGreater(len(program.docs), 150)
        for name, variant in VARIANTS:
            with self.subTest(name):
                paths = [file.path for file in variant.files]
                self.assertTrue(paths[0].startswith("main."), paths)
                if variant.language in ("python", "javascript"):
                    tests = [path for path in paths
                             if path.startswith("test_") or path.endswith(".test.mjs")]
                    self.assertTrue(tests)

    def test_a_program_that_needs_a_repair_says_so_in_its_title(self) -> None:
        for program in PROGRAMS:
            broken = any(variant.first_round for variant in program.variants)
            self.assertEqual(broken, "repair" in program.title)

    def test_no_file_can_end_the_markdown_block_it_is_sent_in(self) -> None:
        for name, variant in VARIANTS:
            for file in (*variant.files, *variant.first_round):
                for line in file.content.splitlines():
                    self.assertFalse(line.lstrip().startswith("```"), f"{name}: {file.path}")

    def test_every_folder_of_the_library_is_one_that_is_used(self) -> None:
        for folder in LIBRARY.iterdir():
            described = json.loads((folder / "program.json").read_text(encoding="utf-8"))
            used = {entry["directory"] for entry in described["variants"]}
            used |= {entry["first_round"] for entry in described["variants"]
                     if "first_round" in entry}
            present = {path.name for path in folder.iterdir() if path.is_dir()}
            self.assertEqual(present - {"__pycache__"}, used, folder.name)
