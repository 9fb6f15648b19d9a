"""Counts what the pool and each named query do, cheaply enough to be always on, and hands it out as plain data."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Any, Protocol

from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.slow import SlowLog, SlowQuery
from slimy_dal.engine.statement import Statement

__all__ = ["BOUNDS", "Metrics", "QueryStats"]

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the latency buckets in seconds; one more bucket holds the rest."""


class Busy(Protocol):
    """A connection as far as its figures go: what it runs, and until when it may, for ever when it runs nothing."""

    running: Statement | None
    deadline: float


class QueryStats:
    """Running sums of one named query."""

    __slots__ = ("buckets", "calls", "errors", "retries", "rows", "seconds")

    def __init__(self) -> None:
        self.calls = 0
        self.rows = 0
        self.retries = 0
        self.seconds = 0.0
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.errors: Counter[str] = Counter()

    def snapshot(self) -> dict[str, Any]:
        """Return plain data; `buckets` counts calls up to each bound of BOUNDS, not cumulated."""
        return {
            "calls": self.calls,
            "rows": self.rows,
            "retries": self.retries,
            "seconds": self.seconds,
            "buckets": list(self.buckets),
            "errors": dict(self.errors),
        }


class Metrics:
    """Everything counted for one pool.

    `events` counts what happened to connections and calls: connected, connect_failed, lost,
    dropped_<why>, retried, retry_refused, acquire_timeout, refused_waiting, refused_stuck, evicted,
    standstill, outcome_unknown, hook_failed; and to their hosts: new_timeline, wal_lost,
    new_cluster, old_timeline_refused, shorter_history_refused, other_cluster_refused.
    """

    def __init__(self, slow_query: float, on_slow: SlowQuery | None = None) -> None:
        self.slow_query = slow_query
        self.on_slow = on_slow or SlowLog()
        self.queries: dict[str, QueryStats] = {}
        self.by_statement: dict[Statement, QueryStats] = {}
        self.events: Counter[str] = Counter()
        self.acquire_seconds = 0.0
        self.acquire_waits = 0
        self.acquire_buckets = [0] * (len(BOUNDS) + 1)

    def of(self, statement: Statement) -> QueryStats:
        """Return the sums of a query; statements with one name share them."""
        stats = self.by_statement.get(statement)
        if stats is None:
            stats = self.queries.setdefault(statement.name, QueryStats())
            self.by_statement[statement] = stats
        return stats

    def done(self, statement: Statement, rows: int, seconds: float) -> None:
        """Count a call that succeeded."""
        stats = self.by_statement.get(statement) or self.of(statement)
        stats.calls += 1
        stats.rows += rows
        stats.seconds += seconds
        stats.buckets[bisect_left(BOUNDS, seconds)] += 1
        if seconds >= self.slow_query:
            self.on_slow(statement, seconds)

    def failed(self, statement: Statement, error: SlimyError, seconds: float) -> None:
        """Count a call that failed."""
        self.of(statement).errors[error.code] += 1
        self.done(statement, 0, seconds)

    def repeated(self, name: str | None) -> None:
        """Count that a query is run once more, alone or with the whole transaction that its error undid."""
        if name is not None:
            self.queries.setdefault(name, QueryStats()).retries += 1

    def succeeded(self) -> int:
        """Return how many calls were answered with other than an error."""
        return sum(one.calls - one.errors.total() for one in self.queries.values())

    def waited(self, seconds: float) -> None:
        """Count a wait for a connection; calls that found one free at once are not counted."""
        self.acquire_waits += 1
        self.acquire_seconds += seconds
        self.acquire_buckets[bisect_left(BOUNDS, seconds)] += 1

    def snapshot(self, busy: Iterable[Busy] = (), **gauges: int) -> dict[str, Any]:
        """Return everything as plain data (dicts, lists, numbers).

        `busy` are the connections with a caller, `gauges` is the pool's present state.
        """
        running = (one.running for one in busy if one.deadline < math.inf)
        in_flight = Counter(statement.name for statement in running if statement)
        return {
            "bounds": list(BOUNDS),
            "pool": {
                **gauges,
                "waits": self.acquire_waits,
                "wait_seconds": self.acquire_seconds,
                "wait_buckets": list(self.acquire_buckets),
            },
            "events": dict(self.events),
            "in_flight": dict(sorted(in_flight.items())),
            "queries": {name: stats.snapshot() for name, stats in sorted(self.queries.items())},
        }
