"""Runs statements, each on a connection of its own for as long as it takes, and opens transactions."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, enforced by its one timer

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Self, TypeVar

from slimy_dal.engine.budget import Budget
from slimy_dal.engine.constraints import ConstraintFields
from slimy_dal.engine.deadline import LIMIT, checked
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import ConcurrentUse, DeadlineExceeded, OutcomeUnknown, SlimyError
from slimy_dal.engine.hosts import Hosts
from slimy_dal.engine.isolation import Isolation, begin
from slimy_dal.engine.metrics import Metrics
from slimy_dal.engine.pause import pause
from slimy_dal.engine.repeat import repeat
from slimy_dal.engine.running import EXTRA, Answer, Operation, Running, count_rows
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.slow import SlowLog, SlowQuery
from slimy_dal.engine.statement import Row, Statement
from slimy_dal.engine.streaming import LONGEST_STREAM, streamed
from slimy_dal.engine.supply import Supply
from slimy_dal.engine.tenant import Tenant
from slimy_dal.engine.transaction import Transaction
from slimy_dal.engine.verdict import Verdict, judge, judge_begin

NEVER = math.inf
T = TypeVar("T")

ELSEWHERE = "the pool was opened in another event loop or process: open one in each"


class Pool(Running):
    """The executor that everything runs on; opened by `Pool.open`.

    A call takes a connection, runs one statement without BEGIN and COMMIT, keeps the result and
    gives the connection back: nothing that happens to the connection afterwards can turn a kept
    write into an error. A read that a dead connection swallowed is run once more; a write never:
    when it was sent and not answered, its outcome is unknown, and the error says so.
    """

    def __init__(
        self, dsn: str, settings: PoolSettings | None = None, *, on_slow: SlowQuery | None = None
    ) -> None:
        self.settings = settings or PoolSettings()
        on_slow = on_slow or SlowLog(self.settings.slow_query_every)
        self.metrics = Metrics(self.settings.slow_query, on_slow)
        self._hosts = Hosts.of(dsn, self.settings, self.metrics.events)
        self.supply = Supply(self._hosts, self.settings, self.metrics)
        self._free, self._waiters = self.supply.free, self.supply.waiters
        self._watch, self._opening = self.supply.watch, self.supply.opening
        self._limited = self.supply.bulkhead.limited
        self.budget = Budget.of(self.settings, self.metrics)
        self._default = self.settings.statement_timeout
        self._most = self.settings.pool_size + 1
        self._constraints = ConstraintFields()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, dsn: str, settings: PoolSettings | None = None, *, on_slow: SlowQuery | None = None
    ) -> AsyncIterator[Self]:
        """Open a pool for the time of an `async with` block.

        Raises at once what connecting raised: Unavailable, PermissionDenied, SchemaMismatch.
        """
        pool = cls(dsn, settings, on_slow=on_slow)
        await pool.supply.start()
        try:
            yield pool
        finally:
            await pool.close()

    async def close(self, patience: float = 5.0) -> None:
        """Refuse new calls, wait for running ones up to `patience` seconds, end every connection.

        What is cancelled then gets `cancel_grace` more, also from a server that hangs.
        """
        await self.supply.close(patience)
        await self._constraints.close()

    # -- single statements: flat on purpose, a further coroutine on this path would be felt ---------

    async def _call(
        self, statement: Statement, arguments: tuple[Any, ...], limit: int, timeout: float | None
    ) -> Answer:
        statement.verify(arguments)
        began = started = time.monotonic()
        deadline, attempt = self.deadline_of(statement, timeout, started), 0
        while True:
            if self._free and not self._limited:
                connection = self._free.pop()
                connection.since = began
            else:
                connection = await self.supply.acquire(deadline, statement)
            connection.deadline, connection.running, state = deadline, statement, None
            try:
                if deadline < self._watch.next:
                    self._watch.arm(deadline)
                state = connection.states.get(statement) or await connection.state_of(statement)
                answer: Answer = await connection.bind_execute(state, arguments, "", limit, *EXTRA)
                break
            except BaseException as error:
                verdict = self._judge(connection, error, statement, sent=state is not None)
                if verdict.failure is None:
                    raise
            # Outside the handler: the driver's error, which quotes values, is no context of ours.
            if not self._again(verdict.failure, attempt, verdict.most(self._most), deadline):
                raise await self.failed(statement, verdict.failure, started, deadline)
            await pause(connection, attempt, deadline, crowded=verdict.crowded)
            attempt, began = attempt + 1, time.monotonic()
        connection.deadline, ended = NEVER, time.monotonic()
        if not connection.sound or self._limited:
            self._hand_back(connection, statement)
        elif self._waiters:
            self.supply.offer(connection)
        else:
            connection.idle_since = ended
            self._free.append(connection)
        self.metrics.done(statement, len(answer[0]), ended - started)
        return answer

    async def _use(
        self, statement: Statement, operation: Operation[T], timeout: float | None, *, prepare: bool
    ) -> T:
        started = time.monotonic()
        deadline = self.deadline_of(statement, timeout, started)
        attempt = 0
        while True:
            connection = await self.supply.acquire(deadline, statement)
            sent = False
            try:
                self.limit(connection, deadline)
                connection.running = statement
                state = await connection.state_of(statement) if prepare else None
                sent = True
                result = await operation(connection, state)
                break
            except BaseException as error:
                verdict = self._judge(connection, error, statement, sent=sent)
                if verdict.failure is None:
                    raise
            # The arguments may be an iterator that is used up: what was begun is not begun again.
            most = 0 if sent else min(verdict.repeats, self._most)
            if not self._again(verdict.failure, attempt, most, deadline):
                raise await self.failed(statement, verdict.failure, started, deadline)
            await pause(connection, attempt, deadline)
            attempt += 1
        self._hand_back(connection, statement)
        self.metrics.done(statement, count_rows(result), time.monotonic() - started)
        return result

    def _hand_back(self, connection: Connection, statement: Statement) -> None:
        """Release after success; the one thing that may still be wrong is what the server itself warned of."""
        doubtful = connection.doubtful and statement.writes
        self.supply.release(connection)
        if doubtful:
            self.metrics.events["outcome_unknown"] += 1
            raise OutcomeUnknown(
                f"{statement.name}: committed on this server, but not confirmed by its standby",
                query=statement.name,
            )

    def _again(self, failure: SlimyError, attempt: int, most: int, deadline: float) -> bool:
        """Say whether a call that may run again does: within its attempts, its time and the pool's budget."""
        return attempt < most and time.monotonic() < deadline and self.budget.allows(failure)

    def _judge(
        self, connection: Connection, error: BaseException, statement: Statement, *, sent: bool
    ) -> Verdict:
        """Find out what an error of a single statement means, and give its connection back."""
        connection.deadline = NEVER
        try:
            verdict = judge(connection, error, statement, sent=sent)
        except BaseException:
            self.supply.discard(connection, "unsettled")  # or nobody would ever give it back
            raise
        if verdict.unknown:
            self.metrics.events["outcome_unknown"] += 1
        if verdict.expire_all:
            self.supply.expire_all(connection)
        self.supply.release(connection)
        return verdict

    # -- transactions ---------------------------------------------------------------------------

    def transaction(
        self,
        *,
        isolation: Isolation | None = None,
        readonly: bool = False,
        deferrable: bool = False,
        timeout: float | None = None,
        tenant: Tenant | None = None,
    ) -> Transaction:
        """Return a transaction for an `async with` block; `timeout` covers it from begin to commit."""
        return Transaction(
            self,
            begin=begin(isolation, readonly=readonly, deferrable=deferrable),
            readonly=readonly,
            timeout=self.settings.transaction_timeout if timeout is None else timeout,
            tenant=tenant,
        )

    async def run(
        self,
        work: Callable[[Transaction], Awaitable[T]],
        *,
        isolation: Isolation | None = None,
        readonly: bool = False,
        attempts: int = 8,
        timeout: float | None = None,
    ) -> T:
        """Run `work(tx)` in a transaction, again from the start where that is safe, and return its result.

        Safe is what left nothing behind: serialization failures, deadlocks, a connection or a prepared plan lost
        before COMMIT was sent. An OutcomeUnknown is never repeated. `work` must do nothing outside the transaction
        that may not happen twice (use `tx.after_commit`). `timeout` covers all attempts and the pauses between them.
        """
        limit = self.settings.transaction_timeout if timeout is None else timeout
        fresh = partial(self.transaction, isolation=isolation, readonly=readonly)
        return await repeat(work, fresh, self.budget, attempts=attempts, timeout=limit)

    async def begin(self, sql: str, deadline: float) -> Connection:
        """Return a connection with an open transaction; a dead one is replaced, nothing was done yet."""
        attempt = 0
        if asyncio.get_running_loop() is not self._opening.home:
            raise ConcurrentUse(ELSEWHERE)
        while True:
            connection = await self.supply.acquire(deadline)
            # A transaction that thinks is not stuck in what ran before it.
            connection.running = None
            self.limit(connection, deadline)
            try:
                await connection.command(sql)
            except BaseException as error:
                try:
                    verdict = judge_begin(connection, error)
                finally:
                    self.supply.release(connection)
                if verdict.failure is None:
                    raise
            else:
                connection.deadline = NEVER
                connection.owner = asyncio.current_task()
                return connection
            if not self._again(verdict.failure, attempt, verdict.most(self._most), deadline):
                raise verdict.failure
            await pause(connection, attempt, deadline, crowded=verdict.crowded)
            attempt += 1

    def _stream(
        self, statement: Statement, arguments: tuple[Any, ...], prefetch: int, timeout: float | None
    ) -> AsyncIterator[Row]:
        tx = self.transaction(readonly=not statement.writes, timeout=LONGEST_STREAM)
        seconds = self.settings.seconds(statement.timeout, timeout)
        return streamed(tx, statement, arguments, prefetch, seconds)

    # -- for transactions -----------------------------------------------------------------------

    def limit(self, connection: Connection, deadline: float) -> None:
        """Let the call that now runs on a connection end at `deadline`."""
        connection.deadline = deadline
        if deadline < self._watch.next:
            self._watch.arm(deadline)

    def deadline_of(self, statement: Statement, timeout: float | None, started: float) -> float:
        """Return the moment a call that begins now must be over: the nearest of all limits on it."""
        if asyncio.get_running_loop() is not self._opening.home:
            raise ConcurrentUse(ELSEWHERE)
        seconds = (statement.timeout or self._default) if timeout is None else checked(timeout)
        end = started + seconds
        outer = LIMIT.get()
        if outer < end:  # noqa: PLR1730 -- min() takes longer than the rest of this method
            end = outer
        if end <= started:
            raise DeadlineExceeded(f"{statement.name}: no time left", query=statement.name)
        return end

    async def failed(
        self, statement: Statement, error: SlimyError, started: float, deadline: float
    ) -> SlimyError:
        """Count an error, and return it with the columns of its constraint where the server did not say."""
        self.metrics.failed(statement, error, time.monotonic() - started)
        return await self.completed(error, deadline)

    async def completed(self, error: SlimyError, deadline: float) -> SlimyError:
        """Return the error with the columns of its constraint, if they can be known in time."""
        return await self._constraints.complete(error, self._hosts, deadline)

    def snapshot(self) -> dict[str, Any]:
        """Return all metrics as plain data, with the present state of the pool."""
        return self.metrics.snapshot(self.supply.busy(), **self.supply.state())
