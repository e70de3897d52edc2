"""The api over HTTP: one kept connection, problems as one line, nothing secret in an error."""

import contextlib
import http.client
import json
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from . import trust
from .errors import Refused, Unreachable
from .text import one_line

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 90.0
_MAX_BODY = 64 * 1024 * 1024
_RETRY_PAUSES = (0.2, 0.5, 1.0)

Job = dict[str, Any]


class Client:
    """Requests to one api. Not for use by several threads at once."""

    def __init__(self, url: str, api_key: str | None) -> None:
        self.url = url
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        try:
            self._port = parts.port
        except ValueError:
            self._port = -1
        self._prefix = parts.path.rstrip("/")
        self._headers = {"User-Agent": "atomic-cli", "Accept": "application/json"}
        if api_key:
            if not api_key.isascii() or not api_key.isprintable():
                raise Unreachable("ATOMIC_API_KEY has a character that isn't allowed in a header")
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def submit(self, body: Mapping[str, Any], path: str = "/api/jobs") -> Job:
        """Submit a job; a lost answer is asked for again under the same key, so never twice."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Prefer": "respond-async"}
        return self._expect("id", str, self._object("POST", path, body, headers))

    def job(self, job_id: str, wait: int = 0) -> Job:
        """The job resource; with `wait` (0–60 s), when it has finished or after that."""
        query = f"?wait={wait}" if wait else ""
        return self._expect("status", str, self._object(
            "GET", f"/api/jobs/{segment(job_id)}{query}"))

    def jobs(self, filters: Mapping[str, str]) -> dict[str, Any]:
        """A page of jobs: `{jobs, next_cursor}`."""
        query = urlencode(filters)
        return self._expect("jobs", list, self._object(
            "GET", f"/api/jobs{'?' + query if query else ''}"))

    def health(self) -> Job:
        """How the stack is, whatever may be wrong with it but the database."""
        return self._expect("detail", dict, self._object("GET", "/health"))

    def models(self) -> Job:
        """The providers and their models."""
        return self._expect("providers", list, self._object("GET", "/api/models"))

    def cancel(self, job_id: str) -> Job:
        """Ask for a job's end; the resource."""
        return self._object("POST", f"/api/jobs/{segment(job_id)}/cancel")

    def retry(self, job_id: str) -> Job:
        """A new job from a failed or cancelled one, never two; the new resource."""
        return self._object("POST", f"/api/jobs/{segment(job_id)}/retry",
                            headers={"Idempotency-Key": str(uuid.uuid4())})

    def delete(self, job_id: str) -> None:
        """Delete a finished job with all that belongs to it."""
        self._bytes("DELETE", f"/api/jobs/{segment(job_id)}", None, {})

    def create_key(self, body: Mapping[str, Any]) -> Job:
        """A new key, with its text. After a lost answer another is made, whose text is told."""
        return self._expect("key", str, self._object("POST", "/api/keys", body))

    def keys(self) -> Job:
        """All keys: `{keys}`."""
        return self._expect("keys", list, self._object("GET", "/api/keys"))

    def revoke_key(self, key_id: str) -> None:
        """From now on the key is refused."""
        self._bytes("DELETE", f"/api/keys/{segment(key_id)}", None, {})

    def diff(self, before: str, after: str) -> bytes:
        """What changed from one job's files to another's, as a unified diff."""
        return self._bytes("GET", f"/api/jobs/{segment(after)}/diff?{urlencode({'from': before})}",
                           None, {"Accept": "*/*"})

    def file(self, job_id: str, path: str) -> bytes:
        """The bytes of one of a job's files."""
        parts = "/".join(segment(part) for part in path.split("/"))
        return self._bytes("GET", f"/api/jobs/{segment(job_id)}/files/{parts}", None, {})

    @contextlib.contextmanager
    def stream(self, job_id: str, after: int, idle: float
               ) -> Iterator[http.client.HTTPResponse | None]:
        """The event stream behind `after` on a connection of its own; None: the log is finished.

        A read that gets nothing for `idle` seconds raises TimeoutError.
        """
        headers = {**self._headers, "Accept": "text/event-stream"}
        if after:
            headers["Last-Event-ID"] = str(after)
        connection = self._connect(idle)
        try:
            connection.request("GET", f"{self._prefix}/api/jobs/{segment(job_id)}/events",
                               headers=headers)
            with connection.getresponse() as response:
                kind = response.headers.get_content_type()
                if response.status == 204:
                    yield None
                elif response.status == 200 and kind == "text/event-stream":
                    yield response
                else:
                    raise self._problem(response, response.read(_MAX_BODY))
        finally:
            connection.close()

    def message(self, body: bytes, more: Mapping[str, str], seconds: float
                ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """The answer to one message of MCP, on a connection of its own that the caller closes.

        `more` are the headers that repeat what it says. A read that gets nothing for `seconds`
        raises TimeoutError.
        """
        headers = {**self._headers, **more, "Accept": "application/json, text/event-stream",
                   "Content-Type": "application/json"}
        connection = self._connect(seconds)
        try:
            connection.request("POST", f"{self._prefix}/mcp", body=body, headers=headers)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise

    def _object(self, method: str, path: str, body: Mapping[str, Any] | None = None,
                headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        raw = self._bytes(method, path, body, headers or {})
        try:
            value = json.loads(raw)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise self._stranger()
        return value

    def _expect(self, field: str, kind: type, answer: dict[str, Any]) -> dict[str, Any]:
        """An answer that has what every such answer has."""
        if not isinstance(answer.get(field), kind):
            raise self._stranger()
        return answer

    def _stranger(self) -> Unreachable:
        return Unreachable(f"{one_line(self.url)} answers, but not as an Atomic Orchestrator does; "
                           "is ATOMIC_URL right?")

    def _bytes(self, method: str, path: str, body: Mapping[str, Any] | None,
               headers: Mapping[str, str]) -> bytes:
        """One request, sent again when the connection breaks and sending again does no harm."""
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        send = {**self._headers, **headers}
        if content is not None:
            send["Content-Type"] = "application/json"
        harmless = method == "GET" or "Idempotency-Key" in headers or path.endswith("/cancel")
        pauses = iter(_RETRY_PAUSES if harmless else ())
        while True:
            try:
                return self._once(method, path, content, send)
            except (OSError, http.client.HTTPException) as failure:
                self.close()
                pause = next(pauses, None)
                if pause is None or isinstance(failure, (socket.gaierror, TimeoutError)):
                    raise self.unreachable(failure) from failure
                time.sleep(pause)

    def _once(self, method: str, path: str, content: bytes | None,
              headers: Mapping[str, str]) -> bytes:
        if self._connection is None:
            self._connection = self._connect(_ANSWER_SECONDS)
        self._connection.request(method, self._prefix + path, content, dict(headers))
        response = self._connection.getresponse()
        raw = response.read(_MAX_BODY)
        if response.status >= 300:
            raise self._problem(response, raw)
        return raw

    def _connect(self, answer_seconds: float) -> http.client.HTTPConnection:
        if not self._host or self._port == -1:
            raise Unreachable(f"{one_line(self.url)} isn't the address of an api (ATOMIC_URL)")
        connection = (
            trust.connection(self._host, self._port, _CONNECT_SECONDS)
            if self._secure
            else http.client.HTTPConnection(self._host, self._port, timeout=_CONNECT_SECONDS)
        )
        connection.connect()
        connection.sock.settimeout(answer_seconds)
        return connection

    def unreachable(self, failure: Exception) -> Unreachable:
        """What to say when nothing answers."""
        why = getattr(failure, "strerror", None) or one_line(str(failure)) or type(failure).__name__
        return Unreachable(f"can't reach {one_line(self.url)}: {why} (is the stack up? `status`)")

    def _problem(self, response: http.client.HTTPResponse, raw: bytes) -> Refused | Unreachable:
        try:
            problem = json.loads(raw)
        except ValueError:
            problem = None
        if not isinstance(problem, dict) or not isinstance(problem.get("code"), str):
            return Unreachable(f"{self.url} answered {response.status} {one_line(response.reason)}"
                               ", but not as an Atomic Orchestrator does")
        line = f"{problem['code']}: {problem.get('detail') or problem.get('title') or ''}"
        errors = problem.get("errors")
        # The first of them is often the detail already.
        fields = [f"{each.get('field')}: {each.get('message')}"
                  for each in errors if isinstance(each, dict)
                  and str(each.get("message")) not in line] if isinstance(errors, list) else []
        if fields:
            line += f" ({'; '.join(fields)})"
        if response.status == 401:
            line = line.removesuffix(".") + "; the commands take it from ATOMIC_API_KEY"
        after = response.headers.get("Retry-After", "")
        seconds = float(after) if after.isascii() and after.isdigit() else None
        if seconds is not None:
            line = line.removesuffix("; try again later.").removesuffix(".")
            line += f"; try again in {seconds:.0f} s"
        return Refused(one_line(line, 2000), response.status, problem["code"], seconds)


def segment(text: str) -> str:
    """One segment of a path, quoted whole."""
    return quote(text, safe="")
