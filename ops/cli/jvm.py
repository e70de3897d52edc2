"""The JVM's flags, and the archive of classes with which it starts in half the time.

A process that `up` started writes the archive when it ends the first time (2 s, once a build;
`start` writes none: a service manager counts those seconds). One that ended before it was ready
leaves an archive of half its classes, so only one of a process that was seen ready is kept.
"""

from pathlib import Path

_HEAP_MB = {"db": 256, "api": 256, "worker": 256}


def flags(kind: str, folder: Path, name: str, archives: bool) -> list[str]:
    """The flags for the process `name`, whose jar is in `folder`."""
    archive, ready = _archive(folder, name), _ready(folder, name)
    if archives and not (archive.is_file() and ready.is_file()):
        archive.unlink(missing_ok=True)
        ready.unlink(missing_ok=True)
    found = [f"-Xmx{_HEAP_MB[kind]}m", "-XX:+ExitOnOutOfMemoryError",
             # So small a heap is collected in milliseconds; G1's barriers and threads cost a job
             # 5 to 10 % more. The heap begins small, or it would be used whole before the first
             # collection.
             "-XX:+UseSerialGC", "-Xms64m",
             "--enable-native-access=ALL-UNNAMED", f"-XX:SharedArchiveFile={archive}",
             # What can't be archived, or isn't yet, is no news to an operator.
             "-Xlog:cds*=off,aot*=off"]
    if archives:
        found.append("-XX:+AutoCreateSharedArchive")
    if kind != "db":
        # Statements, JSON and waiting: the optimizing compiler takes minutes of both cores to make
        # a job as cheap as the quick one has it at once. H2's own work does gain from it.
        found.append("-XX:TieredStopAtLevel=1")
    return found


def seen_ready(folder: Path, name: str) -> None:
    """The process has loaded all it needs: what it archives at its end is worth keeping."""
    if folder.is_dir():
        _ready(folder, name).touch()


def _archive(folder: Path, name: str) -> Path:
    # One for each name: two processes that end at once must not write the same file.
    return folder / f"{name}.jsa"


def _ready(folder: Path, name: str) -> Path:
    return folder / f"{name}.ready"
