"""The offline provider: which prompts it answers, how, and how it refuses the others."""

import re
import unittest
from typing import Any
from unittest import IsolatedAsyncioTestCase

from atomic_agent.messages import AgentError, Request, RequestType
from atomic_agent.providers.base import Finished, TextDelta
from atomic_agent.providers.offline import CHUNK_CHARACTERS, OfflineProvider
from atomic_agent.providers.offline_library import load_library
from atomic_agent.providers.offline_matching import Matcher

PROGRAMS = load_library()
MATCHER = Matcher(PROGRAMS)
PROVIDER = OfflineProvider(programs=PROGRAMS)

MATCHES = {
    "todo_api": ["Create a REST API for todo management", "create a rest api for TODO management.",
                 "Build a to-do list API", "Please write me a simple CRUD service for tasks",
                 "Generate specification for: Create a REST API for todo management",
                 "REST API for managing to-do items with Flask and pytest tests"],
    "chat": ["Build a real-time chat application", "Create a chat app",
             "build a realtime chat server with websockets and rooms"],
    "lru_cache": ["Write an LRU cache", "Implement an LRU cache with TTL expiration",
                  "least recently used cache class with get and put in O(1)"],
    "rate_limiter": ["Build a rate limiter", "token bucket rate limiter for an API"],
    "url_shortener": ["Build a URL shortener", "Create a link shortening web service"],
    "csv_report": ["Generate a sales report from a CSV file", "Write a CSV report generator"],
    "data_stats": ["Analyze a CSV with pandas and numpy", "linear regression with numpy"],
    "markdown_html": ["Write a Markdown to HTML converter", "markdown parser to html"],
    "tic_tac_toe": ["Write a tic-tac-toe game with minimax", "unbeatable tic tac toe AI",
                    "tictactoe"],
    "calculator": ["Write an expression calculator", "build a calculator",
                   "Write a calculator that evaluates arithmetic expressions with parentheses"],
    "bank_ledger": ["Write a bank account ledger", "double-entry bookkeeping",
                    "bank account with deposit and withdraw"],
    "text_adventure": ["Create a text adventure game", "interactive fiction with rooms"],
    "log_analyser": ["Write a log analyzer for nginx access logs", "apache log parser"],
    "word_frequency": ["Write a word frequency counter", "count word occurrences in a text file"],
    "json_diff": ["Write a JSON diff tool", "compare two JSON documents"],
    "prime_sieve": ["Implement the sieve of Eratosthenes", "print all prime numbers up to 100"],
    "roman_repair": ["Write a Roman numeral converter that needs a repair"],
}

REFUSED = [
    "", "   ", "!?", "hello", "hello world", "test", "Write a Rust compiler", "python",
    "create a REST API for weather satellites control", "Create a REST API", "Build an API",
    "todo", "Build a todo app in React", "a todo API in Django", "todo REST API in Rust",
    "Create a REST API for a todo list with authentication", "todo API with Postgres",
    "Create a REST API for todo management on Kubernetes", "todo API backed by a database",
    "URL shortener with login", "encrypted chat", "build a calculator with a GUI in tkinter",
    "todo REST API with user accounts, OAuth2 login, PostgreSQL and email reminders",
    "Build a chat bot that books flights and answers customer questions with GPT",
    "chat application in React with Firebase", "Write an LRU cache in Rust",
    "Write a cache", "Build a compiler for C", "markdown", "Write a poem about a bank",
    "river bank erosion simulation", "bank holiday calendar", "Convert CSV to Parquet",
    "Roman numeral converter", "history of the Roman empire", "log in page with passwords",
    "Compare two PDF files", "JSON web token authentication server", "word processor",
    "count sheep", "prime minister quiz", "Optimus Prime fan page generator",
    "A password manager", "Train a neural network on images", "Deploy to kubernetes",
    "Design a distributed rate limiter on Redis", "tic-tac-toe over bluetooth for Android",
    "a blockchain ledger for bank transfers", "calculator for mortgage payments with taxes and "
    "insurance by state", "Write a text editor", "adventure holiday booking site",
]


def request(prompt: str, kind: RequestType = RequestType.CODE, **metadata: Any) -> Request:
    return Request(id="f", request_id="q", prompt="rendered", request_type=kind,
                   metadata={"original_prompt": prompt, **metadata})


class Matching(unittest.TestCase):
    def name_of(self, prompt: str, **wanted: str) -> str | None:
        found = MATCHER.match(prompt, **wanted)
        return found.program.name if found else None

    def test_every_program_has_prompts_here_and_answers_its_own_examples(self) -> None:
        self.assertEqual(set(MATCHES), {program.name for program in PROGRAMS})
        for program in PROGRAMS:
            for example in program.examples:
                with self.subTest(example):
                    self.assertEqual(self.name_of(example), program.name)

    def test_prompts_find_their_program(self) -> None:
        for name, prompts in MATCHES.items():
            for prompt in prompts:
                with self.subTest(prompt):
                    self.assertEqual(self.name_of(prompt), name)

    def test_what_no_program_does_is_refused(self) -> None:
        for prompt in REFUSED:
            with self.subTest(prompt):
                self.assertIsNone(self.name_of(prompt))

    def test_the_language_asked_for_decides_and_one_that_is_missing_is_refused(self) -> None:
        for language, wanted in (("", "python"), ("python", "python"), ("Python3", "python"),
                                 ("javascript", "javascript"), ("js", "javascript"),
                                 ("node", "javascript")):
            found = MATCHER.match("Write an LRU cache", language)
            assert found is not None
            self.assertEqual(found.variant.language, wanted)
        for language in ("rust", "go", "c", "typescript", "nonsense"):
            self.assertIsNone(self.name_of("Write an LRU cache", language=language))

    def test_a_language_named_in_the_prompt_goes_before_the_requests(self) -> None:
        for prompt in ("Write an LRU cache in JavaScript", "LRU cache for node.js",
                       "an LRU cache in NodeJS"):
            found = MATCHER.match(prompt, "python")
            assert found is not None
            self.assertEqual(found.variant.language, "javascript")
        for prompt, language in (("prime sieve in C++", "cpp"), ("prime sieve in C", "c")):
            found = MATCHER.match(prompt, "")
            assert found is not None
            self.assertEqual(found.variant.language, language)

    def test_a_framework_is_taken_from_the_request_or_the_prompt_and_refused_if_missing(
        self,
    ) -> None:
        todo = "Create a REST API for todo management"
        for prompt, framework, wanted in ((todo, "", "flask"), (todo, "Flask", "flask"),
                                          (todo, "fastapi", "fastapi"),
                                          (todo + " with FastAPI", "", "fastapi")):
            found = MATCHER.match(prompt, "python", framework)
            assert found is not None
            self.assertEqual(found.variant.framework, wanted)
        self.assertIsNone(self.name_of(todo, framework="django"))
        self.assertIsNone(self.name_of(todo + " with Django"))
        self.assertIsNone(self.name_of("Write an LRU cache", framework="flask"))


class Answers(unittest.TestCase):
    def files_of(self, prompt: str, **metadata: Any) -> dict[str, str]:
        answer = PROVIDER.answer(request(prompt, **metadata))
        blocks = re.findall(r"^(`{3,})\w+ (\S+)\n(.*?)\n\1$", answer, re.DOTALL | re.MULTILINE)
        return {path: content + "\n" for _, path, content in blocks}

    def test_code_comes_as_named_blocks_that_hold_the_files_to_the_byte(self) -> None:
        for program in PROGRAMS:
            for variant in program.variants:
                with self.subTest(f"{program.name} {variant.language} {variant.framework}"):
                    files = self.files_of(program.examples[0], language=variant.language, round=1,
                                          framework=variant.framework)
                    self.assertEqual(files, {f.path: f.content for f in variant.files})

    def test_a_repair_gets_the_right_version_and_the_first_round_the_broken_one(self) -> None:
        prompt = MATCHES["roman_repair"][0]
        first, second = self.files_of(prompt, round=0), self.files_of(prompt, round=1)
        self.assertNotIn("CM", first["main.py"])
        self.assertIn("CM", second["main.py"])
        self.assertEqual(first["test_roman.py"], second["test_roman.py"])
        self.assertEqual(self.files_of(prompt, round="x"), first)

    def test_every_answer_says_that_it_comes_from_the_library(self) -> None:
        for kind in RequestType:
            for program in PROGRAMS:
                answer = PROVIDER.answer(request(program.examples[0], kind))
                self.assertIn("offline-1", answer)
                self.assertIn("not written by a model", answer)

    def test_specification_and_documentation_are_the_programs_own(self) -> None:
        spec = PROVIDER.answer(request(MATCHES["chat"][0], RequestType.SPEC))
        docs = PROVIDER.answer(request(MATCHES["chat"][0], RequestType.DOCS))
        self.assertIn("# Real-time chat: specification", spec)
        self.assertIn("## Behaviour", spec)
        self.assertIn("python main.py", docs)
        self.assertIn("node main.mjs", PROVIDER.answer(
            request(MATCHES["chat"][0], RequestType.DOCS, language="javascript")))

    def test_the_prompt_itself_is_looked_at_when_there_is_no_original_one(self) -> None:
        cases: tuple[dict[str, Any], ...] = (
            {}, {"original_prompt": None}, {"original_prompt": 5})
        for metadata in cases:
            bare = Request(id="f", request_id="q", prompt="Write an LRU cache", metadata=metadata)
            self.assertIn("LruCache", PROVIDER.answer(bare))

    def test_any_other_prompt_is_refused_with_what_is_known_and_how_to_set_a_key(self) -> None:
        with self.assertRaises(AgentError) as refused:
            PROVIDER.answer(request("Write a Rust compiler"))
        error = refused.exception
        self.assertEqual((error.code, error.retryable), ("no_model", False))
        self.assertNotIn("compiler", error.message)
        for program in PROGRAMS:
            self.assertIn(program.examples[0], error.message)
        for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
            self.assertIn(variable, error.message)


class Streaming(IsolatedAsyncioTestCase):
    async def test_the_answer_is_streamed_in_small_chunks_and_always_the_same(self) -> None:
        asked = request("Write an LRU cache")
        events = [event async for event in PROVIDER.stream(asked)]
        deltas = [event.text for event in events if isinstance(event, TextDelta)]
        self.assertEqual("".join(deltas), PROVIDER.answer(asked))
        self.assertTrue(all(0 < len(delta) <= CHUNK_CHARACTERS for delta in deltas))
        self.assertEqual(events, [event async for event in PROVIDER.stream(asked)])

    async def test_the_end_counts_tokens_and_marks_them_as_estimated(self) -> None:
        events = [event async for event in PROVIDER.stream(request("Write an LRU cache"))]
        end = events[-1]
        assert isinstance(end, Finished)
        self.assertEqual(end.model, "offline-1")
        self.assertTrue(end.usage.estimated)
        self.assertEqual(end.usage.input_tokens, 2)
        self.assertGreater(end.usage.output_tokens, 500)
