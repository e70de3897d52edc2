"""What was built: its fingerprint, and the copy a process runs from.

Processes run from copies under ATOMIC_HOME/lib, named by content: Maven replaces the jars in
`target` in place, which breaks a JVM that still reads classes from them.
"""

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

from .errors import StackError

MODULES = ("db", "api", "worker")


def jar(root: Path, module: str) -> Path:
    """The executable jar Maven makes of a module."""
    return root / module / "target" / f"atomic-{module}.jar"


def missing(root: Path) -> list[str]:
    """The modules that have no jar yet."""
    return [module for module in MODULES if not jar(root, module).is_file()]


def jar_fingerprint(path: Path) -> str:
    """A short digest of what a jar holds, the same however often it is packed again.

    It reads the names and checksums in the zip's directory (10 ms) and not 60 MB of content.
    """
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in sorted(archive.infolist(), key=lambda each: each.filename):
                digest.update(f"{entry.filename}\0{entry.CRC}\0{entry.file_size}\n".encode())
    except (OSError, zipfile.BadZipFile) as failure:
        raise StackError(f"{path} can't be read ({failure}); build it again: ./mvnw package"
                         ) from failure
    return digest.hexdigest()[:16]


def tree_fingerprint(folders: Iterable[Path]) -> str:
    """A short digest of the files below `folders` (or the files themselves)."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in [folder] if folder.is_file() else sorted(walk(folder)):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(folder.parent)}\0{content}\n".encode())
    return digest.hexdigest()[:16]


def walk(folder: Path) -> Iterable[Path]:
    """The regular files below a folder, without caches."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        yield from (Path(parent, name) for name in names)


def place(home: Path, source: Path, fingerprint: str) -> Path:
    """The copy of the jar `source` to run from, made if it isn't there yet."""
    copy = home / "lib" / fingerprint / source.name
    if not copy.is_file():
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copyfile(source, beside)
        os.replace(beside, copy)
    return copy


def sweep(home: Path, used: set[str]) -> None:
    """Remove the copies of builds that no process runs from any more."""
    lib = home / "lib"
    if lib.is_dir():
        for entry in lib.iterdir():
            if entry.name not in used:
                shutil.rmtree(entry, ignore_errors=True)
