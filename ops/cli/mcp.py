"""MCP over standard input and output: each line goes to the api's `/mcp`, each answer comes back.

Nothing is understood here but which answer belongs to which request, so that a request that is
cancelled is let go of, and what HTTP wants repeated in headers since the revision 2026-07-28.
"""

import base64
import contextlib
import http.client
import json
import socket
import sys
import threading
from argparse import Namespace
from typing import Any

from .client import Client
from .errors import SUCCEEDED, CommandError
from .settings import Settings
from .text import Terminal

_MAX_LINE = 16 * 1024 * 1024
_MAX_AT_ONCE = 16
_IDLE_SECONDS = 90.0
_INVALID, _INTERNAL = -32600, -32603
_VERSION = "io.modelcontextprotocol/protocolVersion"
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri",
          "tasks/get": "taskId", "tasks/update": "taskId", "tasks/cancel": "taskId"}


def serve(settings: Settings, _args: Namespace, _terminal: Terminal) -> int:
    """Until standard input ends. Jobs go on after that, as they do for everyone."""
    relay = _Relay(Client(settings.url, settings.api_key))
    while True:
        line = sys.stdin.buffer.readline(_MAX_LINE + 1)
        if not line:
            relay.finish()
            return SUCCEEDED
        if len(line) > _MAX_LINE:
            relay.say(_error(None, _INVALID, "a message may have at most 16 MiB"))
            while line and not line.endswith(b"\n"):
                line = sys.stdin.buffer.readline(_MAX_LINE)
        elif line.strip():
            relay.take(line)


class _Relay:
    """Requests under way. Thread-safe."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._out = threading.Lock()
        self._places = threading.Semaphore(_MAX_AT_ONCE)
        self._open: dict[str, socket.socket] = {}
        self._threads: set[threading.Thread] = set()

    def take(self, line: bytes) -> None:
        """One message; a request is answered from a thread of its own."""
        try:
            message = json.loads(line)
        except ValueError:
            self.say(_error(None, -32700, "the line is not JSON"))
            return
        if not isinstance(message, dict):
            self.say(_error(None, _INVALID, "the line is not one message"))
            return
        if message.get("method") == "notifications/cancelled":
            params = message.get("params")
            self._let_go(_key(params.get("requestId")) if isinstance(params, dict) else "")
            return
        if "id" not in message:
            return
        self._places.acquire()
        asked = (message["id"], line, _headers(message))
        thread = threading.Thread(target=self._answer, args=asked, daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def finish(self) -> None:
        """Waits for the answers to what was asked: a client may close its end first."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(30)

    def say(self, message: bytes) -> None:
        """One line to the client."""
        with self._out, contextlib.suppress(BrokenPipeError):
            sys.stdout.buffer.write(message.rstrip(b"\r\n") + b"\n")
            sys.stdout.buffer.flush()

    def _answer(self, request: Any, line: bytes, headers: dict[str, str]) -> None:
        key = _key(request)
        try:
            connection, response = self._client.message(line, headers, _IDLE_SECONDS)
            try:
                with self._lock:
                    self._open[key] = connection.sock
                self._pass_on(request, response)
            finally:
                with self._lock:
                    self._open.pop(key, None)
                connection.close()
        except (CommandError, OSError, http.client.HTTPException) as failure:
            self.say(_error(request, _INTERNAL, f"the api can't be asked: {failure}"))
        finally:
            self._places.release()
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _pass_on(self, request: Any, response: http.client.HTTPResponse) -> None:
        kind = response.headers.get_content_type()
        if kind == "text/event-stream":
            for event in response:
                if event.startswith(b"data: "):
                    self.say(event[len(b"data: "):])
            return
        body = response.read(_MAX_LINE)
        if kind == "application/json":
            self.say(body)
        else:
            self.say(_error(request, _INTERNAL, f"the api refused it: {_detail(body)}"))

    def _let_go(self, key: str) -> None:
        """Ends the connection of a request that its client doesn't want any more."""
        with self._lock:
            sock = self._open.pop(key, None)
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


def _headers(message: dict[str, Any]) -> dict[str, str]:
    """None for a message of a revision that begins with a handshake."""
    params = _object(message.get("params"))
    version = _object(params.get("_meta")).get(_VERSION)
    method = message.get("method")
    if not isinstance(version, str) or not isinstance(method, str):
        return {}
    headers = {"MCP-Protocol-Version": _header(version), "Mcp-Method": _header(method)}
    name = params.get(_NAMED.get(method, ""))
    if isinstance(name, str):
        headers["Mcp-Name"] = _header(name)
    return headers


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _header(value: str) -> str:
    """As it is, or encoded where a header couldn't hold it."""
    plain = value.isascii() and value.isprintable() and value == value.strip()
    if plain and not (value.startswith("=?base64?") and value.endswith("?=")):
        return value
    encoded = base64.b64encode(value.encode("utf-8", "replace")).decode()
    return f"=?base64?{encoded}?="


def _key(request: Any) -> str:
    return json.dumps(request)


def _detail(body: bytes) -> str:
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return "it gave no reason"


def _error(request: Any, code: int, message: str) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": request,
                       "error": {"code": code, "message": message}}).encode()
