"""Writers and readers who go on while a server breaks, what they were told meanwhile, and what was kept."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from slimy_dal.engine import driver
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.transaction import Transaction
from slimy_dal.testing import Node
from tests.ad_hoc import reads, settings
from tests.matrix.lateness import Lateness
from tests.matrix.ledger import INSERT, TABLE, Ledger, Verdict, writes

__all__ = ["GRACE", "Figure", "Workload", "at_work", "many"]

GRACE = 0.25
"""Seconds; what the engine may take beyond a deadline."""

TIME = 1.0
"""Seconds that each call has."""

Figure = Callable[[str, object], None]
"""pytest's record_property."""

READ = reads("SELECT count(*) FROM (SELECT FROM public.kept LIMIT 10) AS k")

SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'slimy_dal'"


@dataclass
class Workload:
    """What goes on; `refused` counts what readers were told, `over` is by how long the slowest call was too late."""

    node: Node
    pool: Pool
    ledger: Ledger
    late: Lateness
    time: float = TIME
    refused: Counter[str] = field(default_factory=Counter)
    reads: int = 0
    longest_read: float = 0.0
    stopping: bool = False

    async def acknowledged(self, more: int) -> None:
        """Wait until so many more writes were acknowledged."""
        end, goal = time.monotonic() + 60 + more / 200, len(self.ledger.done) + more
        while len(self.ledger.done) < goal:
            assert time.monotonic() < end, f"only {len(self.ledger.done)} of {goal} writes"
            await asyncio.sleep(0.005)

    async def answering(self, seconds: float = 30.0) -> float:
        """Wait until the server takes sessions of others, and return that moment."""
        end = time.monotonic() + seconds
        while True:
            try:
                probe = await driver.connect(self.node.dsn(), timeout=1.0)
            except SlimyError:
                assert time.monotonic() < end, "the server does not come back"
                await asyncio.sleep(0.005)
            else:
                now = time.monotonic()
                await probe.close()
                return now

    async def add(self, number: int) -> None:
        """Write one row in one of the ways there are."""
        kind = number % 3
        if kind == 0:
            await self.pool.execute(INSERT, number, timeout=self.time)
        elif kind == 1:
            async with self.pool.transaction(timeout=self.time) as tx:
                await tx.execute(INSERT, number)
        else:

            async def work(tx: Transaction) -> None:
                await tx.execute(INSERT, number)

            await self.pool.run(work, timeout=self.time)

    async def read(self) -> None:
        """Read until the end."""
        while not self.stopping:
            began = time.monotonic()
            try:
                await self.pool.row(READ, timeout=self.time)
                self.reads += 1
            except SlimyError as error:
                self.refused[type(error).__name__] += 1
                await asyncio.sleep(0.01)
            self.longest_read = max(self.longest_read, time.monotonic() - began)
            await asyncio.sleep(0)

    @property
    def over(self) -> float:
        """By how many seconds the slowest call went beyond its deadline, as far as this process was to blame."""
        slowest = max(self.ledger.longest, self.longest_read)
        return slowest - self.time - self.late.worst

    def kept(self) -> list[int]:
        """Return the ids that the server has now."""
        return [int(line) for line in self.node.sql("SELECT id FROM public.kept")]

    def verdict(self) -> Verdict:
        """Compare what callers were told with what the server has now."""
        return self.ledger.verdict(self.kept())

    def rate(self, begin: float, end: float) -> float:
        """Return how many writes a second were acknowledged between two moments."""
        return sum(begin <= moment < end for moment in self.ledger.successes) / (end - begin)

    def hold(self, *, back: float | None = None, within: float = 1.0) -> str:
        """Assert what every fault of a server leaves standing, and return the figures.

        No call beyond its deadline, no acknowledged write lost, none refused that was kept, none twice, no session
        left on the server; where it was away until `back`, the first write succeeds `within` seconds of that.
        """
        assert self.over <= GRACE, f"{self.over:.3f} s beyond the deadline"
        verdict = self.verdict()
        assert verdict.clean, verdict
        end = time.monotonic() + 10 + self.late.worst
        while self.node.sql(SESSIONS) != ["0"]:
            assert time.monotonic() < end, "sessions are left on the server"
        said = f"{verdict.summary}; slowest call {max(self.over + self.time, 0):.2f} s of {self.time:g}"
        if back is not None:
            first = self.ledger.first_success_after(back)
            assert first <= within + 2 * self.late.worst, f"back after {first:.3f} s"
            said += f"; first write {first:.3f} s after the server was back"
        return said


@asynccontextmanager
async def at_work(
    node: Node,
    *,
    writers: int = 8,
    readers: int = 2,
    seconds: float = TIME,
    place: str = "",
    **bounds: Any,
) -> AsyncIterator[Workload]:
    """Let writers and readers work on an empty table; at the end of the block they finish what they are at.

    Then no task of them is left.
    """
    node.sql(f"DROP TABLE IF EXISTS public.kept; {TABLE}{place}")
    before = asyncio.all_tasks()
    async with (
        Lateness() as late,
        Pool.open(node.dsn(), settings(**{"pool_size": 8, **bounds})) as pool,
    ):
        work = Workload(node, pool, Ledger(), late, seconds)
        writing = work.ledger.writers(work.add, count=writers, until=lambda: work.stopping)
        tasks = [asyncio.create_task(work.read()) for _ in range(readers)]
        tasks.append(asyncio.create_task(writing))
        try:
            yield work
        finally:
            work.stopping = True
            await asyncio.gather(*tasks)
    left = [task for task in asyncio.all_tasks() - before if _of_engine(task)]
    assert not left, left


def _of_engine(task: "asyncio.Task[Any]") -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and ("slimy_dal" in code.co_filename or "asyncpg" in code.co_filename)


def many(share: float = 1.0) -> int:
    """Return how many writes a scenario waits for: hundreds in a test, 100,000 in a soak."""
    return max(int(writes(300) * share), 1)
