"""Lets everything happen to a primary, its standby, a pool and a service at once, and then settles the accounts.

`python -m tests.matrix.chaos --seed 7 --minutes 10` prints the timetable, which follows from the seed, and what came of
it. `--without retry-guard` repeats what is unknown, `--without standby` does not wait for the standby: then something
must be found, or the whole says nothing.
"""

# ruff: noqa: T201 -- it is a command

import argparse
import asyncio
import gc
import json
import logging
import math
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

from slimy_dal.engine.errors import OutcomeUnknown
from slimy_dal.engine.transaction import Transaction
from slimy_dal.testing import Happening, schedule
from tests.ad_hoc import reads
from tests.matrix import happenings
from tests.matrix.callers import KEPT_CODES, Callers
from tests.matrix.ledger import INSERT, Ledger
from tests.matrix.scene import DEADLINE, MARGIN, Scene, memory, scene, soon

__all__ = ["Chaos", "Without", "chaos", "timetable"]

Without: TypeAlias = Literal["", "retry-guard", "standby"]
Write: TypeAlias = Callable[[int], Awaitable[None]]

WRITERS, TRANSACTIONS, CALLERS = 6, 2, 3
BACK = {"failover from a hung one": 3.0, "hang": 2.0}
"""Seconds within which a write comes through again; one, after all other faults."""
SETTLING = 15.0
"""Seconds after the last fault in which everything must be well."""
MEGABYTE = 2**20
GROWTH = 128
"""Megabytes; the books of a long run are among them."""
SLOW = reads("SELECT pg_sleep(0.02)")
LEFT = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'slimy_dal%'"
    " AND (state <> 'idle' OR pid IN (SELECT pid FROM pg_locks))"
)


def timetable(seed: int, seconds: float) -> tuple[list[Happening], list[Happening]]:
    """Return what happens to the servers, and meanwhile to the lines; the same for the same seed."""
    return (
        schedule(f"{seed} servers", seconds, happenings.SERVERS, calm=(1.0, 2.5)),
        schedule(f"{seed} lines", seconds, happenings.LINES, calm=(0.5, 4.0)),
    )


class Chaos:
    """One run: `broken` says which promises were, in words."""

    def __init__(self, at: Scene, seed: int, without: Without) -> None:
        self._at, self._without = at, without
        self._chance = random.Random(seed)
        self._ended = False
        self._spoilt: list[tuple[float, float]] = []
        self.broken: list[str] = []
        self.ledger = Ledger()
        self.callers = Callers(at, guarded=without != "retry-guard")
        self.back: dict[str, list[float]] = defaultdict(list)
        self.cancelled = 0
        self.version = ""
        self.summary: list[str] = []

    async def run(self, tables: Sequence[Sequence[Happening]]) -> None:
        """Let it happen, wait until all that was begun has ended, and settle."""
        before = memory()
        work = [
            self.ledger.writers(self._one, count=WRITERS, until=lambda: self._ended),
            self.ledger.writers(self._together, count=TRANSACTIONS, until=lambda: self._ended),
            self._cancellations(),
            *(self.callers.run(lambda: self._ended) for _ in range(CALLERS)),
        ]
        running = [asyncio.create_task(one) for one in work]
        try:
            await asyncio.gather(*(self._happen(table) for table in tables))
            if not await soon(self._again(time.monotonic()), SETTLING):
                self.broken.append(f"no write within {SETTLING:g} s of the last fault")
        finally:
            self._ended = True
            await asyncio.gather(*running)
        await self._settle(before)

    # -- faults -----------------------------------------------------------------------------------

    async def _happen(self, table: Sequence[Happening]) -> None:
        started = time.monotonic()
        for one in table:
            await asyncio.sleep(max(0.0, started + one.at - time.monotonic()))
            if one.kind in happenings.LINES:
                self._spoilt.append((time.monotonic(), math.inf))
                await happenings.happen(self._at, one)
                self._spoilt[-1] = (self._spoilt[-1][0], time.monotonic())
                continue
            whole = await happenings.happen(self._at, one)
            await self._note_return(one, whole)
            await happenings.mend(self._at, one)

    async def _note_return(self, one: Happening, whole: float) -> None:
        """Note how long it took until a write came through, where the lines were not spoilt meanwhile."""
        came = await soon(self._again(whole), 5.0)
        first = self.ledger.first_success_after(whole) + whole if came else time.monotonic()
        if any(began < first and ended > whole - 1.0 for began, ended in self._spoilt):
            return
        took = max(0.0, first - whole - self._at.beats.between(whole, first))
        self.back[one.kind].append(took)
        if took > BACK.get(one.kind, 1.0):
            self.broken.append(f"no write for {took:.2f} s after {one.kind}")

    def _again(self, since: float) -> Callable[[], Awaitable[bool]]:
        async def check() -> bool:
            return bool(self.ledger.successes) and self.ledger.successes[-1] > since

        return check

    # -- work -------------------------------------------------------------------------------------

    async def _one(self, number: int) -> None:
        async def insert(number: int) -> None:
            await self._at.pool.execute(INSERT, number, timeout=DEADLINE)

        await self._timed(insert, number, "statement")

    async def _together(self, number: int) -> None:
        async def work(tx: Transaction) -> None:
            await tx.execute(INSERT, number)
            await tx.rows(SLOW)

        async def insert(_: int) -> None:
            await self._at.pool.run(work, timeout=DEADLINE)

        await self._timed(insert, number, "transaction")

    async def _timed(self, write: Write, number: int, kind: str) -> None:
        began, ending = time.monotonic(), "done"
        try:
            await write(number)
        except Exception as error:
            ending = type(error).__name__
            if self._without != "retry-guard" or not isinstance(error, OutcomeUnknown):
                raise
            await write(number)
        finally:
            ended = time.monotonic()
            late = self._at.beats.between(began, ended)
            if ended - began - late > DEADLINE + MARGIN and self._without != "retry-guard":
                words = f"{ending}, {late:.2f} s of it not served"
                self.broken.append(f"{kind} {number} took {ended - began:.2f} s: {words}")

    async def _cancellations(self) -> None:
        """Begin calls and cancel them at any moment."""
        while not self._ended:
            call = asyncio.create_task(self._at.pool.rows(SLOW, timeout=DEADLINE))
            await asyncio.sleep(self._chance.random() * 0.03)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            self.cancelled += 1

    # -- accounts ---------------------------------------------------------------------------------

    async def _settle(self, before: int) -> None:
        primary = self._at.pair.primary
        self.version = (await self._at.sql(primary, "SHOW server_version"))[0]
        verdict = self.ledger.verdict(
            int(one) for one in await self._at.sql(primary, "SELECT id FROM public.kept")
        )
        for name, found in vars(verdict).items():
            if isinstance(found, list) and found:
                self.broken.append(f"{name}: {len(found)} writes, such as {found[:3]}")
        kept = [int(one) for one in await self._at.sql(primary, KEPT_CODES)]
        self.broken += [*self.callers.wrong(kept), *self.callers.broken]

        async def rests() -> bool:
            return await self._at.sql(primary, LEFT) == ["0"]

        if not await soon(rests, 3.0):
            self.broken.append("sessions are still at work, or hold locks, with nobody asking")
        for pool in (self._at.pool, self._at.service.pool):
            state = pool.snapshot()["pool"]
            if state["in_use"] or state["waiting"]:
                self.broken.append(f"connections are taken with nobody asking: {state}")
        gc.collect()
        grown = (memory() - before) / MEGABYTE
        if grown > GROWTH:
            self.broken.append(f"{grown:.0f} MB more memory")
        self.summary = [
            f"writes: {verdict.summary}; the longest took {self.ledger.longest:.2f} s",
            f"requests: {len(kept):,} kept of {len(self.callers.asked):,}, answers "
            + ", ".join(f"{n:,} x {answer}" for answer, n in self.callers.answers.most_common()),
            f"cancelled: {self.cancelled:,}; memory: {grown:+.0f} MB",
            *(
                f"first write after {kind}: {', '.join(f'{s:.2f}' for s in sorted(seconds))} s"
                for kind, seconds in sorted(self.back.items())
            ),
        ]


async def chaos(seed: int, seconds: float, without: Without = "") -> Chaos:
    """Run one and return what came of it."""
    tasks = len(asyncio.all_tasks())
    async with scene(synchronous=without != "standby") as at:
        at.lagging = without == "standby"
        found = Chaos(at, seed, without)
        await found.run(timetable(seed, seconds))
    await asyncio.sleep(0.1)
    if (left := len(asyncio.all_tasks()) - tasks) > 0:
        found.broken.append(f"{left} tasks are left")
    return found


def keep(options: argparse.Namespace, found: Chaos, tables: Sequence[Sequence[Happening]]) -> None:
    """Add what came of it to the file that the page is made of."""
    path: Path = options.results
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    happened = Counter(one.kind for table in tables for one in table)
    worst = [line for line in found.broken if line.startswith(("lost: ", "twice: ", "lied: "))]
    lines = [f"{len(found.broken)} broken promises", *worst, *found.summary]
    if options.without:
        known.setdefault("controls", {})[options.without] = lines[:-1] if len(lines) > 4 else lines
    else:
        known["soak"] = (
            f"Last soak: {datetime.now(UTC):%Y-%m-%d}, seed {options.seed}, Python "
            f"{sys.version.split()[0]}, PostgreSQL {found.version}."
        )
        faults = ", ".join(f"{n} x {kind}" for kind, n in sorted(happened.items()))
        known["chaos"] = [f"{options.minutes:g} minutes: {faults}", *lines]
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    """Run as the command line says; 1 when a promise was broken, or, without a guard, when none was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--without", choices=("retry-guard", "standby"), default="")
    parser.add_argument("--results", type=Path, help="the file that the page is made of")
    options = parser.parse_args()
    seconds = options.minutes * 60
    logging.disable(logging.CRITICAL)  # what is done here on purpose fills pages
    print(f"seed {options.seed}, {seconds:g} s")
    tables = timetable(options.seed, seconds)
    print(*sorted((one for table in tables for one in table), key=lambda one: one.at), sep="\n")
    found = asyncio.run(chaos(options.seed, seconds, options.without))
    print(*found.summary, sep="\n")
    counts = Counter(line.partition(":")[0] for line in found.broken)
    print(f"broken promises: {len(found.broken)}", *found.broken[:20], sep="\n  ")
    noticed = bool(counts["lost"] or counts["twice"])
    if options.results:
        keep(options, found, tables)
    return int(not noticed) if options.without else int(bool(found.broken))


if __name__ == "__main__":
    sys.exit(main())
