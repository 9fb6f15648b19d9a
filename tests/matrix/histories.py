"""Makes histories for the search of anomalies: random transactions that append to lists and read them."""

import asyncio
import itertools
import random
from dataclasses import dataclass, field

from slimy_dal.engine.errors import OutcomeUnknown, SlimyError
from slimy_dal.engine.isolation import Isolation
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.transaction import Transaction
from tests.ad_hoc import reads, writes
from tests.matrix.chance import seed
from tests.matrix.elle import Attempt, anomalies

__all__ = ["LISTS", "Histories"]

LISTS = """
CREATE TABLE public.lists (key bigint PRIMARY KEY, items bigint[] NOT NULL);
-- They lock in any order on purpose, and the test has no second for each circle.
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = %L', current_database(), '10ms'); END $$;
"""
APPEND = writes(
    "INSERT INTO public.lists AS l VALUES ($1, ARRAY[$2::bigint])"
    " ON CONFLICT (key) DO UPDATE SET items = l.items || excluded.items",
    "bigint",
    "bigint",
)
READ = reads("SELECT items FROM public.lists WHERE key = $1", "bigint")
EVERYTHING = reads("SELECT key, items FROM public.lists")
TOGETHER = 60
"""Transactions that work on the same few lists, before others take their place: long lists tell no more."""
LISTS_AT_ONCE = 3


@dataclass
class Histories:
    """A history in the making, by several tasks on one pool."""

    pool: Pool
    isolation: Isolation
    seed: int = field(default_factory=seed)
    attempts: list[Attempt] = field(default_factory=list)
    _values: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def run(self, transactions: int, workers: int = 8) -> None:
        """Run so many transactions, each again where that is safe."""
        waiting = iter(range(transactions))

        async def worker() -> None:
            for number in waiting:
                await self._one(number)

        await asyncio.gather(*(worker() for _ in range(workers)))

    async def _one(self, number: int) -> None:
        chance = random.Random(f"{self.seed} {number}")
        keys = [number // TOGETHER * LISTS_AT_ONCE + place for place in range(LISTS_AT_ONCE)]
        plan = [(chance.choice(keys), chance.random()) for _ in range(chance.choice((2, 2, 3, 4)))]
        tried: list[Attempt] = []

        async def work(tx: Transaction) -> None:
            attempt = Attempt()
            tried.append(attempt)
            for key, what in plan:
                await self._operate(tx, attempt, key, what)
                await asyncio.sleep(chance.random() * 0.002)

        try:
            await self.pool.run(work, isolation=self.isolation, timeout=10)
        except OutcomeUnknown:
            tried[-1].outcome = "unknown"
        except SlimyError:
            pass
        else:
            tried[-1].outcome = "done"
        self.attempts += tried

    async def _operate(self, tx: Transaction, attempt: Attempt, key: int, what: float) -> None:
        if what < 0.5:
            row = await tx.row(READ, key)
            attempt.operations.append(("read", key, tuple(row[0]) if row else ()))
            return
        value = next(self._values)
        # Noted before it is sent: what fails half-way may still be found in the database one day.
        attempt.operations.append(("append", key, value))
        await tx.execute(APPEND, key, value)

    async def anomalies(self) -> dict[str, list[str]]:
        """Read the lists, and return what is wrong with the history."""
        final = {key: tuple(items) for key, items in await self.pool.rows(EVERYTHING)}
        return anomalies(self.attempts, final)

    def count(self, outcome: str) -> int:
        """Return how many attempts ended so."""
        return sum(attempt.outcome == outcome for attempt in self.attempts)
