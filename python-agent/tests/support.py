"""What several tests share: a scripted provider, a client of the socket, a running agent."""

import asyncio
import json
import logging
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any
from unittest import IsolatedAsyncioTestCase

from atomic_agent.config import Deadlines, Route
from atomic_agent.messages import AgentError, Request, RequestType
from atomic_agent.pricing import PriceTable
from atomic_agent.providers.base import Finished, Provider, ProviderEvent, TextDelta, Usage
from atomic_agent.router import RetryPolicy, Router
from atomic_agent.server import AgentServer

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).with_name("golden")
WAIT_SECONDS = 10.0

Step = ProviderEvent | AgentError | asyncio.Event | Exception
END = Finished("scripted-1", Usage(3, 4))


def quiet() -> None:
    """Silences the log lines of what tests provoke on purpose."""
    logging.getLogger("atomic_agent").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it says what was slow on this machine


def text(*deltas: str) -> list[Step]:
    """The script of an answer with these deltas."""
    return [*(TextDelta(delta) for delta in deltas), END]


class ScriptedProvider:
    """Plays one script a call, the last one again and again.

    A step is an event to give, an error to raise, or an `asyncio.Event` to wait for.
    """

    priced = True
    in_process = False

    def __init__(self, *scripts: Sequence[Step], name: str = "scripted", stands_in: bool = True,
                 models: Sequence[str] = ("scripted-1",)) -> None:
        self.name = name
        self.models = models
        self.stands_in = stands_in
        self.calls = 0
        self.asked: list[str | None] = []
        self.stopped = 0
        self.given = 0
        self._scripts = scripts

    async def close(self) -> None:
        """Nothing is open."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        script = self._scripts[min(self.calls, len(self._scripts) - 1)]
        self.calls += 1
        self.asked.append(request.model)
        finished = False
        try:
            for step in script:
                match step:
                    case asyncio.Event():
                        await step.wait()
                    case Exception():
                        finished = True
                        raise step
                    case _:
                        self.given += 1
                        yield step
            finished = True
        finally:
            self.stopped += not finished


def router_of(*providers: Provider, deadlines: Deadlines = Deadlines(),
              policy: RetryPolicy = RetryPolicy(base=0.001),
              routes: Mapping[RequestType, tuple[Route, ...]] | None = None) -> Router:
    return Router(providers, deadlines, PriceTable.load(), policy=policy, routes=routes,
                  chance=lambda: 0.5)


async def events_of(router: Router, request: Request) -> list[Any]:
    """All that comes of a request. Raises `AgentError`."""
    async with aclosing(router.stream(request, router.tally())) as answer:
        return [event async for event in answer]


class Client:
    """A client of the agent's socket that speaks in frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, path: Path) -> "Client":
        return cls(*await asyncio.open_unix_connection(str(path), limit=32 * 1024 * 1024))

    def send(self, kind: int, frame_id: str = "f", **payload: Any) -> None:
        frame = {"id": frame_id, "type": kind, "timestamp": 0, "payload": payload}
        self.writer.write(json.dumps(frame).encode() + b"\n")

    def request(self, request_id: str, prompt: str = "p", stream: bool = True,
                **more: Any) -> None:
        self.send(0, f"frame-{request_id}", request_id=request_id, prompt=prompt, stream=stream,
                  **more)

    def cancel(self, request_id: str) -> None:
        self.send(6, "cancel", request_id=request_id)

    async def read(self) -> dict[str, Any]:
        """The next frame; EOFError when the connection ended."""
        async with asyncio.timeout(WAIT_SECONDS):
            line = await self.reader.readline()
        if not line:
            raise EOFError
        frame = json.loads(line)
        assert isinstance(frame, dict)
        return frame

    async def read_answer(self, request_id: str) -> list[dict[str, Any]]:
        """The frames of one request up to its last; no other request may be under way."""
        frames: list[dict[str, Any]] = []
        while True:
            frame = await self.read()
            assert frame["payload"]["request_id"] == request_id, frame
            frames.append(frame)
            if frame["type"] == 3 or frame["payload"].get("is_final"):
                return frames

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            pass


class ServerTestCase(IsolatedAsyncioTestCase):
    """Runs an agent in this process on a real socket in a directory of its own."""

    async def asyncSetUp(self) -> None:
        quiet()
        directory = tempfile.TemporaryDirectory(prefix="agent-")
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "agent.sock"
        self._servers: list[AgentServer] = []
        self._clients: list[Client] = []

    async def asyncTearDown(self) -> None:
        for client in self._clients:
            await client.close()
        for server in self._servers:
            await server.stop(grace=0)

    async def serve(self, *providers: Provider, **more: Any) -> AgentServer:
        server = AgentServer(self.path, router_of(*providers, **more))
        await server.start()
        self._servers.append(server)
        return server

    async def client(self) -> Client:
        client = await Client.connect(self.path)
        self._clients.append(client)
        return client

    async def until(self, condition: Any) -> None:
        """Waits for something that shows only from outside, such as a provider's counter."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not condition():
                await asyncio.sleep(0.005)


def error_of(frame: dict[str, Any]) -> str:
    """The code of a frame that has to be an ERROR."""
    assert frame["type"] == 3, frame
    return str(frame["payload"]["code"])


def agent_environment(**more: str) -> dict[str, str]:
    """The environment of an agent process: nothing of ours but what it needs to run."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(PACKAGE_ROOT), "PYTHONDONTWRITEBYTECODE": "1", **more}


def resident_mib(pid: int) -> float:
    """The memory a process holds, in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def make_httpx_importable() -> None:
    """Takes httpx from Debian's own Python if this interpreter has none; says what to install."""
    try:
        import httpx  # noqa: F401
    except ImportError:
        sys.path.append("/usr/lib/python3/dist-packages")
        try:
            import httpx  # noqa: F401, F811
        except ImportError:
            raise AssertionError("these tests need httpx: apt-get install python3-httpx") from None
