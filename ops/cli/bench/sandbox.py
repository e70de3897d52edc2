"""`sandbox`: hello-world in every language, tests in Python, and how many runs a second."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from ..errors import CommandError
from .plan import Bench
from .report import Figures, Result, cpu_seconds, percentile
from .stand import Stand, standing


def _hello(language: str, path: str, content: str) -> dict[str, Any]:
    return {"language": language, "files": [{"path": path, "content": content}]}


def _tests(calls: int, **more: Any) -> dict[str, Any]:
    """One test that calls the program so often."""
    test = (f"from main import add\n\n\ndef test_add():\n    for i in range({calls}):\n"
            "        assert add(i, 2) == i + 2\n")
    return {"language": "python", **more, "files": [
        {"path": "main.py", "content": "def add(a, b):\n    return a + b\n"},
        {"path": "test_main.py", "content": test}]}


_HELLO = {
    "python": _hello("python", "main.py", 'print("hello")\n'),
    "javascript": _hello("javascript", "main.js", 'console.log("hello");\n'),
    "bash": _hello("bash", "main.sh", "echo hello\n"),
    "c": _hello("c", "main.c", '#include <stdio.h>\nint main(void) { puts("hello"); }\n'),
    "cpp": _hello("cpp", "main.cpp",
                  '#include <iostream>\nint main() { std::cout << "hello\\n"; }\n'),
}
_CALLS = 1000
_TESTS = {
    # What a command says about how tests are run has no judge.
    "tests, reported": _tests(1, command=["pytest", "test_main.py"]),
    "tests, isolated": _tests(1),
    f"tests with {_CALLS} calls, isolated": _tests(_CALLS),
}
_POOLS = {"with the pool": "2", "without the pool": "0"}
_AT_ONCE = (1, 2, 4)
_WARM = 60
_ALONE = 40
_COMPILED = 12
# Runs one after the other leave the pool the time to fill, as most users do.
_APART_SECONDS = 0.3
_TESTS_APART_SECONDS = 1.0
_STEADY_A_SECOND = 8
_STEADY_SECONDS = 60.0
_ANSWER_SECONDS = 60.0


@dataclass
class _Runs:
    """What was seen of some runs: `duration_ms` of each, and of each request from end to end."""

    duration_ms: list[float] = field(default_factory=list)
    answer_ms: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def figures(self, of: str) -> Figures:
        """Percentiles under a name."""
        if not self.duration_ms:
            return {}
        return {f"{of}: p50 ms": percentile(self.duration_ms, 50),
                f"{of}: p95 ms": percentile(self.duration_ms, 95),
                f"{of}: answer p50 ms": percentile(self.answer_ms, 50)}


async def sandbox(bench: Bench) -> Result:
    """Everything through `POST /api/execute` on one warm worker."""
    result = bench.result("sandbox")
    for pool, size in _POOLS.items():
        with standing(bench.settings, bench.terminal, bench.database,
                      {"ATOMIC_SANDBOX_POOL_SIZE": size}) as stand:
            await stand.up("api", "worker-1")
            await _need_an_engine(stand)
            result.violations += (await _closed(stand, 2, count=_WARM)).wrong[:1]
            for run in range(bench.runs):
                if run >= len(result.runs):
                    result.runs.append({})
                await _once(bench, stand, pool, result, result.runs[run])
    bench.said(result, "`duration_ms` of the verdict: from asked to the program's end known; "
                       "`answer`: the whole request")
    bench.said(result, "CPU of the rest: engine, containers and whatever else ran beside it")
    return result


async def _once(bench: Bench, stand: Stand, pool: str, result: Result, figures: Figures) -> None:
    pooled = pool == "with the pool"
    for language in _HELLO if pooled else ("python",):
        runs = await _apart(stand, _HELLO[language],
                            _COMPILED if language in ("c", "cpp") else _ALONE, _APART_SECONDS)
        figures |= runs.figures(language if pooled else f"{language}, {pool}")
        result.violations += runs.wrong[:3]
    for name, body in _TESTS.items() if pooled else ():
        runs = await _apart(stand, body, _ALONE, _TESTS_APART_SECONDS)
        figures |= runs.figures(name)
        result.violations += runs.wrong[:3]
    if pooled:
        figures |= _a_call(figures)
    for at_once in _AT_ONCE:
        before, began = _cpu(stand), time.monotonic()
        runs = await _closed(stand, at_once, seconds=bench.seconds)
        took, after = time.monotonic() - began, _cpu(stand)
        count = len(runs.duration_ms)
        figures[f"{at_once} at once, {pool}: runs a second"] = count / took
        result.violations += runs.wrong[:3]
        if at_once == 2:
            figures |= {f"{pool}: CPU ms a run: {kind}": (after[kind] - before[kind]) / count
                        for kind in after}
    if pooled:
        runs = await _steady(stand)
        figures |= runs.figures(f"{_STEADY_A_SECOND} a second for a minute")
        result.violations += runs.wrong[:3]


async def _need_an_engine(stand: Stand) -> None:
    """The worker says a moment after its start whether it has an engine with the image."""
    until = time.monotonic() + 20
    while (await stand.api.json("/health"))["docker"] != "available":
        if time.monotonic() > until:
            raise CommandError("no engine with the sandbox's image: ops/engine/ensure and "
                               "ops/sandbox/build make them")
        await asyncio.sleep(0.2)


def _a_call(figures: Figures) -> Figures:
    """What a call of the program by its tests costs where they are in containers of their own."""
    one, many = (figures.get(f"{name}: p50 ms") for name in list(_TESTS)[1:])
    if one is None or many is None:
        return {}
    return {"a call between judge and program: ms": (many - one) / (_CALLS - 1)}


async def _run(stand: Stand, body: dict[str, Any], seen: _Runs) -> None:
    began = time.perf_counter()
    answer = await stand.api.call("POST", "/api/execute", body, seconds=_ANSWER_SECONDS)
    took = (time.perf_counter() - began) * 1000
    job: dict[str, Any] = answer.json()
    found = job.get("verification") or {}
    if answer.status != 200 or not _is_right(body, found):
        seen.wrong.append(f"{body['language']}: {answer.status} {answer.body[:300]!r}")
        return
    seen.duration_ms.append(found["duration_ms"])
    seen.answer_ms.append(took)


def _is_right(body: dict[str, Any], found: dict[str, Any]) -> bool:
    if found.get("status") != "passed":
        return False
    if body in _TESTS.values():
        return bool(found["evidence"] == ("reported" if "command" in body else "isolated"))
    return bool(found["stdout"] == "hello\n")


async def _apart(stand: Stand, body: dict[str, Any], count: int, pause: float) -> _Runs:
    """One after the other, with time between for the pool to fill."""
    seen = _Runs()
    for _ in range(count):
        await asyncio.sleep(pause)
        await _run(stand, body, seen)
    return seen


async def _closed(stand: Stand, at_once: int, count: int = 1 << 30,
                  seconds: float = 120.0) -> _Runs:
    """So many at once, each followed by the next, for a number of runs or of seconds."""
    seen = _Runs()
    until = time.monotonic() + seconds
    taken = 0

    async def client() -> None:
        nonlocal taken
        while taken < count and time.monotonic() < until:
            taken += 1
            await _run(stand, _HELLO["python"], seen)

    await asyncio.gather(*(client() for _ in range(at_once)))
    return seen


async def _steady(stand: Stand) -> _Runs:
    """A run every so often, whether those before have ended or not."""
    seen = _Runs()
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(int(_STEADY_A_SECOND * _STEADY_SECONDS)):
            await asyncio.sleep(max(0.0, began + number / _STEADY_A_SECOND - time.monotonic()))
            group.create_task(_run(stand, _HELLO["python"], seen))
    late = time.monotonic() - began - _STEADY_SECONDS
    if late > 2:
        seen.wrong.append(f"{_STEADY_A_SECOND} a second were too many: the last run ended "
                          f"{late:.1f} s after the minute")
    return seen


def _cpu(stand: Stand) -> Figures:
    """CPU milliseconds so far by kind of process; the rest of the machine's beside them."""
    found = stand.cpu_ms()
    machine = cpu_seconds()
    return found | {"the rest": (machine.machine - machine.idle) * 1000 - sum(found.values())}
