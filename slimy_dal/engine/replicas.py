"""All replicas of a database: watches them and the primary, and says which of them may be read from."""

import asyncio
import itertools
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from slimy_dal.engine.background import lasting
from slimy_dal.engine.deadline import for_all
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.hosts import hosts_of, single
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.position import DATABASE, Position, position
from slimy_dal.engine.replica import ANSWER, Replica, State

__all__ = ["Replicas"]

SAMPLES = 900


class Replicas:
    """The replicas of the primary that `primary` is the pool of; `primary_at` is where that was last seen.

    `elsewhere` counts the reads that were asked for here and went to the primary, by the reason: not_ready, timeline
    (or cluster), behind (the wait for the position was in vain, or is known to be), away, conflict (with its replay),
    schema.
    """

    def __init__(self, primary: Pool, dsn: str | None = None) -> None:
        self.primary = primary
        self.settings = primary.settings
        self.all: tuple[Replica, ...] = ()
        if dsn is not None:
            self.all = tuple(
                Replica(f"{host}:{port}", own, primary.settings, primary.metrics)
                for (host, port), own in zip(hosts_of(dsn) or [("", 0)], single(dsn), strict=True)
            )
        self.elsewhere: Counter[str] = Counter()
        self.primary_at: Position | None = None
        self._database: str | None = None
        self._seen: deque[tuple[float, int]] = deque(maxlen=SAMPLES)
        self._turn = itertools.count()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, primary: Pool, dsn: str | None) -> AsyncIterator[Self]:
        """Watch the replicas of a DSN for the time of an `async with` block; those that are away come when they can."""
        replicas = cls(primary, dsn)
        if replicas.all:
            watch = lasting(replicas._watch, "the watch over replicas")
            replicas._task = asyncio.get_running_loop().create_task(watch)
        try:
            if replicas.all:
                await replicas.check()
            yield replicas
        finally:
            await replicas.close()

    async def close(self) -> None:
        """Look no more, and end all sessions on replicas."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*(replica.close() for replica in self.all))

    # -- watching -------------------------------------------------------------------------------

    async def _watch(self) -> None:
        for_all()
        while True:
            await asyncio.sleep(self.settings.replica_check)
            await self.check()

    async def check(self) -> None:
        """Look at the primary and at every replica once, and judge them; waits a second at most."""
        looks = [replica.look() for replica in self.all]
        await asyncio.gather(self._sample(), asyncio.wait(looks, timeout=ANSWER))
        for replica, look in zip(self.all, looks, strict=True):
            if look.done():
                replica.state = self._judged(replica)
            else:
                replica.stand_away()

    async def _sample(self) -> None:
        """Note where the primary is, and when; without an answer the last one stays."""
        try:
            if self._database is None:
                row = await self.primary.row(DATABASE, timeout=ANSWER)
                self._database = None if row is None else row[0]
            seen = await position(self.primary, ANSWER)
        except SlimyError:
            return
        if self.primary_at is None or self.primary_at.timeline != seen.timeline:
            self._seen.clear()
        self.primary_at = seen
        self._seen.append((time.monotonic(), seen.lsn))

    def _judged(self, replica: Replica) -> State:
        standing, primary = replica.standing, self.primary_at
        replica.lag_seconds = replica.lag_bytes = None
        if standing is None:
            return "away"
        if not standing.recovers:
            return "primary"
        if primary is None:
            return "unproven"
        if (standing.system, standing.database) != (primary.system, self._database):
            return "foreign"
        if standing.timeline != primary.timeline:
            return "diverged"
        replica.lag_bytes = max(0, primary.lsn - standing.replayed)
        replica.lag_seconds = self._lag(standing.replayed)
        most = self.settings.replica_max_lag, self.settings.replica_max_lag_bytes
        return (
            "lagging" if (replica.lag_seconds > most[0] or replica.lag_bytes > most[1]) else "ready"
        )

    def _lag(self, replayed: int) -> float:
        """Return for how long the primary has had what is not replayed: by one clock, 0 where nothing is written."""
        now = time.monotonic()
        return next((now - moment for moment, lsn in self._seen if lsn > replayed), 0.0)

    # -- choosing -------------------------------------------------------------------------------

    def choose(self, after: Position | None) -> Replica | None:
        """Return the replica whose turn it is, None where the primary is to be asked, and count why."""
        ready = [replica for replica in self.all if replica.state == "ready"]
        why = "not_ready"
        if after is not None and ready:
            ready = [replica for replica in ready if replica.knows(after)]
            why = "timeline"
            if ready:
                ready = [replica for replica in ready if replica.may_show(after)]
                why = "behind"
        if ready:
            return ready[next(self._turn) % len(ready)]
        if self.all:
            self.elsewhere[why] += 1
        return None

    def snapshot(self) -> dict[str, Any]:
        """Return how they stand, as plain data."""
        return {
            "replicas": [
                {
                    "name": replica.name,
                    "state": replica.state,
                    "lag_seconds": replica.lag_seconds,
                    "lag_bytes": replica.lag_bytes,
                    "reads": replica.reads,
                    **replica.pool.snapshot()["pool"],
                }
                for replica in self.all
            ],
            "elsewhere": dict(self.elsewhere),
        }
