"""Read replicas under faults: what was written is read, or asked of the primary, and no caller sees more than a delay."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from slimy_dal.engine.errors import ReadOnly
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.position import Position, position
from slimy_dal.engine.reading import Reading
from slimy_dal.engine.replicas import Replicas
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.testing import FailoverPair
from tests.matrix.lateness import Lateness
from tests.matrix.ledger import INSERT, TABLE, writes

Record = Callable[[str, object], None]

SETTINGS = PoolSettings(pool_size=8, replica_check=0.25)
FIND = Statement(
    name="kept.find",
    sql="SELECT id FROM public.kept WHERE id = $1",
    parameters=(Parameter("id", "bigint"),),
    columns=("id",),
    replica=True,
)
SLOW = Statement(
    name="kept.slow",
    sql="SELECT count(*), pg_sleep($1) FROM public.kept",
    parameters=(Parameter("seconds", "double precision"),),
    replica=True,
)
WHERE = Statement(name="kept.where", sql="SELECT pg_is_in_recovery()", replica=True)
ONCE = 0.05
"""Seconds that a replica which is dead or hangs may cost, once."""


@pytest.fixture(scope="module")
def shared() -> Iterator[FailoverPair]:
    # Statements on the standby wait for nothing: a conflict with its replay cancels them at once.
    with FailoverPair.open(settings={"max_standby_streaming_delay": "0"}) as opened:
        yield opened


@pytest.fixture
def pair(shared: FailoverPair) -> FailoverPair:
    """Whole again, whatever the test before did."""
    if shared.standby.pid is None:
        shared.rejoin()
    shared.primary.sql(f"DROP TABLE IF EXISTS public.kept; {TABLE}")
    shared.primary.sql("CREATE INDEX ON public.kept (id)")
    shared.catch_up()
    return shared


@asynccontextmanager
async def replicated(
    pair: FailoverPair, settings: PoolSettings = SETTINGS
) -> AsyncIterator[Replicas]:
    """The replicas of a pair, watched, and one of them ready."""
    async with (
        Pool.open(pair.dsn(), settings) as pool,
        Replicas.open(pool, pair.standby.dsn()) as replicas,
    ):
        assert await until(lambda: replicas.all[0].state == "ready") is not None
        yield replicas


async def until(true: Callable[[], bool], seconds: float = 15) -> float:
    """Return after how many seconds something became true."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not become true"
        await asyncio.sleep(0.005)
    return time.monotonic() - began


async def on_replica(reading: Reading) -> bool:
    row = await reading.row(WHERE)
    return row is not None and bool(row[0])


async def stale(replicas: Replicas, count: int, *, token: bool, clients: int = 4) -> int:
    """Write and read back at once, and return how often the write was not seen."""
    missed, numbers = 0, iter(range(1, count + 1))

    async def client() -> None:
        nonlocal missed
        for number in numbers:
            await replicas.primary.execute(INSERT, number)
            after = await position(replicas.primary) if token else None
            if await Reading(replicas, after).row(FIND, number) is None:
                missed += 1

    await asyncio.gather(*(client() for _ in range(clients)))
    return missed


@pytest.mark.fault("C8")
async def test_who_read_with_a_position_never_missed_their_own_write(
    pair: FailoverPair, record_property: Record
) -> None:
    count = writes(300)
    async with replicated(pair) as replicas:
        assert await stale(replicas, count, token=True) == 0
        read, elsewhere = replicas.all[0].reads, dict(replicas.elsewhere)
        record_property("figure", f"0 of {count:,} stale, {read:,} read on the replica, {elsewhere} on the primary")
        assert read > count / 2
        await replicas.primary.execute(Statement("kept.empty", "TRUNCATE public.kept", writes=True))
        blind = await stale(replicas, count, token=False)
        record_property("figure", f"without a position {blind:,} of {count:,} stale")
        assert blind > 0
