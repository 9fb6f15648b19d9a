"""How fast a data migration may go: the size of its batches, and what makes it hold back between them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from slimy_dal.schema.backfill.keys import ask

__all__ = ["Pace"]

FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0

LOAD_SQL = """
SELECT
    (
        SELECT count(*) FROM pg_stat_activity AS a
        WHERE
            a.datname = current_database() AND a.backend_type = 'client backend'
            AND a.state = 'active' AND a.pid != pg_backend_pid()
    ),
    (
        SELECT count(DISTINCT l.pid) FROM pg_locks AS l
        INNER JOIN pg_stat_activity AS a ON l.pid = a.pid
        WHERE NOT l.granted AND a.datname = current_database()
    ),
    r.seconds::float8, r.bytes::float8
FROM (
    SELECT
        max(extract(EPOCH FROM s.replay_lag)) AS seconds,
        max(pg_wal_lsn_diff(pg_current_wal_lsn(), s.replay_lsn)) AS bytes
    FROM pg_stat_replication AS s
    WHERE s.state = 'streaming'
) AS r
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits that a data migration keeps to; each is looked at before each batch."""

    pause: float = 0.05
    """Seconds between two batches, whatever the load is."""
    target: float = 0.2
    """Seconds that a batch should take: how long its rows are locked."""
    largest: int = 100_000
    """Rows of a batch at most, however fast: what a failing one does in vain, and what a standby gets at once."""
    max_lag: float = 10.0
    """Seconds that a standby may be behind, where there is one."""
    max_lag_bytes: float = 256 * 2**20
    """Bytes of WAL that a standby may be behind: one that stands still tells no seconds."""
    max_waiting: int = 3
    """Sessions of the database that may be waiting for locks."""
    max_active: int = 25
    """Sessions of the database that may be running something."""
    sleep: Callable[[float], None] = time.sleep

    def next_size(self, size: int, rows: int, seconds: float) -> int:
        """Return the size of the next batch: what fits into the target, twice or half the last one at most."""
        if rows < size:
            return size
        fits = rows * self.target / max(seconds, 0.001)
        return max(1, min(self.largest, round(min(max(fits, size / 2), size * 2))))

    def hold_back(self, connection: Connection[Any], say: Callable[[str], None]) -> None:
        """Wait for the pause, and for as long as the server has more important things to do; `say` hears why."""
        if self.pause:
            self.sleep(self.pause)
        wait = FIRST_WAIT
        while reason := self._reason(connection):
            say(reason)
            self.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _reason(self, connection: Connection[Any]) -> str | None:
        active, waiting, seconds, behind = ask(connection, LOAD_SQL)
        if waiting > self.max_waiting:
            return f"{waiting} sessions wait for locks"
        if active > self.max_active:
            return f"{active} sessions are active"
        if (seconds or 0) > self.max_lag:
            return f"a standby is {seconds:.0f} s behind"
        if (behind or 0) > self.max_lag_bytes:
            return f"a standby is {behind / 2**20:.0f} MB behind"
        return None
