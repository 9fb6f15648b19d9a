"""Runs statements through a proxy that kills the line at a message, and finds out what was kept of them.

`python -m tests.killing` kills named queries and every other form of work at every message, again and again until so
many writes were killed (`--writes 100000`), and prints what came of it, after the control that must go wrong.
"""

# ruff: noqa: T201 -- see above

import argparse
import asyncio
import contextlib
import importlib
import itertools
import math
import pkgutil
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Self

import asyncpg

from slimy_dal import queries
from slimy_dal.engine import driver, embedded
from slimy_dal.engine.bound import Bound
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.engine.tenant import Tenant
from slimy_dal.engine.transaction import Transaction
from slimy_dal.engine.variants import Variants
from slimy_dal.schema import migrator
from slimy_dal.testing import Cut, FaultProxy, Message, cut_points
from tests.ad_hoc import ONE, settings
from tests.matrix.chance import seeded

WITHOUT_MARK = {"health.analyze"}
"""An ANALYZE: nothing can be added to it."""

MARK = "WITH fault_mark AS (INSERT INTO public.fault_marks DEFAULT VALUES)"
MOST_SHOWN = 20
START = datetime.now(UTC).replace(day=5)


DONE, UNKNOWN, LOST = "done", "OutcomeUnknown", "ConnectionLost"

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
        "name": f"word{number}",
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


@dataclass(frozen=True)
class Form:
    """A way to run statements: `work` leaves `marks` marks where it is kept, none where not; 0 says that it reads.

    `ends` tells whether a client sent the last that matters: before that nothing can have been kept, so nothing is
    unknown. `outcomes` are those that one kill may have.
    """

    name: str
    work: Callable[[], Awaitable[object]]
    ends: Callable[[list[Message]], bool]
    marks: int = 1
    outcomes: tuple[str, ...] = (DONE, UNKNOWN)


@dataclass
class Tally:
    """What came of the kills: how often each outcome, and what must never be."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, form: Form, cut: Cut, outcome: str, *, kept: int, sent: bool) -> None:
        """Judge one kill: `kept` is how many marks it left, `sent` whether the client had sent its end."""
        if not form.marks:
            self.outcomes[outcome] += 1
            if outcome not in form.outcomes:
                self.wrong.append(f"a read that failed: {form.name} {cut}: {outcome}")
            return
        times, odd = divmod(kept, form.marks)
        self.outcomes[f"{outcome}, {'kept' if kept else 'not kept'}"] += 1
        where = f"{form.name} {cut}: {outcome}, kept {times} times"
        if odd:
            self.wrong.append(f"a part of it was kept: {where}")
        elif times > 1:
            self.wrong.append(f"done twice: {where}")
        elif outcome == DONE and not kept:
            self.wrong.append(f"acknowledged and lost: {where}")
        elif outcome not in {DONE, UNKNOWN} and kept:
            self.wrong.append(f"kept and reported as failed: {where}")
        elif outcome == UNKNOWN and not sent:
            self.wrong.append(f"unknown before it was sent: {where}")
        elif outcome not in form.outcomes:
            self.wrong.append(f"given up for no reason: {where}")

    def __iadd__(self, other: Self) -> Self:
        self.outcomes += other.outcomes
        self.wrong += other.wrong
        return self


class Range:
    """One proxy, a pool of one connection through it, and a direct session that sees what is kept."""

    def __init__(self, proxy: FaultProxy, pool: Pool, direct: driver.Connection) -> None:
        self.proxy, self.pool, self._direct = proxy, pool, direct
        self.chance = seeded(7)
        self._seen = 0

    async def marks(self) -> int:
        """How many marks were committed since this was asked last."""
        text = f"SELECT count(*), max(id) FROM public.fault_marks WHERE id > {self._seen}"
        [[count, last]] = await self._direct.fetch(text)
        self._seen = last or self._seen
        return int(count)

    def arguments(self, statement: Statement) -> list[Any]:
        """Fresh arguments for one call."""
        return [argument(parameter.type, self.chance) for parameter in statement.parameters]

    def single(self, statement: Statement) -> Form:
        """The form of a statement that runs alone."""

        async def work() -> None:
            await self.pool.rows(statement, *self.arguments(statement), timeout=5)

        outcomes = (DONE, UNKNOWN) if statement.writes else (DONE,)
        marks = int(MARK in statement.sql)
        return Form(statement.name, work, lambda seen: _bound(statement, seen), marks, outcomes)

    async def points(self, form: Form) -> list[Cut]:
        """All cut points of a form of work on a fresh connection, which it survives without any fault."""
        for _ in range(20):
            await self.fresh()
            with self.proxy.recording() as seen:
                outcome = await attempt(form.work)
            assert outcome == DONE, (form.name, outcome)
            await self.marks()
            # What the pool asks a server from time to time, and greetings, are not this form's words.
            if not any(m.name == "Startup" or "pg_control_system" in (m.sql or "") for m in seen):
                break
        return cut_points(message for message in seen if message.line == seen[0].line)

    async def kill(self, form: Form, cut: Cut, tally: Tally) -> None:
        """Do it once on a fresh connection that dies at the cut, and judge what came of it."""
        pid = await self.fresh()
        trap = self.proxy.arm(cut)
        with self.proxy.recording() as seen:
            outcome = await attempt(form.work)
        self.proxy.disarm()
        hit = trap.sprung
        assert hit is not None, (form.name, cut, outcome)
        await self.over(pid)
        # What was forwarded to the client may have been answered before the line broke.
        sent = form.ends(seen) or (hit.side == "server" and cut.when == "after")
        tally.add(form, cut, outcome, kept=await self.marks(), sent=sent)

    async def everywhere(self, form: Form, *, every: int = 1, first: int = 0) -> Tally:
        """Kill it at each of its points, or at every n-th."""
        tally = Tally()
        for cut in (await self.points(form))[first % every :: every]:
            await self.kill(form, cut, tally)
        await self.healthy()
        return tally

    async def fresh(self) -> int:
        """Have the pool open another connection, on which nothing is prepared; return its process."""
        self.proxy.cut()
        supply = self.pool.supply
        async with asyncio.timeout(10):
            while supply.everything:  # noqa: ASYNC110 -- it tells nobody
                await asyncio.sleep(0)
        connection = await supply.acquire(time.monotonic() + 10)
        supply.release(connection)
        return connection.pid

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


async def attempt(work: Callable[[], Awaitable[object]]) -> str:
    """Do it once: "done", or the name of the error."""
    try:
        await work()
    except SlimyError as error:
        return type(error).__name__
    return DONE


def _bound(statement: Statement, seen: list[Message]) -> bool:
    """Whether a client sent the statement for execution."""
    parses = [message.data for message in seen if message.sql == statement.sql]
    names = {data[5:].split(b"\0")[0] for data in parses}
    return any(m.name == "Bind" and m.data[5:].split(b"\0")[1] in names for m in seen)


def asked(word: str) -> Callable[[list[Message]], bool]:
    """Whether a client sent a simple query that begins so."""
    return lambda seen: any(m.name == "Query" and (m.sql or "").startswith(word) for m in seen)


# -- forms of work ------------------------------------------------------------------------------

ADD = Statement(name="test.add", sql=f"{MARK} SELECT 1", writes=True)
NOTE = Statement(
    name="test.note",
    sql="INSERT INTO public.fault_marks (note) VALUES ($1)",
    parameters=(Parameter("note", "text"),),
    writes=True,
)
THREE = Statement(
    name="test.three",
    sql="INSERT INTO public.fault_marks (note) SELECT 'x' FROM generate_series(1, 3) RETURNING note",
    writes=True,
)
SEVEN = Statement(name="test.seven", sql="SELECT generate_series(1, 7)")
LOAD = Statement(name="test.load", sql="", parameters=(Parameter("note", "text"),), writes=True)
MARKS = ("public", "fault_marks")
NOTES = [("a",), ("b",), ("c",)]
GUILD = Tenant(guild_ids=frozenset({1}))


class Undone(Exception):
    """Takes a savepoint back."""


def forms(at: Range) -> list[Form]:  # noqa: C901 -- each is a small function of its own
    """Every other form of work: transactions, savepoints, repeated ones, batches, loads, streams, tenants."""
    pool, commit = at.pool, asked("COMMIT")
    bound = Bound(pool, GUILD)

    async def two(tx: Transaction) -> None:
        await tx.rows(ADD)
        with contextlib.suppress(Undone):
            async with tx.transaction() as part:
                await part.rows(ADD)
                raise Undone
        async with tx.transaction() as part:
            await part.rows(ADD)

    async def transaction() -> None:
        async with pool.transaction(timeout=5) as tx:
            await two(tx)

    async def of_a_tenant() -> None:
        async with bound.transaction(timeout=5) as tx:
            await two(tx)

    async def batch() -> None:
        await pool.batch(NOTE, NOTES, timeout=5)

    async def copy() -> None:
        assert await pool.copy(LOAD, MARKS, ("note",), NOTES, timeout=5) == len(NOTES)

    async def later() -> AsyncIterator[tuple[str]]:
        for note in NOTES:
            await asyncio.sleep(0)
            yield note

    async def copy_later() -> None:
        assert await pool.copy(LOAD, MARKS, ("note",), later(), timeout=5) == len(NOTES)

    async def stream() -> None:
        found = [row[0] async for row in pool.stream(SEVEN, prefetch=2, timeout=5)]
        assert found == list(range(1, 8)), found

    async def writing_stream() -> None:
        assert len([row async for row in pool.stream(THREE, prefetch=2, timeout=5)]) == 3

    either = (DONE, UNKNOWN, LOST)
    return [
        Form("transaction", transaction, commit, 2, either),
        Form("run", lambda: pool.run(two, timeout=5), commit, 2),
        Form("batch", batch, lambda seen: any(m.name == "Bind" for m in seen), 3, either),
        Form("copy", copy, asked("COPY"), 3, either),
        Form("copy from an iterator", copy_later, asked("COPY"), 3, either),
        Form("stream", stream, commit, 0, (DONE, LOST)),
        Form("stream that writes", writing_stream, commit, 3, either),
        Form("tenant's call", lambda: bound.rows(ADD, timeout=5), commit),
        Form("tenant's transaction", of_a_tenant, commit, 2, either),
    ]


# -- all of it ----------------------------------------------------------------------------------


@asynccontextmanager
async def shooting_range(dsn: str) -> AsyncIterator[Range]:
    """Open a range on a database of the test's own.

    Foreign keys, triggers and CHECKs are off there, so that statements with made-up arguments are not refused.
    """
    async with await driver.connect(dsn) as direct:
        await direct.execute(
            "CREATE TABLE public.fault_marks"
            " (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);"
            " GRANT INSERT, SELECT ON public.fault_marks TO PUBLIC"
        )
        await direct.execute(WITHOUT_CHECKS)
        [[name]] = await direct.fetch("SELECT current_database()")
        await direct.execute(f'ALTER DATABASE "{name}" SET session_replication_role = replica')
        async with (
            FaultProxy(dsn) as proxy,
            # It does not ask in between how far its server has come: that may take a line that is being killed.
            Pool.open(proxy.dsn, settings(pool_size=1, pool_min=0, look_around=3600)) as pool,
        ):
            yield Range(proxy, pool, direct)


def chosen(*, writes: bool) -> list[Statement]:
    """The named queries that write, each with its mark, or those that read."""
    found = [one for one in every_statement() if one.writes is writes]
    return [marked(one) for one in found if one.name not in WITHOUT_MARK] if writes else found


async def sweep(dsn: str, *, writes: bool, every: int = 1, first: int = 0) -> tuple[Tally, int]:
    """Kill each named query at its cut points, or at every n-th of them; return what came of it, and how many queries.

    Which ones of a query goes round from query to query, so that no message is left out.
    """
    tally = Tally()
    statements = chosen(writes=writes)
    async with shooting_range(dsn) as at:
        for number, statement in enumerate(statements, start=first):
            tally += await at.everywhere(at.single(statement), every=every, first=number)
    return tally, len(statements)


async def naive(at: Range) -> Tally:
    """The control: the driver's own pool, and a caller that tries again whatever it was."""
    tally = Tally()
    failed = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

    async def work() -> None:
        async with asyncpg.create_pool(at.proxy.dsn, min_size=1, max_size=1) as pool:
            for number in range(3):
                try:
                    async with pool.acquire() as connection:
                        await connection.fetch(ADD.sql)
                except failed:
                    if number == 2:
                        raise
                else:
                    return

    form = Form("naive", work, lambda _: True)
    with at.proxy.recording() as seen:
        await work()
    await at.marks()
    for cut in cut_points(message for message in seen if message.line == seen[0].line):
        at.proxy.arm(cut)
        with contextlib.suppress(*failed):
            await work()
            tally.add(form, cut, DONE, kept=await at.marks(), sent=True)
        at.proxy.disarm()
        await at.marks()
    return tally


async def many(dsns: Sequence[str], kills: int, seconds: float = math.inf) -> dict[str, Tally]:
    """Kill writes of all forms, each at all its points and again, until there were so many kills; by form."""
    end = time.monotonic() + seconds
    found = {"named queries": Tally()}
    turns = itertools.count()
    done = 0

    async def lane(number: int, dsn: str) -> None:
        nonlocal done
        async with shooting_range(dsn) as at:
            at.chance = seeded(number)
            work = [form for form in forms(at) if form.marks]
            work += [at.single(one) for one in chosen(writes=True)]
            names = {form.name for form in forms(at)}
            while done < kills and time.monotonic() < end:
                form = work[next(turns) % len(work)]
                tally = found.setdefault(
                    form.name if form.name in names else "named queries", Tally()
                )
                for cut in await at.points(form):
                    if done >= kills or time.monotonic() >= end:
                        break
                    done += 1
                    await at.kill(form, cut, tally)

    await asyncio.gather(*(lane(number, dsn) for number, dsn in enumerate(dsns)))
    return found


def _print(title: str, tally: Tally) -> None:
    print(f"{title}: {tally.outcomes.total()} kills", flush=True)
    for outcome, times in tally.outcomes.most_common():
        print(f"  {times:6} {outcome}")
    print("\n".join(tally.wrong[:MOST_SHOWN]) or "  nothing wrong")


async def _all(kills: int, lanes: int, seconds: float) -> int:
    wrong = done = 0
    with embedded.temporary() as server:
        migrator.apply(server.dsn(), Path(__file__).parent.parent / "sql" / "migrations")
        names = [f"lane{number}" for number in range(lanes + 1)]
        async with await driver.connect(server.dsn("template1")) as maker:
            for name in names:
                await maker.execute(f"CREATE DATABASE {name} TEMPLATE postgres")
        async with shooting_range(server.dsn(names.pop())) as at:
            control = await naive(at)
        _print("the control, the driver's own pool with a retry", control)
        began = time.monotonic()
        for title, tally in (
            await many([server.dsn(name) for name in names], kills, seconds)
        ).items():
            _print(title, tally)
            wrong += len(tally.wrong)
            done += tally.outcomes.total()
        print(f"{done:,} kills in {time.monotonic() - began:.0f} s")
    return 1 if wrong or not control.wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=5000, help="how many writes to kill")
    parser.add_argument("--lanes", type=int, default=4, help="how many at a time")
    parser.add_argument("--seconds", type=float, default=math.inf, help="no longer than this")
    given = parser.parse_args()
    sys.exit(asyncio.run(_all(given.writes, given.lanes, given.seconds)))
