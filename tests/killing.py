"""Runs statements through a proxy that kills the line at a message, and finds out what was kept of them.

`python -m tests.killing` kills every named query at every message, and prints what came of it.
"""

# ruff: noqa: T201 -- see above

import asyncio
import importlib
import pkgutil
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from slimy_dal import queries
from slimy_dal.engine import driver, embedded
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.variants import Variants
from slimy_dal.schema import migrator
from slimy_dal.testing import Cut, FaultProxy, Message, cut_points
from tests.ad_hoc import ONE, PID, settings

WITHOUT_MARK = {"health.analyze"}
"""An ANALYZE: nothing can be added to it."""

MARK = "WITH fault_mark AS (INSERT INTO public.fault_marks DEFAULT VALUES)"
START = datetime.now(UTC).replace(day=5)


WITHOUT_CHECKS = """
DO $$ DECLARE one record;
BEGIN
    FOR one IN
        SELECT conrelid::regclass AS owner, conname FROM pg_constraint
        WHERE contype = 'c' AND conrelid <> 0 AND coninhcount = 0
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.owner, one.conname); END LOOP;
END $$
"""


def every_statement() -> Iterator[Statement]:
    """Each named query of the project once, with all its filters or patched columns."""
    for module in pkgutil.iter_modules(queries.__path__):
        for name, thing in vars(
            importlib.import_module(f"{queries.__name__}.{module.name}")
        ).items():
            if not name.isupper():
                continue
            if isinstance(thing, Statement):
                yield thing
            elif isinstance(thing, Variants):
                yield thing.statement((1 << len(thing.choices)) - 1)


def marked(statement: Statement) -> Statement:
    """The same statement, which also leaves a row by which its commit can be counted."""
    text = statement.sql.lstrip()
    rest = f", {text[4:].lstrip()}" if text[:4].upper() == "WITH" else f" {text}"
    return Statement(
        statement.name,
        MARK + rest,
        statement.parameters,
        statement.columns,
        statement.timeout,
        writes=statement.writes,
    )


def argument(kind: str, chance: random.Random) -> Any:
    """A value of a type, another one each time."""
    if kind.endswith("[]"):
        return [argument(kind.removesuffix("[]"), chance)]
    number = chance.randrange(1, 2**40)
    made: dict[str, Any] = {
        "text": f"word{number}",
        "uuid": uuid.UUID(int=chance.getrandbits(128)),
        "bigint": number,
        "integer": number % 3 + 1,
        "timestamp with time zone": START + timedelta(seconds=number % 100_000),
        "date": date(2026, 1, 1 + number % 28),
        "interval": timedelta(days=1),
        "boolean": number % 2 == 0,
        "jsonb": [],
        "bytea": chance.randbytes(32),
        "double precision": (number % 1000) / 1000,
        "inet": IPv4Address(number % 2**32),
    }
    return made[kind]


@dataclass
class Tally:
    """What came of the kills: how often each outcome, and what must never be."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, name: str, cut: Cut, outcome: str, *, kept: int, sent: bool) -> None:
        """Judge one kill: `kept` is how often the statement was committed, `sent` whether the client had sent it."""
        self.outcomes[f"{outcome}, {'kept' if kept else 'not kept'}"] += 1
        where = f"{name} {cut}: {outcome}, kept {kept} times"
        if kept > 1:
            self.wrong.append(f"done twice: {where}")
        elif outcome == "done" and not kept:
            self.wrong.append(f"acknowledged and lost: {where}")
        elif outcome not in {"done", "OutcomeUnknown"} and kept:
            self.wrong.append(f"kept and reported as failed: {where}")
        elif outcome == "OutcomeUnknown" and not sent:
            self.wrong.append(f"unknown before it was sent: {where}")

    def read(self, name: str, cut: Cut, outcome: str) -> None:
        """Judge one kill of a read: it is done, with the help of a second try."""
        self.outcomes[outcome] += 1
        if outcome != "done":
            self.wrong.append(f"a read that failed: {name} {cut}: {outcome}")


class Range:
    """One proxy, a pool of one connection through it, and a direct session that sees what is kept."""

    def __init__(self, proxy: FaultProxy, pool: Pool, direct: driver.Connection) -> None:
        self.proxy, self.pool, self._direct = proxy, pool, direct
        self.chance = random.Random(7)

    async def marks(self) -> int:
        """How many statements were committed by now."""
        return int((await self._direct.fetch("SELECT count(*) FROM public.fault_marks"))[0][0])

    def arguments(self, statement: Statement) -> list[Any]:
        """Fresh arguments for one call."""
        return [argument(parameter.type, self.chance) for parameter in statement.parameters]

    async def call(self, statement: Statement) -> str:
        """Run it once: "done", or the name of the error."""
        try:
            await self.pool.rows(statement, *self.arguments(statement), timeout=5)
        except SlimyError as error:
            return type(error).__name__
        return "done"

    async def points(self, statement: Statement) -> tuple[str, list[Cut]]:
        """What a call comes to without any fault, and all its cut points on a fresh connection."""
        await self._fresh()
        with self.proxy.recording() as seen:
            outcome = await self.call(statement)
        return outcome, cut_points(message for message in seen if message.line == seen[0].line)

    async def kill(
        self, statement: Statement, cut: Cut, tally: Tally, *, as_write: bool = False
    ) -> None:
        """Run it once on a fresh connection that dies at the cut, and judge what came of it."""
        pid = await self._fresh()
        before = await self.marks()
        trap = self.proxy.arm(cut)
        with self.proxy.recording() as seen:
            outcome = await self.call(statement)
        self.proxy.disarm()
        hit = trap.sprung
        assert hit is not None, (statement.name, cut, outcome)
        await self.over(pid)
        # What was forwarded to the client may have been answered before the line broke.
        sent = _bound(statement, seen) or (hit.side == "server" and cut.when == "after")
        kept = await self.marks() - before
        if not statement.writes and not as_write:
            tally.read(statement.name, cut, outcome)
            return
        tally.add(statement.name, cut, outcome, kept=kept, sent=sent)

    async def _fresh(self) -> int:
        """Have the pool open another connection, on which nothing is prepared; return its process."""
        self.proxy.cut()
        return await self.process()

    async def process(self) -> int:
        """Return the server's process of the pool's connection, opening one where there is none."""
        row = await self.pool.row(PID)
        assert row is not None
        return int(row[0])

    async def over(self, pid: int) -> None:
        """Wait until the server has noticed that the line is gone: what is not kept by then never is."""
        there = "SELECT count(*) FROM pg_stat_activity WHERE pid = $1"
        async with asyncio.timeout(10):
            while (await self._direct.fetch(there, pid))[0][0]:  # noqa: ASYNC110 -- it tells nobody
                await asyncio.sleep(0.001)

    async def healthy(self) -> None:
        """Assert that the pool serves, with everything back in it."""
        row = await self.pool.row(ONE, 7)
        assert row is not None
        assert row[0] == 7
        state = self.pool.snapshot()["pool"]
        assert (state["in_use"], state["waiting"]) == (0, 0), state


def _bound(statement: Statement, seen: list[Message]) -> bool:
    """Whether a client sent the statement for execution."""
    parses = [message.data for message in seen if message.sql == statement.sql]
    names = {data[5:].split(b"\0")[0] for data in parses}
    return any(m.name == "Bind" and m.data[5:].split(b"\0")[1] in names for m in seen)


@asynccontextmanager
async def shooting_range(dsn: str) -> AsyncIterator[Range]:
    """Open a range on a database of the test's own.

    Foreign keys, triggers and CHECKs are off there, so that statements with made-up arguments are not refused.
    """
    async with await driver.connect(dsn) as direct:
        await direct.execute(
            "CREATE TABLE public.fault_marks (id bigint GENERATED ALWAYS AS IDENTITY, note text)"
        )
        await direct.execute(WITHOUT_CHECKS)
        [[name]] = await direct.fetch("SELECT current_database()")
        await direct.execute(f'ALTER DATABASE "{name}" SET session_replication_role = replica')
        async with (
            FaultProxy(dsn) as proxy,
            Pool.open(proxy.dsn, settings(pool_size=1, pool_min=0)) as pool,
        ):
            yield Range(proxy, pool, direct)


async def sweep(dsn: str, *, writes: bool, every: int = 1, first: int = 0) -> tuple[Tally, int]:
    """Kill each named query at its cut points, or at every n-th of them; return what came of it, and how many queries.

    Which ones of a query goes round from query to query, so that no message is left out.
    """
    tally = Tally()
    async with shooting_range(dsn) as at:
        chosen = [
            marked(statement) if writes else statement
            for statement in every_statement()
            if statement.writes is writes and statement.name not in WITHOUT_MARK
        ]
        for number, statement in enumerate(chosen):
            outcome, points = await at.points(statement)
            assert outcome == "done", statement.name
            for cut in points[(number + first) % every :: every]:
                await at.kill(statement, cut, tally)
            await at.healthy()
    return tally, len(chosen)


async def _all() -> None:
    for writes in (True, False):
        with embedded.temporary() as server:
            migrator.apply(server.dsn(), Path(__file__).parent.parent / "sql" / "migrations")
            tally, count = await sweep(server.dsn(), writes=writes)
        print("writes:" if writes else "reads:", count, "queries,", tally.outcomes.total(), "kills")
        for outcome, times in tally.outcomes.most_common():
            print(f"  {times:6} {outcome}")
        print("\n".join(tally.wrong) or "  nothing wrong")


if __name__ == "__main__":
    asyncio.run(_all())
