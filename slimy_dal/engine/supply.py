"""Keeps the connections of a pool: hands out, takes back, replaces, and ends them."""

import asyncio
import math
import time
from collections.abc import Iterator

from slimy_dal.engine.background import Background
from slimy_dal.engine.bulkhead import Bulkhead
from slimy_dal.engine.deadline import Watch
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import PoolTimeout, SlimyError, Unavailable
from slimy_dal.engine.hosts import Hosts
from slimy_dal.engine.metrics import Metrics
from slimy_dal.engine.opening import Opening
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.silence import taken_from, unheard
from slimy_dal.engine.standstill import standstill
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.upkeep import upkeep
from slimy_dal.engine.waiting import Waiter, Waiting

__all__ = ["Supply"]

NEVER = math.inf


class Supply:
    """Connections, last used first; those who wait are served in order.

    Releasing sends nothing to the server: session state is touched only by engine code that puts
    it back, and a connection whose state is in doubt is settled in the background or dropped.
    A connection is in exactly one place: with a caller, in `free`, being opened, or being settled.
    """

    def __init__(self, hosts: Hosts, settings: PoolSettings, metrics: Metrics) -> None:
        self._hosts, self._settings = hosts, settings
        self._metrics, self._patience = metrics, settings.acquire_timeout
        self._size, self._most_waiting = settings.pool_size, settings.max_waiting
        self.free: list[Connection] = []
        self.everything: set[Connection] = set()
        self.waiters = Waiting()
        self.bulkhead = Bulkhead(settings.pool_size, settings.stuck_share, metrics)
        self.watch = Watch(self._expire)
        self.opening = Opening(hosts, settings, metrics)
        self._generation = 0
        self.closed = False
        self._background = Background()
        hosts.on_change(self._leave)

    async def start(self) -> None:
        """Open the first connection, so that a wrong DSN is reported at once, and begin housekeeping."""
        await self.opening.first(self._admit)
        for work in upkeep(self, self._hosts, self._settings, self._metrics):
            self._background.begin(work)
        self._grow()

    # -- taking ---------------------------------------------------------------------------------

    async def acquire(self, deadline: float, statement: Statement | None = None) -> Connection:
        """Return a connection for the caller alone, before `deadline`; for a transaction where `statement` is None.

        Raises PoolTimeout when none came free in time, too many wait already or too many calls of the
        statement are stuck, Unavailable when the server is away.
        """
        limited = statement in self.bulkhead.limited
        if limited and statement is not None:
            self.bulkhead.admit(statement, self.busy())
        now = time.monotonic()
        if self.free:
            connection = self.free.pop()
            connection.since = now
            return connection
        self._refuse_hopeless(now)
        moment = min(deadline, now + self._patience)
        future: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        self._refuse_standstill()
        self.waiters.append(Waiter(moment, future, now, statement, asyncio.current_task()))
        self.bulkhead.queued += limited
        try:
            if moment < self.watch.next:
                self.watch.arm(moment)
            if len(self.everything) + self.opening.running < self._size:
                self._grow()
            self.bulkhead.watch(self._look)
            connection = await future
        except BaseException:
            # Nobody may be given a connection who is gone, and one that came as the caller went goes on to the next.
            if not future.cancel() and not future.cancelled() and future.exception() is None:
                self.release(future.result())
            raise
        finally:
            self.bulkhead.queued -= limited
        connection.since = time.monotonic()
        self._metrics.waited(connection.since - now)
        return connection

    def busy(self) -> Iterator[Connection]:
        """Iterate over the connections that are with a caller, or being settled after one."""
        return iter(self.everything.difference(self.free))

    def _look(self) -> bool:
        """Let the bulkhead make room where all connections are stuck; say whether to look again."""
        more_to_come = self.opening.running and self.opening.failure is None
        return self.bulkhead.look(() if more_to_come else self.busy(), self.waiters)

    def _refuse_standstill(self) -> None:
        if len(self.everything) == self._size:
            error = standstill(self.busy(), self.waiters.tasks())
            if error is not None:
                self._metrics.events["standstill"] += 1
                raise error

    def state(self) -> dict[str, int]:
        """Return how many connections there are, and what is done with them."""
        return {
            "size": len(self.everything),
            "idle": len(self.free),
            "in_use": len(self.everything) - len(self.free),
            "opening": self.opening.running,
            "waiting": len(self.waiters.alive()),
            "limit": self._size,
        }

    def _refuse_hopeless(self, now: float) -> None:
        if self.closed:
            raise Unavailable("the pool is closed")
        opening = self.opening
        away = opening.failure is not None and opening.running > 0 and not self.everything
        if away and now - opening.failing_since > self._patience:
            raise self._no_connection()
        if len(self.waiters) >= self._most_waiting:
            self.waiters.forget_the_gone()
            if len(self.waiters) >= self._most_waiting:
                self._metrics.events["refused_waiting"] += 1
                raise PoolTimeout("too many wait already; try later, or raise SLIMY_MAX_WAITING")

    # -- giving back ----------------------------------------------------------------------------

    def release(self, connection: Connection) -> None:
        """Take a connection back, whatever its state; never fails, so it cannot spoil a result."""
        connection.deadline = NEVER
        if self.bulkhead.limited:
            self.bulkhead.ended(connection)
        connection.running = connection.owner = None
        if not connection.usable:
            for other in unheard(connection, self.free):
                self.discard(other, "silent")
            self.discard(connection, "lost")
        elif connection.restless:
            self._settle_later(connection)
        elif connection.retire or self.closed:
            self.discard(connection, "retired")
        else:
            connection.doubtful = connection.evicted = False
            connection.sound = True
            self.offer(connection)

    def offer(self, connection: Connection) -> None:
        """Give a sound connection to the first who waits, or keep it."""
        if self.waiters.serve(connection):
            self.bulkhead.came_free()
            return
        connection.idle_since = time.monotonic()
        self.free.append(connection)

    def discard(self, connection: Connection, why: str) -> None:
        """End a connection, and open another where someone waits or the pool got too small."""
        if connection in self.everything:
            self.everything.remove(connection)
            self._metrics.events["lost" if why == "lost" else f"dropped_{why}"] += 1
        if connection in self.free:
            self.free.remove(connection)
        connection.when_lost(None)
        connection.drop()
        self._grow()

    def expire_all(self, because: Connection) -> None:
        """Replace every connection, as one turned out: at once where idle, after its present call where not.

        Those that failed together are replaced once: what was opened since is not theirs to judge.
        """
        if because.generation < self._generation:
            return
        self._generation += 1
        for connection in list(self.everything):
            connection.retire, connection.sound = True, False
        for connection in list(self.free):
            self.discard(connection, "expired")

    def _settle_later(self, connection: Connection, *, ask: bool = False) -> None:
        if not self._background.begin(self._settle(connection, ask=ask)):
            self.discard(connection, "unsettled")  # it is in nobody's hands

    async def _settle(self, connection: Connection, *, ask: bool = False) -> None:
        if await connection.settle(self._settings.cancel_grace * 5, ask=ask):
            self.release(connection)
        else:
            self.discard(connection, "unsettled")
            self._suspect(connection)

    def _suspect(self, mute: Connection) -> None:
        """Ask the idle sessions on the host of a silent one whether they live, before a caller gets them."""
        for connection in taken_from(self.free, mute):
            self._settle_later(connection, ask=True)

    def _leave(self) -> None:
        """Cut the sessions on servers of the past; what runs there ends now, a write as unknown."""
        for connection in [one for one in self.everything if self._hosts.passed(one.origin)]:
            connection.drop()

    # -- opening --------------------------------------------------------------------------------

    def _grow(self) -> None:
        """Open what is missing: one for each that waits, up to the size, and the minimum."""
        if self.closed:
            return
        running = self.opening.running
        total = len(self.everything) + running
        wanted = max(len(self.waiters) - running, self._settings.pool_min - total)
        for _ in range(min(wanted, self._size - total)):
            work = self.opening.until_open(self._short, self._admit, self._hopeless)
            self.opening.running += self._background.begin(work)

    def _short(self) -> bool:
        """Say whether one more connection is still wanted."""
        few = len(self.everything) < self._settings.pool_min
        return not self.closed and (few or bool(self.waiters))

    def _admit(self, connection: Connection) -> None:
        if self.closed:
            connection.drop()
            return
        self.everything.add(connection)
        connection.when_lost(self._lost)
        connection.fellows, connection.generation = self.everything, self._generation
        self.offer(connection)

    def _hopeless(self, error: SlimyError) -> None:
        if not self.everything:  # else they serve, as after a change of password
            self.waiters.fail(error)

    def _lost(self, connection: Connection) -> None:
        """Forget an idle connection that ended; one in use is noticed by its call."""
        if connection in self.free:
            self.discard(connection, "lost")

    # -- time -----------------------------------------------------------------------------------

    def _expire(self, now: float) -> float:
        """End the calls and waits whose time is over; return the nearest deadline left."""
        nearest = NEVER
        for connection in list(self.everything):
            if connection.deadline <= now:
                if connection.expired:
                    self._suspect(connection)
                connection.expire()
                connection.deadline = now + self._settings.cancel_grace
            nearest = min(nearest, connection.deadline)
        return min(nearest, self.waiters.expire(now, self._out_of_time))

    def _out_of_time(self) -> SlimyError:
        self._metrics.events["acquire_timeout"] += 1
        return self._no_connection()

    def _no_connection(self) -> SlimyError:
        why = self.opening.why()
        if why is not None:
            return why
        count = len(self.everything)
        return PoolTimeout(f"none of {count} connections came free; wait, or raise SLIMY_POOL_SIZE")

    async def close(self, patience: float) -> None:
        """Refuse new calls, give running ones `patience` seconds, then cut what is left."""
        self.closed = True
        self.bulkhead.stop()
        self.waiters.fail(Unavailable("the pool is closed"))
        idle, self.free[:] = self.free.copy(), []
        for connection in self.everything:
            connection.when_lost(None)
            connection.sound = False  # or new calls would get what running ones give back
        grace, end = self._settings.cancel_grace, time.monotonic() + patience
        farewell = min(2.0, max(patience, grace))  # a server that hangs is silent to idle ones too
        closing = asyncio.gather(*(connection.close(timeout=farewell) for connection in idle))
        # Once in a pool's life; an event would have to be set at every release.
        while len(self.everything) > len(idle) and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        late = self.everything.difference(idle)
        for connection in late:
            connection.expire()  # or the server would go on working for nobody
        await asyncio.sleep(grace if late else 0)
        await self._background.end()
        await asyncio.gather(closing, return_exceptions=True)
        for connection in list(self.everything):
            connection.drop()
        self.everything.clear()
        self.watch.stop()
