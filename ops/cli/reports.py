"""Which Java tests took longest, from the reports Surefire and Failsafe leave below `target/`."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

_NAMED = 10


def slowest(root: Path, since: float) -> list[tuple[float, str]]:
    """The slowest classes with their seconds, slowest first, reported after `since` (Unix time)."""
    found = []
    for path in _reports(root):
        # A report may be half a one where its JVM was killed; that is told by Maven itself.
        with contextlib.suppress(OSError, ElementTree.ParseError, ValueError):
            if path.stat().st_mtime >= since:
                suite = next(ElementTree.iterparse(path, ("start",)))[1]
                found.append((float(suite.get("time", "").replace(",", "")),
                              suite.get("name", path.stem)))
    return sorted(found, reverse=True)[:_NAMED]


def _reports(root: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "src"]
        if Path(parent).name in ("surefire-reports", "failsafe-reports"):
            yield from (Path(parent, name) for name in names
                        if name.startswith("TEST-") and name.endswith(".xml"))
