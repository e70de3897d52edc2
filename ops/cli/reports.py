"""Which tests took longest or failed.

Java's: from the reports that Surefire and Failsafe leave in `target/`. Python's: from what unittest
printed.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

_NAMED = 10
_FAILURES = 50
_MESSAGE = 600
# unittest's: a line of "=", what failed, a line of "-", the traceback, an empty line.
_PYTHON = re.compile(r"^={70}\n(?:FAIL|ERROR): (.*)\n(?:.*\n)*?-{70}\n((?:.*\n)*?)\n(?=[=-]{70}\n)",
                     re.MULTILINE)


def slowest(root: Path, since: float) -> list[tuple[float, str]]:
    """The slowest classes with their seconds, slowest first, reported after `since` (Unix time)."""
    found = []
    for path in _reports(root, since):
        # A report may be half a one where its JVM was killed; that is told by Maven itself.
        with contextlib.suppress(OSError, ElementTree.ParseError, ValueError):
            suite = next(ElementTree.iterparse(path, ("start",)))[1]
            found.append((float(suite.get("time", "").replace(",", "")),
                          suite.get("name", path.stem)))
    return sorted(found, reverse=True)[:_NAMED]


def failed(root: Path, since: float) -> list[str]:
    """The tests that failed, reported after `since` (Unix time): name and what was said, cut."""
    found = []
    for path in _reports(root, since):
        with contextlib.suppress(OSError, ElementTree.ParseError):
            for _, test in ElementTree.iterparse(path):
                if test.tag != "testcase":
                    continue
                for ended in (*test.iterfind("failure"), *test.iterfind("error")):
                    said = (ended.get("message") or ended.text or "").strip()[:_MESSAGE]
                    found.append(f"{test.get('classname')}.{test.get('name')}: {said}")
                # What a test printed isn't kept in memory with all the others' output.
                test.clear()
    return found[:_FAILURES]


def failed_python(output: str) -> list[str]:
    """The tests that failed by what unittest printed: name and the traceback's end, cut."""
    return [f"{name}: {said.strip()[-_MESSAGE:]}"
            for name, said in _PYTHON.findall(output)][:_FAILURES]


def _reports(root: Path, since: float) -> Iterator[Path]:
    for parent, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "src"]
        if Path(parent).name in ("surefire-reports", "failsafe-reports"):
            yield from (path for name in sorted(names)
                        if name.startswith("TEST-") and name.endswith(".xml")
                        and (path := Path(parent, name)).stat().st_mtime >= since)
