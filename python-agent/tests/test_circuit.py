"""When a provider is put aside, for what, and how it comes back; which models serve what."""

import asyncio
from typing import Any
from unittest import IsolatedAsyncioTestCase

from atomic_agent.circuit import Circuit, Permit, Trip
from atomic_agent.config import Deadlines, Route
from atomic_agent.messages import AgentError, Completion, ErrorCode, Request, RequestType
from atomic_agent.providers.base import TextDelta
from atomic_agent.router import RetryPolicy, Router

from .support import END, ScriptedProvider, Step, events_of, quiet, router_of, text

BAD_KEY = AgentError(ErrorCode.AUTH, "bad key")
ONCE = RetryPolicy(attempts=1, base=0.001, otherwise=Trip(1, 0.05, 0.05))


def away() -> AgentError:
    return AgentError(ErrorCode.UNAVAILABLE, "away")


def busy(retry_after_ms: int | None = None) -> AgentError:
    return AgentError(ErrorCode.RATE_LIMITED, "busy", retry_after_ms=retry_after_ms)


class CircuitTestCase(IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        quiet()

    async def ask(self, router: Router, **more: Any) -> Any:
        """The answer's text, or the error's code."""
        request = Request(id="f", request_id="q", prompt="p", **more)
        try:
            events = await events_of(router, request)
        except AgentError as failure:
            return failure.code
        return "".join(event.text for event in events if isinstance(event, TextDelta))


class Causes(CircuitTestCase):
    async def test_a_bad_key_puts_its_provider_aside_at_once_and_is_said_in_the_health(
        self,
    ) -> None:
        first, second = ScriptedProvider([BAD_KEY]), ScriptedProvider(text("2"))
        router = router_of(first, second)
        for _ in range(3):
            self.assertEqual(await self.ask(router), "2")
        self.assertEqual(first.calls, 1)
        told = router.health()[0]
        self.assertEqual((told["state"], told["cause"]), ("cooling_down", "auth"))
        self.assertGreater(told["retry_after_ms"], 290_000)

    async def test_requests_that_hang_while_others_are_answered_put_nobody_aside(self) -> None:
        now = 100.0
        circuit = Circuit("p", lambda: now, otherwise=Trip(2, 30, 30, over=1))

        def entered() -> Permit:
            permit = circuit.enter()
            assert permit is not None
            return permit

        hanging = [entered() for _ in range(9)]
        now = 101.0
        circuit.succeeded()
        for permit in hanging:
            now += 1
            circuit.failed(away(), permit)
            circuit.leave(permit)
        self.assertEqual(circuit.state(), "ready")
        for _ in range(3):  # nothing has been answered since these were let through
            permit = entered()
            now += 1
            circuit.failed(away(), permit)
            circuit.leave(permit)
            if circuit.state() != "ready":
                break
        self.assertEqual(circuit.state(), "cooling_down")

    async def test_put_aside_alone_it_is_refused_by_its_cause(self) -> None:
        router = router_of(ScriptedProvider([BAD_KEY]))
        self.assertEqual([await self.ask(router) for _ in range(2)], ["auth", "auth"])
        credit = AgentError(ErrorCode.OUT_OF_CREDIT, "empty")
        router = router_of(ScriptedProvider([credit]))
        self.assertEqual([await self.ask(router) for _ in range(2)], ["out_of_credit"] * 2)

    async def test_one_cause_does_not_count_for_another(self) -> None:
        scripts: list[list[Step]] = [[away()], [busy()], [away()], text("well")]
        provider = ScriptedProvider(*scripts)
        policy = RetryPolicy(attempts=1, trips={ErrorCode.RATE_LIMITED: Trip(2, 60, 60)},
                             otherwise=Trip(3, 60, 60))
        router = router_of(provider, policy=policy)
        self.assertEqual([await self.ask(router) for _ in range(4)],
                         ["unavailable", "rate_limited", "unavailable", "well"])

    async def test_what_the_caller_did_wrong_never_puts_a_provider_aside(self) -> None:
        for code in (ErrorCode.INVALID_REQUEST, ErrorCode.CONTEXT_LENGTH,
                     ErrorCode.CONTENT_FILTER, ErrorCode.NO_MODEL):
            provider = ScriptedProvider([AgentError(code, "wrong")])
            router = router_of(provider, policy=ONCE)
            self.assertEqual([await self.ask(router) for _ in range(3)], [code] * 3)
            self.assertEqual((provider.calls, router.health()[0]["state"]), (3, "ready"))

    async def test_a_short_delay_is_waited_for_where_nobody_else_answers(self) -> None:
        provider = ScriptedProvider([busy(50)], text("then"))
        router = router_of(provider, policy=ONCE)
        self.assertEqual(await self.ask(router), "rate_limited")
        self.assertEqual(await self.ask(router), "then")

    async def test_another_provider_is_asked_rather_than_waiting(self) -> None:
        first, second = ScriptedProvider([busy(10_000)]), ScriptedProvider(text("2"))
        async with asyncio.timeout(5):
            self.assertEqual(await self.ask(router_of(first, second)), "2")

    async def test_requests_under_way_when_it_opens_do_not_make_the_pause_longer(self) -> None:
        router = router_of(ScriptedProvider([away()]),
                           policy=RetryPolicy(attempts=1, otherwise=Trip(2, 30, 10_000)))
        answers = await asyncio.gather(*(self.ask(router) for _ in range(20)))
        self.assertEqual(set(answers), {"unavailable"})
        self.assertLess(router.health()[0]["retry_after_ms"], 31_000)

    async def test_the_failures_of_one_burst_do_not_put_aside_what_is_about_to_answer(self) -> None:
        scripts: list[list[Step]] = [[away()]] * 10
        provider = ScriptedProvider(*scripts, text("well"))
        router = router_of(provider, policy=RetryPolicy(attempts=1))
        answers = await asyncio.gather(*(self.ask(router) for _ in range(20)))
        self.assertEqual((answers.count("unavailable"), answers.count("well")), (10, 10))


class Probes(CircuitTestCase):
    async def opened(self, *scripts: list[Step], **more: Any) -> tuple[ScriptedProvider, Router]:
        """A provider that has failed once, whose pause is over."""
        provider = ScriptedProvider([away()], *scripts)
        router = router_of(provider, policy=ONCE, **more)
        self.assertEqual(await self.ask(router), "unavailable")
        while router.health()[0]["state"] == "cooling_down":
            await asyncio.sleep(0.01)
        self.assertEqual(router.health()[0]["state"], "probing")
        return provider, router

    async def test_one_request_finds_out_and_the_others_follow_its_first_chunk(self) -> None:
        answers, goes_on = asyncio.Event(), asyncio.Event()
        script: list[Step] = [answers, TextDelta("well"), goes_on, END]
        provider, router = await self.opened(script)
        asked = [asyncio.create_task(self.ask(router)) for _ in range(10)]
        await asyncio.sleep(0.05)
        self.assertEqual(provider.calls, 2)
        answers.set()
        while provider.calls < 11:
            await asyncio.sleep(0.01)
        self.assertEqual(router.health()[0]["state"], "ready")
        goes_on.set()
        self.assertEqual(await asyncio.gather(*asked), ["well"] * 10)

    async def test_a_probe_that_fails_opens_it_again(self) -> None:
        provider, router = await self.opened([away()])
        self.assertEqual(await self.ask(router), "unavailable")
        self.assertEqual(router.health()[0]["state"], "cooling_down")

    async def test_a_probe_that_fails_after_the_providers_own_short_delay_counts_once(
        self,
    ) -> None:
        provider = ScriptedProvider([busy(20)], [away()], text("well"))
        router = router_of(provider, policy=RetryPolicy(attempts=1))
        self.assertEqual([await self.ask(router) for _ in range(3)],
                         ["rate_limited", "unavailable", "well"])

    async def test_a_probe_that_is_cancelled_makes_room_for_the_next(self) -> None:
        provider, router = await self.opened([asyncio.Event()], text("well"))
        probe = asyncio.create_task(self.ask(router))
        while provider.calls < 2:
            await asyncio.sleep(0.01)
        probe.cancel()
        self.assertEqual(await self.ask(router), "well")

    async def test_a_probe_with_a_bad_request_proves_nothing(self) -> None:
        wrong = AgentError(ErrorCode.INVALID_REQUEST, "wrong")
        _, router = await self.opened([wrong], text("well"))
        self.assertEqual(await self.ask(router), "invalid_request")
        self.assertEqual(router.health()[0]["state"], "probing")
        self.assertEqual(await self.ask(router), "well")

    async def test_waiting_for_a_probe_has_an_end(self) -> None:
        _, router = await self.opened([asyncio.Event()], deadlines=Deadlines(first_chunk=0.1))
        async with asyncio.timeout(5):
            answers = await asyncio.gather(*(self.ask(router) for _ in range(3)))
        self.assertEqual(answers[0], "timeout")
        self.assertLessEqual(set(answers), {"timeout", "unavailable"})


class Models(CircuitTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.small = ScriptedProvider(text("small"), name="a", models=("m", "small"))
        self.large = ScriptedProvider(text("large"), name="b", models=("m", "large"))

    async def test_a_type_of_request_goes_to_its_models_in_order(self) -> None:
        routes = {RequestType.CODE: (Route("b", "large"), Route("a", "small"))}
        router = router_of(self.small, self.large, routes=routes)
        self.assertEqual(await self.ask(router), "large")
        self.assertEqual(await self.ask(router, request_type=RequestType.SPEC), "small")
        self.assertEqual([(each["id"], each["default_for"])
                          for entry in router.health() for each in entry["model_details"]],
                         [("m", ["GENERATE_SPEC", "GENERATE_DOCS"]), ("small", []),
                          ("m", []), ("large", ["GENERATE_CODE"])])

    async def test_only_models_that_are_set_up_can_be_named(self) -> None:
        router = router_of(self.small, self.large)
        self.assertEqual(await self.ask(router, model="large"), "large")
        self.assertEqual(await self.ask(router, model="b/m"), "large")
        self.assertEqual(await self.ask(router, model="m"), "small")
        self.assertEqual(await self.ask(router, model="m2"), "invalid_request")
        self.assertEqual((self.small.calls, self.large.calls), (1, 2))

    async def test_a_models_price_and_limits_are_told(self) -> None:
        router = router_of(ScriptedProvider(text("x"), name="openai", models=("gpt-4.1-mini",)))
        told = router.health()[0]["model_details"][0]
        self.assertEqual((told["input_usd_per_million"], told["output_usd_per_million"]),
                         (0.4, 1.6))
        self.assertEqual((told["context_tokens"], told["max_output_tokens"]), (1047576, 32768))
        self.assertRegex(told["prices_as_of"], r"^\d{4}-\d\d-\d\d$")

    async def test_the_model_that_is_asked_for_reaches_the_provider(self) -> None:
        router = router_of(self.small)
        events = await events_of(router, Request("f", "q", "p", model="small"))
        assert isinstance(events[-1], Completion)
        self.assertEqual(self.small.asked, ["small"])
