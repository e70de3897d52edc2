"""One client's connection: reads its lines, runs its requests side by side, writes answers."""

import asyncio
import contextlib
import logging
import select
import time
import traceback
from collections.abc import Callable
from contextlib import aclosing

from .messages import (
    AgentError,
    Cancel,
    Completion,
    ErrorCode,
    ErrorMessage,
    HealthCheck,
    HealthResponse,
    Outgoing,
    Request,
    Response,
    StreamChunk,
)
from .protocol import MAX_LINE_BYTES, BadMessage, BrokenLine, LineSplitter, decode, encode
from .providers.base import ReasoningDelta, TextDelta
from .router import Router
from .tally import Tally

log = logging.getLogger(__name__)

READ_BYTES = 64 * 1024
WRITE_BUFFER_BYTES = 64 * 1024
"""What may wait for a slow reader before the requests of its connection stand still."""

FLUSH_BYTES = 16 * 1024
"""What may gather within a turn of the loop, to be written with one call."""

LAST_WORDS_SECONDS = 1.0
SLOW_READER_SECONDS = 5.0
HALF_CLOSED_POLL_SECONDS = 0.1
MAX_RUNNING = 256
MAX_TEXT_CHARACTERS = 8 * 1024 * 1024
STOPPING = "the agent is stopping; send the request again"


class _Running:
    """A request under way. `end_with` is the error it is to end with once its task is stopped."""

    def __init__(self, request: Request, tally: Tally) -> None:
        self.request = request
        self.tally = tally
        self.said: list[str] = []  # where the answer is wanted in one piece
        self.end_with: AgentError | None = None
        self.begun = False
        self.answered = False
        self.task: asyncio.Task[None] | None = None

    def stop(self, error: AgentError) -> None:
        """Ends the request with `error`, unless its final answer went first."""
        if not self.answered and self.end_with is None and self.task is not None:
            self.end_with = error
            if self.begun:  # a task cancelled before its first step would run nothing at all
                self.task.cancel()


class Connection:
    """Serves one client until it goes away, sends a broken line, or is closed.

    Memory is bounded: a line, the write buffer, and one chunk for each running request.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        router: Router,
        clock: Callable[[], float] = time.time,
        max_line: int = MAX_LINE_BYTES,
        log_prompts: bool = False,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._router = router
        self._clock = clock
        self._max_line = max_line
        self._log_prompts = log_prompts
        self._lines = LineSplitter(max_line)
        self._running: dict[str, _Running] = {}
        self._write_lock = asyncio.Lock()
        self._unsent = bytearray()
        self._stopping = False
        writer.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)

    @property
    def running(self) -> int:
        return len(self._running)

    async def serve(self) -> None:
        """Runs to the connection's end; its requests end with it."""
        try:
            while data := await self._reader.read(READ_BYTES):
                for line in self._lines.feed(data):
                    await self._take(line)
            await self._finish_after_half_close()
        except BrokenLine as problem:
            log.warning("a connection is closed: %s", problem)
            await self._end_requests()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    await self._refuse("", None, ErrorCode.INVALID_REQUEST, str(problem))
        except OSError as problem:
            log.debug("a connection broke: %s", type(problem).__name__)
        finally:
            await self._end_requests()
            await self._hang_up()

    def refuse_more(self) -> None:
        """Answers every further request `unavailable`."""
        self._stopping = True

    async def stop(self) -> None:
        """Refuses further requests and ends the open ones as `unavailable`, to be sent again."""
        self.refuse_more()
        running = list(self._running.values())
        for one in running:
            one.stop(AgentError(ErrorCode.UNAVAILABLE, STOPPING))
        if tasks := [one.task for one in running if one.task is not None]:
            await asyncio.wait(tasks)

    async def _finish_after_half_close(self) -> None:
        """A client that only closed its sending side still gets its answers."""
        while self._running and not self._peer_is_gone():
            tasks = [running.task for running in self._running.values() if running.task]
            await asyncio.wait(tasks, timeout=HALF_CLOSED_POLL_SECONDS,
                               return_when=asyncio.FIRST_COMPLETED)

    def _peer_is_gone(self) -> bool:
        """Whether the other side is closed altogether; reading tells both cases alike."""
        if self._writer.transport.is_closing():
            return True
        poll = select.poll()
        poll.register(self._writer.get_extra_info("socket").fileno(), 0)
        return any(events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0))

    async def _end_requests(self) -> None:
        tasks = [running.task for running in self._running.values() if running.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            log.info("%d requests are stopped with their connection", len(tasks))
            await asyncio.wait(tasks)
        self._running.clear()  # one that hadn't begun doesn't do that itself

    async def _hang_up(self) -> None:
        """Closes; what a slow reader hasn't taken by then is dropped."""
        self._flush()
        self._writer.close()
        try:
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()

    # --- what comes in ---

    async def _take(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            message = decode(line)
        except BadMessage as problem:
            await self._refuse(problem.id, problem.request_id, ErrorCode.INVALID_REQUEST,
                               str(problem))
            return
        match message:
            case HealthCheck(frame_id):
                await self._send(HealthResponse(frame_id, self._router.health()))
            case Cancel(_, request_id):
                if running := self._running.get(request_id):
                    running.stop(AgentError(ErrorCode.CANCELLED, "cancelled by the client"))
            case Request():
                await self._start(message)

    async def _start(self, request: Request) -> None:
        if self._stopping:
            await self._refuse(request.id, request.request_id, ErrorCode.UNAVAILABLE, STOPPING)
        elif request.request_id in self._running:
            await self._refuse(request.id, request.request_id, ErrorCode.INVALID_REQUEST,
                               "payload.request_id: a request of this id is running already")
        elif len(self._running) >= MAX_RUNNING:
            await self._refuse(request.id, request.request_id, ErrorCode.OVERLOADED,
                               f"{MAX_RUNNING} requests are running on this connection")
        else:
            if self._log_prompts:
                log.info("request %s, prompt: %s", request.request_id, request.prompt)
            running = _Running(request, self._router.tally())
            self._running[request.request_id] = running
            running.task = asyncio.create_task(self._run(running))

    # --- what goes out ---

    async def _run(self, running: _Running) -> None:
        request = running.request
        try:
            await self._answer_or_fail(running)
        except OSError:
            pass  # the client went away; reading its connection ends too
        finally:
            del self._running[request.request_id]

    async def _answer_or_fail(self, running: _Running) -> None:
        started = asyncio.get_running_loop().time()
        request, running.begun = running.request, True
        try:
            if running.end_with is not None:
                raise running.end_with
            # The router keeps its deadline; this one is for a client that stopped reading.
            async with asyncio.timeout(self._router.total_seconds + SLOW_READER_SECONDS):
                await (self._stream if request.stream else self._collect)(running)
            return
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if running.end_with is None or running.answered or task is None:
                raise
            task.uncancel()
            error = running.end_with
        except AgentError as failure:
            error = failure
        except TimeoutError:
            error = AgentError(ErrorCode.TIMEOUT, "the answer wasn't read in time")
        except OSError:
            raise
        except Exception as bug:
            # Where it happened, but not its own words: they may hold a part of the prompt.
            where = "".join(traceback.format_tb(bug.__traceback__)).rstrip()
            log.error("request %s ended in a bug of the agent, %s:", request.request_id,
                      type(bug).__name__, extra={"where": where})
            error = AgentError(ErrorCode.INTERNAL, "the agent failed; its log says how")
        seconds = asyncio.get_running_loop().time() - started
        self._log_ended(request, error, seconds)
        running.answered = True
        spent = running.tally.spent(request)
        await self._send(ErrorMessage(request.id, request.request_id, error, spent))

    async def _stream(self, running: _Running) -> None:
        request, index, size = running.request, 0, 0
        async with aclosing(self._router.stream(request, running.tally)) as answer:
            async for piece in answer:
                if isinstance(piece, Completion):
                    await self._send(
                        StreamChunk(request.id, request.request_id, "", index, piece), running)
                    self._log_answered(running, piece)
                    return
                size = _bounded(size + len(piece.text))
                thinks = isinstance(piece, ReasoningDelta)
                await self._send(StreamChunk(request.id, request.request_id, piece.text, index,
                                             reasoning=thinks))
                index += 1
                if self._log_prompts and not thinks:
                    running.said.append(piece.text)

    async def _collect(self, running: _Running) -> None:
        request, size = running.request, 0
        async with aclosing(self._router.stream(request, running.tally)) as answer:
            async for piece in answer:
                if isinstance(piece, Completion):
                    text = "".join(running.said)
                    await self._send(
                        Response(request.id, request.request_id, text, piece), running)
                    self._log_answered(running, piece)
                    return
                size = _bounded(size + len(piece.text))
                if isinstance(piece, TextDelta):
                    running.said.append(piece.text)

    async def _refuse(
        self, frame_id: str, request_id: str | None, code: ErrorCode, message: str
    ) -> None:
        await self._send(ErrorMessage(frame_id, request_id, AgentError(code, message)))

    async def _send(self, message: Outgoing, ends: _Running | None = None) -> None:
        """Writes one line and waits while the client is slow. `ends`: whom it is the last for."""
        line = encode(message, int(self._clock() * 1000))
        if len(line) > self._max_line + 1:
            raise AgentError(ErrorCode.INTERNAL, "the answer is longer than a line may be")
        async with self._write_lock:
            await self._writer.drain()
            if self._writer.transport.is_closing():
                raise ConnectionResetError("the client went away")
            if ends is not None:
                ends.answered = True
            if not self._unsent:
                asyncio.get_running_loop().call_soon(self._flush)
            self._unsent += line
            if len(self._unsent) >= FLUSH_BYTES:
                self._flush()

    def _flush(self) -> None:
        """Writes what all requests have said in this turn of the loop with one call."""
        if self._unsent and not self._writer.transport.is_closing():
            self._writer.write(bytes(self._unsent))
        self._unsent.clear()

    # --- what is logged ---

    def _log_answered(self, running: _Running, end: Completion) -> None:
        request = running.request
        log.info("request %s answered by %s %s: %d tokens in, %d out", request.request_id,
                 end.provider, end.model, end.input_tokens, end.output_tokens,
                 extra={"fields": {**request.log_fields(), **end.fields()}})
        if self._log_prompts:
            log.info("request %s, answer: %s", request.request_id, "".join(running.said))

    def _log_ended(self, request: Request, error: AgentError, seconds: float) -> None:
        log.info("request %s ended after %.3f s: %s%s", request.request_id, seconds, error.code,
                 ", worth another try" if error.retryable else "",
                 extra={"fields": {**request.log_fields(), "code": error.code,
                                   "retryable": error.retryable, "seconds": round(seconds, 3)}})


def _bounded(size: int) -> int:
    if size > MAX_TEXT_CHARACTERS:
        raise AgentError(ErrorCode.INTERNAL, "the provider's answer is longer than "
                         f"{MAX_TEXT_CHARACTERS} characters")
    return size
