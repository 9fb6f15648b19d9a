"""Streams the rows of a statement in a transaction of its own, which lasts for as long as its reader takes."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, enforced by its one timer

from collections.abc import AsyncIterator
from typing import Any

from slimy_dal.engine.deadline import checked
from slimy_dal.engine.statement import Row, Statement
from slimy_dal.engine.transaction import Transaction

__all__ = ["LONGEST_STREAM", "streamed"]

LONGEST_STREAM = 86400.0
"""Seconds, the transaction's own limit: readers may be slow. All that waits for the server has a shorter one."""


async def streamed(
    tx: Transaction,
    statement: Statement,
    arguments: tuple[Any, ...],
    prefetch: int,
    timeout: float,
) -> AsyncIterator[Row]:
    """Iterate over the rows of a statement in a transaction that was not entered yet.

    `timeout` is for the beginning, for each fetch, and for the end.
    """
    tx.step = checked(timeout)
    async with tx:
        async for rows in tx.fetches(statement, arguments, prefetch, timeout):
            for row in rows:
                yield row
