"""The environment, what is refused, and what is never shown."""

import io
import json
import logging
import tempfile
import unittest
from pathlib import Path

from atomic_agent.config import Route, settings_from
from atomic_agent.environment import ConfigError
from atomic_agent.logs import Redactor, set_up
from atomic_agent.messages import RequestType

KEY = "sk-test-0123456789abcdef"


class Defaults(unittest.TestCase):
    def test_an_empty_environment_gives_the_contracts_defaults(self) -> None:
        settings = settings_from({})
        self.assertEqual(str(settings.socket), "/tmp/atomic_llm_agent.sock")
        deadlines = settings.deadlines
        self.assertEqual((deadlines.connect, deadlines.first_chunk, deadlines.idle,
                          deadlines.total), (5, 60, 30, 600))
        self.assertEqual((settings.log_level, settings.log_format), (logging.INFO, "text"))
        self.assertEqual(settings.providers, ("offline",))

    def test_an_empty_variable_counts_as_unset(self) -> None:
        self.assertEqual(settings_from({"ATOMIC_LLM_IDLE_SECONDS": "", "OPENAI_API_KEY": " "}),
                         settings_from({}))

    def test_every_variable_is_read(self) -> None:
        settings = settings_from({
            "ATOMIC_IPC_SOCKET": "/run/a.sock", "ATOMIC_LOG_LEVEL": "warn",
            "ATOMIC_LOG_FORMAT": "json", "ATOMIC_LLM_PROVIDERS": "offline, openai",
            "ATOMIC_LLM_CONNECT_SECONDS": "1.5", "ATOMIC_LLM_FIRST_CHUNK_SECONDS": "2",
            "ATOMIC_LLM_IDLE_SECONDS": "3", "ATOMIC_LLM_TOTAL_SECONDS": "4",
            "ATOMIC_OFFLINE_CHUNK_DELAY_MS": "20", "ATOMIC_LLM_PRICES_FILE": "p.json",
            "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "http://127.0.0.1:8000/v1/",
            "OPENAI_MODEL": "a", "OPENAI_MODELS": "b, a,c"})
        self.assertEqual(settings.providers, ("offline", "openai"))
        self.assertEqual((settings.deadlines.connect, settings.deadlines.total), (1.5, 4))
        self.assertEqual(settings.endpoints["openai"].base_url, "http://127.0.0.1:8000/v1")
        self.assertEqual(settings.endpoints["openai"].models, ("a", "b", "c"))
        self.assertEqual((settings.log_level, settings.log_format), (logging.WARNING, "json"))
        self.assertEqual(settings.offline_chunk_delay_ms, 20)


class ChoosingProviders(unittest.TestCase):
    def test_a_key_or_a_local_server_sets_openai_up_alone(self) -> None:
        for environment in ({"OPENAI_API_KEY": KEY}, {"OPENAI_BASE_URL": "http://localhost:1/v1"}):
            self.assertEqual(settings_from(environment).providers, ("openai",))

    def test_offline_is_not_chosen_by_itself_where_the_api_is_not_open_on_loopback(self) -> None:
        for environment in ({"ATOMIC_HTTP_HOST": "0.0.0.0"}, {"ATOMIC_AUTH": "required"}):
            settings = settings_from(environment)
            self.assertEqual(settings.providers, ())
            self.assertIn("no_provider", settings.warnings[0])
        named = {"ATOMIC_HTTP_HOST": "0.0.0.0", "ATOMIC_LLM_PROVIDERS": "offline"}
        self.assertEqual(settings_from(named).providers, ("offline",))
        for host in ("localhost", "127.0.0.2", "[::1]"):
            self.assertEqual(settings_from({"ATOMIC_HTTP_HOST": host}).providers, ("offline",))

    def test_every_provider_that_is_set_up_is_used_in_the_contracts_order(self) -> None:
        settings = settings_from({"OLLAMA_HOST": "127.0.0.1", "GEMINI_API_KEY": KEY,
                                  "ANTHROPIC_API_KEY": KEY, "OPENAI_API_KEY": KEY})
        self.assertEqual(settings.providers, ("openai", "anthropic", "gemini", "ollama"))
        named = settings_from({"ANTHROPIC_API_KEY": KEY, "ATOMIC_LLM_PROVIDERS": "offline"})
        self.assertEqual(named.providers, ("offline",))

    def test_models_for_a_type_of_request_are_offered_too(self) -> None:
        settings = settings_from({
            "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_MODEL": "org/large",
            "ANTHROPIC_API_KEY": KEY,
            "ATOMIC_LLM_CODE_MODELS": "anthropic/claude-opus-4-1, org/large"})
        self.assertEqual(settings.routes, {RequestType.CODE: (
            Route("anthropic", "claude-opus-4-1"), Route("openai", "org/large"))})
        self.assertEqual(settings.endpoints["anthropic"].models,
                         ("claude-sonnet-4-5", "claude-opus-4-1"))


class Addresses(unittest.TestCase):
    def test_ollamas_host_is_read_as_its_own_tools_read_it(self) -> None:
        for given, url in (
            ("127.0.0.1", "http://127.0.0.1:11434"), ("localhost:8080", "http://localhost:8080"),
            (":5000", "http://127.0.0.1:5000"), ("0.0.0.0", "http://127.0.0.1:11434"),
            ("http://127.0.0.1:11434/", "http://127.0.0.1:11434"), ("[::1]", "http://[::1]:11434"),
            ("https://ollama.example", "https://ollama.example"),
        ):
            with self.subTest(given):
                settings = settings_from({"OLLAMA_HOST": given})
                self.assertEqual(settings.endpoints["ollama"].base_url, url)
                self.assertEqual(settings.providers, ("ollama",))

    def test_ollamas_own_folder_of_models_is_no_model(self) -> None:
        settings = settings_from({"OLLAMA_HOST": "127.0.0.1", "OLLAMA_MODEL": "small",
                                  "OLLAMA_MODELS": "/usr/share/ollama/.ollama/models"})
        self.assertEqual(settings.endpoints["ollama"].models, ("small",))

    def test_plain_http_to_elsewhere_is_allowed_only_when_asked_for(self) -> None:
        settings = settings_from({"OLLAMA_HOST": "http://models.internal:11434",
                                  "ATOMIC_LLM_ALLOW_HTTP": "1"})
        self.assertFalse(settings.endpoints["ollama"].is_loopback)


class Refusals(unittest.TestCase):
    def test_a_value_that_is_not_allowed_is_named_with_what_is(self) -> None:
        for variable, value, allowed in (
            ("ATOMIC_LOG_LEVEL", "loud", "one of TRACE"),
            ("ATOMIC_LOG_FORMAT", "xml", "one of TEXT, JSON"),
            ("ATOMIC_LLM_IDLE_SECONDS", "soon", "a number from"),
            ("ATOMIC_LLM_IDLE_SECONDS", "0", "a number from"),
            ("ATOMIC_LLM_TOTAL_SECONDS", "nan", "a number from"),
            ("ATOMIC_LLM_CONNECT_SECONDS", "inf", "a number from"),
            ("ATOMIC_OFFLINE_CHUNK_DELAY_MS", "-1", "a number from 0"),
            ("ATOMIC_LLM_PROVIDERS", "openai", "OPENAI_API_KEY"),
            ("ATOMIC_LLM_PROVIDERS", "skynet", "ollama, offline"),
            ("ATOMIC_LLM_PROVIDERS", "gemini", "GEMINI_API_KEY"),
            ("ATOMIC_LLM_CODE_MODELS", "gpt-4.1", "providers that are set up (offline)"),
            ("ATOMIC_LLM_CODE_MODELS", "openai/gpt-4.1", "providers that are set up (offline)"),
            ("ATOMIC_LLM_ALLOW_HTTP", "yes", "one of 0, 1"),
            ("OPENAI_BASE_URL", "http://models.internal/v1", "only to loopback"),
            ("OLLAMA_HOST", "models.internal", "only to loopback"),
            ("OLLAMA_HOST", "127.0.0.1:port", "http"),
            ("ATOMIC_LLM_PROVIDERS", "offline,offline", "once"),
            ("ATOMIC_AUTH", "maybe", "one of AUTO"),
            ("OPENAI_BASE_URL", "localhost:8000", "http"),
            ("OPENAI_BASE_URL", "http://host:notaport/v1", "http"),
            ("OPENAI_API_KEY_FILE", "/does/not/exist", "readable"),
        ):
            with self.subTest(variable=variable, value=value):
                with self.assertRaises(ConfigError) as refused:
                    settings_from({variable: value})
                line = str(refused.exception)
                self.assertNotIn("\n", line)
                for part in (variable, value, allowed):
                    self.assertIn(part, line)

    def test_a_key_is_never_part_of_a_refusal(self) -> None:
        with self.assertRaises(ConfigError) as refused:
            settings_from({"OPENAI_API_KEY": "sk-with space"})
        self.assertNotIn("sk-with", str(refused.exception))
        with self.assertRaises(ConfigError) as refused:
            settings_from({"OPENAI_BASE_URL": "http://user:hunter2@host/v1?key=s3cret"})
        self.assertNotIn("hunter2", str(refused.exception))
        self.assertNotIn("s3cret", str(refused.exception))


class SecretFiles(unittest.TestCase):
    def test_a_key_is_read_from_its_file_without_the_newline(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "key"
            path.write_text(KEY + "\n", encoding="utf-8")
            settings = settings_from({"OPENAI_API_KEY_FILE": str(path)})
            self.assertEqual(settings.endpoints["openai"].api_key, KEY)
            self.assertEqual(settings.secrets(), (KEY,))
            path.write_text("\n", encoding="utf-8")
            with self.assertRaisesRegex(ConfigError, "isn't empty"):
                settings_from({"OPENAI_API_KEY_FILE": str(path)})

    def test_a_key_given_twice_is_refused(self) -> None:
        with self.assertRaisesRegex(ConfigError, "OPENAI_API_KEY_FILE"):
            settings_from({"OPENAI_API_KEY_FILE": "/x", "OPENAI_API_KEY": KEY})


class Redacting(unittest.TestCase):
    def test_known_keys_and_things_shaped_like_keys_are_taken_out(self) -> None:
        redactor = Redactor(["plainsecretvalue"])
        for text in ("the key plainsecretvalue is wrong", f"Incorrect API key: {KEY}.",
                     "Authorization: Bearer abc.def", 'api_key="zzz-topsecret"',
                     "sk-proj-ab****************wxyz"):
            cleaned = redactor.clean(text)
            self.assertIn("[redacted]", cleaned)
            for secret in ("plainsecret", "0123456789", "abc.def", "topsecret", "wxyz"):
                self.assertNotIn(secret, cleaned)

    def test_ordinary_words_stay(self) -> None:
        text = "max_tokens must be at most 4096 for this model"
        self.assertEqual(Redactor().clean(text), text)

    def test_a_providers_words_that_repeat_the_prompt_are_dropped(self) -> None:
        prompt = "Build the secret plan of our company, in three parts, with tests"
        redactor = Redactor()
        self.assertEqual(redactor.foreign(f"bad input: '{prompt}'", prompt), "")
        self.assertEqual(redactor.foreign("bad input: 'secret plan of our\ncompany, in th", prompt),
                         "")
        self.assertEqual(redactor.foreign("bad input", prompt), "bad input")

    def test_nobodys_words_make_a_line_of_their_own_or_move_the_cursor(self) -> None:
        unseen = "\r\x0b\x0c\x1b\x85\x9b\u200b\u200d\u2028\u2029\u202e\u2066\ufeff\udcff"
        hostile = f"x\n2026-01-01T00:00:00.000Z ERROR agent: forged\t{unseen}"
        for form in ("text", "json"):
            out = self.logged(form, "request %s failed", hostile)
            self.assertEqual(out.count("\n"), 1, out)
            self.assertTrue(out.endswith("\n"))
            self.assertTrue(out[:-1].isprintable(), repr(out))
            self.assertIn("forged", out)

    def test_a_bugs_frames_stand_below_its_line_and_indented(self) -> None:
        out = self.logged("text", "it ended", where="  File \"a.py\", line 1\n    x()\x1b")
        self.assertEqual(out.splitlines()[1:], ['      File "a.py", line 1', "        x()\ufffd"])
        entry = json.loads(self.logged("json", "it ended", where="a\nb"))
        self.assertEqual((entry["message"], entry["exception"]), ("it ended", "a\nb"))

    def logged(self, form: str, message: str, *args: object, where: str = "") -> str:
        """What one record becomes."""
        root = logging.getLogger()
        before, level = root.handlers[:], root.level
        out = io.StringIO()
        try:
            set_up(logging.INFO, form, Redactor([KEY]), out)
            logging.getLogger("agent").info(message, *args, extra={"where": where})
        finally:
            root.handlers[:] = before
            root.setLevel(level)
        return out.getvalue()

    def test_logs_come_out_in_both_formats_without_keys_or_control_characters(self) -> None:
        root = logging.getLogger()
        before, level = root.handlers[:], root.level
        try:
            for form in ("text", "json"):
                out = io.StringIO()
                set_up(logging.INFO, form, Redactor([KEY]), out)
                logging.getLogger("redaction").info("key %s \x1b[31m", KEY)
                line = out.getvalue()
                self.assertNotIn(KEY, line)
                self.assertNotIn("\x1b", line)
                if form == "json":
                    entry = json.loads(line)
                    self.assertEqual(entry["level"], "INFO")
                    self.assertRegex(entry["at"], r"^\d{4}-\d\d-\d\dT.*\.\d{3}Z$")
        finally:
            root.handlers[:] = before
            root.setLevel(level)
