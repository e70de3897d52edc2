"""Each process gets of the environment what it reads, and nothing else."""

import re
import unittest
from collections.abc import Iterator
from pathlib import Path

from cli import environment

from .machine import OPS, Machine

ROOT = OPS.parent
_LETTERS = {"a": "api", "w": "worker", "d": "db", "g": "agent"}


def sources(*folders: str) -> Iterator[Path]:
    """What can read a variable: not what is built, tested or described."""
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if (path.suffix in (".java", ".yaml", ".xml", ".properties", ".py", "")
                    and path.is_file() and not {"target", "test", "tests"} & set(path.parts)
                    # Most of its variables are Compose's own, which no process of ours reads.
                    and path.name != "compose.yaml"):
                yield path


def mentioned(*folders: str) -> set[str]:
    """The variables of ours that these sources mention."""
    named = {name for path in sources(*folders)
             for name in re.findall(r"\b(?:ATOMIC|OTEL)_[A-Z0-9_]*[A-Z0-9]\b",
                                    path.read_text(errors="replace"))}
    # Words of the same form that are no variables.
    return named - {"ATOMIC_LLM", "ATOMIC_MOVE"}


class Table(unittest.TestCase):
    """The table against the sources and against what is documented."""

    def test_it_knows_every_variable_the_sources_mention(self) -> None:
        everything = mentioned("api", "worker", "db", "shared", "python-agent", "ops")
        self.assertGreater(len(everything), 40)
        self.assertEqual(everything - set(environment.READERS), set())

    def test_who_mentions_a_variable_gets_it(self) -> None:
        for folder, kind in (("api/src/main", "api"), ("worker/src/main", "worker"),
                             ("python-agent/atomic_agent", "agent")):
            named = mentioned(folder)
            self.assertGreater(len(named), 7)
            self.assertEqual({name for name in named if kind not in environment.readers(name)},
                             set(), folder)

    def test_who_reads_a_variable_by_the_docs_gets_it(self) -> None:
        rows = re.findall(r"^\| (`[A-Z].*?) \|.*?\| ([cawdg ]+) \|",
                          (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE)
        self.assertGreater(len(rows), 30)
        for names, letters in rows:
            for name in re.findall(r"[A-Z][A-Z0-9_]+", names):
                for letter in letters.replace("c", "").split():
                    self.assertIn(_LETTERS[letter], environment.readers(name), name)

    def test_secrets_have_the_fewest_readers(self) -> None:
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY_FILE", "GEMINI_API_KEY", "HTTPS_PROXY"):
            self.assertEqual(tuple(environment.readers(name)), ("agent",), name)
        for name in ("ATOMIC_DB_PASSWORD", "ATOMIC_DB_PASSWORD_FILE", "ATOMIC_DB_URL"):
            self.assertEqual(set(environment.readers(name)), {"api", "worker"}, name)
        for name in ("ATOMIC_API_KEY", "AWS_SECRET_ACCESS_KEY", "SERVER_PORT",
                     "SPRING_PROFILES_ACTIVE", "MANAGEMENT_SERVER_PORT", "LOGGING_LEVEL_ROOT",
                     "LD_PRELOAD", "JDK_JAVA_OPTIONS"):
            self.assertEqual(tuple(environment.readers(name)), (), name)


class Processes(unittest.TestCase):
    """What the processes of a stack really have."""

    def test_each_has_only_what_it_reads(self) -> None:
        given = {"OPENAI_API_KEY": "sk-1", "ATOMIC_LLM_PROVIDERS": "offline",
                 "ATOMIC_DB_PASSWORD": "pw", "ATOMIC_API_KEY": "ak", "SERVER_ADDRESS": "0.0.0.0",
                 "SPRING_X": "1", "DOCKER_CONFIG": "/none", "https_proxy": "http://127.0.0.1:9",
                 "LC_TIME": "C", "AWS_SECRET_ACCESS_KEY": "x", "ATOMIC_MAX_CONCURRENT": "3",
                 "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_TRACES_SAMPLER": "x"}
        traced = {"OTEL_EXPORTER_OTLP_ENDPOINT"}
        everywhere = {"ATOMIC_HOME", "ATOMIC_NAME", "PATH", "HOME", "LANG", "LC_TIME"}
        database = {*traced, "ATOMIC_DB_PASSWORD", "ATOMIC_H2_PORT", "JAVA_HOME"}
        wanted = {
            "db": {"ATOMIC_H2_PORT", "JAVA_HOME"},
            "agent": {*traced, "OPENAI_API_KEY", "ATOMIC_LLM_PROVIDERS", "ATOMIC_IPC_SOCKET",
                      "https_proxy", "PYTHONUNBUFFERED"},
            "api": {*database, "ATOMIC_HTTP_PORT"},
            "worker-1": {*database, "ATOMIC_IPC_SOCKET", "ATOMIC_WORKER_MANAGEMENT_PORT",
                         "DOCKER_CONFIG", "ATOMIC_MAX_CONCURRENT"}}
        with Machine() as machine:
            done = machine.atomic("up", **given)
            self.assertEqual(done.code, 0, done)
            for name, own in wanted.items():
                content = Path(f"/proc/{machine.pid(name)}/environ").read_text().rstrip("\0")
                found = dict(each.split("=", 1) for each in content.split("\0"))
                # A shell that stands in for `java` adds these.
                found = {key: value for key, value in found.items()
                         if key not in ("PWD", "OLDPWD", "SHLVL", "_")}
                self.assertEqual(set(found), everywhere | own, name)
                self.assertEqual(found["ATOMIC_NAME"], name)
