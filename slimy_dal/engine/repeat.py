"""Runs a whole transaction again where it left nothing behind."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, enforced by its one timer

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from slimy_dal.engine.budget import Budget
from slimy_dal.engine.deadline import LIMIT, deadline
from slimy_dal.engine.errors import (
    ConnectionLost,
    FailedOver,
    InternalError,
    SchemaMismatch,
    SerializationConflict,
    SlimyError,
)
from slimy_dal.engine.pause import CROWDED_PAUSES
from slimy_dal.engine.transaction import Transaction
from slimy_dal.engine.verdict import void

__all__ = ["repeat"]

T = TypeVar("T")


async def repeat(
    work: Callable[[Transaction], Awaitable[T]],
    transaction: Callable[[], Transaction],
    budget: Budget,
    *,
    attempts: int,
    timeout: float,
) -> T:
    """Run `work(tx)` in a new transaction until one commits, as far as the budget goes; see `Pool.run`."""
    with deadline(timeout):
        pause, longest = CROWDED_PAUSES
        for attempt in range(1, attempts + 1):
            try:
                async with transaction() as tx:
                    return await work(tx)
            except SlimyError as error:
                left = LIMIT.get() - time.monotonic()
                is_over = attempt == attempts or left <= 0
                if is_over or not leaves_nothing(error) or not budget.allows(error):
                    raise
            await asyncio.sleep(random.uniform(0, min(pause, left)))  # noqa: S311 -- spreads the competitors
            pause = min(pause * 2, longest)
    raise InternalError("attempts must be at least 1")


def leaves_nothing(error: SlimyError) -> bool:
    """Tell whether a transaction that ended so kept nothing and may well succeed if it is run again."""
    if isinstance(error, SchemaMismatch):
        return error.sqlstate is None or void(error)  # without one: a type as the driver knew it
    return isinstance(error, SerializationConflict | ConnectionLost | FailedOver)
