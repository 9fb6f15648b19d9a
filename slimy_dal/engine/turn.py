"""Lets one task at a time use a transaction, and names both places when two try."""

import asyncio
import sys
from types import FrameType
from typing import Any

from slimy_dal.engine.errors import ConcurrentUse

__all__ = ["Turn", "place"]

INSIDE = ("slimy_dal.engine", "slimy_dal.queries")


class Turn:
    """Whose turn it is; shared by a transaction and those nested in it."""

    __slots__ = ("_what", "_who", "taken")

    def __init__(self) -> None:
        self.taken = False
        self._who: asyncio.Task[Any] | None = None
        self._what = ""

    def take(self, what: str) -> None:
        """Begin to do `what`; raises ConcurrentUse while something else is being done."""
        if self.taken:
            raise self.refusal(what)
        self.taken, self._what, self._who = True, what, asyncio.current_task()

    def give(self) -> None:
        """End it."""
        self.taken = False

    def refusal(self, what: str) -> ConcurrentUse:
        """Return the error for someone who wants to do `what` meanwhile."""
        here = place(sys._getframe(1))  # noqa: SLF001 -- the caller's line is the message
        stack = self._who.get_stack(limit=1) if self._who else []
        there = place(stack[0]) if stack else "?"
        return ConcurrentUse(
            f"one transaction is used by two tasks at once: {self._what} by {_name(self._who)} at "
            f"{there}, {what} by {_name(asyncio.current_task())} at {here}; give each task its own"
        )


def _name(task: asyncio.Task[Any] | None) -> str:
    return task.get_name() if task else "?"


def place(frame: FrameType | None) -> str:
    """Return file:line of the nearest frame outside the engine and the generated queries."""
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(INSIDE):
        frame = frame.f_back
    return f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}" if frame else "?"
