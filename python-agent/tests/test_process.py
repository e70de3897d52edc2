"""The agent as a process of its own: starting, refusing, stopping."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from .support import WAIT_SECONDS, agent_environment

HEALTH = b'{"id":"test","type":4,"timestamp":0,"payload":{}}\n'
PROMPT = "Write an LRU cache"


class AgentProcess(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="agent-")
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "agent.sock"

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "atomic_agent", *arguments], text=True,
            stderr=subprocess.PIPE, stdout=subprocess.PIPE,
            env=agent_environment(ATOMIC_IPC_SOCKET=str(self.path), **environment))

        def end() -> None:
            process.kill()
            process.communicate()

        self.addCleanup(end)
        return process

    def connect(self) -> socket.socket:
        give_up = time.monotonic() + WAIT_SECONDS
        while True:
            client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            client.settimeout(WAIT_SECONDS)
            try:
                client.connect(str(self.path))
                self.addCleanup(client.close)
                return client
            except (FileNotFoundError, ConnectionRefusedError):
                client.close()
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.02)

    def refusal(self, *arguments: str, **environment: str) -> tuple[int, str]:
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=WAIT_SECONDS)
        self.assertEqual(out, "")
        self.assertEqual(err.count("\n"), 1, err)
        return process.returncode, err

    def test_it_answers_and_ends_with_0_on_sigterm_and_removes_its_socket(self) -> None:
        process = self.start()
        client = self.connect()
        client.sendall(HEALTH)
        self.assertEqual(json.loads(client.makefile().readline())["type"], 5)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(WAIT_SECONDS), 0)
        self.assertFalse(self.path.exists())
        self.assertEqual(client.recv(1), b"")

    def test_sigterm_ends_a_long_request_as_unavailable(self) -> None:
        process = self.start("--grace", "0.1", ATOMIC_OFFLINE_CHUNK_DELAY_MS="1000")
        client = self.connect()
        request = {"id": "f", "type": 0, "timestamp": 0, "payload": {
            "request_id": "q", "prompt": PROMPT, "stream": True}}
        client.sendall(json.dumps(request).encode() + b"\n")
        lines = client.makefile()
        self.assertEqual(json.loads(lines.readline())["type"], 2)
        process.send_signal(signal.SIGTERM)
        last = [json.loads(line) for line in lines][-1]
        self.assertEqual((last["type"], last["payload"]["code"], last["payload"]["retryable"]),
                         (3, "unavailable", True))
        self.assertEqual(process.wait(WAIT_SECONDS), 0)

    def test_a_prompt_is_never_logged(self) -> None:
        process = self.start(ATOMIC_LOG_LEVEL="DEBUG", ATOMIC_LOG_FORMAT="json")
        client = self.connect()
        for prompt in (PROMPT, "an unmatched and confidential wish"):
            request = {"id": "f", "type": 0, "timestamp": 0, "payload": {
                "request_id": "q", "prompt": prompt}}
            client.sendall(json.dumps(request).encode() + b"\n")
        lines = client.makefile()
        lines.readline(), lines.readline()
        process.send_signal(signal.SIGTERM)
        logged = process.communicate(timeout=WAIT_SECONDS)[1]
        self.assertIn("request q", logged)
        self.assertNotIn("LRU", logged)
        self.assertNotIn("confidential", logged)
        for line in logged.splitlines():
            self.assertIn("message", json.loads(line))

    def test_a_second_agent_says_in_one_line_that_one_answers_already(self) -> None:
        self.start()
        self.connect()
        code, line = self.refusal()
        self.assertEqual(code, 1)
        self.assertIn("another agent answers", line)

    def test_an_agent_that_was_killed_leaves_a_socket_that_the_next_one_replaces(self) -> None:
        first = self.start()
        self.connect()
        first.kill()
        first.wait(WAIT_SECONDS)
        self.assertTrue(self.path.exists())
        self.start()
        client = self.connect()
        client.sendall(HEALTH)
        self.assertEqual(json.loads(client.makefile().readline())["type"], 5)

    def test_a_wrong_setting_stops_the_start_with_one_line_and_2(self) -> None:
        code, line = self.refusal(ATOMIC_LLM_TOTAL_SECONDS="soon")
        self.assertEqual(code, 2)
        self.assertIn("ATOMIC_LLM_TOTAL_SECONDS='soon'", line)
        code, line = self.refusal(ATOMIC_LLM_PROVIDERS="anthropic")
        self.assertEqual(code, 2)
        self.assertIn("ANTHROPIC_API_KEY", line)

    def test_the_socket_can_be_named_on_the_command_line(self) -> None:
        other = self.path.with_name("other.sock")
        self.start("--socket", str(other))
        self.path = other
        self.connect()

    def test_help_needs_nothing_and_names_the_environment(self) -> None:
        process = self.start("--help", ATOMIC_LLM_TOTAL_SECONDS="soon")
        out, _ = process.communicate(timeout=WAIT_SECONDS)
        self.assertEqual(process.returncode, 0)
        self.assertIn("ATOMIC_IPC_SOCKET", out)

    def test_it_starts_with_the_standard_library_alone(self) -> None:
        code = ("import sys, atomic_agent.__main__, atomic_agent.providers.offline; "
                "sys.exit('httpx' in sys.modules)")
        done = subprocess.run([sys.executable, "-S", "-c", code], env=agent_environment(),
                              timeout=WAIT_SECONDS, check=False)
        self.assertEqual(done.returncode, 0)

    def test_openai_without_httpx_is_refused_with_what_to_install(self) -> None:
        process = subprocess.run(
            [sys.executable, "-S", "-m", "atomic_agent"], text=True, capture_output=True,
            timeout=WAIT_SECONDS, check=False, cwd=os.path.dirname(self.path),
            env=agent_environment(ATOMIC_IPC_SOCKET=str(self.path), OPENAI_API_KEY="k" * 20))
        self.assertEqual(process.returncode, 2)
        self.assertIn("httpx", process.stderr)
