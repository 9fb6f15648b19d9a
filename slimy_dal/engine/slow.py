"""Tells of slow calls by the name of their query: each query at most once in a while, and how many more there were."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from slimy_dal.engine.statement import Statement

__all__ = ["SlowLog", "SlowQuery", "called", "fields_of"]

LOG = logging.getLogger("slimy_dal.slow")

SlowQuery: TypeAlias = Callable[[Statement, float], None]
"""Called with a statement that was slow, and its seconds."""


@dataclass(slots=True)
class _Told:
    """When a query may be told of again, and what was kept back since it was."""

    until: float
    more: int = 0
    longest: float = 0.0


class SlowLog:
    """Logs a slow call, at most one of each query in `every` seconds: the next one says how many there were.

    Names, shapes and times only: no statement's text, and no value of any call.
    """

    def __init__(
        self, every: float = 60.0, explain: Callable[[Statement], None] | None = None
    ) -> None:
        self._every = every
        self._explain = explain
        self._told: dict[str, _Told] = {}

    def __call__(self, statement: Statement, seconds: float) -> None:
        """Note a call that took so long."""
        now, name = time.monotonic(), statement.name
        told = self._told.get(name)
        if told is not None and now < told.until:
            told.more += 1
            told.longest = max(told.longest, seconds)
            return
        words = f"slow query {called(statement)} took {seconds:.3f} s"
        fields: dict[str, Any] = {**fields_of(statement), "seconds": round(seconds, 3)}
        if told is not None and told.more:
            words += f"; {told.more} more since it was last told, the longest {told.longest:.3f} s"
            fields |= {"more": told.more, "longest": round(told.longest, 3)}
        self._told[name] = _Told(now + self._every)
        LOG.warning("%s", words, extra={"fields": fields})
        if self._explain is not None:
            self._explain(statement)


def called(statement: Statement) -> str:
    """Return what a statement is called in words: its query, and its shape where it has several."""
    return f"{statement.name} ({statement.shape})" if statement.shape else statement.name


def fields_of(statement: Statement) -> dict[str, Any]:
    """Return the same as fields of a log line."""
    return {"query": statement.name, **({"shape": statement.shape} if statement.shape else {})}
