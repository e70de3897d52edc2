"""Measures the agent as a process of its own: `python3 -m tests.bench` in `python-agent`.

A benchmark, no test: what it prints depends on the machine.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .support import Client, agent_environment, resident_mib

AT_ONCE = 64
ROUNDS = 30
SECONDS = 10.0
PROMPTS = ("Write an LRU cache", "Write a bank account ledger", "Write an expression calculator",
           "Build a real-time chat application")


def main() -> None:
    asyncio.run(_bench())


async def _bench() -> None:
    with tempfile.TemporaryDirectory(prefix="agent-") as directory:
        path = Path(directory) / "agent.sock"
        agent = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "atomic_agent",
            env=agent_environment(ATOMIC_IPC_SOCKET=str(path), ATOMIC_LOG_LEVEL="WARN"))
        try:
            while not path.exists():
                await asyncio.sleep(0.02)
            client = await Client.connect(path)
            await _first_chunks(client)
            await _throughput(client, agent.pid)
            await client.close()
        finally:
            agent.terminate()
            await agent.wait()


async def _first_chunks(client: Client) -> None:
    """From writing a request to reading its first chunk, 64 requests written at once."""
    waits: list[float] = []
    for number in range(ROUNDS + 1):
        began: dict[str, float] = {}
        for each in range(AT_ONCE):
            request_id = f"{number}/{each}"
            # Each prompt is new, so that no answer is one that is kept.
            prompt = " " * number + PROMPTS[each % len(PROMPTS)] + " " * each
            client.request(request_id, prompt)
            began[request_id] = time.perf_counter()
        left, unheard = set(began), set(began)
        while left:
            frame = json.loads(await client.reader.readline())
            payload = frame["payload"]
            if payload.get("chunk_index") == 0:
                if number:  # the first round warms up
                    waits.append(time.perf_counter() - began[payload["request_id"]])
                unheard.discard(payload["request_id"])
                if not unheard:
                    for request_id in left:
                        client.cancel(request_id)
            if frame["type"] == 3 or payload.get("is_final"):
                left.discard(payload["request_id"])
    waits.sort()
    p50, p99 = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    print(f"first chunk, {AT_ONCE} requests at once: p50 {p50 * 1000:.1f} ms, "
          f"p99 {p99 * 1000:.1f} ms, longest {waits[-1] * 1000:.1f} ms ({len(waits)} requests)")


async def _throughput(client: Client, pid: int) -> None:
    """Chunks a second with one client that reads them all, and what is kept of them."""
    before, chunks, started = resident_mib(pid), 0, time.perf_counter()
    cpu = _processor_seconds(pid)
    lags: list[float] = []
    next_id = 0

    def ask() -> None:
        nonlocal next_id
        next_id += 1
        client.request(f"t{next_id}", PROMPTS[next_id % len(PROMPTS)])

    for _ in range(AT_ONCE):
        ask()
    under_way = AT_ONCE
    while under_way:
        frame: dict[str, Any] = json.loads(await client.reader.readline())
        chunks += 1
        if chunks % 100 == 0:
            lags.append(time.time() * 1000 - frame["timestamp"])
        if frame["payload"]["is_final"]:
            under_way -= 1
            if time.perf_counter() - started < SECONDS:
                ask()
                under_way += 1
    seconds = time.perf_counter() - started
    half = len(lags) // 2
    print(f"throughput: {chunks / seconds:,.0f} chunks/s over {seconds:.1f} s; agent "
          f"{(_processor_seconds(pid) - cpu) / seconds:.2f} cores, RSS {before:.1f} → "
          f"{resident_mib(pid):.1f} MiB; chunk on its way {_median(lags[:half]):.1f} ms in the "
          f"first half, {_median(lags[half:]):.1f} ms in the second")


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
