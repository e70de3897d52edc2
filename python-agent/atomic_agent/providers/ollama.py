"""Ollama's own chat, one JSON object a line.

An error may come as a line under a 200; the counts stand in the last line.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ..messages import Request
from .answers import Answer, TaggedAnswer, count_of, object_of, text_of
from .base import ProviderEvent, Usage, estimate_tokens
from .framing import Framing, JsonLines
from .over_http import HttpProvider


class OllamaProvider(HttpProvider):
    """Streams `POST {base_url}/api/chat`; the prompt is sent as it is, as one message.

    Ollama itself has no keys; a proxy before it may want one.
    """

    name = "ollama"

    def path(self, request: Request) -> str:
        return "/api/chat"

    def body(self, request: Request) -> Mapping[str, Any]:
        options: dict[str, Any] = {}
        if request.max_tokens is not None:
            options["num_predict"] = request.max_tokens
        if request.temperature is not None:
            options["temperature"] = request.temperature
        body: dict[str, Any] = {
            "model": self.model_of(request),
            "messages": [{"role": "user", "content": request.prompt}],
            "stream": True,
            # A prompt that doesn't fit is to be refused. Without this Ollama drops its beginning.
            "truncate": False,
        }
        if self.thinking_tokens:
            body["think"] = True
        return {**body, "options": options} if options else body

    def framing(self, content_type: str) -> Framing:
        return JsonLines()

    def answer(self, request: Request) -> Answer:
        return _Answer(self.name, request)


class _Answer(TaggedAnswer):
    def read(self, piece: Mapping[str, Any]) -> Iterator[ProviderEvent]:
        self.model = text_of(piece.get("model")) or self.model
        message = object_of(piece.get("message"))
        yield from self.say(text_of(message.get("thinking")), text_of(message.get("content")))
        if piece.get("done") is True:
            self.over = True
            self.finish_reason = "length" if piece.get("done_reason") == "length" else "stop"
            self.usage = self._usage(piece)

    def _usage(self, piece: Mapping[str, Any]) -> Usage | None:
        """A prompt that was still in the server's cache may go without its count."""
        read, written = count_of(piece.get("prompt_eval_count")), count_of(piece.get("eval_count"))
        if written is None:
            return None
        if read is None:
            return Usage(estimate_tokens(self.request.prompt), written, estimated=True)
        return Usage(read, written)
