"""`python3 -m atomic_agent`: reads the environment, serves the socket until SIGTERM."""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from . import __version__
from .config import DEFAULT_SOCKET, PROVIDERS, Settings, settings_from
from .endpoints import VENDORS
from .environment import ConfigError
from .logs import Redactor, set_up
from .pricing import PriceTable
from .providers import build_providers
from .router import Router
from .server import GRACE_SECONDS, AgentServer, SocketUnavailable
from .traces import Traces

log = logging.getLogger("atomic_agent")

_IDLE_SECONDS = 10.0
_FLUSH_SECONDS = 2.0

EXIT_SOCKET_UNAVAILABLE = 1
EXIT_WRONG_SETTING = 2

_ENVIRONMENT = """\
environment:
  ATOMIC_IPC_SOCKET                 the socket (default %(socket)s)
  ATOMIC_LLM_PROVIDERS              %(providers)s:
                                    those to ask, in this order (those that are set up)
  ATOMIC_LLM_SPEC_MODELS, _CODE_, _DOCS_
                                    PROVIDER/MODEL, with commas: who serves this type of request
  ATOMIC_LLM_CONNECT_SECONDS        and _FIRST_CHUNK_, _IDLE_, _TOTAL_: 5, 60, 30, 600
  ATOMIC_LLM_THINKING_TOKENS        how much a model that has to be asked may think (0)
  ATOMIC_LLM_ALLOW_HTTP             1: plain http beyond loopback
  ATOMIC_LLM_PRICES_FILE            a price table to use instead of the built-in one
  ATOMIC_LLM_LOG_PROMPTS            1: log prompts and answers
  ATOMIC_OFFLINE_CHUNK_DELAY_MS     pause between chunks of the offline provider (0)
  ATOMIC_LOG_LEVEL, _FORMAT         TRACE, DEBUG, INFO, WARN, ERROR; text, json
  OTEL_EXPORTER_OTLP_ENDPOINT       where spans go (none); also _HEADERS, OTEL_SERVICE_NAME
of each provider (a key also as OPENAI_API_KEY_FILE):
%(vendors)s
""" % {
    "socket": DEFAULT_SOCKET,
    "providers": ", ".join(PROVIDERS),
    "vendors": "\n".join(
        f"  {vendor.key_variable}, {vendor.url_variable}, {vendor.name.upper()}_MODEL, "
        f"{vendor.name.upper()}_MODELS" for vendor in VENDORS.values()),
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the agent; returns its exit code (0 stopped, 1 no socket, 2 a wrong setting)."""
    parser = argparse.ArgumentParser(
        prog="python3 -m atomic_agent",
        description="Answers the workers' model requests on a Unix socket.",
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--socket", type=Path, metavar="PATH",
                        help="the socket to serve, instead of ATOMIC_IPC_SOCKET")
    parser.add_argument("--grace", type=float, metavar="SECONDS", default=GRACE_SECONDS,
                        help="how long open requests may go on after SIGTERM (%(default)g)")
    parser.add_argument("--version", action="version", version=f"atomic_agent {__version__}")
    options = parser.parse_args(arguments)
    try:
        settings = settings_from(os.environ)
        if options.socket is not None:
            settings = replace(settings, socket=options.socket)
        redactor = Redactor(settings.secrets())
        set_up(settings.log_level, settings.log_format, redactor)
        providers = build_providers(settings, redactor)
        prices = PriceTable.load(settings.prices_file)
    except ConfigError as problem:
        print(f"atomic_agent: {problem}", file=sys.stderr)
        return EXIT_WRONG_SETTING
    try:
        traces = Traces(settings.collector)
        router = Router(providers, settings.deadlines, prices, routes=settings.routes,
                        traces=traces)
        asyncio.run(_serve(settings, router, options.grace))
        traces.close(_FLUSH_SECONDS)
    except SocketUnavailable as problem:
        print(f"atomic_agent: {problem}", file=sys.stderr)
        return EXIT_SOCKET_UNAVAILABLE
    return 0


async def _serve(settings: Settings, router: Router, grace: float) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = AgentServer(settings.socket, router, log_prompts=settings.log_prompts)
    await server.start()
    for warning in settings.warnings:
        log.warning("%s", warning)
    names = ", ".join(settings.providers) or "none"
    log.info("ready, version %s, providers: %s", __version__, names)
    await _serve_until(stop, server)
    log.info("stopping")
    await server.stop(grace)
    await router.close()
    log.info("stopped")


async def _serve_until(stop: asyncio.Event, server: AgentServer) -> None:
    """Waits, and keeps the garbage collector away from bursts of requests.

    Of 64 requests at once the slowest waited 13 ms for its first chunk with the collector's own
    settings, 9 ms with these. What is there for good isn't looked at; the rest is when it's idle.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5000, 20, 100)
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_IDLE_SECONDS):
                await stop.wait()
        if not server.requests:
            gc.collect()


if __name__ == "__main__":
    sys.exit(main())
