"""Answers without a model: programs from a library of its own, said to be that.

Deterministic, without key or network. A prompt that asks for none of its programs is refused
with `no_model`; it never passes off a filler as an answer.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from ..messages import AgentError, ErrorCode, Request, RequestType
from .base import Finished, ProviderEvent, TextDelta, Usage, estimate_tokens, text_field
from .offline_library import Program, Variant, load_library
from .offline_matching import Match, Matcher

MODEL = "offline-1"
CHUNK_CHARACTERS = 24

_LABEL = ("> From the library of the offline provider (`offline-1`): a program kept ready, "
          "not written by a model.\n")


class OfflineProvider:
    """Streams a library program in chunks of a few tokens, `chunk_delay_ms` apart."""

    name = "offline"
    stands_in = False
    in_process = True
    priced = True

    def __init__(
        self, *, chunk_delay_ms: float = 0, programs: Sequence[Program] | None = None
    ) -> None:
        self._delay = chunk_delay_ms / 1000
        self._programs = tuple(load_library() if programs is None else programs)
        self._matcher = Matcher(self._programs)
        self._texts: dict[tuple[str, Path, RequestType, bool], str] = {}

    @property
    def models(self) -> Sequence[str]:
        return (MODEL,)

    async def close(self) -> None:
        """Nothing is held open."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        """The answer in chunks. Raises `AgentError` `no_model` where no program matches."""
        answer = self.answer(request)
        for start in range(0, len(answer), CHUNK_CHARACTERS):
            if start:
                await asyncio.sleep(self._delay)
            yield TextDelta(answer[start:start + CHUNK_CHARACTERS])
        usage = Usage(estimate_tokens(request.prompt), estimate_tokens(answer), estimated=True)
        yield Finished(MODEL, usage)

    def answer(self, request: Request) -> str:
        """The whole answer as Markdown. Raises `AgentError` `no_model`."""
        found = self._match(request)
        repaired = _round(request) >= 1
        key = found.program.name, found.variant.directory, request.request_type, repaired
        if key not in self._texts:  # as many as the library has answers
            self._texts[key] = _text(found.program, found.variant, request.request_type, repaired)
        return self._texts[key]

    def _match(self, request: Request) -> Match:
        prompt = text_field(request.metadata, "original_prompt") or request.prompt
        found = self._matcher.match(prompt, text_field(request.metadata, "language"),
                                    text_field(request.metadata, "framework"))
        if found is None:
            raise AgentError(ErrorCode.NO_MODEL, self._refusal())
        return found

    def _refusal(self) -> str:
        known = "; ".join(f"“{program.examples[0]}” ({', '.join(program.languages)})"
                          for program in self._programs)
        return ("the offline provider has no program for this prompt in the language asked for. "
                f"It knows: {known}. For anything else set a key (OPENAI_API_KEY, "
                "ANTHROPIC_API_KEY, GEMINI_API_KEY), or OPENAI_BASE_URL or OLLAMA_HOST for a "
                "local server, and start the agent again.")


def _text(program: Program, variant: Variant, kind: RequestType, repaired: bool) -> str:
    match kind:
        case RequestType.SPEC:
            return f"# {program.title}: specification\n\n{_LABEL}\n{program.spec}"
        case RequestType.DOCS:
            run = f"## Run it\n\n    {variant.run}\n"
            return f"# {program.title}\n\n{_LABEL}\n{program.docs.rstrip()}\n\n{run}"
        case RequestType.CODE:
            files = variant.files_of_round(int(repaired))
            blocks = "\n".join(file.fenced() for file in files)
            return f"{_LABEL}\n{program.title}. {program.summary}\n\n{blocks}"


def _round(request: Request) -> int:
    number = request.metadata.get("round", 0)
    return number if isinstance(number, int) and not isinstance(number, bool) else 0
