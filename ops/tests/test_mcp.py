"""`mcp`: what goes in on a line goes to the api, and its answer comes out on one."""

import contextlib
import json
import threading
import unittest
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .machine import Machine


class Handler(BaseHTTPRequestHandler):
    """Answers `ping` with JSON, calls with a stream, and anything else with a refusal."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # noqa: N802 - the name is http.server's
        """One message."""
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer: dict[str, Any] = {
            "jsonrpc": "2.0", "id": message["id"], "result": {"path": self.path}}
        repeated = {name: value for name, value in self.headers.items()
                    if name.lower().startswith("mcp-")}
        if repeated:
            answer["result"] = {"headers": repeated}
        if message["method"] == "ping":
            self._send("application/json", json.dumps(answer))
        elif message["method"] == "tools/call":
            step = {"jsonrpc": "2.0", "method": "notifications/progress"}
            self._send("text/event-stream",
                       f":\n\nevent: message\ndata: {json.dumps(step)}\n\n"
                       f"event: message\ndata: {json.dumps(answer)}\n\n")
        else:
            self._send("application/problem+json", json.dumps({"detail": "Not so."}), 403)

    def _send(self, kind: str, text: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as above
        """Nothing."""


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The address of a server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class OverStandardInput(unittest.TestCase):
    """A client that starts a command."""

    def lines(self, *messages: str, url: str) -> list[dict[str, Any]]:
        with Machine() as machine:
            done = machine.atomic("mcp", stdin="".join(line + "\n" for line in messages),
                                  ATOMIC_URL=url)
        self.assertEqual(done.code, 0, done)
        return [json.loads(line) for line in done.out.splitlines()]

    def test_answers_and_what_comes_before_them_are_lines(self) -> None:
        with serving() as url:
            found = self.lines('{"jsonrpc":"2.0","method":"notifications/initialized"}',
                               '{"jsonrpc":"2.0","id":"a","method":"tools/call"}', url=url)
            self.assertEqual([line.get("method") for line in found],
                             ["notifications/progress", None])
            self.assertEqual(found[1]["result"], {"path": "/mcp"})
            found = self.lines('{"jsonrpc":"2.0","id":1,"method":"ping"}', url=url)
            self.assertEqual(found, [{"jsonrpc": "2.0", "id": 1, "result": {"path": "/mcp"}}])

    def test_what_the_newest_revision_says_is_repeated_in_headers(self) -> None:
        meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
        names = {"plain": "plain", " led": "=?base64?IGxlZA==?=", "\u00e9": "=?base64?w6k=?=",
                 "=?base64?x?=": "=?base64?PT9iYXNlNjQ/eD89?=", "a\nb": "=?base64?YQpi?="}
        calls = [json.dumps({"jsonrpc": "2.0", "id": name, "method": "tools/call",
                             "params": {"name": name, "_meta": meta}}) for name in names]
        with serving() as url:
            found = self.lines(*calls, url=url)
        heard = {line["id"]: line["result"]["headers"] for line in found if "id" in line}
        self.assertEqual(heard, {
            name: {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call",
                   "Mcp-Name": header} for name, header in names.items()})

    def test_what_goes_wrong_is_an_error_of_the_protocol(self) -> None:
        with serving() as url:
            found = self.lines("nonsense", "[]", '{"jsonrpc":"2.0","id":2,"method":"x"}', url=url)
        errors = {json.dumps(line["id"]): line["error"] for line in found}
        self.assertEqual(errors["2"]["message"], "the api refused it: Not so.")
        self.assertEqual(sorted(line["error"]["code"] for line in found), [-32700, -32603, -32600])

    def test_an_api_that_is_not_there_is_an_error_too(self) -> None:
        found = self.lines('{"jsonrpc":"2.0","id":3,"method":"ping"}', url="http://127.0.0.1:9")
        self.assertIn("can't be asked", found[0]["error"]["message"])
