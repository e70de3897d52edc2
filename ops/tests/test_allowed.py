"""The values that commands refuse are those that the processes refuse."""

import os
import re
import unittest
from pathlib import Path
from unittest import mock

from cli import allowed, settings
from cli.errors import StackError

_ROOT = Path(__file__).resolve().parents[2]
_NUMBER = re.compile(r'integer\(\s*"(ATOMIC_\w+)",\s*\w+,\s*([\d_]+),\s*([\d_]+)\)')


class Allowed(unittest.TestCase):
    """Before anything is stopped or started."""

    def check(self, **env: str) -> None:
        """Raises what `up` would say."""
        with mock.patch.dict(os.environ, env, clear=True):
            allowed.check(settings.load(_ROOT))

    def test_the_bounds_are_those_of_the_processes(self) -> None:
        found = {}
        for module in ("shared", "api", "worker"):
            for source in Path(_ROOT, module, "src", "main").rglob("*.java"):
                for name, least, most in _NUMBER.findall(source.read_text(encoding="utf-8")):
                    found[name] = (int(least.replace("_", "")), int(most.replace("_", "")))
        del found["ATOMIC_HTTP_PORT"]  # `settings` reads it for every command
        self.assertGreater(len(found), 10)
        self.assertEqual({name: allowed.NUMBERS.get(name) for name in found}, found)

    def test_both_ends_are_allowed_and_nothing_beyond(self) -> None:
        with mock.patch("cli.allowed._ask_agent"):
            for name, (least, most) in allowed.NUMBERS.items():
                for value in (str(least), str(most), f" {least} ", ""):
                    self.check(**{name: value})
                for value in (str(least - 1), str(most + 1), "many", "1.5", "nan", "١"):
                    with self.assertRaisesRegex(StackError, f"{name}, .*, allowed"):
                        self.check(**{name: value})
            with self.assertRaisesRegex(StackError, "ATOMIC_DB_URL, '…', allowed"):
                self.check(ATOMIC_DB_URL="jdbc:mysql://u:secret@h/d")

    def test_dollars_have_nine_decimals_and_a_days_need_a_jobs(self) -> None:
        with mock.patch("cli.allowed._ask_agent"):
            for value in ("0", "0.000000001", "1000000", "1000000.0", ""):
                self.check(ATOMIC_JOB_MAX_COST_USD=value)
                self.check(ATOMIC_JOB_MAX_COST_USD="1", ATOMIC_TENANT_USD_PER_DAY=value)
            for value in ("-1", "1e3", "1000000.1", "0.0000000001", "free", ".5"):
                with self.assertRaisesRegex(StackError, "ATOMIC_JOB_MAX_COST_USD, .*, allowed"):
                    self.check(ATOMIC_JOB_MAX_COST_USD=value)
            with self.assertRaisesRegex(StackError, "ATOMIC_TENANT_USD_PER_DAY, '5', allowed: only"
                                                    " with ATOMIC_JOB_MAX_COST_USD"):
                self.check(ATOMIC_TENANT_USD_PER_DAY="5")

    def test_an_api_that_runs_is_not_given_up_for_one_that_may_not_start(self) -> None:
        here = str(Path(__file__).resolve())
        tls = {"ATOMIC_TLS_CERT": here, "ATOMIC_TLS_KEY": here}
        with mock.patch("cli.allowed._ask_agent"):
            for name, env in (
                    ("ATOMIC_HTTP_HOST", {"ATOMIC_HTTP_HOST": "0.0.0.0"}),
                    ("ATOMIC_AUTH", {"ATOMIC_HTTP_HOST": "0.0.0.0", "ATOMIC_AUTH": "off", **tls}),
                    ("ATOMIC_TLS_CERT", {"ATOMIC_TLS_CERT": here}),
                    ("ATOMIC_TLS_KEY", {**tls, "ATOMIC_TLS_KEY": "/nowhere.pem"}),
                    ("ATOMIC_JWT_SECRET", {"ATOMIC_JWT_SECRET": "secret" * 8})):
                with self.assertRaisesRegex(StackError, f"{name}, .*, allowed") as refused:
                    self.check(**env)
                self.assertNotIn("secretsecret", refused.exception.line)
            self.check(ATOMIC_HTTP_HOST="0.0.0.0", **tls)
            self.check(ATOMIC_HTTP_HOST="0.0.0.0", ATOMIC_TRUSTED_PROXIES="10.0.0.1")
            self.check(ATOMIC_HTTP_HOST="localhost", ATOMIC_AUTH="off")
            self.check(ATOMIC_JWT_SECRET="secret" * 8, ATOMIC_AUTH="required")

    def test_the_agent_is_asked_itself_and_says_no_key(self) -> None:
        for env in ({"ATOMIC_LLM_PROVIDERS": "opanai"}, {"OPENAI_API_KEY": "sk secret"},
                    {"OPENAI_API_KEY": "x", "OPENAI_BASE_URL": "ftp://x"},
                    {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:secret@localhost"},
                    {"OTEL_EXPORTER_OTLP_HEADERS": "secret"}):
            with self.assertRaises(StackError) as refused:
                self.check(PATH=os.environ["PATH"], **env)
            self.assertIn(list(env)[-1], refused.exception.line)
            self.assertNotIn("secret", refused.exception.line)
        self.check(PATH=os.environ["PATH"], ATOMIC_LLM_PROVIDERS="offline",
                   OTEL_EXPORTER_OTLP_ENDPOINT="http://localhost:4318")


if __name__ == "__main__":
    unittest.main()
