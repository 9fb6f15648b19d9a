"""What the benchmarks of the domain share: a migrated database, and rounds in which everyone has a turn."""

import argparse
import gc
import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import asyncpg
from contestants import _jsonb as jsonb_codec
from dal import DURABLE

from slimy_dal.domain.database import Database, Nouns
from slimy_dal.engine import embedded
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.schema import migrator

MIGRATIONS = Path(__file__).parent.parent / "sql" / "migrations"
PATIENCE = 300.0
"""Seconds; what is timed here may take longer than a request may."""

Call = Callable[[], Awaitable[Any]]
Ready = Callable[[], Call]
"""Makes one call ready, outside the time that is taken: fresh keys, a guild that nobody has used."""


@dataclass(frozen=True)
class Ground:
    """One database, reached by the driver alone and by this package."""

    raw: Any
    db: Database
    prepared: dict[str, Any] = field(default_factory=dict)
    """What was prepared on the driver's connection, by text."""

    def work(self) -> float:
        """Return the seconds of CPU that this process and the backends of both connections have used."""
        pids = {connection.pid for connection in self.db.pool.supply.everything}
        return time.process_time() + sum(map(on_cpu, {*pids, self.raw.get_server_pid()}))


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Give a migrated database on a durable server, and two connections to it: the driver's and this package's."""
    with embedded.temporary(18, {**DURABLE, "max_wal_size": "4GB"}) as server:
        admin = await asyncpg.connect(server.dsn())
        await admin.execute("CREATE DATABASE bench")
        await admin.close()
        dsn = server.dsn("bench")
        migrator.apply(dsn, MIGRATIONS)
        raw = await asyncpg.connect(dsn)
        await jsonb_codec(raw)
        settings = PoolSettings(
            pool_size=1, pool_min=1, statement_timeout=PATIENCE, slow_query=PATIENCE
        )
        async with Database.open(dsn, settings=settings) as db:
            yield Ground(raw, db)
        await raw.close()


def always(call: Call) -> Ready:
    """Return what makes the same call ready every time."""
    return lambda: call


class Overheard:
    """An executor that runs nothing and keeps the last statement: what a caller by hand would prepare and send."""

    def __init__(self) -> None:
        self.sql = ""
        self.arguments: tuple[Any, ...] = ()

    async def rows(self, statement: Any, /, *arguments: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        """Keep the statement and say that there are no rows."""
        del timeout
        self.sql, self.arguments = statement.sql, arguments
        return []

    async def row(self, statement: Any, /, *arguments: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        """Keep the statement and say that there is no row."""
        await self.rows(statement, *arguments, timeout=timeout)


async def by_hand(on: Ground, call: Callable[[Nouns], Awaitable[Any]]) -> Call:
    """Return the statement that a call sends, prepared on the driver's own connection with the call's arguments.

    Prepared once for all arguments, as the call's own: the server chooses between plans by what came before.
    """
    overheard = Overheard()
    await call(Nouns(cast("Any", overheard), Cursors(b""), None))
    prepared = on.prepared.get(overheard.sql) or await on.raw.prepare(overheard.sql)
    on.prepared[overheard.sql] = prepared
    return lambda: prepared.fetch(*overheard.arguments)


class Figures:
    """What the slices of one workload took, by contestant; the first one is the limit."""

    def __init__(self, title: str, contestants: Mapping[str, Ready]) -> None:
        self.title = title
        self.wall: dict[str, list[float]] = {name: [] for name in contestants}
        self.work: dict[str, list[float]] = {name: [] for name in contestants}
        self.client: dict[str, list[float]] = {name: [] for name in contestants}
        self.limit = next(iter(contestants))

    def best(self, name: str) -> float:
        """Return the fastest slice relative to the limit's fastest."""
        return min(self.wall[name]) / min(self.wall[self.limit])

    def median(self, name: str) -> float:
        """Return the median over rounds of the time relative to the limit in the same round."""
        return _median(self.wall[name], self.wall[self.limit])

    def cpu(self, name: str) -> float:
        """Return the same of the CPU of client and server together: the steadiest where neighbours are busy."""
        return _median(self.work[name], self.work[self.limit])

    def lines(self) -> list[str]:
        """Return the rows of the table."""
        rows = []
        for place, name in enumerate(self.wall):
            row = f"{self.title if place == 0 else '':<34} {name:<26} {_time(min(self.wall[name]))}"
            ratios = "  ".join(
                f"{kind} {figure(name):>6.3g}"
                for kind, figure in (
                    ("best", self.best),
                    ("median", self.median),
                    ("cpu", self.cpu),
                )
            )
            client = _time(min(self.client[name]))
            rows.append(f"{row}  {ratios if place else '':<39}  client {client}")
        return rows


async def compare(
    title: str, on: Ground, contestants: Mapping[str, Ready], *, rounds: int, calls: int = 1
) -> Figures:
    """Give every contestant a slice of some calls in each round, in shuffled order, and print what they took.

    The first contestant is the limit. A round before the first warms up and is not counted.
    """
    figures = Figures(title, contestants)
    names = list(contestants)
    for counted in range(rounds + 1):
        for name in random.sample(names, len(names)):
            ready = [contestants[name]() for _ in range(calls)]
            gc.collect()
            work, client, begun = on.work(), time.process_time(), time.perf_counter()
            for call in ready:
                await call()
            if counted:
                figures.wall[name].append((time.perf_counter() - begun) / calls)
                figures.client[name].append((time.process_time() - client) / calls)
                figures.work[name].append((on.work() - work) / calls)
    print("\n".join(figures.lines()), flush=True)
    return figures


def options(doc: str | None, **more: tuple[int, str]) -> argparse.Namespace:
    """Return the command line's options: --quick, and those with numbers that are given here with their default."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="less of it, less certain figures")
    for name, (default, help_) in more.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=help_)
    return parser.parse_args()


def _median(mine: list[float], limit: list[float]) -> float:
    return statistics.median(one / floor for one, floor in zip(mine, limit, strict=True))


def on_cpu(pid: int) -> float:
    """Return the seconds that a process has been on a CPU, as Linux counts them; elsewhere 0."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:>9.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:>9.0f} us"
