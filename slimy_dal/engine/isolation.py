"""The properties a transaction may be asked for, and the BEGIN that asks PostgreSQL for them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Literal, TypeAlias

from slimy_dal.engine.tenant import Tenant, become

__all__ = ["REQUEST", "Isolation", "begin", "on_behalf_of", "opening"]

Isolation: TypeAlias = Literal["read committed", "repeatable read", "serializable"]

LONGEST_NAME: Final = 63
"""Bytes of an application name that PostgreSQL keeps."""

_WORD = re.compile(r"[A-Za-z0-9._-]+")
REQUEST: ContextVar[str] = ContextVar("slimy_request", default="")
"""Whose transactions are begun here; empty for nobody's in particular."""


@contextmanager
def on_behalf_of(request: str) -> Iterator[None]:
    """Let every transaction that begins within the block be seen in pg_stat_activity as this request's.

    As `slimy_dal:<request>`, of which the server keeps 63 bytes. A name of other characters than letters, digits, `.`,
    `_` and `-` is not shown.
    """
    token = REQUEST.set(request)
    try:
        yield
    finally:
        REQUEST.reset(token)


def _named(application: str) -> str:
    """Return what a BEGIN is followed by, in the same round trip, where somebody is waiting for the transaction.

    The words are checked and not quoted: a command takes no parameters. SET LOCAL ends with the transaction, so that
    a connection never carries the name of a request that is over.
    """
    request = REQUEST.get()
    if not _WORD.fullmatch(request):
        return ""
    name = f"{application}:{request}" if _WORD.fullmatch(application) else request
    return f"; SET LOCAL application_name = '{name[:LONGEST_NAME]}'"


def begin(isolation: Isolation | None, *, readonly: bool, deferrable: bool) -> str:
    """Return the BEGIN of a transaction with these properties."""
    words = ["BEGIN"]
    if isolation is not None:
        words.append(f"ISOLATION LEVEL {isolation.upper()}")
    if readonly:
        words.append("READ ONLY")
    if deferrable:
        words.append("DEFERRABLE")
    return " ".join(words)


def opening(begin: str, application: str, tenant: Tenant | None) -> str:
    """Return a BEGIN with what follows it in the same round trip: who waits for it, and for whom it runs."""
    sql = begin + _named(application)
    return sql if tenant is None else f"{sql}; {become(tenant)}"
