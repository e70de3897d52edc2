"""What was built: its fingerprint, and the copy a process runs from.

Processes run from copies under `.atomic/lib`, named by content: Maven replaces the jars in
`target` in place, which breaks a JVM that still reads classes from them.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path

from .errors import StackError
from .text import one_line

FOLDERS = {"db": "db/server", "api": "api", "worker": "worker"}
MODULES = tuple(FOLDERS)


def jar(root: Path, module: str) -> Path:
    """The executable jar Maven makes of a module."""
    return root / FOLDERS[module] / "target" / f"atomic-{module}.jar"


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


def library(root: Path, home: Path) -> Path:
    """Where the copies are: one place for all homes of a checkout, so that they share archives."""
    shared = root / ".atomic"
    try:
        shared.mkdir(mode=0o700, exist_ok=True)
        (shared / "lib").mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return home / "lib"
    return shared / "lib" if os.access(shared / "lib", os.W_OK) else home / "lib"


def place(library_folder: Path, source: Path, fingerprint: str, java: Path) -> Path:
    """The jar to run from: a copy of `source`, unpacked next to its libraries where it can be.

    Unpacked, the api is ready after 3.8 s and not 5.1 (measured, two cores), and the JVM can
    archive its classes (2.6 s). Raises StackError when the jar can't be unpacked.
    """
    folder = library_folder / fingerprint
    placed = folder / source.name
    if placed.is_file():
        return placed
    beside = library_folder / f".{fingerprint}.{os.getpid()}"
    shutil.rmtree(beside, ignore_errors=True)
    if _unpacks_itself(source):
        _unpack(source, beside, java)
    else:
        beside.mkdir(mode=0o700)
        shutil.copyfile(source, beside / source.name)
    try:
        os.rename(beside, folder)
    except OSError:
        # Somebody else was quicker.
        shutil.rmtree(beside, ignore_errors=True)
    return placed


def _unpacks_itself(source: Path) -> bool:
    """Whether the jar holds Spring Boot's tool for it and what that needs (the db's doesn't)."""
    with zipfile.ZipFile(source) as archive:
        names = " ".join(archive.namelist())
    return "/spring-boot-jarmode-tools-" in names and "/spring-core-" in names


def _unpack(source: Path, folder: Path, java: Path) -> None:
    done = subprocess.run(
        [str(java), "-XX:TieredStopAtLevel=1", "-Djarmode=tools", "-jar", str(source), "extract",
         "--destination", str(folder)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0 or not (folder / source.name).is_file():
        said = done.stdout.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        raise StackError(f"{source} can't be unpacked: {one_line(said[-1])}")


def sweep(library_folder: Path, current: set[str]) -> None:
    """Remove the copies that are neither `current` nor in any living process's command line."""
    if not library_folder.is_dir():
        return
    commands = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                commands.append((entry / "cmdline").read_bytes())
    for folder in library_folder.iterdir():
        path = os.fsencode(folder) + b"/"
        if folder.name not in current and not any(path in command for command in commands):
            shutil.rmtree(folder, ignore_errors=True)
