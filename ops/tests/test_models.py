"""`models`, and what a model thinks while it answers."""

from .fake_api import successful
from .test_client import ClientCase


class Models(ClientCase):
    """What there is to choose from, and what is shown of its thoughts."""

    def test_each_model_stands_under_its_provider_with_price_and_state(self) -> None:
        self.api.providers = [
            {"name": "openai", "state": "cooling_down", "cause": "rate_limited",
             "retry_after_ms": 4200, "models": [
                 {"id": "large", "default_for": ["GENERATE_CODE"], "input_usd_per_million": 0.4,
                  "output_usd_per_million": 1.6, "context_tokens": 128000}]},
            {"name": "offline", "state": "ready", "models": [{"id": "offline-1"}, {"id": "\x1b["}]}]
        done = self.machine.atomic("models")
        self.assertEqual(done.code, 0, done)
        lines = done.out.splitlines()
        self.assertEqual(lines[0], "openai: cooling down, rate limited, tried again in 4.2 s")
        self.assertEqual(lines[1].split(), ["large", "$0.4/M", "in", "$1.6/M", "out", "128,000",
                                            "tokens", "of", "context", "default", "for", "code"])
        self.assertEqual(lines[2:4], ["offline: ready", "  offline-1"])
        self.assertNotIn("\x1b", done.out)

    def test_no_models_are_no_error(self) -> None:
        done = self.machine.atomic("models")
        self.assertEqual((done.code, done.out), (0, ""), done)
        self.assertIn("no worker has reached an agent yet", done.err)

    def test_what_a_model_thinks_is_folded_into_a_line(self) -> None:
        script = successful("x = 1\n")
        script.events[3:3] = [
            {"type": "chunk", "stage": "code", "round": 0, "delta": "is it a sum?",
             "chunk_index": index, "reasoning": True} for index in range(2)]
        self.api.scripts["hello"] = script
        done = self.machine.atomic("generate", "hello")
        self.assertEqual((done.code, done.out), (0, "x = 1\n"), done)
        self.assertNotIn("is it a sum?", done.err)
        self.assertIn("code: the model thought for 24 characters", done.err)
