"""Looks after a pool while nobody asks: replaces old connections, closes idle ones, looks at the other hosts."""

import asyncio
import random
import time
from collections.abc import Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from slimy_dal.engine.background import lasting
from slimy_dal.engine.errors import Unavailable
from slimy_dal.engine.history import History
from slimy_dal.engine.hosts import Hosts
from slimy_dal.engine.metrics import Metrics
from slimy_dal.engine.settings import PoolSettings

if TYPE_CHECKING:
    from slimy_dal.engine.supply import Supply

__all__ = ["upkeep"]

HOUSEKEEPING = 5.0

TICK = 1.0
"""Seconds; who got no answer for so long may be talking to a host that hangs, and whose standby was promoted."""


def upkeep(
    supply: "Supply", hosts: Hosts, settings: PoolSettings, metrics: Metrics
) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield what is to run beside the calls for as long as the pool is open."""
    yield lasting(partial(_keep_house, supply, settings), "the upkeep of connections")
    if hosts.history is not None:
        look = partial(_look_around, supply, hosts, hosts.history, settings, metrics)
        yield lasting(look, "the look at other hosts")


async def _keep_house(supply: "Supply", settings: PoolSettings) -> None:
    """Replace old connections and close idle ones, the longest unused first."""
    period = min(HOUSEKEEPING, settings.max_idle / 2, settings.max_lifetime / 4)
    while not supply.closed:
        await asyncio.sleep(period)
        now = time.monotonic()
        supply.bulkhead.lift(now)
        for connection in list(supply.everything):
            if connection.retire_at <= now:
                connection.retire, connection.sound = True, False
        for connection in list(supply.free):
            spare = len(supply.everything) > settings.pool_min
            if connection.retire:
                supply.discard(connection, "retired")
            elif spare and now - connection.idle_since > settings.max_idle:
                supply.discard(connection, "idle")


async def _look_around(
    supply: "Supply", hosts: Hosts, history: History, settings: PoolSettings, metrics: Metrics
) -> None:
    """Find a promoted host that no new connection would have led to: sessions that hang, or serve a split brain."""
    answered, calm = -1, 0.0
    patience = min(TICK, settings.host_timeout)
    while not supply.closed:
        before, answered = answered, metrics.succeeded()
        asking = len(supply.everything) > len(supply.free) or supply.waiters
        stuck = bool(asking) and answered == before
        now = time.monotonic()
        if stuck or now >= calm:
            if settings.read_write:
                await hosts.look_around(patience)
            if calm and not stuck:
                await _ask(supply, history, patience)
            # In jitter, so that the processes of a fleet do not ask in step.
            calm = now + settings.look_around * random.uniform(0.8, 1.0)  # noqa: S311 -- no secret
        await asyncio.sleep(min(TICK, settings.look_around))


async def _ask(supply: "Supply", history: History, patience: float) -> None:
    """Learn how far the history has come: behind PgBouncer, another server may answer on the same connection."""
    try:
        connection = await supply.acquire(time.monotonic() + patience)
    except Unavailable:
        return  # all are at work; there is a next time
    idle_since = connection.idle_since
    try:
        await history.examine(connection, timeout=patience)
    except Unavailable:
        supply.discard(connection, "left_behind")
    else:
        supply.release(connection)
        connection.idle_since = idle_since
