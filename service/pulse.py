"""Tells a scrape how the database is: asked in the background, seldom, and by one of several workers."""

import asyncio
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from service.metrics import family, gauge, sample
from slimy_dal.domain.database import Database
from slimy_dal.domain.health import Pulse
from slimy_dal.engine.errors import SlimyError

ASK_EVERY: Final = 15.0
"""Seconds between two questions, however often there is a scrape."""
PATIENCE: Final = 0.25
"""Seconds that a scrape waits for an answer; a later one is for the next scrape."""
ANSWER_WITHIN: Final = 2.0
LOCK: Final = "pulse"
"""The file in the workers' folder whose holder asks; the system frees it with its process."""

SERVER: Final = (
    ("connections", "connection_count", "Connections of all clients to the server."),
    ("connections_limit", "connection_limit", "Connections that the server admits."),
    ("pages_hit", "pages_hit", "Pages found in memory since the server's counting began."),
    ("pages_read", "pages_read", "Pages not found in memory since the server's counting began."),
    ("commits", "commit_count", "Transactions committed since the server's counting began."),
    ("rollbacks", "rollback_count", "Transactions undone since the server's counting began."),
    ("deadlocks", "deadlock_count", "Deadlocks since the server's counting began."),
    ("temporary_bytes", "temp_bytes", "Bytes written to temporary files, likewise."),
    ("transaction_age", "transaction_age", "Transactions since the oldest row was last frozen."),
    ("snapshot_age", "snapshot_age", "Transactions since the oldest snapshot that is in use."),
    (
        "longest_transaction_seconds",
        "longest_transaction_seconds",
        "Age of the oldest open transaction that may be seen.",
    ),
    ("lock_waits", "waiting_count", "Sessions that wait for a lock."),
    ("is_replica", "is_replica", "Whether it is a standby: 1 or 0."),
    ("replay_lag_bytes", "replay_lag_bytes", "Of a standby: received and not replayed."),
    ("replay_lag_seconds", "replay_lag_seconds", "Of a standby: age of what was replayed last."),
)
"""A metric behind slimy_database_, what it is of the server's numbers, and its words."""


class Pulses:
    """The last answer of the database, and when to ask again."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._last: tuple[float, Pulse] | None = None
        self._next = 0.0
        self._task: asyncio.Task[None] | None = None
        self._lock: int | None = None

    async def lines(self, room: Path | None) -> list[str]:
        """Return what is known as Prometheus reads it: nothing where another worker of `room` tells it."""
        if room is not None and not self._is_mine(room):
            return []
        if time.monotonic() >= self._next and self._task is None:
            self._next = time.monotonic() + ASK_EVERY
            self._task = asyncio.get_running_loop().create_task(self._ask())
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=PATIENCE)
        return [] if self._last is None else list(_lines(*self._last))

    def close(self) -> None:
        """Let another worker ask."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _is_mine(self, room: Path) -> bool:
        """Say whether this process is the one that asks: the first that wanted to, for as long as it lives."""
        if self._lock is None:
            try:
                opened = os.open(room / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            except OSError:
                return False
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(opened)
                return False
            self._lock = opened
        return True

    async def _ask(self) -> None:
        try:
            pulse = await self._db.health.pulse(timeout=ANSWER_WITHIN)
        except SlimyError:
            self._last = None  # what it was before says nothing about a database that is away
        else:
            self._last = (time.monotonic(), pulse)
        finally:
            self._task = None


def _lines(taken: float, pulse: Pulse) -> Iterator[str]:
    words = "Seconds since the database was asked for these."
    yield from gauge("slimy_database_asked_seconds", words, round(time.monotonic() - taken, 3))
    for name, attribute, text in SERVER:
        value = getattr(pulse.server, attribute)
        if value is not None:
            yield from gauge(
                f"slimy_database_{name}", text, float(value) if value % 1 else int(value)
            )
    if pulse.cache_hit is not None:
        words = "Part of the pages that were found in memory."
        yield from gauge("slimy_database_cache_hit_ratio", words, round(pulse.cache_hit, 6))
    yield from gauge("slimy_database_standbys", "Standbys that follow.", len(pulse.standbys))
    for name, attribute, text in (
        ("slimy_database_standby_lag_bytes", "lag_bytes", "What a standby has not replayed."),
        ("slimy_database_standby_lag_seconds", "lag_seconds", "The same as it told itself."),
    ):
        worst: dict[str, float] = {}
        for one in pulse.standbys:
            lag = getattr(one, attribute)
            if lag is not None:
                worst[one.standby_name] = max(lag, worst.get(one.standby_name, 0))
        yield from family(name, "gauge", text)
        for standby, lag in worst.items():
            yield sample(name, {"standby": standby}, lag)
