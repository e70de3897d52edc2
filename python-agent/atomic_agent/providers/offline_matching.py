"""Which program a prompt asks for, judged by its words; in doubt, none.

A prompt is cut into words; those that say nothing about the subject ("write", "simple", "app")
are left out. A program is a match only if

1. each group of its `needs` is met (a chat needs "chat"; a todo API needs "todo" and "api");
2. at least `COVERAGE` of the remaining words are ones the program knows, so that a prompt which
   asks for much more than the program does is refused;
3. the prompt names no language, framework or product the program isn't made with.

Among the matches the one that covers most words wins, then the one with more needs (it is the
more special), then the first by name.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .offline_library import Program, Variant

COVERAGE = 0.75
"""Smallest part of a prompt's words that a program must know; tried on the table of the tests."""

_WORD = re.compile(r"c\+\+|c#|[a-z0-9]+")
_JOINED = (("to-do", "todo"), ("to do list", "todo list"), ("node.js", "javascript"),
           ("tic-tac-toe", "tictactoe"), ("tic tac toe", "tictactoe"), ("real-time", "realtime"),
           ("real time", "realtime"), ("next.js", "nextjs"), ("vue.js", "vue"),
           ("command-line", "commandline"), ("command line", "commandline"))

_LANGUAGES = {"python": "python", "python3": "python", "py": "python", "javascript": "javascript",
              "js": "javascript", "node": "javascript", "nodejs": "javascript", "ecmascript":
              "javascript", "c++": "cpp", "cpp": "cpp", "c": "c"}

_SAYS_NOTHING = frozenset("""
a an the this that these those it its of for from in on to into with without and or by as at is are
be do does how can could should would must will i me my we us our you your please kindly want
need like write create build make implement develop design generate produce code coding give
show provide program application app script tool project software implementation solution example
simple small basic minimal tiny little short complete full working functional good nice clean
robust proper production ready modern quick fast efficient some one which using use used
uses that supports support supporting handle handles feature features including include
test tests tested testing unit pytest unittest tdd function class module package library language
standard stdlib only no dependency dependencies plus also new own system specification spec
documentation docs
""".split())

_NAMES_SOMETHING_ELSE = frozenset("""
rust golang java kotlin ruby php swift scala haskell elixir erlang typescript perl lua zig c#
csharp fortran cobol clojure julia dart ocaml prolog pascal assembly assembler solidity matlab r
django express koa nestjs react angular vue svelte nextjs rails spring laravel symfony dotnet
qt tkinter electron flutter android ios unity unreal redis postgres postgresql mysql mariadb
mongodb mongo sqlite dynamodb cassandra elasticsearch kafka rabbitmq celery graphql grpc soap
tensorflow pytorch keras kubernetes docker terraform aws azure gcp lambda firebase supabase
blockchain ethereum bitcoin oauth oauth2 saml webrtc bluetooth arduino raspberry gpt llm
flask fastapi tornado aiohttp bottle sanic starlette compiler transpiler kernel distributed
authentication auth authorization login signup jwt password database db sql orm persistence
persistent email sms notification gui frontend mobile desktop video voice image upload encryption
encrypted payment stripe cloud deploy deployment
""".split())


@dataclass(frozen=True, slots=True)
class Match:
    program: Program
    variant: Variant
    coverage: float


def words_of(text: str) -> list[str]:
    """The words of a text that say something about its subject, singular, each once.

    Names keep their s: `postgres` is no plural.
    """
    lowered = text.lower()
    for apart, joined in _JOINED:
        lowered = lowered.replace(apart, joined)
    found = (word if word in _LANGUAGES or word in _NAMES_SOMETHING_ELSE else _singular(word)
             for word in _WORD.findall(lowered) if word not in _SAYS_NOTHING)
    return list(dict.fromkeys(found))


def language_of(text: str, asked: str) -> str:
    """The language to answer in: one the prompt names goes before the request's."""
    return _language_of(words_of(text), asked)


def _language_of(words: Iterable[str], asked: str) -> str:
    wanted = _LANGUAGES.get(asked.strip().lower(), asked.strip().lower()) or "python"
    named = {_LANGUAGES[word] for word in words if word in _LANGUAGES}
    return wanted if wanted in named or len(named) != 1 else named.pop()


class Matcher:
    """Judges prompts by the words of some programs, which are cut up once."""

    def __init__(self, programs: Iterable[Program]) -> None:
        self._terms = [_Terms.of(program) for program in programs]
        # Judging all of them took most of the time to a first chunk.
        self._places: dict[str, list[int]] = {}
        for place, terms in enumerate(self._terms):
            for word in frozenset().union(*terms.needs[0]):
                self._places.setdefault(word, []).append(place)

    def match(self, prompt: str, language: str = "", framework: str = "") -> Match | None:
        """The program a prompt asks for, in the language asked for, or None."""
        all_words = words_of(prompt)
        wanted = _language_of(all_words, language)
        words = [word for word in all_words if word not in _LANGUAGES]
        places = sorted({place for word in words for place in self._places.get(word, ())})
        judged = (_judge(self._terms[place], words, wanted, framework.strip().lower())
                  for place in places)
        matches = [found for found in judged if found is not None]
        return max(matches, key=_rank) if matches else None


@dataclass(frozen=True, slots=True)
class _Terms:
    """A program with the words it needs, each alternative of each group, and all it knows."""

    program: Program
    needs: tuple[tuple[frozenset[str], ...], ...]
    known: frozenset[str]

    @classmethod
    def of(cls, program: Program) -> "_Terms":
        needs = tuple(tuple(frozenset(words_of(term)) for term in group)
                      for group in program.needs)
        needed = {word for group in needs for term in group for word in term}
        return cls(program, needs, frozenset(needed.union(*map(words_of, program.knows))))


def _rank(match: Match) -> tuple[float, int]:
    return match.coverage, len(match.program.needs)


def _judge(terms: _Terms, words: Sequence[str], language: str, framework: str) -> Match | None:
    asked = set(words)
    if not all(any(term <= asked for term in group) for group in terms.needs):
        return None
    variant = _variant(terms.program, words, language, framework)
    if variant is None or not words:
        return None
    known = terms.known | {variant.framework}
    if any(word in _NAMES_SOMETHING_ELSE and word not in known for word in words):
        return None
    coverage = sum(word in known for word in words) / len(words)
    return Match(terms.program, variant, coverage) if coverage >= COVERAGE else None


def _variant(
    program: Program, words: Sequence[str], language: str, framework: str
) -> Variant | None:
    """A framework of the request decides, else one the prompt names, else the program's first."""
    if framework:
        return program.variant(language, framework)
    named = next((v for v in program.variants
                  if v.language == language and v.framework in words and v.framework), None)
    return named or program.variant(language)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word
