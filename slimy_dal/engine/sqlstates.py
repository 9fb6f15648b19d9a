"""What each SQLSTATE of PostgreSQL means here: the error it becomes, and the sentence it is told with."""

from collections.abc import Mapping

from slimy_dal.engine import errors
from slimy_dal.engine.errors import SlimyError

__all__ = ["BAD_INPUT", "CLASSES", "CONDITIONS", "SCHEMA", "SLOTS", "VIOLATIONS", "known"]

Meaning = tuple[type[SlimyError], str]

VIOLATIONS: Mapping[str, tuple[type[SlimyError], ...]] = {
    "23001": (errors.StillReferenced,),
    "23502": (errors.MissingValue,),
    "23503": (errors.InvalidReference, errors.StillReferenced),
    "23505": (errors.AlreadyExists,),
    "23514": (errors.CheckViolated, errors.MissingPartition),
    "23P01": (errors.AlreadyExists,),
}
"""Constraints; where one SQLSTATE is two errors, the server's words tell which."""

BAD_INPUT: Mapping[str, tuple[str, str]] = {
    "22001": ("too_long", "is longer than the column allows"),
    "22003": ("out_of_range", "is out of range for its type"),
    "22007": ("invalid_text", "is not a date or time PostgreSQL can read"),
    "22008": ("out_of_range", "is a date or time outside PostgreSQL's range"),
    "22012": ("out_of_range", "leads to a division by zero"),
    "22021": ("invalid_text", "holds a character that the database's encoding cannot store"),
    "22P02": ("invalid_text", "is not written the way its type asks for"),
    "22P05": ("invalid_text", "holds a character that PostgreSQL cannot store, such as U+0000"),
    "54000": ("too_large", "is too large to be stored or indexed"),
    "54001": ("too_deep", "is nested too deeply"),
}
"""Values: InvalidValue, with a word for what is wrong with the value, and a sentence about it."""

SCHEMA: Mapping[str, str] = {
    "0A000": "the statement does not fit the database any more",
    "26000": "a prepared statement is gone from the server; behind PgBouncer, set SLIMY_PGBOUNCER to what it can do",
    "3D000": "the database does not exist",
    "3F000": "a schema does not exist",
    "42601": "the server does not understand the statement",
    "42703": "a column does not exist",
    "42704": "a type or other object does not exist",
    "42804": "a column or value has another type",
    "42883": "a function or operator does not exist",
    "42P01": "a table does not exist",
}
"""Statements that do not fit: SchemaMismatch."""

CONDITIONS: Mapping[str, Meaning] = {
    "25006": (errors.FailedOver, "the server is read only now"),
    "25P02": (errors.TransactionFailed, "an earlier error ended this transaction; leave it"),
    "25P03": (errors.ConnectionLost, "the server ended a transaction that stayed idle too long"),
    "25P04": (errors.DeadlineExceeded, "the server ended a transaction that took too long"),
    "40001": (
        errors.SerializationConflict,
        "a concurrent transaction changed the same rows; run it again",
    ),
    "40003": (errors.OutcomeUnknown, "the server cannot say whether the write was kept"),
    "40P01": (
        errors.SerializationConflict,
        "a deadlock with another transaction was resolved; run it again",
    ),
    "42501": (
        errors.PermissionDenied,
        "the database role may not do this; grant it, or check its policies",
    ),
    "53100": (errors.DiskFull, "the server's disk is full; free space there"),
    "53300": (
        errors.TooManyConnections,
        "the server has no free connection (max_connections); lower SLIMY_POOL_SIZE",
    ),
    "53400": (
        errors.InternalError,
        "the statement needs more than a setting of the server allows, such as temp_file_limit",
    ),
    "55006": (errors.LockTimeout, "an object is in use by another session; try again"),
    "55P03": (errors.LockTimeout, "a lock was not free in time; try again"),
    "57014": (errors.DeadlineExceeded, "the statement was cancelled, its time was over"),
    "57P01": (errors.ConnectionLost, "the server ended the connection"),
    "57P02": (errors.ConnectionLost, "the server crashed and is recovering"),
    "57P03": (
        errors.CannotConnectNow,
        "the server is starting up, shutting down or recovering",
    ),
    "57P04": (errors.ConnectionLost, "the database was dropped"),
    "57P05": (errors.ConnectionLost, "the server ended an idle connection"),
    "P0001": (errors.InternalError, "a function of the database refused it in words of its own"),
}

SLOTS: Mapping[str, str] = {
    "InitializeSessionUserId": "the login's CONNECTION LIMIT is reached; raise it, or lower SLIMY_POOL_SIZE",
    "CheckMyDatabase": "the database's CONNECTION LIMIT is reached; raise it, or lower SLIMY_POOL_SIZE",
    "InitPostgres": "the server's last connections are reserved for others; lower SLIMY_POOL_SIZE",
}
"""53300: which limit it is, by the place in the server that says so, as its words are in its own language."""

CLASSES: Mapping[str, Meaning] = {
    "08": (errors.ConnectionLost, "the connection broke"),
    "22": (errors.InvalidValue, "is not accepted by the database"),
    "23": (errors.CheckViolated, "the values are not allowed"),
    "28": (errors.LoginRefused, "the server refuses this user or password: check DATABASE_URL"),
    "40": (errors.SerializationConflict, "the server rolled the transaction back; run it again"),
    "42": (errors.SchemaMismatch, "the statement does not fit the database"),
    "53": (errors.Unavailable, "the server has run out of a resource"),
    "57": (errors.Unavailable, "an operator stepped in on the server"),
}
"""All others of a class, by its two characters; what is in no class here is an InternalError."""


def known() -> dict[str, tuple[type[SlimyError], ...]]:
    """Return every SQLSTATE, and every class of two characters, with the errors it can become, in order."""
    found: dict[str, tuple[type[SlimyError], ...]] = {**VIOLATIONS}
    found.update(dict.fromkeys(BAD_INPUT, (errors.InvalidValue,)))
    found.update(dict.fromkeys(SCHEMA, (errors.SchemaMismatch,)))
    found.update({state: (kind,) for state, (kind, _) in {**CONDITIONS, **CLASSES}.items()})
    return dict(sorted(found.items()))
