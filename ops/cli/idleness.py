"""Telling why nothing happens to a job: there is no worker."""

from .client import Client
from .errors import CommandError
from .text import Terminal


class Idleness:
    """Asks, when a job has been quiet, whether a worker is alive, and tells each change once."""

    def __init__(self, client: Client, terminal: Terminal, command: str) -> None:
        self._client = client
        self._terminal = terminal
        self._command = command
        self._told = False

    def __call__(self) -> None:
        """The job has been quiet for a while."""
        try:
            alive = self._client.health()["detail"].get("workers", {}).get("alive")
        except (CommandError, AttributeError):
            # What is wrong with the api is told by the stream.
            return
        if alive == 0 and not self._told:
            self._told = True
            self._terminal.line("no worker is alive, so the job waits; on the stack's machine "
                                f"`{self._command} up` starts them", "yellow")
        elif isinstance(alive, int) and alive > 0 and self._told:
            self._told = False
            self._terminal.line("a worker is alive again", "dim")
