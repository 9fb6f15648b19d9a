"""Finds the moment from which on tasks only wait for connections that they hold themselves."""

import asyncio
import sys
from collections.abc import Iterable
from typing import Any

from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import PoolTimeout
from slimy_dal.engine.turn import place

__all__ = ["standstill"]


def standstill(
    busy: Iterable[Connection], waiting: Iterable[asyncio.Task[Any] | None]
) -> PoolTimeout | None:
    """Return the error for a task that would wait for ever; None where somebody can still give a connection back.

    `busy` are all connections of a pool that can have no more, `waiting` the tasks that wait for one. Whoever
    asks last, with all others waiting already, is refused: leaving its transaction, it lets the others go on.
    """
    me = asyncio.current_task()
    owners = {connection.owner for connection in busy}
    if me is None or me not in owners or not owners <= {me, *waiting}:
        return None
    here = place(sys._getframe(1))  # noqa: SLF001 -- the caller's line is the message
    count = "the only connection" if len(owners) == 1 else f"one of {len(owners)} connections"
    return PoolTimeout(
        f"{here} asks for a connection in a task that holds {count} in a transaction, and the others are held so "
        "too: run its statements on the transaction, or raise SLIMY_POOL_SIZE"
    )
