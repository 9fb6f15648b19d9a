"""Runs statements for a tenant: each in a transaction that the database shows the tenant's rows only."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, enforced by its one timer

from collections.abc import AsyncIterator
from typing import Any, TypeVar

from slimy_dal.engine.driver import Connection
from slimy_dal.engine.isolation import Isolation, begin
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.repeat import repeat
from slimy_dal.engine.running import Operation, Running
from slimy_dal.engine.statement import Row, Statement
from slimy_dal.engine.streaming import LONGEST_STREAM, streamed
from slimy_dal.engine.tenant import Tenant
from slimy_dal.engine.transaction import Transaction

__all__ = ["Bound"]

T = TypeVar("T")

ATTEMPTS = 3
"""Of a single statement: a connection that was cut, a plan that a migration made void."""


class _Alone(Transaction):
    """A transaction around one statement."""

    async def _commit(self, connection: Connection) -> None:
        # A read has nothing to keep: its caller does not wait for the end, and the pool sees to it
        # before anybody else gets the connection.
        if not self._readonly:
            await super()._commit(connection)


class Bound(Running):
    """A pool or a transaction for one tenant.

    On a pool each call is a transaction of its own (of the server's default isolation, or of the one given), which
    takes a round trip more than the call and, for a write, two. In a transaction only what is called through this
    runs for the tenant.
    """

    def __init__(
        self, executor: Pool | Transaction, tenant: Tenant, isolation: Isolation | None = None
    ) -> None:
        self._executor = executor
        self._tenant = tenant
        self._isolation: Isolation | None = isolation

    async def _use(
        self, statement: Statement, operation: Operation[T], timeout: float | None, *, prepare: bool
    ) -> T:
        executor, tenant = self._executor, self._tenant
        if isinstance(executor, Transaction):
            return await executor.use(tenant, statement, operation, timeout, prepare=prepare)
        pool = executor
        seconds = statement.timeout or pool.settings.statement_timeout
        seconds = seconds if timeout is None else timeout
        readonly = not statement.writes
        return await repeat(
            lambda tx: tx.use(tenant, statement, operation, timeout, prepare=prepare),
            lambda: _Alone(
                pool,
                begin=begin(self._isolation, readonly=readonly, deferrable=False),
                readonly=readonly,
                timeout=seconds,
                tenant=tenant,
            ),
            pool.budget,
            # What is loaded by COPY may come from an iterator that is used up.
            attempts=ATTEMPTS if prepare else 1,
            timeout=seconds,
        )

    def _stream(
        self, statement: Statement, arguments: tuple[Any, ...], prefetch: int, timeout: float | None
    ) -> AsyncIterator[Row]:
        executor = self._executor
        if isinstance(executor, Transaction):
            return super()._stream(statement, arguments, prefetch, timeout)
        tx = self.transaction(readonly=not statement.writes, timeout=LONGEST_STREAM)
        seconds = executor.settings.seconds(statement.timeout, timeout)
        return streamed(tx, statement, arguments, prefetch, seconds)

    def transaction(self, **options: Any) -> Transaction:
        """Return a transaction, or a savepoint, all of which runs for the tenant; options are those of the executor."""
        return self._executor.transaction(tenant=self._tenant, **options)
