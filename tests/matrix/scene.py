"""Where a chaos takes place: a primary with its standby, a proxy before each, a pool and a service behind them."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import psycopg

from service.app import create_app
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.schema import migrator
from slimy_dal.testing import FailoverPair, FaultProxy, Node
from tests.logins import SERVICE, make_login
from tests.matrix.ledger import TABLE

__all__ = ["DEADLINE", "MARGIN", "REQUEST", "Beats", "Scene", "memory", "scene", "soon"]

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent.parent.parent / "sql" / "migrations"
DEADLINE = 2.0
"""Seconds of each call of the DAL."""
REQUEST = 3.0
"""Seconds of each request."""
MARGIN = 0.25
"""Seconds beyond its deadline within which everything must end."""
NOTED = 0.001
"""Seconds of lateness that are worth a note."""
POOL = PoolSettings(
    pool_size=8,
    acquire_timeout=DEADLINE,
    host_timeout=0.5,
    connect_timeout=1.0,
    statement_timeout=DEADLINE,
    transaction_timeout=DEADLINE,
)


class Beats:
    """How late this process was served, and when: what a call took beyond its time for that is not the code's."""

    def __init__(self) -> None:
        self._late: list[tuple[float, float]] = []

    async def watch(self) -> None:
        """Look at the clock again and again."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.005)
            now = time.monotonic()
            if now - began - 0.005 > NOTED:
                self._late.append((now, now - began - 0.005))

    def between(self, began: float, ended: float) -> float:
        """Return the seconds by which this process was late in all within a time."""
        found = 0.0
        for moment, late in reversed(self._late):
            if moment < began:
                break
            if moment - late < ended:
                found += late
        return found


@dataclass
class Scene:
    """Everything that is there; `through` are the proxies by the folder of the server's socket."""

    pair: FailoverPair
    through: dict[str, FaultProxy]
    pool: Pool
    service: Database
    address: str
    http: aiohttp.ClientSession
    beats: Beats
    lagging: bool = False
    """Whether the standby is to be behind when the primary crashes: for a control."""

    @property
    def proxies(self) -> list[FaultProxy]:
        """Both."""
        return list(self.through.values())

    async def aside(self, work: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Do what waits in a thread, on the servers themselves."""
        return await asyncio.to_thread(work, *arguments, **named)

    async def sql(self, node: Node, text: str) -> list[str]:
        """Run a statement on a server directly."""
        return await self.aside(node.sql, text)


@asynccontextmanager
async def scene(*, synchronous: bool) -> AsyncIterator[Scene]:
    """Set it up for the time of a block."""
    async with AsyncExitStack() as stack:
        opening = FailoverPair.open(
            synchronous=synchronous, settings={"max_connections": "60", "deadlock_timeout": "50ms"}
        )
        pair = await asyncio.to_thread(stack.enter_context, opening)
        await asyncio.to_thread(_fill, pair.primary.dsn())
        through = {
            str(node.socket): await stack.enter_async_context(FaultProxy(node.dsn()))
            for node in (pair.primary, pair.standby)
        }
        hosts = ",".join(f"127.0.0.1:{proxy.port}" for proxy in through.values())
        dsn = f"postgresql://postgres@{hosts}/postgres?sslmode=disable"
        pool = await stack.enter_async_context(Pool.open(dsn, POOL))
        signed = dsn.replace("postgres@", f"{SERVICE}@")
        service = await stack.enter_async_context(Database.open(signed, settings=POOL))
        key = (await service.api_keys.create("chaos", SCOPES)).key
        settings = Settings(
            database_url=signed, port=0, access_log=False, request_timeout=REQUEST, drain_delay=0
        )
        address = await stack.enter_async_context(
            listening(create_app(settings, service), settings)
        )
        http = await stack.enter_async_context(
            aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {key}"},
                timeout=aiohttp.ClientTimeout(total=REQUEST + 5),
            )
        )
        beats = Beats()
        task = asyncio.create_task(beats.watch())
        stack.callback(task.cancel)
        yield Scene(pair, through, pool, service, address, http, beats)


def _fill(dsn: str) -> None:
    """Make the schema and a table for the ledger."""
    migrator.apply(dsn, MIGRATIONS)
    make_login(dsn, SERVICE, "slimy_app")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(TABLE)


def memory() -> int:
    """Return the bytes that this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def soon(true: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Say whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not await true():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.05)
    return True
