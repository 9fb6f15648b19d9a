"""Turns whatever the driver raises into the error tree, by SQLSTATE and by the names of the exception's class."""

import re
from typing import Any

from slimy_dal.engine import errors
from slimy_dal.engine.errors import Details, SlimyError
from slimy_dal.engine.pooler import STATE as POOLER_STATE
from slimy_dal.engine.pooler import refusal
from slimy_dal.engine.sqlstates import BAD_INPUT, CLASSES, CONDITIONS, SCHEMA, SLOTS
from slimy_dal.engine.untrusted import untrusted
from slimy_dal.engine.violation import violation

__all__ = ["classify", "ended", "outdated", "stale", "unsent"]

ARGUMENT = re.compile(r"query argument \$(\d+)")

SWITCH = "cannot switch to state"

OUTDATED = "OutdatedSchemaCacheError"

TYPE_GONE = "cache lookup failed for type"
"""How the server says, in every language, that a plan was made for a type that was dropped since."""

COPYING = "DoCopy"
"""Where the server says that row level security refuses COPY: as a feature it has not, and in its own language."""


def unsent(error: BaseException) -> bool:
    """Tell whether the call was refused before anything of it was sent that could be kept."""
    name = type(error).__name__
    # The first is the session's own word, the second that of a pooler before the server; the driver has others.
    if isinstance(error, errors.ConnectionLost) or refusal(error) is not None:
        return True
    return name == "InterfaceError" or ended(error)


def ended(error: BaseException) -> bool:
    """Tell whether the session was given its notice while it was idle; the driver does not always close it then."""
    return type(error).__name__ == "InternalClientError" and SWITCH in str(error)


def stale(error: BaseException) -> bool:
    """Tell whether the prepared form is what was wrong: the statement itself was not run."""
    return type(error).__name__ in {"InvalidCachedStatementError", "InvalidSQLStatementNameError"}


def outdated(error: BaseException) -> bool:
    """Tell whether what the session knows of the database's types is what was wrong."""
    return type(error).__name__ == OUTDATED


def classify(  # noqa: PLR0911 -- one return per family, in the order they are told apart
    error: BaseException,
    *,
    query: str | None = None,
    parameters: tuple[str, ...] = (),
    connecting: bool = False,
    reading: bool = False,
) -> SlimyError:
    """Return the error of our tree for one raised by the driver.

    `query` and `parameters` name what was run; `connecting` says that no session was there yet;
    `reading` that rows were coming in. Whether a lost write may have been kept is not known here:
    the callers of the driver decide that.
    """
    if isinstance(error, SlimyError):
        return error
    if connecting and (problem := untrusted(error)) is not None:
        return errors.InternalError(problem, server_message=str(error))
    if (refused := _refused(error, query)) is not None:
        return refused
    state, name = getattr(error, "sqlstate", None), type(error).__name__
    cause = error.__cause__
    if name == "ConnectionDoesNotExistError" and getattr(cause, "sqlstate", None):
        return _server(cause, str(cause.sqlstate), query, lost=True)  # type: ignore[union-attr]
    if isinstance(state, str):
        return _server(error, state, query, lost=False)
    if name == "DataError":
        return _bad_argument(error, query, parameters)
    if name in {"InternalClientError", "InterfaceError"}:
        return _client(error, query)
    if name == OUTDATED:
        return errors.SchemaMismatch(
            f"{_named(query)}a type of the result was changed while connected; the next call sees it",
            query=query,
        )
    return _no_answer(error, query, connecting=connecting, reading=reading)


def _refused(error: BaseException, query: str | None) -> SlimyError | None:
    """Return what a pooler's refusal is; None where it is none."""
    said = refusal(error)
    if said is None:
        return None
    words = _words(error.__cause__ or error)
    text = f"{_named(query)}{said.words}"
    return said.kind(text, query=query, sqlstate=POOLER_STATE, server_message=words)


def _no_answer(
    error: BaseException, query: str | None, *, connecting: bool, reading: bool
) -> SlimyError:
    if connecting:
        return _unreachable(error, query)
    if isinstance(error, TimeoutError):
        return errors.DeadlineExceeded(f"{_named(query)}not done in the time allowed", query=query)
    if isinstance(error, OSError):
        return errors.ConnectionLost(f"{_named(query)}the connection broke", query=query)
    if reading and isinstance(error, ValueError | ArithmeticError | BufferError | TypeError):
        return _unreadable(query)
    return errors.InternalError(
        f"{_named(query)}the driver failed: {type(error).__name__}", query=query
    )


def _named(query: str | None) -> str:
    return f"{query}: " if query else ""


def _unreadable(query: str | None) -> SlimyError:
    return errors.UnreadableValue(
        f"{_named(query)}a stored value is outside what Python's types hold (a date before the "
        "year 1, for example); correct it in the table, or cast it to text in the query",
        query=query,
    )


def _unreachable(error: BaseException, query: str | None) -> SlimyError:
    name = type(error).__name__
    if name == "ClientConfigurationError" or isinstance(error, ValueError):
        # What Python says of an address may quote all of it, the password too.
        words = None if type(error) is ValueError else str(error)
        return errors.InternalError(
            "the connection settings are not valid: check DATABASE_URL", server_message=words
        )
    if name == "TargetServerAttributeNotMatched":
        problem = "no host of DATABASE_URL accepts writes"
    elif isinstance(error, TimeoutError):
        problem = "the server did not answer in time"
    elif isinstance(error, ConnectionRefusedError | FileNotFoundError):
        problem = "nothing listens at the server's address"
    else:
        problem = "the server cannot be reached"
    return errors.Unavailable(
        f"{_named(query)}{problem}; it may be starting or failing over", query=query
    )


def _client(error: BaseException, query: str | None) -> SlimyError:
    text = str(error)
    if "another operation" in text and SWITCH not in text:
        return errors.ConcurrentUse(
            f"{_named(query)}the connection is in use by another task; give each task its own "
            "transaction, or run the calls one after the other",
            query=query,
        )
    if "server expects" in text or "cannot exceed" in text:
        return errors.InvalidValue(None, f"{_named(query)}{text.splitlines()[0]}", query=query)
    if "no decoder" in text:
        return errors.UnreadableValue(
            f"{_named(query)}the driver cannot read a type within a row; cast it in the query",
            query=query,
        )
    return errors.ConnectionLost(f"{_named(query)}the connection is closed", query=query)


def _bad_argument(
    error: BaseException, query: str | None, parameters: tuple[str, ...]
) -> SlimyError:
    found = ARGUMENT.search(str(error))
    position = int(found.group(1)) if found else 0
    field = parameters[position - 1] if 0 < position <= len(parameters) else None
    cause = error.__cause__
    # The driver quotes the value in its text; what the cause is called says enough.
    kind = (
        "overflows its type"
        if isinstance(cause, OverflowError)
        else "does not have the type of its parameter"
    )
    if isinstance(cause, UnicodeError):
        kind = "holds a character that cannot be encoded"
    suffix = f" (parameter of {query})" if query else ""
    return errors.InvalidValue(field, f"{kind}{suffix}", query=query)


def _server(error: Any, state: str, query: str | None, *, lost: bool) -> SlimyError:
    """Classify what the server said; `lost` when it closed the connection after saying it."""
    details: Details = {
        "query": query,
        "sqlstate": state,
        "position": _position(error),
        "server_message": _words(error),
    }
    if state[:2] == "23":
        return violation(error, state, details)
    if state in BAD_INPUT or state[:2] == "22":
        problem = BAD_INPUT[state][1] if state in BAD_INPUT else CLASSES["22"][1]
        return errors.InvalidValue(None, f"{_named(query)}a value {problem}", **details)
    if state == "0A000" and getattr(error, "server_source_function", None) == COPYING:
        problem = "rows come in by COPY only for who sees all of the table, as its owner does"
        return errors.PermissionDenied(f"{_named(query)}{problem}", **details)
    if state in SCHEMA or (state[:2] == "42" and state not in CONDITIONS):
        return _definition(state, details)
    if state == "XX000" and TYPE_GONE in (_words(error) or ""):
        problem = "a type that it uses was made anew while connected; the next call sees it"
        return errors.SchemaMismatch(f"{_named(query)}{problem}", **details)
    kind, problem = _condition(state, lost=lost)
    if state == "53300":
        problem = SLOTS.get(getattr(error, "server_source_function", None) or "", problem)
    return kind(f"{_named(query)}{problem}", **details)


def _words(error: Any) -> str | None:
    text = getattr(error, "message", None) or (error.args[0] if error.args else None)
    return str(text) if text else None


def _position(error: Any) -> int | None:
    text = getattr(error, "position", None)
    return (
        int(text) if isinstance(text, int) or (isinstance(text, str) and text.isdigit()) else None
    )


def _condition(state: str, *, lost: bool) -> tuple[type[SlimyError], str]:
    known = CONDITIONS.get(state) or CLASSES.get(state[:2])
    if known is not None:
        return known
    if lost:
        return (errors.ConnectionLost, f"the server ended the connection (SQLSTATE {state})")
    return (errors.InternalError, f"the server failed with SQLSTATE {state}; its log has more")


def _definition(state: str, details: Details) -> SlimyError:
    problem = SCHEMA.get(state, f"{CLASSES['42'][1]} (SQLSTATE {state})")
    way_out = "" if state in {"26000", "42601"} else "; apply the migrations, or run `slimy check`"
    return errors.SchemaMismatch(f"{_named(details.get('query'))}{problem}{way_out}", **details)
