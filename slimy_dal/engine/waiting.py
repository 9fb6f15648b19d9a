"""The calls that wait for a connection, in the order of their coming."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.statement import Statement

__all__ = ["Waiter", "Waiting"]


class Waiter(NamedTuple):
    """A call that waits until `moment`, since `since`; it begins a transaction where `statement` is None."""

    moment: float
    future: asyncio.Future[Connection]
    since: float
    statement: Statement | None
    task: asyncio.Task[Any] | None


class Waiting(deque[Waiter]):
    """A queue in which those who gave up stand until their turn comes; `alive` leaves them out."""

    def alive(self) -> list[Waiter]:
        """Return those who still wait."""
        return [one for one in self if not one.future.done()]

    def tasks(self) -> Iterator[asyncio.Task[Any] | None]:
        """Iterate over the tasks that still wait."""
        return (one.task for one in self if not one.future.done())

    def forget_the_gone(self) -> None:
        """Drop all who gave up."""
        alive = self.alive()
        self.clear()
        self.extend(alive)

    def serve(self, connection: Connection) -> bool:
        """Give a connection to the first who waits; False where nobody does."""
        while self:
            future = self.popleft().future
            if not future.done():
                future.set_result(connection)
                return True
        return False

    def longest(self) -> float:
        """Return the seconds that the one whose turn is next has waited; 0 where nobody waits."""
        began = next((one.since for one in self if not one.future.done()), None)
        return 0.0 if began is None else time.monotonic() - began

    def fail(self, error: SlimyError) -> None:
        """Give all of them an error like this one."""
        while self:
            future = self.popleft().future
            if not future.done():
                future.set_exception(type(error)(error.message, sqlstate=error.sqlstate))

    def expire(self, now: float, late: Callable[[], SlimyError]) -> float:
        """Fail those whose time is over with what `late` returns; return the nearest moment left."""
        nearest = math.inf
        for one in self:
            if one.future.done():
                continue
            if one.moment <= now:
                one.future.set_exception(late())
            else:
                nearest = min(nearest, one.moment)
        while self and self[0].future.done():
            self.popleft()
        return nearest
