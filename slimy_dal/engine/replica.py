"""One replica: the sessions on it, what it last said of itself, and whether it answers at all."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from slimy_dal.engine.deadline import for_all
from slimy_dal.engine.driver import NO_TIMEOUT, Connection
from slimy_dal.engine.errors import Unavailable
from slimy_dal.engine.metrics import Metrics
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.position import REPLAYED, STANDING, Position
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.verdict import Verdict

__all__ = ["Replica", "Standing", "State"]

T = TypeVar("T")
State = Literal["ready", "lagging", "primary", "foreign", "diverged", "unproven", "away"]

LONGEST_PATIENCE = 0.25
ANSWER = 1.0
"""Seconds for the question that is asked of every replica all the time."""
FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.005
"""Seconds between two looks at how far it has come."""
FAREWELL = 0.5


class _ReplicaPool(Pool):
    """Sessions on one replica: what its replay undoes is not tried there again and again."""

    def _judge(
        self, connection: Connection, error: BaseException, statement: Statement, *, sent: bool
    ) -> Verdict:
        verdict = super()._judge(connection, error, statement, sent=sent)
        return replace(verdict, repeats=0) if verdict.crowded else verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """What a replica said of itself: whether it replays, of which cluster and timeline, how far, and what is read."""

    recovers: bool
    system: int
    timeline: int
    replayed: int
    database: str


class Replica:
    """One replica and its `state`.

    ready: reads go there; lagging: too far behind; primary: it takes writes, so it was promoted or never was one;
    foreign: of another cluster or database; diverged: on another timeline than the primary; unproven: no primary has
    answered yet that it could be compared with; away: it does not answer, or has not yet. `lag_seconds` and `lag_bytes`
    are None until they are known.
    """

    def __init__(self, name: str, dsn: str, settings: PoolSettings, shared: Metrics) -> None:
        own = {"read_write": False}
        short = {"connect_timeout": ANSWER, "host_timeout": ANSWER, "acquire_timeout": ANSWER}
        self.name = name
        self._patience = settings.replica_patience
        self.pool = _ReplicaPool(dsn, settings.model_copy(update=own), on_slow=shared.on_slow)
        # A named query has one set of figures, wherever it runs.
        self.pool.metrics.queries = shared.queries
        self.pool.metrics.by_statement = shared.by_statement
        # A session of its own, or a pool that is busy would look like a replica that is dead.
        one = {**own, **short, "pool_size": 1, "pool_min": 1}
        self._watch = Pool(dsn, settings.model_copy(update=one), on_slow=_unheard)
        self._started = False
        self.state: State = "away"
        self.standing: Standing | None = None
        self.lag_seconds: float | None = None
        self.lag_bytes: int | None = None
        self.reads = 0
        self._looking: asyncio.Task[bool] | None = None
        self._wait = settings.replica_wait
        self._short, self._short_until, self._short_for = 0, 0.0, self._wait

    # -- whether it lives -----------------------------------------------------------------------

    def look(self) -> asyncio.Task[bool]:
        """Ask how it stands, once at a time; the task says whether it answered."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look())
        return self._looking

    async def _look(self) -> bool:
        for_all()
        try:
            if not self._started:
                await self._watch.supply.start()
                await self.pool.supply.start()
                self._started = True
            row = await self._watch.row(STANDING, timeout=ANSWER)
        except Exception:  # noqa: BLE001 -- whatever it was, it did not answer
            self.stand_away()
            return False
        self.standing = None if row is None else Standing(*row)
        return row is not None

    def stand_away(self) -> None:
        """Note that it does not answer: nothing is asked of it until it does."""
        self.state, self.standing = "away", None

    async def answers(self) -> bool:
        """Say whether it lives; a replica that does not say so at once is away until it does."""
        if self.state == "away":
            return False
        looking = self.look()
        await asyncio.wait({looking}, timeout=self._patience)
        if looking.done() and looking.result():
            return True
        self.stand_away()
        return False

    async def attended(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on it, as long as it lives: slow is no fault, silent is.

        Raises what `work` raises, and Unavailable as soon as the replica does not answer any more.
        """
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(_heard)
        patience = self._patience
        try:
            while not (await asyncio.wait({task}, timeout=patience))[0]:
                if not await self.answers() and not task.done():
                    raise Unavailable(f"the replica {self.name} does not answer")
                patience = min(patience * 2, max(LONGEST_PATIENCE, self._patience))
        finally:
            task.cancel()
        return task.result()

    # -- how far it has come --------------------------------------------------------------------

    def knows(self, after: Position) -> bool:
        """Say whether a position is one of the log that it replays."""
        standing = self.standing
        if standing is None:
            return False
        return (standing.system, standing.timeline) == (after.system, after.timeline)

    def may_show(self, after: Position) -> bool:
        """Say whether to wait for a position: it was not seen a moment ago to be too far off."""
        return after.lsn <= self._short or time.monotonic() >= self._short_until

    async def shows(self, connection: Connection, after: Position, end: float) -> bool:
        """Wait on a session until what runs on it next sees all up to a position; false at `end`.

        On the session that reads, because a replica that was restarted in between is further back than it was.
        """
        state = await connection.state_of(REPLAYED)
        pause = FIRST_PAUSE
        while True:
            answer = await connection.bind_execute(state, (), "", 1, True, NO_TIMEOUT)  # noqa: FBT003
            recovers, replayed = answer[0][0]
            if not recovers:
                self.state = "primary"
                return False
            if replayed >= after.lsn:
                self._short_for = self._wait
                return True
            now = time.monotonic()
            if now >= end:
                # The next reads need not find out for themselves: whoever waits holds a connection.
                if now >= self._short_until:
                    self._short, self._short_until = replayed, now + self._short_for
                    self._short_for = min(self._short_for * 2, max(ANSWER, self._wait))
                return False
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    # -- the end --------------------------------------------------------------------------------

    async def close(self) -> None:
        """End its sessions; running reads get a moment."""
        if self._looking is not None:
            self._looking.cancel()
        await asyncio.gather(self.pool.close(FAREWELL), self._watch.close(0.0))


def _unheard(statement: Statement, seconds: float) -> None:
    """Say nothing of questions that were slow: how the replica stands says enough."""


def _heard(task: "asyncio.Task[Any]") -> None:
    """Take the error of work that nobody waits for any more."""
    if not task.cancelled():
        task.exception()
