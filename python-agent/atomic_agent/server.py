"""The Unix socket: claiming its path, accepting connections, stopping in order."""

import asyncio
import contextlib
import fcntl
import logging
import os
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from .connection import Connection
from .router import Router

log = logging.getLogger(__name__)

GRACE_SECONDS = 5.0
"""How long open requests may go on after a stop was asked for."""

MAX_CONNECTIONS = 64
"""Each may hold a line of up to 16 MiB."""

_LAST_WORDS_SECONDS = 2.0
_CLAIM_SECONDS = 2.0
_BACKLOG = 128


class SocketUnavailable(Exception):
    """The socket can't be had; the text is one line for the operator."""


class AgentServer:
    """Serves the socket at `path` from `start` to `stop`."""

    def __init__(self, path: Path, router: Router, *, log_prompts: bool = False) -> None:
        self._path = path
        self._router = router
        self._log_prompts = log_prompts
        self._server: asyncio.Server | None = None
        self._inode: tuple[int, int] | None = None
        self._connections: dict[Connection, asyncio.StreamWriter] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        return len(self._connections)

    @property
    def requests(self) -> int:
        return sum(connection.running for connection in self._connections)

    async def start(self) -> None:
        """Begins to accept. Raises `SocketUnavailable`."""
        listener = _claim(self._path)
        found = os.stat(self._path)
        self._inode = (found.st_dev, found.st_ino)
        self._server = await asyncio.start_unix_server(self._serve, sock=listener)
        log.info("listening on %s", self._path)

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Stops accepting, lets open requests finish for `grace` seconds, ends the rest."""
        if self._server is None:
            return
        self._server.close()
        self._remove_socket()
        for connection in self._connections:
            connection.refuse_more()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                while self.requests:
                    await asyncio.sleep(0.02)
        if self.requests:
            log.warning("%d open requests are ended as unavailable", self.requests)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await asyncio.gather(*(c.stop() for c in list(self._connections)))
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LAST_WORDS_SECONDS)
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MAX_CONNECTIONS:
            log.warning("a connection is refused: %d are open", MAX_CONNECTIONS)
            writer.transport.abort()
            return
        task = asyncio.current_task()
        connection = Connection(reader, writer, self._router, log_prompts=self._log_prompts)
        self._connections[connection] = writer
        if task is not None:
            self._tasks.add(task)
        try:
            with contextlib.suppress(asyncio.CancelledError):  # only `stop` cancels it
                await connection.serve()
        finally:
            del self._connections[connection]
            if task is not None:
                self._tasks.discard(task)

    def _remove_socket(self) -> None:
        """Removes the socket's file, unless another process has put its own there."""
        with contextlib.suppress(FileNotFoundError):
            found = os.stat(self._path)
            if (found.st_dev, found.st_ino) == self._inode:
                self._path.unlink()


def _claim(path: Path) -> socket.socket:
    """A socket bound to `path`, mode 0600. One that nobody answers on is replaced."""
    if not path.parent.is_dir():
        raise SocketUnavailable(f"{path}: its directory doesn't exist")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _only_one_at_a_time(path.parent):
            _remove_if_stale(path)
            before = os.umask(0o177)
            try:
                listener.bind(str(path))
            finally:
                os.umask(before)
            listener.listen(_BACKLOG)
    except OSError as problem:
        listener.close()
        raise SocketUnavailable(f"{path}: {problem.strerror or problem}") from None
    except SocketUnavailable:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


@contextlib.contextmanager
def _only_one_at_a_time(directory: Path) -> Iterator[None]:
    """Two agents that start at once must not each remove the other's fresh socket.

    The lock is on the directory, so that no lock file stays behind. Anybody may hold such a
    lock on a shared directory, so waiting for it has an end.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        give_up = time.monotonic() + _CLAIM_SECONDS
        while time.monotonic() < give_up:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _remove_if_stale(path: Path) -> None:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise SocketUnavailable(f"{path}: something that isn't a socket is there")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            log.info("the socket %s is stale and is replaced", path)
            path.unlink(missing_ok=True)
            return
        except FileNotFoundError:
            return
        except OSError:
            pass  # somebody holds it, even if it can't be reached now
    raise SocketUnavailable(f"{path}: another agent answers there already")
