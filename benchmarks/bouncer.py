"""What PgBouncer costs: the same reads straight to the server, by way of it prepared, and by way of it plain."""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from paired import on_cpu

from slimy_dal.engine import embedded
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.testing import Bouncer

FILL = Statement(
    name="things.fill",
    sql="INSERT INTO things SELECT n, 'thing ' || n FROM generate_series(1, 10000) AS n",
    writes=True,
)
MAKE = Statement(
    name="things.make", sql="CREATE TABLE things (id bigint PRIMARY KEY, note text)", writes=True
)
READ = Statement(
    name="things.read",
    sql="SELECT id, note FROM things WHERE id = $1",
    parameters=(Parameter("id", "bigint"),),
)
ROWS, SLICE = 10000, 2000


@dataclass(frozen=True)
class Way:
    """A pool, the processes between it and the server, and the server's first one."""

    pool: Pool
    pids: tuple[int, ...]
    server: int


async def slice_of(pool: Pool, callers: int, calls: int) -> None:
    """Make so many reads."""
    choose = random.Random(calls)  # noqa: S311 -- which row

    async def caller() -> None:
        for _ in range(calls // callers):
            await pool.row(READ, choose.randint(1, ROWS))

    await asyncio.gather(*(caller() for _ in range(callers)))


def work(pids: Sequence[int]) -> float:
    """Return the seconds of CPU that this process and others have used."""
    return time.process_time() + sum(map(on_cpu, pids))


async def compare(ways: Mapping[str, Way], callers: int, rounds: int) -> None:
    """Print CPU and time of each way as multiples of the direct one's, the medians of rounds in shuffled order."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name in random.sample(list(ways), k=len(ways)):
            way = ways[name]
            # A pooler's sessions are its own to open and close: all of the server's are counted.
            pids = [*way.pids, *children(way.server)]
            cpu, clock = work(pids), time.monotonic()
            await slice_of(way.pool, callers, SLICE)
            seen[name].append((work(pids) - cpu, time.monotonic() - clock))
    for name, found in seen.items():
        cpu, clock = (
            statistics.median(
                one[part] / base[part] for one, base in zip(found, seen["direct"], strict=True)
            )
            for part in (0, 1)
        )
        each = statistics.median(one[0] for one in found) / SLICE * 1e6
        print(f"{callers:3d} callers  {name:9s} CPU {cpu:.2f} ({each:.0f} us)  time {clock:.2f}")


def children(postmaster: int) -> list[int]:
    """Return the processes of a server."""
    found = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [int(pid) for pid in found]


async def main(rounds: int) -> None:
    """Run all ways against one server."""
    async with AsyncExitStack() as stack:
        server = stack.enter_context(embedded.temporary())
        first = int((server.data / "postmaster.pid").read_text().splitlines()[0])
        dsn, ways = server.dsn(), {}
        for name in ("direct", "again"):
            pool = await stack.enter_async_context(Pool.open(dsn, PoolSettings(pool_size=8)))
            ways[name] = Way(pool, (), first)
        await ways["direct"].pool.execute(MAKE)
        await ways["direct"].pool.execute(FILL)
        for mode, kept in (("prepared", 200), ("plain", 0)):
            bouncer = stack.enter_context(Bouncer(dsn, prepared=kept))
            settings = PoolSettings.model_validate({"pool_size": 8, "pgbouncer": mode})
            pool = await stack.enter_async_context(Pool.open(bouncer.dsn(), settings))
            ways[mode] = Way(pool, (bouncer.pid or 0,), first)
        for callers in (1, 8):
            await compare(ways, callers, rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5 rounds instead of 21")
    asyncio.run(main(5 if parser.parse_args().quick else 21))
