"""Which provider is asked, how often and for how long."""

import asyncio
import unittest
from collections.abc import AsyncGenerator
from typing import Any
from unittest import IsolatedAsyncioTestCase

from atomic_agent.circuit import Trip
from atomic_agent.config import Deadlines
from atomic_agent.environment import ConfigError
from atomic_agent.messages import AgentError, Completion, ErrorCode, Request, RequestType
from atomic_agent.pricing import PriceTable
from atomic_agent.providers.base import Finished, Progress, ProviderEvent, TextDelta, Usage
from atomic_agent.router import RetryPolicy, Router

from .support import (
    END,
    PACKAGE_ROOT,
    ScriptedProvider,
    Step,
    events_of,
    quiet,
    router_of,
    text,
)

AWAY = AgentError(ErrorCode.UNAVAILABLE, "away")
NO_CREDIT = AgentError(ErrorCode.OUT_OF_CREDIT, "no credit")
TOO_LONG = AgentError(ErrorCode.CONTEXT_LENGTH, "too long")


def busy(retry_after_ms: int) -> AgentError:
    return AgentError(ErrorCode.RATE_LIMITED, "busy", retry_after_ms=retry_after_ms)


class RouterTestCase(IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        quiet()

    async def ask(self, router: Router, model: str | None = None,
                  kind: RequestType = RequestType.CODE) -> list[Any]:
        """The deltas' texts and the `Completion`."""
        request = Request(id="f", request_id="q", prompt="p", request_type=kind, model=model)
        events = await events_of(router, request)
        return [event if isinstance(event, Completion) else event.text for event in events]

    async def failure_of(self, router: Router, model: str | None = None) -> AgentError:
        with self.assertRaises(AgentError) as failed:
            await self.ask(router, model)
        return failed.exception


class Order(RouterTestCase):
    async def test_the_first_provider_answers_and_the_second_is_not_asked(self) -> None:
        first, second = ScriptedProvider(text("1")), ScriptedProvider(text("2"))
        self.assertEqual((await self.ask(router_of(first, second)))[0], "1")
        self.assertEqual(second.calls, 0)

    async def test_the_second_answers_when_the_first_can_not(self) -> None:
        first, second = ScriptedProvider([NO_CREDIT]), ScriptedProvider(text("2"))
        self.assertEqual((await self.ask(router_of(first, second)))[0], "2")
        self.assertEqual(first.calls, 1)

    async def test_no_other_provider_is_asked_after_the_first_text(self) -> None:
        first = ScriptedProvider([TextDelta("half"), AWAY])
        second = ScriptedProvider(text("2"))
        failure = await self.failure_of(router_of(first, second))
        self.assertEqual(failure.code, "unavailable")
        self.assertEqual((first.calls, second.calls), (1, 0))

    async def test_a_request_that_is_wrong_itself_is_sent_to_nobody_else(self) -> None:
        first, second = ScriptedProvider([TOO_LONG]), ScriptedProvider(text("2"))
        self.assertEqual((await self.failure_of(router_of(first, second))).code, "context_length")
        self.assertEqual((first.calls, second.calls), (1, 0))

    async def test_a_provider_that_never_stands_in_does_not_answer_for_another(self) -> None:
        first = ScriptedProvider([NO_CREDIT])
        library = ScriptedProvider(text("2"), stands_in=False, models=("library-1",))
        router = router_of(first, library)
        self.assertEqual((await self.failure_of(router)).code, "out_of_credit")
        self.assertEqual((await self.ask(router, "library-1"))[0], "2")

    async def test_a_model_goes_to_the_provider_that_has_it(self) -> None:
        first = ScriptedProvider(text("1"))
        second = ScriptedProvider(text("2"), models=("other-1",))
        self.assertEqual((await self.ask(router_of(first, second), "other-1"))[0], "2")
        self.assertEqual(first.calls, 0)

    async def test_a_model_nobody_has_and_no_provider_at_all_are_told_apart(self) -> None:
        router = router_of(ScriptedProvider(text("1")))
        failure = await self.failure_of(router, "gone-1")
        self.assertEqual((failure.code, failure.retryable), ("invalid_request", False))
        self.assertIn("scripted-1", failure.message)
        self.assertEqual((await self.failure_of(router_of())).code, "no_provider")

    async def test_of_several_failures_one_worth_another_try_is_reported(self) -> None:
        router = router_of(ScriptedProvider([NO_CREDIT]), ScriptedProvider([AWAY]))
        self.assertEqual((await self.failure_of(router)).code, "unavailable")


class Retries(RouterTestCase):
    async def test_a_failure_before_the_first_text_is_tried_again(self) -> None:
        provider = ScriptedProvider([AWAY], [Progress(), AWAY], text("third"))
        self.assertEqual((await self.ask(router_of(provider)))[0], "third")
        self.assertEqual(provider.calls, 3)

    async def test_a_failure_that_will_not_pass_is_not_tried_again(self) -> None:
        provider = ScriptedProvider([NO_CREDIT])
        await self.failure_of(router_of(provider))
        self.assertEqual(provider.calls, 1)

    async def test_attempts_have_an_end(self) -> None:
        provider = ScriptedProvider([AWAY])
        await self.failure_of(router_of(provider))
        self.assertEqual(provider.calls, 3)

    async def test_the_providers_own_delay_is_waited_for(self) -> None:
        provider = ScriptedProvider([busy(80)], text("then"))
        loop = asyncio.get_running_loop()
        before = loop.time()
        await self.ask(router_of(provider))
        self.assertGreaterEqual(loop.time() - before, 0.08)

    async def test_a_long_delay_is_not_waited_for_but_handed_on(self) -> None:
        provider = ScriptedProvider([busy(60_000)])
        failure = await self.failure_of(router_of(provider))
        self.assertEqual((failure.retry_after_ms, provider.calls), (60_000, 1))

    async def test_a_provider_that_asks_for_a_long_delay_is_left_alone_for_it(self) -> None:
        provider = ScriptedProvider([busy(60_000)], text("later"))
        router = router_of(provider)
        await self.failure_of(router)
        failure = await self.failure_of(router)
        self.assertEqual((failure.code, provider.calls), ("rate_limited", 1))
        self.assertGreater(failure.retry_after_ms or 0, 50_000)

    async def test_an_answer_without_any_text_is_a_failure(self) -> None:
        provider = ScriptedProvider([END], text("second"))
        self.assertEqual((await self.ask(router_of(provider)))[0], "second")

    async def test_an_answer_that_just_stops_is_a_failure(self) -> None:
        failure = await self.failure_of(router_of(ScriptedProvider([TextDelta("half")])))
        self.assertEqual((failure.code, failure.retryable), ("unavailable", True))


class Deaf(ScriptedProvider):
    """Loses the first cancellation, as an HTTP library may, and goes on with its answer."""

    async def stream(self, request: Request) -> AsyncGenerator[ProviderEvent, None]:
        self.calls += 1
        lost = False
        try:
            while True:
                try:
                    await asyncio.sleep(3600 if self.given else 0)
                except asyncio.CancelledError:
                    if lost:
                        raise
                    lost = True
                for _ in range(100):
                    self.given += 1
                    yield TextDelta("x")
        finally:
            self.stopped += 1


class Stopping(RouterTestCase):
    async def test_a_call_that_loses_its_cancellation_is_stopped_all_the_same(self) -> None:
        provider = Deaf()
        router = router_of(provider)
        asked = asyncio.create_task(self.ask(router))
        while not provider.given:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        asked.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await asked
        self.assertEqual(provider.stopped, 1)


class CoolDown(RouterTestCase):
    async def test_a_provider_that_keeps_failing_is_put_aside_and_comes_back(self) -> None:
        provider = ScriptedProvider([AWAY], [AWAY], text("well again"))
        other = ScriptedProvider(text("other"))
        policy = RetryPolicy(attempts=1, base=0.001, otherwise=Trip(2, 0.1, 1))
        router = router_of(provider, other, policy=policy)
        for _ in range(3):
            self.assertEqual((await self.ask(router))[0], "other")
        self.assertEqual(provider.calls, 2)
        self.assertEqual([entry["state"] for entry in router.health()],
                         ["cooling_down", "ready"])
        await asyncio.sleep(0.11)
        self.assertEqual((await self.ask(router))[0], "well again")

    async def test_when_all_are_put_aside_the_answer_says_when_to_come_again(self) -> None:
        provider = ScriptedProvider([AWAY])
        router = router_of(provider, policy=RetryPolicy(attempts=1, otherwise=Trip(1, 30, 300)))
        await self.failure_of(router)
        failure = await self.failure_of(router)
        self.assertEqual((failure.code, failure.retryable), ("unavailable", True))
        self.assertGreater(failure.retry_after_ms or 0, 25_000)
        self.assertEqual(provider.calls, 1)

    async def test_a_success_forgets_the_failures_before(self) -> None:
        provider = ScriptedProvider([AWAY], text("a"), [AWAY], text("b"))
        policy = RetryPolicy(attempts=1, otherwise=Trip(2, 30, 300))
        router = router_of(provider, policy=policy)
        await self.failure_of(router)
        await self.ask(router)
        await self.failure_of(router)
        self.assertEqual((await self.ask(router))[0], "b")

    async def test_a_wrong_request_says_nothing_about_its_provider(self) -> None:
        provider = ScriptedProvider([TOO_LONG])
        router = router_of(provider, policy=RetryPolicy(otherwise=Trip(1, 30, 300)))
        for _ in range(3):
            await self.failure_of(router)
        self.assertEqual(router.health()[0]["state"], "ready")


class DeadlineTests(RouterTestCase):
    async def timeout_of(self, deadlines: Deadlines, *script: Step) -> AgentError:
        self.provider = ScriptedProvider(script)
        policy = RetryPolicy(attempts=1)
        failure = await self.failure_of(router_of(self.provider, deadlines=deadlines,
                                                  policy=policy))
        self.assertEqual((failure.code, failure.retryable), ("timeout", True))
        self.assertEqual(self.provider.stopped, 1)
        return failure

    async def test_a_first_text_that_takes_too_long_stops_the_call(self) -> None:
        failure = await self.timeout_of(Deadlines(first_chunk=0.05), asyncio.Event())
        self.assertIn("first text", failure.message)

    async def test_a_pause_that_takes_too_long_stops_the_call(self) -> None:
        failure = await self.timeout_of(Deadlines(idle=0.05), TextDelta("a"), asyncio.Event())
        self.assertIn("next text", failure.message)

    async def test_an_answer_that_takes_too_long_in_all_stops_the_call(self) -> None:
        failure = await self.timeout_of(Deadlines(total=0.05), TextDelta("a"), asyncio.Event())
        self.assertIn("answer", failure.message)

    async def test_a_model_that_thinks_is_waited_for(self) -> None:
        slowly = [asyncio.Event() for _ in range(4)]
        script: list[Step] = [TextDelta("thought"), END]
        for event in slowly:
            script[0:0] = [event, Progress()]
        provider = ScriptedProvider(script)
        for number, event in enumerate(reversed(slowly)):
            asyncio.get_running_loop().call_later(0.04 * (number + 1), event.set)
        deadlines = Deadlines(first_chunk=0.1, idle=0.1)
        self.assertEqual((await self.ask(router_of(provider, deadlines=deadlines)))[0],
                         "thought")

    async def test_the_total_bounds_all_attempts_together(self) -> None:
        provider = ScriptedProvider([AWAY])
        policy = RetryPolicy(attempts=1000, base=0.02, otherwise=Trip(10_000, 1, 1))
        router = router_of(provider, deadlines=Deadlines(total=0.1), policy=policy)
        async with asyncio.timeout(5):
            await self.failure_of(router)
        self.assertLess(provider.calls, 15)


class Cost(RouterTestCase):
    async def test_a_known_model_bears_its_cost(self) -> None:
        end = Finished("gpt-4.1-mini-2025-04-14", Usage(1_000_000, 500_000, 200_000))
        provider = ScriptedProvider([TextDelta("x"), end], name="openai")
        completion = (await self.ask(router_of(provider)))[-1]
        assert isinstance(completion, Completion)
        self.assertAlmostEqual(completion.cost_usd or 0, 0.8 * 0.4 + 0.2 * 0.1 + 0.5 * 1.6)

    async def test_an_unknown_model_has_no_cost_rather_than_a_wrong_one(self) -> None:
        provider = ScriptedProvider([TextDelta("x"), Finished("mystery", Usage(1, 1))])
        completion = (await self.ask(router_of(provider)))[-1]
        assert isinstance(completion, Completion)
        self.assertIsNone(completion.cost_usd)
        self.assertNotIn("cost_usd", completion.fields())


class PriceFile(unittest.TestCase):
    def test_a_table_that_can_not_be_read_is_named(self) -> None:
        for path in ("missing.json", "setup.cfg"):
            with self.assertRaisesRegex(ConfigError, f"ATOMIC_LLM_PRICES_FILE=.*{path}"):
                PriceTable.load(PACKAGE_ROOT / path)
