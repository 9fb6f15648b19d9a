"""Runs reads on replicas, after what their caller wrote if they ask for that, and on the primary where none will do."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, enforced by its one timer
# ruff: noqa: SLF001 -- what it hands a call on to is of its own base class

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Self, TypeVar

from slimy_dal.engine.bound import Bound
from slimy_dal.engine.deadline import checked
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import (
    DeadlineExceeded,
    FailedOver,
    LoginRefused,
    PoolTimeout,
    ReadOnly,
    SchemaMismatch,
    SerializationConflict,
    SlimyError,
    Unavailable,
)
from slimy_dal.engine.isolation import Isolation, begin
from slimy_dal.engine.pool import NEVER, Pool
from slimy_dal.engine.position import REPLAYED, Position
from slimy_dal.engine.replica import Replica
from slimy_dal.engine.replicas import Replicas
from slimy_dal.engine.running import EXTRA, Answer, Operation, Running
from slimy_dal.engine.statement import Row, Statement
from slimy_dal.engine.streaming import LONGEST_STREAM, streamed
from slimy_dal.engine.tenant import Tenant
from slimy_dal.engine.transaction import Transaction

__all__ = ["Reading"]

T = TypeVar("T")

CANCELLED = frozenset({"57014", "25P04"})
"""What a server says that ended a statement: its replay wanted that, an operator, or a limit of its own."""


class _Behind:
    """What a read gives that a replica did not run: it had not come far enough."""


class Reading(Running):
    """An executor for reads that may show the past: all that was kept at the position `after`, and maybe no more.

    Statements that write, and those that are not declared for replicas, are refused before anything is sent, with
    replicas and without. A call goes to a replica that is ready; to the primary where there is none, where none shows
    `after` in time, and where the replica fails it. One deadline covers all of that.
    """

    def __init__(
        self, replicas: Replicas, after: Position | None = None, tenant: Tenant | None = None
    ) -> None:
        self.replicas = replicas
        self.after = after
        self._tenant = tenant

    def bound(self, tenant: Tenant) -> "Reading":
        """Return the same for a tenant. Raises TypeError where it is for one already."""
        if self._tenant is not None:
            raise TypeError("these reads are for somebody already: ask those they were made from")
        return Reading(self.replicas, self.after, tenant)

    async def _call(
        self, statement: Statement, arguments: tuple[Any, ...], limit: int, timeout: float | None
    ) -> Answer:
        refuse(statement)
        statement.verify(arguments)

        async def run(connection: Connection, state: Any) -> Answer:
            answer: Answer = await connection.bind_execute(state, arguments, "", limit, *EXTRA)
            return answer

        return await self._read(
            statement,
            lambda running, seconds: running._call(statement, arguments, limit, seconds),
            run,
            timeout,
        )

    async def _use(
        self, statement: Statement, operation: Operation[T], timeout: float | None, *, prepare: bool
    ) -> T:
        refuse(statement)
        if not prepare:
            raise ReadOnly(f"{statement.name}: rows come in on the primary", query=statement.name)
        return await self._read(
            statement,
            lambda running, seconds: running._use(statement, operation, seconds, prepare=True),
            operation,
            timeout,
        )

    async def _read(
        self,
        statement: Statement,
        plain: Callable[[Running, float], Awaitable[T]],
        operation: Operation[T],
        timeout: float | None,
    ) -> T:
        """Run a read on a replica, and on the primary where that does not come to an end."""
        primary, after = self.replicas.primary, self.after
        deadline = primary.deadline_of(statement, timeout, time.monotonic())
        replica, tries = self.replicas.choose(after), 2
        while replica is not None and tries:
            try:
                left = deadline - time.monotonic()
                work = self._there(replica, statement, plain, operation, left)
                answer = await replica.attended(work)
            except SlimyError as error:
                failure = error
            else:
                if not isinstance(answer, _Behind):
                    replica.reads += 1
                    return answer
                self.replicas.elsewhere["behind"] += 1
                break
            again, why = _elsewhere(failure, statement)
            if why is None or deadline <= time.monotonic():
                raise failure
            tries = tries - 1 if again else 0
            if not tries:
                self.replicas.elsewhere[why] += 1
        return await plain(self._on(primary), deadline - time.monotonic())

    async def _there(
        self,
        replica: Replica,
        statement: Statement,
        plain: Callable[[Running, float], Awaitable[T]],
        operation: Operation[T],
        seconds: float,
    ) -> "T | _Behind":
        """Run a read on a replica, where that shows the position in time."""
        running, after = self._on(replica.pool), self.after
        if after is None:
            return await plain(running, seconds)
        # What waits for the replica must leave time for the primary.
        end = time.monotonic() + min(self.replicas.settings.replica_wait, seconds / 2)

        async def wait_and_run(connection: Connection, state: Any) -> "T | _Behind":
            if not await replica.shows(connection, after, end):
                return _Behind()
            return await operation(connection, state)

        return await running._use(statement, wait_and_run, seconds, prepare=True)

    def _on(self, pool: Pool) -> Running:
        # In another isolation, a read would see what was there before its wait for the position.
        return pool if self._tenant is None else Bound(pool, self._tenant, "read committed")

    def _stream(
        self, statement: Statement, arguments: tuple[Any, ...], prefetch: int, timeout: float | None
    ) -> AsyncIterator[Row]:
        refuse(statement)
        tx = self.transaction(timeout=LONGEST_STREAM)
        seconds = self.replicas.primary.settings.seconds(statement.timeout, timeout)
        return streamed(tx, statement, arguments, prefetch, seconds)

    def transaction(
        self,
        *,
        isolation: Isolation | None = None,
        readonly: bool = True,
        deferrable: bool = False,
        timeout: float | None = None,
        tenant: Tenant | None = None,
    ) -> "ReadTransaction":
        """Return a read-only transaction, all of it on one server; where that fails it, so does the transaction.

        Raises ReadOnly for one that is to write, and for SERIALIZABLE, which no replica has.
        """
        if not readonly or isolation == "serializable":
            raise ReadOnly("a transaction that writes, or is SERIALIZABLE, is the primary's")
        own = begin(isolation, readonly=True, deferrable=deferrable)
        return ReadTransaction(self, own, timeout, self._tenant if tenant is None else tenant)


class ReadTransaction(Transaction):
    """A transaction whose server is chosen when it begins."""

    def __init__(
        self, reading: Reading, begin: str, timeout: float | None, tenant: Tenant | None
    ) -> None:
        primary = reading.replicas.primary
        longest = primary.settings.transaction_timeout if timeout is None else timeout
        super().__init__(primary, begin=begin, readonly=True, timeout=longest, tenant=tenant)
        self._reading = reading

    async def __aenter__(self) -> Self:
        replicas, after = self._reading.replicas, self._reading.after
        replica = None if self._connection is not None else replicas.choose(after)
        if replica is None:
            return await super().__aenter__()
        primary, self._pool = self._pool, replica.pool
        over = time.monotonic() + checked(self._timeout)
        try:
            if await replica.attended(self._enter(replica, after, over)):
                replica.reads += 1
                return self
            replicas.elsewhere["behind"] += 1
        except asyncio.CancelledError:
            if self._connection is not None:  # it began in the same turn, and nobody would end it
                self._connection.tenant = None
                replica.pool.supply.release(self._connection)
            raise
        except SlimyError as error:
            failure = error
            _, why = _elsewhere(failure, None)
            if why is None:
                raise
            replicas.elsewhere[why] += 1
        self._pool, self._deadline = primary, NEVER
        self._timeout = over - time.monotonic()
        return await super().__aenter__()

    async def _enter(self, replica: Replica, after: Position | None, over: float) -> bool:
        """Begin on a replica once it shows the position; false where it does not in time."""
        waited = time.monotonic()
        if after is not None:
            settings = replica.pool.settings
            seconds = min(self._timeout, self.step, settings.statement_timeout)
            end = waited + min(settings.replica_wait, seconds / 2)

            async def wait(connection: Connection, _: Any) -> bool:
                return await replica.shows(connection, after, end)

            if not await replica.pool._use(REPLAYED, wait, seconds, prepare=True):
                return False
        self._timeout = over - time.monotonic()
        await super().__aenter__()
        # A session that is younger than the answer may be one of a replica that was restarted, and is further back.
        if after is None or self._open_connection().opened_at <= waited:
            return True
        await self.__aexit__(None, None, None)
        return False

    async def use(
        self,
        tenant: Tenant | None,
        statement: Statement,
        operation: Operation[T],
        timeout: float | None,
        *,
        prepare: bool,
    ) -> T:
        """Run an operation as every transaction does, and refuse what is not for replicas before anything is sent."""
        refuse(statement)
        return await super().use(tenant, statement, operation, timeout, prepare=prepare)


def refuse(statement: Statement) -> None:
    """Raise ReadOnly for a statement that is not one for replicas."""
    if statement.writes:
        problem = "writes, so it runs on the primary: call it on the database itself"
    elif not statement.replica:
        problem = "is not declared for replicas: add `-- replica: yes` to the query, or call it on the database itself"
    else:
        return
    raise ReadOnly(f"{statement.name} {problem}", query=statement.name)


def _elsewhere(failure: SlimyError, statement: Statement | None) -> tuple[bool, str | None]:
    """Say whether a read that a replica failed is worth another try there, and why it then goes to the primary.

    None: it does not, as the primary would say the same, or would be asked to bear what the replica could not.
    """
    if isinstance(failure, FailedOver):
        name = "it" if statement is None else statement.name
        words = f"{name} writes after all, through a function that is not said to"
        raise ReadOnly(words, query=failure.query, sqlstate=failure.sqlstate)
    if isinstance(failure, SerializationConflict):
        return True, "conflict"
    if isinstance(failure, DeadlineExceeded) and failure.sqlstate in CANCELLED:
        return True, "conflict"
    if isinstance(failure, SchemaMismatch):
        return False, "schema"  # a migration that it has not replayed yet
    if isinstance(failure, PoolTimeout):
        return False, None
    if isinstance(failure, Unavailable | LoginRefused):
        return False, "away"
    return False, None
