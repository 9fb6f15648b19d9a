"""What can happen in a chaos: each fault begins, lasts, and is over, and says when the database was whole again."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

from slimy_dal.engine.embedded import EmbeddedServerError
from slimy_dal.testing import (
    Bandwidth,
    Blackhole,
    Happening,
    Latency,
    LimitData,
    Reset,
    Slicer,
    Toxic,
)
from tests.matrix.scene import Scene

__all__ = ["LINES", "SERVERS", "happen", "mend"]

OURS = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'slimy_dal'"
    " AND backend_type = 'client backend' ORDER BY pid"
)

Fault: TypeAlias = Callable[[Scene, Happening], Awaitable[float | None]]

TOXICS: dict[str, Callable[[random.Random], Toxic]] = {
    "reset": lambda chance: Reset(chance.uniform(0, 0.1)),
    "late": lambda chance: Latency(chance.uniform(0.02, 0.3), jitter=0.02),
    "slow": lambda chance: Bandwidth(chance.choice((2_000, 20_000))),
    "in bytes": lambda chance: Slicer(chance.choice((1, 2, 7))),
    "silent": lambda _: Blackhole(),
    "limited": lambda chance: LimitData(chance.randint(50, 3000)),
}


async def happen(scene: Scene, one: Happening) -> float:
    """Let a fault happen, from its beginning to its end, and return when there was a whole database again.

    Raises EmbeddedServerError where a server does not obey.
    """
    whole = await FAULTS.get(one.kind, _toxic)(scene, one)
    return time.monotonic() if whole is None else whole


# -- servers --------------------------------------------------------------------------------------


async def _terminate(scene: Scene, one: Happening) -> None:
    end = time.monotonic() + one.seconds
    while time.monotonic() < end:
        await scene.aside(scene.pair.primary.terminate)
        await asyncio.sleep(0.1)


async def _kill_a_session(scene: Scene, one: Happening) -> None:
    """Kill one session's process: the server ends all others and recovers."""
    primary = scene.pair.primary
    rows = await scene.sql(primary, OURS)
    if rows:
        with suppress(ProcessLookupError):
            os.kill(int(random.Random(one.chance).choice(rows)), signal.SIGKILL)
    await asyncio.sleep(one.seconds)
    await _up(scene)


async def _restart(scene: Scene, one: Happening) -> None:
    mode = random.Random(one.chance).choice(("fast", "immediate"))
    await scene.aside(scene.pair.primary.stop, mode)
    await asyncio.sleep(one.seconds)
    await scene.aside(scene.pair.primary.start)


async def _crash(scene: Scene, one: Happening) -> None:
    await scene.aside(scene.pair.primary.crash)
    await asyncio.sleep(one.seconds)
    await scene.aside(scene.pair.primary.start)
    await _up(scene)


async def _hang(scene: Scene, one: Happening) -> None:
    await scene.aside(scene.pair.primary.pause)
    await asyncio.sleep(one.seconds)
    await scene.aside(scene.pair.primary.resume)


async def _failover(scene: Scene, one: Happening) -> None:
    receiver = scene.pair.standby.process("walreceiver") if scene.lagging else None
    if receiver is not None:
        os.kill(receiver, signal.SIGSTOP)
        await asyncio.sleep(0.5)
    await scene.aside(scene.pair.primary.crash)
    await asyncio.sleep(one.seconds)
    if receiver is not None:
        os.kill(receiver, signal.SIGKILL)
    await scene.aside(scene.pair.promote)


async def _failover_from_a_hung_one(scene: Scene, one: Happening) -> float:
    hung = scene.pair.primary
    await scene.aside(hung.pause)
    await scene.aside(scene.pair.promote)
    promoted = time.monotonic()
    await asyncio.sleep(one.seconds)
    await scene.aside(hung.resume)
    return promoted


async def _switch(scene: Scene, one: Happening) -> None:
    await scene.aside(scene.pair.primary.stop)
    await asyncio.sleep(one.seconds)
    await scene.aside(scene.pair.promote)


async def _demote(scene: Scene, one: Happening) -> None:
    await scene.aside(scene.pair.demote)
    await asyncio.sleep(one.seconds)
    await scene.aside(scene.pair.undo_demotion)


async def _standby_hangs(scene: Scene, one: Happening) -> None:
    standby = scene.pair.standby
    await scene.aside(standby.pause)
    await asyncio.sleep(one.seconds)
    await scene.aside(standby.resume)


async def _connections_taken(scene: Scene, one: Happening) -> None:
    """Take every slot that is free: who loses a connection gets no other one."""

    def hold() -> None:
        with scene.pair.primary.full_connections():
            time.sleep(one.seconds)

    await scene.aside(hold)


async def _schema_changed(scene: Scene, one: Happening) -> None:
    """Make every prepared plan of the table void, twice."""
    await scene.sql(scene.pair.primary, "ALTER TABLE public.kept ADD COLUMN note text")
    await asyncio.sleep(one.seconds)
    await scene.sql(scene.pair.primary, "ALTER TABLE public.kept DROP COLUMN note")


async def _table_locked(scene: Scene, one: Happening) -> None:
    lock = (
        f"BEGIN; LOCK TABLE public.kept, slimy.code_reports; SELECT pg_sleep({one.seconds}); COMMIT"
    )
    with suppress(EmbeddedServerError):  # a fault of the lines does not reach it, a crash would
        await scene.sql(scene.pair.primary, lock)


async def _up(scene: Scene) -> None:
    """Wait until the primary takes writes."""
    end = time.monotonic() + 30
    while True:
        try:
            await scene.sql(scene.pair.primary, "SELECT 1")
        except EmbeddedServerError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.02)
        else:
            return


async def mend(scene: Scene, one: Happening) -> None:
    """Make the old primary the standby of the new one where the roles have changed."""
    if one.kind not in {"failover", "failover from a hung one", "switch"}:
        return
    try:
        await scene.aside(scene.pair.rejoin)
    except EmbeddedServerError:
        await scene.aside(scene.pair.rejoin, "copy")


# -- lines ----------------------------------------------------------------------------------------


async def _toxic(scene: Scene, one: Happening) -> None:
    toxic = TOXICS[one.kind](random.Random(one.chance))
    for proxy in scene.proxies:
        proxy.add(toxic)
    try:
        await asyncio.sleep(one.seconds)
    finally:
        for proxy in scene.proxies:
            proxy.remove(toxic)


async def _cut(scene: Scene, one: Happening) -> None:
    chance = random.Random(one.chance)
    end = time.monotonic() + one.seconds
    while time.monotonic() < end:
        for proxy in scene.proxies:
            for line in list(proxy.lines):
                if chance.random() < 0.5:
                    line.cut(reset=chance.random() < 0.5)
        await asyncio.sleep(0.05)


async def _held_back(scene: Scene, one: Happening) -> None:
    for proxy in scene.proxies:
        proxy.freeze()
    try:
        await asyncio.sleep(one.seconds)
    finally:
        for proxy in scene.proxies:
            proxy.thaw()


async def _refused(scene: Scene, one: Happening) -> None:
    for proxy in scene.proxies:
        await proxy.refuse()
        proxy.cut(reset=True)
    try:
        await asyncio.sleep(one.seconds)
    finally:
        for proxy in scene.proxies:
            await proxy.listen()


FAULTS: dict[str, Fault] = {
    "terminate": _terminate,
    "kill a session": _kill_a_session,
    "restart": _restart,
    "crash": _crash,
    "hang": _hang,
    "failover": _failover,
    "failover from a hung one": _failover_from_a_hung_one,
    "switch": _switch,
    "demote": _demote,
    "standby hangs": _standby_hangs,
    "connections taken": _connections_taken,
    "schema changed": _schema_changed,
    "table locked": _table_locked,
    "cut": _cut,
    "held back": _held_back,
    "refused": _refused,
}

SERVERS: dict[str, tuple[float, float]] = {
    "terminate": (0.5, 1.5),
    "kill a session": (0.2, 0.5),
    "restart": (0.2, 0.5),
    "crash": (0.2, 1.0),
    "hang": (0.5, 3.0),
    "failover": (0.1, 0.5),
    "failover from a hung one": (0.5, 2.0),
    "switch": (0.1, 0.5),
    "demote": (0.5, 1.5),
    "standby hangs": (0.5, 3.0),
    "connections taken": (0.5, 2.0),
    "schema changed": (0.2, 1.0),
    "table locked": (0.5, 2.5),
}
"""What is done to the servers, one after the other, and for how long."""

LINES: dict[str, tuple[float, float]] = {
    "cut": (0.1, 0.5),
    "reset": (0.1, 0.5),
    "late": (0.5, 2.0),
    "slow": (0.5, 1.5),
    "in bytes": (0.2, 0.8),
    "silent": (0.5, 2.5),
    "held back": (0.5, 2.5),
    "limited": (0.5, 1.5),
    "refused": (0.5, 1.5),
}
"""What is done to the lines meanwhile."""
