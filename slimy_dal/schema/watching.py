"""Looks at a running statement from a second connection: who keeps it waiting, and how far it is."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict

from slimy_dal.schema.backend import Backend

__all__ = ["Watch"]

TICK = 0.1
"""Seconds between two looks at first: a lock_timeout may be short."""

TELL_EVERY = 5.0
"""Seconds between two lines about one statement."""

BLOCKERS = """\
SELECT
    b.pid,
    a.usename,
    a.application_name,
    a.state,
    extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.state_change))::float8,
    regexp_replace(left(a.query, 80), '\\s+', ' ', 'g')
FROM unnest(pg_blocking_pids(%s)) AS b (pid)
LEFT JOIN pg_catalog.pg_stat_activity AS a ON b.pid = a.pid
GROUP BY b.pid, a.usename, a.application_name, a.state, a.xact_start, a.state_change, a.query
"""

INDEX_PROGRESS = """\
SELECT
    p.phase,
    CASE
        WHEN p.blocks_total > 0 THEN 100 * p.blocks_done / p.blocks_total
        WHEN p.tuples_total > 0 THEN 100 * p.tuples_done / p.tuples_total
        WHEN p.lockers_total > 0 THEN 100 * p.lockers_done / p.lockers_total
    END
FROM pg_catalog.pg_stat_progress_create_index AS p
WHERE p.pid = %s
"""


class Watch:
    """A thread beside one migrating session; it connects when a statement takes its time, and not before.

    `say` is told lines about statements that run long. Used as a `with` block.
    """

    def __init__(self, backend: Backend, say: Callable[[str], None]) -> None:
        self._backend = backend
        self._pid = backend.connection.info.backend_pid
        self._say = say
        self._label = ""
        self._since: float | None = None
        self._told = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self.blockers: list[str] = []

    def __enter__(self) -> Self:
        self._pid = self._backend.rows("SELECT pg_backend_pid()")[0][0]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(timeout=10)

    @contextmanager
    def on(self, label: str) -> Iterator[None]:
        """Watch while a statement runs; `blockers` then holds who kept it waiting last."""
        self.blockers, self._label, self._told = [], label, 0.0
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._since = None

    def _loop(self) -> None:
        try:
            while not self._end.wait(TICK):
                since = self._since
                if since is not None and time.monotonic() - since >= TICK:
                    # Watching is help, not a condition: without a second connection it goes on unwatched.
                    with suppress(psycopg.Error):
                        self._look(time.monotonic() - since)
        finally:
            if self._connection is not None:
                self._connection.close()

    def _look(self, elapsed: float) -> None:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        # A statement that has run for long is looked at less often.
        if elapsed > 10 and elapsed - self._told < 1:  # noqa: PLR2004 -- seconds
            return
        rows = self._connection.execute(BLOCKERS, (self._pid,)).fetchall()
        if rows:
            self.blockers = [_described(*row) for row in rows]
        if elapsed - self._told < TELL_EVERY or self._since is None:
            return
        self._told = elapsed
        if rows:
            self._say(f"{self._label}, {elapsed:.0f} s: waits for {'; '.join(self.blockers)}")
            return
        phase = self._connection.execute(INDEX_PROGRESS, (self._pid,)).fetchone()
        detail = ""
        if phase:
            share = f", {phase[1]} %" if phase[1] is not None else ""
            detail = f": {phase[0]}{share}"
        self._say(f"{self._label}, {elapsed:.0f} s{detail}")

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        info = self._backend.connection.info
        told = conninfo_to_dict(self._backend.dsn)
        # Of several hosts the one that is migrated.
        place: dict[str, Any] = (
            {} if "hostaddr" in told else {"host": info.host, "port": str(info.port)}
        )
        return psycopg.connect(
            self._backend.dsn,
            autocommit=True,
            connect_timeout=5,
            application_name="slimy: watches a migration",
            **place,
        )


def _described(  # noqa: PLR0917 -- a row
    pid: int,
    role: str | None,
    program: str | None,
    state: str | None,
    seconds: float | None,
    query: str | None,
) -> str:
    if state is None:
        return f"session {pid}, which has ended or cannot be seen"
    named = f" ({program})" if program else ""
    length = f" for {seconds:.0f} s" if seconds is not None else ""
    return f"session {pid} of {role}{named}, {state}{length}: {query}"
