"""One transaction: its statements, savepoints, deadline, end, and what is to happen after it committed."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, enforced by its one timer
# ruff: noqa: SLF001 -- a nested transaction works on its parent's private state, of the same class

import math
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from slimy_dal.engine.classify import outdated
from slimy_dal.engine.deadline import LIMIT, checked
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import (
    ConcurrentUse,
    ConnectionLost,
    DeadlineExceeded,
    FailedOver,
    OutcomeUnknown,
    SlimyError,
    TransactionFailed,
)
from slimy_dal.engine.hooks import Hook, run_hooks
from slimy_dal.engine.isolation import opening
from slimy_dal.engine.running import Operation, Running, count_rows
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.tenant import Tenant
from slimy_dal.engine.turn import Turn
from slimy_dal.engine.verdict import DOOMED, caught, judge_commit, judge_within, void

if TYPE_CHECKING:
    from slimy_dal.engine.pool import Pool

__all__ = ["Transaction"]

NEVER = math.inf
T = TypeVar("T")


class Transaction(Running):
    """A transaction, or a savepoint in one; made by `Pool.transaction()` and `Transaction.transaction()`.

    Used by one task at a time: a second concurrent use raises ConcurrentUse and names both places.
    Leaving the block commits, or rolls back when an error leaves it; `tx.transaction()` opens a
    savepoint that does the same for its part. An error inside a block that is caught inside it
    still ends the transaction (as in PostgreSQL): put what may fail into a nested one.
    `step` is the longest for BEGIN and for COMMIT, where the whole may take much longer.
    """

    def __init__(
        self,
        pool: "Pool",
        *,
        begin: str,
        readonly: bool,
        timeout: float,
        parent: "Transaction | None" = None,
        tenant: Tenant | None = None,
    ) -> None:
        self._pool = pool
        self._begin = self._opening = begin
        self._fresh = parent is None
        self._readonly = readonly
        self._timeout = timeout
        self._parent = parent
        self.tenant = tenant
        self._depth: int = parent._depth + 1 if parent else 0
        self._deadline = NEVER
        self.step = NEVER
        self._connection: Connection | None = None
        self._hooks: list[Hook] = []
        self._turn: Turn = parent._turn if parent else Turn()
        self._failed: str | None = None
        self._doomed = False

    # -- begin and end --------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._connection is not None or self._deadline != NEVER:
            raise ConcurrentUse("this transaction was entered already; ask for a new one")
        self._deadline = min(LIMIT.get(), time.monotonic() + checked(self._timeout))
        if self._parent is not None:
            self._deadline = min(self._deadline, self._parent._deadline)
            self._connection = self._parent._open_connection()
            self._parent._fresh = False
            await self._command(f"SAVEPOINT slimy_{self._depth}")
        else:
            self._opening = opening(self._begin, self._pool.settings.application_name, self.tenant)
            self._connection = await self._pool.begin(self._opening, self._soon())
            self._connection.tenant = self.tenant
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        connection = self._open_connection()
        try:
            if self._parent is not None:
                await self._end_savepoint(self._parent, connection, error)
            elif error is None:
                await self._commit(connection)
            else:
                await self._roll_back(connection)
        finally:
            self._connection = None
            if self._parent is None:
                connection.tenant = None
                self._pool.supply.release(connection)
        if self._parent is None and error is None:
            await run_hooks(self._hooks, self._pool.metrics)

    async def _commit(self, connection: Connection) -> None:
        if self._turn.taken:
            await self._roll_back(connection)
            raise self._turn.refusal("COMMIT")
        if self._deadline <= time.monotonic():
            await self._roll_back(connection)
            raise DeadlineExceeded(
                "the transaction's time was over before its commit; nothing was kept"
            )
        if not connection.sound and not await connection.rest(self._pool.settings.cancel_grace):
            raise ConnectionLost("the connection broke before the commit; nothing was kept")
        if self._doomed:
            await self._roll_back(connection)
            raise TransactionFailed(DOOMED.format("transaction"))
        self._pool.limit(connection, self._soon())
        failure, status = None, ""
        try:
            status = await connection.command("COMMIT")
        except Exception as error:  # noqa: BLE001 -- the classifier knows every kind
            failure = judge_commit(connection, error, readonly=self._readonly)
            if isinstance(failure, OutcomeUnknown):
                self._pool.metrics.events["outcome_unknown"] += 1
        finally:
            connection.deadline = NEVER
        if failure is not None:  # outside the handler, as below
            raise await self._pool.completed(failure, self._deadline)
        if status != "COMMIT":
            raise caught(self._failed, nested=False)
        if connection.doubtful:
            self._pool.metrics.events["outcome_unknown"] += 1
            raise OutcomeUnknown("committed on this server, but not confirmed by its standby")

    async def _roll_back(self, connection: Connection) -> None:
        connection.deadline = NEVER
        if self._turn.taken:
            # Another task is still at it: its statement is cancelled, and the session is not used again.
            connection.retire = True
            connection.expire()
        elif connection.usable and not await connection.settle(self._pool.settings.cancel_grace):
            connection.drop()

    async def _end_savepoint(
        self, parent: "Transaction", connection: Connection, error: BaseException | None
    ) -> None:
        name, kept = f"slimy_{self._depth}", error is None and self._failed is None
        # Unless the server confirms the end, the part must not be kept with the whole.
        before, parent._doomed = parent._doomed, True
        if kept and not self._doomed:
            await self._command(f"RELEASE {name}")
            parent._doomed = before
            parent._hooks.extend(self._hooks)
            return
        # The connection is not asked in vain when it is gone: the body's own error says more.
        if connection.usable and not self._turn.taken:
            undo, connection.tenant = f"ROLLBACK TO {name}; RELEASE {name}", "unknown"
            left = max(self._deadline - time.monotonic(), 0) + self._pool.settings.cancel_grace
            self._turn.take(undo)
            try:
                if await connection.settle(left, undo=undo):
                    parent._doomed = before
                else:
                    connection.drop()
            finally:
                self._turn.give()
        if kept:
            raise TransactionFailed(DOOMED.format("nested transaction"))
        if error is None:
            raise caught(self._failed, nested=True)

    def after_commit(self, hook: Hook) -> None:
        """Call `hook` (plain or async) once the outermost transaction has committed, in order of registration.

        What a hook raises is logged and counted, never raised: the data is kept already.
        """
        self._hooks.append(hook)

    def transaction(
        self, *, timeout: float | None = None, tenant: Tenant | None = None
    ) -> "Transaction":
        """Return a nested transaction: a savepoint, rolled back alone when an error leaves its block."""
        return Transaction(
            self._pool,
            begin="",
            readonly=self._readonly,
            timeout=self._timeout if timeout is None else timeout,
            parent=self,
            tenant=self.tenant if tenant is None else tenant,
        )

    # -- statements -----------------------------------------------------------------------------

    async def _use(
        self, statement: Statement, operation: Operation[T], timeout: float | None, *, prepare: bool
    ) -> T:
        return await self.use(self.tenant, statement, operation, timeout, prepare=prepare)

    async def use(
        self,
        tenant: Tenant | None,
        statement: Statement,
        operation: Operation[T],
        timeout: float | None,
        *,
        prepare: bool,
    ) -> T:
        """Run an operation for a tenant, or by the session's own right; the next one may be for another."""
        pool, connection, started = self._pool, self._open_connection(), time.monotonic()
        deadline = min(self._deadline, pool.deadline_of(statement, timeout, started))
        if deadline <= started:
            raise DeadlineExceeded(f"{statement.name}: the transaction's time is over")
        if statement in pool.supply.bulkhead.limited:
            pool.supply.bulkhead.admit(statement, pool.supply.busy())
        self._turn.take(statement.name)
        first, self._fresh = self._fresh and prepare, False
        try:
            if connection.expired:
                await connection.come_to_rest(pool.settings.cancel_grace)
            pool.limit(connection, deadline)
            connection.running, connection.since = statement, started
            if connection.tenant != tenant:
                await connection.become(tenant)
            state = await connection.state_of(statement) if prepare else None
            result = await operation(connection, state)
        except Exception as error:  # noqa: BLE001 -- every kind; it quotes values, so ours is raised outside
            failure = await self._judge(connection, error, statement)
        else:
            pool.metrics.done(statement, count_rows(result), time.monotonic() - started)
            return result
        finally:
            pool.supply.bulkhead.ended(connection)
            connection.deadline, connection.running = NEVER, None
            self._turn.give()
        if not (first and void(failure) and await self._begun_again(failure, deadline)):
            raise await pool.failed(statement, failure, started, deadline)
        left = deadline - time.monotonic()
        return await self.use(tenant, statement, operation, left, prepare=prepare)

    async def _begun_again(self, failure: SlimyError, deadline: float) -> bool:
        """Begin anew on the same session, where nothing was done yet; false where too much is repeated already."""
        if deadline <= time.monotonic() or not self._pool.budget.allows(failure):
            return False
        self._open_connection().tenant = "unknown"
        await self._command(f"ROLLBACK; {self._opening}", deadline)
        self._open_connection().tenant, self._failed = self.tenant, None
        return True

    async def _judge(
        self, connection: Connection, error: Exception, statement: Statement
    ) -> SlimyError:
        connection.deadline = NEVER
        self._failed = first = self._failed or statement.name
        grace = self._pool.settings.cancel_grace
        failure = await judge_within(
            connection, error, statement, first=first, readonly=self._readonly, grace=grace
        )
        if isinstance(failure, FailedOver) or outdated(error):
            self._pool.supply.expire_all(connection)
        return failure

    async def _command(self, sql: str, deadline: float = NEVER) -> None:
        connection = self._open_connection()
        self._turn.take(sql)
        try:
            if connection.expired:
                await connection.come_to_rest(self._pool.settings.cancel_grace)
            self._pool.limit(connection, min(deadline, self._deadline))
            await connection.command(sql)
        except Exception as error:  # noqa: BLE001 -- the classifier knows every kind
            raise connection.failure(error) from None
        finally:
            connection.deadline = NEVER
            self._turn.give()

    def _soon(self) -> float:
        return min(self._deadline, time.monotonic() + self.step)

    def _open_connection(self) -> Connection:
        if self._connection is None:
            raise TransactionFailed(
                "this transaction is over, or was not entered with `async with`"
            )
        return self._connection
