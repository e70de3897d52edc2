"""Sends spans to a collector by OTLP over HTTP, as JSON, with the standard library alone.

A thread of its own sends them in batches. Whoever has a span never waits: what finds no room, and
what the collector doesn't take, is dropped and counted.
"""

import http.client
import json
import logging
import ssl
import threading
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from . import __version__
from .collector import Collector

log = logging.getLogger(__name__)

MAX_WAITING = 2048
MAX_BATCH = 512
GATHER_SECONDS = 1.0
"""How long a span waits for others to be sent with."""

SEND_SECONDS = 5.0
"""How long the collector may take to connect, and to answer."""


class Exporter:
    """Takes spans from any thread. The thread that sends starts with the first of them."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._address = urlsplit(collector.url)
        self._waiting: deque[dict[str, Any]] = deque()
        self._lock = threading.Lock()
        self._arrived = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._dropped = 0
        self._away = False

    def add(self, span: dict[str, Any]) -> None:
        """A span that has ended, encoded."""
        with self._lock:
            if len(self._waiting) >= MAX_WAITING:
                self._dropped += 1
                return
            self._waiting.append(span)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
                self._thread.start()
        self._arrived.set()

    def close(self, seconds: float) -> None:
        """Sends what is left, in `seconds` at most."""
        ends = time.monotonic() + seconds
        self._closing.set()
        self._arrived.set()
        if self._thread is not None:
            self._thread.join(max(0.0, ends - time.monotonic()))
        with self._lock:
            dropped = self._dropped + len(self._waiting)
        if dropped:
            log.warning("%d spans were dropped: %s didn't take them", dropped,
                        self._collector.url)

    def _run(self) -> None:
        last = False
        while not last:
            self._arrived.wait()
            self._closing.wait(GATHER_SECONDS)
            self._arrived.clear()
            last = self._closing.is_set()
            while batch := self._batch():
                self._send(batch)

    def _batch(self) -> list[dict[str, Any]]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]

    def _send(self, spans: list[dict[str, Any]]) -> None:
        problem = self._post(json.dumps(self._document(spans), separators=(",", ":")).encode())
        if problem:
            with self._lock:
                self._dropped += len(spans)
            if not self._away:
                log.warning("%s doesn't take spans (%s); they are dropped until it does",
                            self._collector.url, problem)
        elif self._away:
            with self._lock:
                dropped, self._dropped = self._dropped, 0
            log.info("%s takes spans again; %d were dropped", self._collector.url, dropped)
        self._away = problem is not None

    def _post(self, body: bytes) -> str | None:
        """What went wrong, None if nothing did."""
        try:
            connection = self._connection()
            try:
                connection.request("POST", self._address.path, body, {
                    **self._collector.headers, "Content-Type": "application/json"})
                status = connection.getresponse().status
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError) as problem:
            return type(problem).__name__
        return None if 200 <= status < 300 else f"status {status}"

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=SEND_SECONDS,
                                               context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=SEND_SECONDS)

    def _document(self, spans: list[dict[str, Any]]) -> dict[str, Any]:
        resource = {"service.name": self._collector.service,
                    "service.instance.id": self._collector.instance,
                    "service.version": __version__,
                    "telemetry.sdk.language": "python", "telemetry.sdk.name": "atomic"}
        return {"resourceSpans": [{
            "resource": {"attributes": [{"key": key, "value": {"stringValue": value}}
                                        for key, value in resource.items()]},
            "scopeSpans": [{"scope": {"name": "atomic_agent"}, "spans": spans}]}]}
