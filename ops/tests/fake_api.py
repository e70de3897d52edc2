"""A real HTTP server on 127.0.0.1 that speaks the api's REST and event stream from a script."""

import contextlib
import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Job = dict[str, Any]
TERMINAL = ("succeeded", "failed", "cancelled")
SCENES = Path(__file__).with_name("scenes")


@dataclass
class Script:
    """What a job does: its events (without seq and job_id), its files, how its streams break.

    `breaks`: for each connection in turn, after how many events it is cut in the middle of the
    next one; `repeat`: a connection resumed begins this many events too early.
    """

    events: list[Job] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    final: Job = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    repeat: int = 0


@dataclass
class Running:
    """One job on the server."""

    resource: Job
    script: Script
    events: list[Job]
    changed: threading.Condition


def resource(job_id: str, **fields: Any) -> Job:
    """A job resource with every field, as the contract has it."""
    base: Job = {
        "id": job_id, "kind": "generate", "status": "queued", "prompt": "", "language": "python",
        "framework": None, "metadata": {}, "pipeline": ["spec", "code", "verify", "docs"],
        "priority": "normal", "content": None, "spec": None, "docs": None, "files": [],
        "verification": None, "model": None, "provider": None, "usage": None, "stages": [],
        "attempt": 1, "max_attempts": 4, "error": None, "cancel_requested": False,
        "retry_of": None, "previous_job_id": None, "queue_position": None, "last_seq": 0,
        "created_at": "2026-01-01T00:00:00.000Z", "started_at": None, "finished_at": None}
    return {**base, **fields}


def played(name: str) -> Script:
    """A job that was seen with the real stack: the one that the screen of this name shows."""
    seen = json.loads((SCENES / f"{name}.json").read_text(encoding="utf-8"))
    files = [str(each["path"]) for each in seen["job"].get("files", [])]
    return Script(seen["events"], {path: b"" for path in files or ["main.py", "test_main.py"]},
                  seen["job"])


def tests_passed(count: int = 2) -> Job:
    """A verification that passed by tests."""
    return {"status": "passed", "kind": "tests", "tests": {"run": count, "failed": 0},
            "exit_code": 0, "duration_ms": 412, "reason": None, "port": None}


def successful(content: str = "print('hi')\n", **final: Any) -> Script:
    """A job that streams its code in pieces, passes two tests and succeeds."""
    pieces = [content[at:at + 5] for at in range(0, len(content), 5)]
    events: list[Job] = [
        {"type": "queued", "queue_position": 1}, {"type": "started", "worker": "worker-1"},
        {"type": "stage_started", "stage": "code", "round": 0},
        *({"type": "chunk", "stage": "code", "round": 0, "delta": piece, "chunk_index": index}
          for index, piece in enumerate(pieces)),
        {"type": "file", "path": "main.py", "size": len(content), "round": 0},
        {"type": "stage_completed", "stage": "code", "round": 0, "status": "succeeded",
         "duration_ms": 7},
        {"type": "stage_started", "stage": "verify", "round": 0},
        {"type": "sandbox_output", "stream": "stdout", "text": "2 passed\n", "round": 0},
        {"type": "verification", "round": 0, "verification": tests_passed()},
        {"type": "stage_completed", "stage": "verify", "round": 0, "status": "succeeded",
         "duration_ms": 9},
        {"type": "succeeded"}]
    return Script(events, {"main.py": content.encode()},
                  {"status": "succeeded", "content": content, "verification": tests_passed(),
                   **final})


def unverified() -> Script:
    """A job that succeeds although its code wasn't run."""
    return Script([{"type": "succeeded"}], {"main.py": b"1\n"}, {
        "status": "succeeded", "content": "1\n",
        "verification": {"status": "skipped", "reason": "sandbox_unavailable"}})


def endless() -> Script:
    """A job that starts and goes on until it is cancelled."""
    return Script([{"type": "queued", "queue_position": 1},
                   {"type": "started", "worker": "worker-1"}])


class FakeApi(ThreadingHTTPServer):
    """The server. `scripts` by prompt; `requests` is what was asked, in order."""

    daemon_threads = True

    def __init__(self, port: int = 0, scripts: dict[str, Script] | None = None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.scripts = scripts if scripts is not None else {}
        self.running: dict[str, Running] = {}
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.refuse: tuple[int, Any, dict[str, str]] | None = None
        self.providers: list[Job] = []
        self.workers = 1
        self.lock = threading.Lock()
        self.connections: list[socket.socket] = []

    def get_request(self) -> tuple[socket.socket, Any]:
        """Keep what is accepted, so that it ends with the server."""
        accepted: tuple[socket.socket, Any] = super().get_request()
        self.connections.append(accepted[0])
        return accepted

    def server_close(self) -> None:
        """Close the port and cut all connections, as the end of a process does."""
        super().server_close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, script: Script, body: Job) -> Running:
        """A job of this script, all its events there at once."""
        with self.lock:
            job_id = f"0199-{len(self.running) + 1}"
            events = [{"seq": seq, "job_id": job_id, "attempt": 1, **event}
                      for seq, event in enumerate(script.events, 1)]
            final = {"prompt": body.get("prompt", ""), **script.final}
            job = resource(job_id, **{"status": "running", **final})
            job["files"] = [{"path": path, "size": len(content), "origin": "model",
                             "sha256": hashlib.sha256(content).hexdigest(), "url": "/elsewhere"}
                            for path, content in script.files.items()]
            run = Running(job, script, events, threading.Condition())
            self.running[job_id] = run
            return run

    def cancel(self, run: Running) -> None:
        """End a job as cancelled."""
        with run.changed:
            run.resource["status"] = "cancelled"
            run.events.append({"seq": len(run.events) + 1, "job_id": run.resource["id"],
                               "type": "cancelled"})
            run.changed.notify_all()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeApi

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Reads."""
        self.server.requests.append(("GET", self.path, dict(self.headers), None))
        parts = urlsplit(self.path)
        names = [unquote(name) for name in parts.path.split("/")[1:]]
        if parts.path == "/actuator/health/readiness":
            self._json(200, {"status": "UP"})
        elif self.server.refuse is not None:
            self._refuse()
        elif parts.path == "/health":
            self._json(200, {"status": "ok" if self.server.workers else "degraded",
                             "detail": {"workers": {"alive": self.server.workers}}})
        elif parts.path == "/api/models":
            self._json(200, {"providers": self.server.providers})
        elif names[:2] == ["api", "jobs"] and len(names) == 2:
            query = parse_qs(parts.query)
            jobs = [run.resource for run in reversed(self.server.running.values())
                    if run.resource["status"] in query.get("status", [run.resource["status"]])]
            self._json(200, {"jobs": jobs[:int(query.get("limit", ["50"])[0])],
                             "next_cursor": None})
        elif names[:2] != ["api", "jobs"] or names[2] not in self.server.running:
            self._json(404, {"code": "not_found", "title": "Not found", "detail": "no such job"})
        else:
            self._job(self.server.running[names[2]], names[3:], parse_qs(parts.query))

    def _job(self, run: Running, rest: list[str], query: dict[str, list[str]]) -> None:
        if not rest:
            with run.changed:
                if "wait" in query:
                    run.changed.wait_for(lambda: run.resource["status"] in TERMINAL, 5)
            self._json(200, run.resource)
        elif rest == ["events"]:
            self._events(run)
        elif rest == ["diff"]:
            self._answer(200, f"diff from {query['from'][0]} to {run.resource['id']}\n".encode(),
                         "text/plain")
        elif rest[0] == "files":
            content = run.script.files.get("/".join(rest[1:]))
            self._answer(404 if content is None else 200, content or b"", "text/plain")

    def _events(self, run: Running) -> None:
        after = int(self.headers.get("Last-Event-ID", "0"))
        if after >= len(run.events) and run.resource["status"] in TERMINAL:
            self.send_response(204)
            self.end_headers()
            return
        with self.server.lock:
            cut = run.script.breaks.pop(0) if run.script.breaks else None
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        sent = 0
        at = max(0, after - run.script.repeat) if after else 0
        while True:
            with run.changed:
                run.changed.wait_for(lambda: at < len(run.events), 10)
                if at >= len(run.events):
                    return
                event = run.events[at]
            whole = (f": a comment\nid: {event['seq']}\nevent: {event['type']}\n"
                     f"data: {json.dumps(event)}\n\n").encode()
            with contextlib.suppress(OSError):
                if sent == cut:
                    self.wfile.write(whole[:len(whole) // 2])
                    return
                # A keep-alive comes alone, between events.
                self.wfile.write(b":\n\n" if event["type"] == "quiet" else whole)
            sent, at = sent + 1, at + 1
            if event["type"] in (*TERMINAL, "cut"):
                return

    def do_POST(self) -> None:
        """Submits, cancels, retries."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))) or b"null")
        self.server.requests.append(("POST", self.path, dict(self.headers), body))
        names = self.path.split("/")[1:]
        if self.server.refuse is not None:
            self._refuse()
        elif self.path in ("/api/jobs", "/api/execute"):
            script = self.server.scripts.get(body.get("prompt", "execute"))
            assert script is not None, f"no script for {body}"
            self._json(202, {**self.server.add(script, body).resource, "status": "queued"})
        elif names[-1] == "cancel":
            run = self.server.running[names[2]]
            self._json(202, {**run.resource, "cancel_requested": True})
            self.server.cancel(run)
        elif names[-1] == "retry":
            old = self.server.running[names[2]]
            self._json(202, self.server.add(self.server.scripts["retried"], old.resource).resource)

    def do_DELETE(self) -> None:
        """Deletes."""
        del self.server.running[self.path.split("/")[3]]
        self._answer(204, b"", "text/plain")

    def _refuse(self) -> None:
        assert self.server.refuse is not None
        status, problem, headers = self.server.refuse
        self._answer(status, json.dumps(problem).encode(), "application/problem+json", headers)

    def _json(self, status: int, value: Any) -> None:
        kind = "application/json" if status < 400 else "application/problem+json"
        self._answer(status, json.dumps(value).encode(), kind)

    def _answer(self, status: int, content: bytes, kind: str,
                headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@contextlib.contextmanager
def serving(port: int = 0, scripts: dict[str, Script] | None = None) -> Iterator[FakeApi]:
    """The server while the block runs."""
    server = FakeApi(port, scripts)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def until(condition: Any, timeout: float = 20.0) -> None:
    """Wait until `condition()` holds. Raises AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it didn't happen in time")
        pause.wait(0.02)
