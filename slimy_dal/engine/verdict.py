"""Decides what an error of a single statement means: whether anything was kept, and whether it may run again."""

from dataclasses import dataclass

from slimy_dal.engine.bulkhead import STUCK
from slimy_dal.engine.classify import outdated, stale, unsent
from slimy_dal.engine.errors import (
    CannotConnectNow,
    ConnectionLost,
    DeadlineExceeded,
    FailedOver,
    OutcomeUnknown,
    PoolTimeout,
    ReadOnly,
    SchemaMismatch,
    SerializationConflict,
    SlimyError,
    TooManyConnections,
    TransactionFailed,
    UnreadableValue,
)
from slimy_dal.engine.session import Session
from slimy_dal.engine.statement import Statement

__all__ = [
    "DOOMED",
    "Verdict",
    "caught",
    "judge",
    "judge_begin",
    "judge_commit",
    "judge_within",
    "void",
]

LOST = "ConnectionDoesNotExistError"

CANCELLED = "57014"

DOOMED = "the {} kept nothing: one nested in it could not be ended, as while another task uses it"

REFUSED = "DataError"
"""The driver's, for an argument: the statement was prepared, and nothing was run after that."""

NO_ROOM = (MemoryError, RecursionError)
"""Raised wherever there is too little of it: before something was sent, or while its answer was taken in."""

NO_SERVER = (CannotConnectNow, TooManyConnections)
"""What a pooler says that has no server: another connection to it is no better, a moment later may be."""

MANY = 1000
"""More than a pool has connections: each repetition uses up one that was dead or outdated."""

CHANGED = 2
"""After a type was changed: for the next change, too, should it come at once."""

CONFLICTS = 7
"""As often as Pool.run repeats a transaction, which is what such a statement is."""

MOMENTS = 32
"""With the pauses between them, about as long as a pool waits for a server of its own."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from an error.

    `failure` is what to raise (None: the task was cancelled, its own exception goes on), `repeats`
    how many further attempts are safe, `expire_all` says that no connection of the pool is good.
    """

    failure: SlimyError | None
    repeats: int = 0
    expire_all: bool = False

    @property
    def crowded(self) -> bool:
        """Whether time is what is needed: others were at the same rows, or a pooler has no server."""
        return isinstance(
            self.failure, SerializationConflict | CannotConnectNow | TooManyConnections
        )

    def most(self, connections: int) -> int:
        """Return how many repetitions are worth it in a pool that may have `connections` bad ones."""
        return self.repeats if self.crowded else min(self.repeats, connections)

    @property
    def unknown(self) -> bool:
        """Whether a write may have been kept or not."""
        return isinstance(self.failure, OutcomeUnknown)


def judge(  # noqa: C901, PLR0911 -- each return is one case of the table
    session: Session, error: BaseException, statement: Statement, *, sent: bool
) -> Verdict:
    """Judge an error of a statement that ran alone, without BEGIN and COMMIT.

    `sent` is false when the statement was still being prepared. A write whose answer was lost is
    OutcomeUnknown: the server commits before it answers, so even its own farewell proves nothing.
    """
    session.pending = not sent or type(error).__name__ == REFUSED
    if not isinstance(error, Exception):
        return Verdict(None)
    failure = session.failure(error, statement)
    if session.evicted and failure.sqlstate == CANCELLED:
        return Verdict(_evicted(statement.name))
    if (void := _void(session, error, failure, statement)) is not None:
        return void
    if not sent or unsent(error):
        if session.expired:
            return Verdict(_late(statement.name))
        return Verdict(failure, repeats=_unbegun(failure))
    if isinstance(failure, FailedOver):
        return Verdict(failure, repeats=1, expire_all=True)
    if isinstance(failure, SerializationConflict):
        return Verdict(failure, repeats=CONFLICTS)  # the server has rolled back all there was
    lost = isinstance(failure, ConnectionLost) or type(error).__name__ == LOST
    if statement.writes:
        # Rows that cannot be decoded, as for want of memory, come after the write; nothing says that it was undone.
        unread = isinstance(failure, UnreadableValue | SchemaMismatch) and failure.sqlstate is None
        unread = unread or isinstance(error, NO_ROOM)
        failure = _unknown(failure, statement.name, lost=lost) if lost or unread else failure
        return Verdict(failure, expire_all=outdated(error))
    if outdated(error):
        return Verdict(failure, repeats=CHANGED, expire_all=True)
    if lost and session.expired:
        return Verdict(_late(statement.name))
    return Verdict(failure, repeats=1 if lost else 0)


def judge_begin(session: Session, error: BaseException) -> Verdict:
    """Judge an error of BEGIN: whatever it was, nothing was done yet."""
    if not isinstance(error, Exception):
        return Verdict(None)
    failure = session.failure(error)
    if session.expired and isinstance(failure, ConnectionLost):
        failure = DeadlineExceeded("BEGIN: not done in the time allowed")
    return Verdict(failure, repeats=_unbegun(failure))


def _unbegun(failure: SlimyError) -> int:
    """Return how often a call is tried again of which nothing has reached a server."""
    if isinstance(failure, NO_SERVER):
        return MOMENTS
    return MANY if isinstance(failure, ConnectionLost) else 0


def _void(
    session: Session, error: Exception, failure: SlimyError, statement: Statement
) -> Verdict | None:
    """Judge what says that the prepared form, not the statement, is wrong; None where it says something else."""
    if stale(error) or _type_gone(failure):
        session.forget(statement)
        # Of a type the server says so too where its catalogue is broken.
        return Verdict(failure, repeats=MANY if stale(error) else CHANGED)
    if failure.sqlstate == "XX000":
        session.retire, session.sound = True, False  # who knows what is wrong with it
    return None


def _type_gone(failure: SlimyError) -> bool:
    return isinstance(failure, SchemaMismatch) and failure.sqlstate == "XX000"


def _evicted(name: str) -> PoolTimeout:
    return PoolTimeout(f"{name}: stopped, nothing was kept: {STUCK}", query=name)


def _late(name: str) -> DeadlineExceeded:
    return DeadlineExceeded(f"{name}: not done in the time allowed", query=name)


def _unknown(failure: SlimyError, name: str, *, lost: bool) -> OutcomeUnknown:
    if lost:
        text = "the connection broke before the answer came; the write may have been kept or not"
    else:
        text = "the write was sent and not refused, but its result cannot be read"
    return OutcomeUnknown(
        f"{name}: {text}; read the data back", query=name, sqlstate=failure.sqlstate
    )


def judge_commit(session: Session, error: Exception, *, readonly: bool) -> SlimyError:
    """Return what an error of COMMIT means."""
    failure = session.failure(error)
    unread = isinstance(error, NO_ROOM) and not readonly
    if unsent(error) or (session.usable and not unread):
        return failure
    if readonly and session.expired:
        return DeadlineExceeded("the end of a read was not confirmed in the time allowed")
    if readonly:
        return ConnectionLost("the connection broke at the end of a read; run it again")
    return OutcomeUnknown(
        "the connection broke during COMMIT: the transaction may have been kept or not; "
        "read its data back before doing it again",
        sqlstate=failure.sqlstate,
    )


def void(failure: SlimyError) -> bool:
    """Tell whether the statement was not run, as what was prepared for it is void: the same session can do it anew."""
    return isinstance(failure, SchemaMismatch) and failure.sqlstate in {"0A000", "26000", "XX000"}


async def judge_within(
    session: Session,
    error: Exception,
    statement: Statement,
    *,
    first: str,
    readonly: bool,
    grace: float,
) -> SlimyError:
    """Judge an error of a statement inside a transaction: before COMMIT nothing is kept, whatever broke.

    `first` names the statement that failed first in the transaction, `grace` is how long a cancelled one may take.
    """
    failure, name = session.failure(error, statement), statement.name
    if session.expired:
        if session.usable and not await session.rest(grace):
            session.drop()
        if session.evicted and failure.sqlstate == CANCELLED:
            return _evicted(name)
        if isinstance(failure, ConnectionLost):
            return DeadlineExceeded(f"{name}: not done in the time allowed", query=name)
    if stale(error) or _type_gone(failure):
        session.forget(statement)
    if isinstance(failure, FailedOver) and readonly:
        words = f"{name}: writes inside a transaction declared read only"
        return ReadOnly(words, query=name, sqlstate=failure.sqlstate)
    if isinstance(failure, TransactionFailed):
        words = f"{name}: {first} failed in this transaction before; leave the block"
        return TransactionFailed(words, query=name, sqlstate=failure.sqlstate)
    return failure


def caught(name: str | None, *, nested: bool) -> TransactionFailed:
    """Return the error of a block that ended as if nothing had been wrong, where the statement `name` had failed."""
    if nested:
        words = f"the nested transaction kept nothing: {name} failed inside it"
        return TransactionFailed(f"{words}; let its error leave the block")
    words = f"nothing was kept: {name or 'a statement'} failed inside the block"
    return TransactionFailed(
        f"{words}; let its error leave the block, or put it into a nested transaction()"
    )
