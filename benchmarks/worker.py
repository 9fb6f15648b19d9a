"""One contestant in a process of its own: reads what to run from stdin, line by line, and answers in JSON."""

import asyncio
import gc
import json
import os
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

import uvloop
from contestants import CONTESTANTS, Call
from workloads import SQL, arguments, check

POOL_SIZE = 16


async def slice_of(call: Call, workload: str, concurrency: int, seconds: float) -> dict[str, float]:
    """Call as often as possible for some seconds; return operations per second and client CPU per operation."""
    count = 0
    gc.collect()
    cpu, begin = time.process_time(), time.perf_counter()
    end = begin + seconds

    async def caller(number: int) -> None:
        nonlocal count
        source = arguments(workload, os.getpid() * 1000 + number)
        while time.perf_counter() < end:
            await call(*source())
            count += 1

    await asyncio.gather(*(caller(number) for number in range(concurrency)))
    elapsed = time.perf_counter() - begin
    return {"ops": count / elapsed, "cpu": (time.process_time() - cpu) / count * 1e6}


async def main(name: str, dsn: str) -> None:
    """Serve the runner until its stdin ends."""
    async with AsyncExitStack() as stack:
        contestant = CONTESTANTS[name]()
        calls = await contestant.open(dsn, POOL_SIZE, stack)
        for number, workload in enumerate(SQL):
            # Another seed for each: the page that is checked must not be the one inserted into.
            given = arguments(workload, number)()
            check(workload, given, await calls[workload](*given), contestant.get)
            await asyncio.gather(*(calls[workload](*given) for _ in range(POOL_SIZE * 3)))
        say({"ready": name})
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            order = json.loads(line)
            say(await slice_of(calls[order["workload"]], **order))


def say(answer: dict[str, Any]) -> None:
    """Answer the runner."""
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 3:
        os.sched_setaffinity(0, {int(sys.argv[3])})
    uvloop.run(main(sys.argv[1], sys.argv[2]))
