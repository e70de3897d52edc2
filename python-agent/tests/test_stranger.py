"""The agent against what others wrote: a public model server from npm, and the guide's `nc`."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any, ClassVar

from atomic_agent.config import Deadlines

from .support import ServerTestCase, ScriptedProvider, make_httpx_importable, quiet, text
from .test_streams import Outcome, outcome_of, router_to

make_httpx_importable()

STRANGER = Path(__file__).with_name("stranger")
SAID = "Grüße, 世界 🙂, from a server that others wrote"
BASE_PATHS = {"openai": "/v1", "anthropic": "", "gemini": "/v1beta", "ollama": ""}
GUIDES_LINE = """echo '{"id":"test","type":4,"timestamp":0,"payload":{}}' | nc -U %s"""


def missing(what: str) -> None:
    """Leaves the tests out where something isn't there, but never where everything should be."""
    if os.environ.get("CI") == "true":
        raise AssertionError(what)
    raise unittest.SkipTest(what)


class AnotherServer(unittest.IsolatedAsyncioTestCase):
    process: ClassVar["subprocess.Popen[str]"]
    address: ClassVar[str]

    @classmethod
    def setUpClass(cls) -> None:
        quiet()
        if shutil.which("npm") is None:
            missing("npm isn't there: apt-get install npm")
        directory = tempfile.TemporaryDirectory(prefix="stranger-")
        cls.addClassCleanup(directory.cleanup)
        for name in ("package.json", "package-lock.json", "fixtures.json"):
            shutil.copy(STRANGER / name, directory.name)
        installed = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                                   cwd=directory.name, capture_output=True, text=True, timeout=120,
                                   stdin=subprocess.DEVNULL, check=False)
        if installed.returncode != 0:
            missing(f"npm can't install it: {installed.stderr[-300:]}")
        package = Path(directory.name, "node_modules", "@copilotkit", "aimock")
        cls.process = subprocess.Popen(
            ["node", str(package / "dist" / "cli.js"), "--port", "0",
             "--fixtures", "fixtures.json"],
            cwd=directory.name, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        cls.addClassCleanup(cls._end)
        assert cls.process.stdout is not None
        for line in cls.process.stdout:
            if "listening on " in line:
                cls.address = line.rpartition("listening on ")[2].strip()
                return
        missing("it didn't start; it needs node 20.15 or newer")

    @classmethod
    def _end(cls) -> None:
        cls.process.kill()
        cls.process.communicate()

    async def ask(self, provider: str, prompt: str, **more: Any) -> Outcome:
        router = router_to(provider, self.address + BASE_PATHS[provider], Deadlines(total=20))
        try:
            return await outcome_of(router, prompt=prompt, **more)
        finally:
            await router.close()

    async def test_an_answer_and_its_thinking_come_through_from_every_protocol(self) -> None:
        for provider in BASE_PATHS:
            with self.subTest(provider):
                found = await self.ask(provider, "greet them", temperature=0.5)
                self.assertIsNone(found.error)
                self.assertEqual(found.text, SAID)
                assert found.end is not None
                self.assertEqual(found.end.finish_reason, "stop")
                self.assertFalse(found.end.estimated)
                if found.reasoning or provider in ("openai", "anthropic"):
                    self.assertEqual(found.reasoning, "What do they expect to read?")

    async def test_a_rate_limit_is_one_in_every_protocol(self) -> None:
        for provider in BASE_PATHS:
            with self.subTest(provider):
                found = await self.ask(provider, "limited")
                assert found.error is not None
                self.assertEqual((found.error.code, found.error.retryable), ("rate_limited", True))

    async def test_an_answer_that_breaks_off_is_not_a_whole_one(self) -> None:
        for provider in BASE_PATHS:
            with self.subTest(provider):
                found = await self.ask(provider, "break off")
                assert found.error is not None
                self.assertEqual((found.error.code, found.error.retryable), ("unavailable", True))
                # A connection that is reset may take what was read with it.
                self.assertTrue("This answer is long enough that".startswith(found.text[:31]))
                self.assertEqual(found.spent is not None, bool(found.text))

    async def test_a_model_nobody_has_set_up_a_fixture_for_is_no_model_or_refused(self) -> None:
        for provider in BASE_PATHS:
            with self.subTest(provider):
                found = await self.ask(provider, "something it has no answer to")
                assert found.error is not None
                self.assertIn(found.error.code, ("no_model", "invalid_request", "unavailable"))


class TheGuidesLine(ServerTestCase):
    async def test_the_guides_line_is_answered_word_for_word(self) -> None:
        if shutil.which("nc") is None:
            self.skipTest("nc isn't there: apt-get install netcat-openbsd")
        await self.serve(ScriptedProvider(text("x")))
        shell = await asyncio.create_subprocess_shell(
            GUIDES_LINE % self.path, stdout=asyncio.subprocess.PIPE, start_new_session=True)
        try:
            assert shell.stdout is not None
            async with asyncio.timeout(10):
                answer = json.loads(await shell.stdout.readline())
        finally:
            os.killpg(shell.pid, signal.SIGKILL)
            await shell.wait()
        self.assertEqual((answer["id"], answer["type"]), ("test", 5))
        self.assertEqual(answer["payload"]["status"], "healthy")
