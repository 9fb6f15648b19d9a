"""The one exception tree: every way in which work on the database can end other than well.

    SlimyError
    ├── NotFound                     a row that must exist does not
    ├── Conflict                     the state of the data refuses the change
    │   ├── AlreadyExists            unique or exclusion constraint       .constraint .table .fields
    │   ├── StaleVersion             changed by someone else since it was read
    │   └── SerializationConflict    deadlock or serialization failure    retryable
    ├── InvalidReference             the row pointed at does not exist    .constraint .table .fields
    ├── StillReferenced              other rows point at this one         .constraint .table .fields
    ├── InvalidValue                 a value that cannot be stored        .field .problem
    │   ├── CheckViolated            a CHECK refused it                   .constraint .table .fields
    │   ├── MissingValue             a value that must be given is not
    │   └── MissingPartition         a time that its table has no partition for
    ├── UnreadableValue              a stored value that Python cannot hold
    ├── PermissionDenied             the database role or its policies refuse it
    │   └── LoginRefused             the server refuses the user or password
    ├── ReadOnly                     a write inside a transaction declared read only
    ├── Timeout
    │   ├── DeadlineExceeded         the time given for the call is over
    │   └── LockTimeout              a lock was not free in time          retryable
    ├── Unavailable                  no usable server just now            retryable
    │   ├── ConnectionLost           broken before anything was kept      retryable
    │   ├── CannotConnectNow         the server is starting or stopping   retryable
    │   ├── TooManyConnections       the server has no slot left          retryable
    │   ├── PoolTimeout              the pool had no connection in time   retryable
    │   ├── FailedOver               the server has become read only      retryable
    │   ├── DiskFull                 the server cannot store anything
    │   └── OutcomeUnknown           a write was under way: it may have been kept, or not
    ├── SchemaMismatch               the database is not the one the queries were made for
    ├── TransactionFailed            an earlier error ended this transaction
    ├── ConcurrentUse                one transaction used by two tasks at a time
    └── InternalError                everything that should not happen

Messages name the thing, the problem and the way out; they never hold SQL text or stored values.
"""

from typing import ClassVar, TypedDict, Unpack


class Details(TypedDict, total=False):
    """What every error may carry, by keyword."""

    query: str | None
    sqlstate: str | None
    position: int | None
    server_message: str | None


class SlimyError(Exception):
    """The root: `code` is the word for machines, `retryable` says whether the same call may succeed later.

    `query` is the named query, `sqlstate` the server's code, `position` the 1-based character offset
    in the statement, `server_message` the server's own words: they may quote values, so they are
    for people who may see the data and are not part of the message.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        query: str | None = None,
        sqlstate: str | None = None,
        position: int | None = None,
        server_message: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.query = query
        self.sqlstate = sqlstate
        self.position = position
        self.server_message = server_message


class ConstraintError(SlimyError):
    """Shared by the errors that a named constraint raised; not in the tree, mixed into it."""

    def __init__(
        self,
        message: str,
        *,
        constraint: str = "",
        table: str | None = None,
        fields: tuple[str, ...] = (),
        **details: Unpack[Details],
    ) -> None:
        super().__init__(message, **details)
        self.constraint = constraint
        self.table = table
        self.fields = fields


class NotFound(SlimyError):
    """A row that must exist does not."""

    code = "not_found"


class Conflict(SlimyError):
    """The present state of the data refuses the change."""

    code = "conflict"


class AlreadyExists(ConstraintError, Conflict):
    """A unique or exclusion constraint: another row holds the same `fields`."""

    code = "already_exists"


class StaleVersion(Conflict):
    """The row was changed by someone else since it was read."""

    code = "stale_version"


class SerializationConflict(Conflict):
    """A deadlock or serialization failure: nothing was kept, the whole transaction may be run again."""

    code = "serialization_conflict"
    retryable = True


class InvalidReference(ConstraintError):
    """The row that `fields` point at does not exist."""

    code = "invalid_reference"


class StillReferenced(ConstraintError):
    """Rows of `table` still point at the row that was to go."""

    code = "still_referenced"


class InvalidValue(SlimyError):
    """A value that cannot be stored: `field` names it where that is known, `problem` says why."""

    code = "invalid_value"

    def __init__(self, field: str | None, problem: str, **details: Unpack[Details]) -> None:
        self.field = field
        self.problem = problem
        super().__init__(f"{field}: {problem}" if field else problem, **details)


class CheckViolated(InvalidValue):
    """A CHECK constraint refused the values of `fields`."""

    code = "check_violated"

    def __init__(
        self,
        field: str | None,
        problem: str,
        *,
        constraint: str = "",
        table: str | None = None,
        fields: tuple[str, ...] = (),
        **details: Unpack[Details],
    ) -> None:
        super().__init__(field, problem, **details)
        self.constraint = constraint
        self.table = table
        self.fields = fields


class MissingValue(InvalidValue):
    """A value that must be given is not."""

    code = "missing_value"


class MissingPartition(InvalidValue):
    """A time in a month that its table has no partition for: it is wrong, or nobody made the month."""

    code = "missing_partition"
    table: str | None = None


class UnreadableValue(SlimyError):
    """A stored value that Python's types cannot hold, such as a date before the year 1."""

    code = "unreadable_value"


class PermissionDenied(SlimyError):
    """The database role, or a policy on it, refuses the action."""

    code = "permission_denied"


class LoginRefused(PermissionDenied):
    """The server refuses the user or the password of this program: no call of it can succeed."""

    code = "login_refused"


class ReadOnly(SlimyError):
    """A write inside a transaction that was declared read only."""

    code = "read_only"


class Timeout(SlimyError):
    """Something was not done in time, and was not done at all."""

    code = "timeout"


class DeadlineExceeded(Timeout):
    """The time given for the call is over; the statement was cancelled and kept nothing."""

    code = "deadline_exceeded"


class LockTimeout(Timeout):
    """A lock was not free in time."""

    code = "lock_timeout"
    retryable = True


class Unavailable(SlimyError):
    """There is no usable server just now."""

    code = "unavailable"
    retryable = True


class ConnectionLost(Unavailable):
    """The connection broke before anything could be kept: the whole may be run again."""

    code = "connection_lost"


class CannotConnectNow(Unavailable):
    """The server is starting up, shutting down or recovering."""

    code = "cannot_connect_now"


class TooManyConnections(Unavailable):
    """The server has no free connection slot."""

    code = "too_many_connections"


class PoolTimeout(Unavailable):
    """The pool had no free connection in the time allowed."""

    code = "pool_timeout"


class FailedOver(Unavailable):
    """The server refuses writes because it is a standby now; the pool looks for the new primary."""

    code = "failed_over"


class DiskFull(Unavailable):
    """The server has no space left; retrying does not help."""

    code = "disk_full"
    retryable = False


class OutcomeUnknown(Unavailable):
    """A write was under way when the server was lost: it may have been kept, or not; never retried by the engine."""

    code = "outcome_unknown"
    retryable = False


class SchemaMismatch(SlimyError):
    """The database is not the one the queries were made for: a migration is missing, or too many ran."""

    code = "schema_mismatch"


class TransactionFailed(SlimyError):
    """An earlier error ended this transaction; only leaving it helps."""

    code = "transaction_failed"


class ConcurrentUse(SlimyError):
    """One transaction was used by two tasks at the same time."""

    code = "concurrent_use"


class InternalError(SlimyError):
    """Everything that should not happen: a defect of the server, the driver or this package."""

    code = "internal_error"
