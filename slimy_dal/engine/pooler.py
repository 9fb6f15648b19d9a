"""What is different behind PgBouncer in transaction mode: which texts are prepared, and what its own errors mean."""

import secrets
from typing import Final, Literal, NamedTuple, TypeAlias

from slimy_dal.engine import errors
from slimy_dal.engine.errors import SlimyError

__all__ = ["STATE", "Pooler", "Refusal", "refusal", "renew", "text_of"]

Pooler: TypeAlias = Literal["off", "plain", "prepared"]
"""Nothing in between; PgBouncer that knows nothing of prepared statements; PgBouncer that keeps them."""

STATE: Final = "08P01"
"""What it says it with, whatever it says."""

MOST_RENEWED: Final = 1000


class Refusal(NamedTuple):
    """What PgBouncer means by one of its errors."""

    begins: str
    kind: type[SlimyError]
    words: str


REFUSALS: Final = (
    Refusal(
        "query_wait_timeout",
        errors.PoolTimeout,
        "PgBouncer had no connection to the server free in time; shorten transactions, or raise its default_pool_size",
    ),
    Refusal("query_timeout", errors.PoolTimeout, "PgBouncer had no connection free in time"),
    Refusal(
        "server login has been failing",
        errors.CannotConnectNow,
        "PgBouncer cannot connect to the server",
    ),
    Refusal(
        "no more connections allowed",
        errors.TooManyConnections,
        "PgBouncer takes no more clients; lower SLIMY_POOL_SIZE, or raise its max_client_conn",
    ),
    Refusal(
        "prepared statement did not exist",  # somebody's DEALLOCATE ALL or DISCARD ALL
        errors.ConnectionLost,
        "PgBouncer has forgotten what was prepared",
    ),
    Refusal(
        "no such user", errors.LoginRefused, "PgBouncer does not know this user: check DATABASE_URL"
    ),
    Refusal(
        "unsupported startup parameter",
        errors.InternalError,
        "this is PgBouncer, which has no settings for a session: set SLIMY_PGBOUNCER to prepared, or to plain where "
        "its max_prepared_statements is 0",
    ),
)
"""All of them are said before anything of a call has reached a server: to who waits for a connection to it, or wants
to sign in. What it says about a connection that it had lent ("server conn crashed?") is none of these."""


def refusal(error: BaseException) -> Refusal | None:
    """Return what PgBouncer means; None where it was not it that spoke, or not before the call was sent."""
    for said in (error, error.__cause__):
        if said is not None and getattr(said, "sqlstate", None) == STATE:
            text = str(said)
            return next((one for one in REFUSALS if text.startswith(one.begins)), None)
    return None


_renewed: dict[str, str] = {}


def text_of(sql: str) -> str:
    """Return the text to prepare for a statement: its own, or what took its place."""
    return _renewed.get(sql, sql)


def renew(sql: str, used: str) -> None:
    """Let a statement be prepared as another text from now on, where `used` is still its present one.

    PgBouncer prepares a text once for each of its connections to the server, and tells who prepares it again that this
    is done: a plan that a migration made void would stay. A comment makes it another text. For the whole process, as
    the other connections of its pools have met the same plans, or will.
    """
    if text_of(sql) == used:
        while len(_renewed) >= MOST_RENEWED:
            _renewed.pop(next(iter(_renewed)))
        _renewed[sql] = f"{sql}\n-- {secrets.token_hex(4)}"
