"""What was asked for: which benchmark, on which database, how long."""

from dataclasses import dataclass

from ..settings import Settings
from ..text import Terminal
from .report import Result


@dataclass(frozen=True)
class Bench:
    """The options all benchmarks see. Times are in seconds."""

    settings: Settings
    terminal: Terminal
    database: str
    runs: int
    seconds: float
    workers: tuple[int, ...]
    backlog: int
    limit: float
    kills: int
    minutes: float
    kill_every: float
    seed: int
    verify: bool

    def result(self, name: str) -> Result:
        """An empty result of this run."""
        self.terminal.line(f"── {name} on {self.database}", "bold")
        return Result(name, self.database)

    def said(self, result: Result, note: str) -> None:
        """Add a note, once."""
        if note not in result.notes:
            result.notes.append(note)
