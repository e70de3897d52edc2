"""The `models` command: what a prompt may be sent to, and how each provider is."""

import sys
from argparse import Namespace
from typing import Any

from .client import Client
from .errors import SUCCEEDED
from .settings import Settings
from .text import Terminal, as_json, clean, one_line, seconds

_TYPES = {"GENERATE_SPEC": "spec", "GENERATE_CODE": "code", "GENERATE_DOCS": "docs"}


def models(settings: Settings, args: Namespace, terminal: Terminal) -> int:
    """Each model a line, under its provider; or the api's answer as JSON."""
    with Client(settings.url, settings.api_key) as client:
        answer = client.models()
    if args.json:
        sys.stdout.write(as_json(answer) + "\n")
        return SUCCEEDED
    providers = answer.get("providers") or []
    if not providers:
        terminal.line("no worker has reached an agent yet, so the models aren't known",
                      "yellow")
    for provider in providers:
        sys.stdout.write(clean(_provider(provider)) + "\n")
        for model in provider.get("models") or []:
            sys.stdout.write(clean(f"  {_model(model)}".rstrip()) + "\n")
    return SUCCEEDED


def _provider(provider: dict[str, Any]) -> str:
    state = str(provider.get("state") or "state unknown").replace("_", " ")
    cause, left = provider.get("cause"), provider.get("retry_after_ms")
    why = f", {str(cause).replace('_', ' ')}" if cause else ""
    until = f", tried again in {seconds(left / 1000)}" if isinstance(left, int) and left else ""
    return one_line(f"{provider.get('name')}: {state}{why}{until}")


def _model(model: dict[str, Any]) -> str:
    known = [_price(model.get("input_usd_per_million"), "in"),
             _price(model.get("output_usd_per_million"), "out"),
             _tokens(model.get("context_tokens"))]
    serves = [_TYPES.get(str(kind), str(kind)) for kind in model.get("default_for") or []]
    known.append(f"default for {', '.join(serves)}" if serves else "")
    return one_line(f"{str(model.get('id')):<32}  {'  '.join(text for text in known if text)}",
                    200)


def _price(usd: Any, what: str) -> str:
    return f"${usd:g}/M {what}" if isinstance(usd, (int, float)) else ""


def _tokens(count: Any) -> str:
    return f"{count:,} tokens of context" if isinstance(count, int) else ""
