"""A place in a cluster's log: where a write was kept, and how far a replica must have come to show it."""

from dataclasses import dataclass
from typing import Self

from slimy_dal.engine.errors import FailedOver, InvalidValue
from slimy_dal.engine.statement import Executor, Statement

__all__ = ["DATABASE", "REPLAYED", "STANDING", "Position", "position"]

PARTS = 3
LONGEST = 16
"""Digits of eight bytes; more are no position."""

PRIMARY = Statement(
    name="replicas.primary",
    # Of the name of the log's file the first eight digits are the timeline: the control file tells it only after the
    # next checkpoint. What is inserted, not what is flushed: an asynchronous commit is not flushed yet.
    sql="""
SELECT s.system_identifier, left(pg_walfile_name(p.lsn), 8), (p.lsn - '0/0'::pg_lsn)::bigint
FROM pg_control_system() AS s
CROSS JOIN LATERAL (
    SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_insert_lsn() END AS lsn
) AS p
""",
    columns=("system", "timeline", "lsn"),
)
STANDING = Statement(
    name="replicas.standing",
    # A role without pg_read_all_stats sees no received_tli; the control file follows at the next restartpoint.
    sql="""
SELECT
    pg_is_in_recovery(),
    s.system_identifier,
    greatest(
        c.timeline_id,
        r.min_recovery_end_timeline,
        (SELECT max(w.received_tli) FROM pg_stat_wal_receiver AS w)
    ),
    coalesce((pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint, 0),
    current_database()
FROM pg_control_system() AS s
CROSS JOIN pg_control_checkpoint() AS c
CROSS JOIN pg_control_recovery() AS r
""",
    columns=("recovers", "system", "timeline", "replayed", "database"),
)
DATABASE = Statement(
    name="replicas.database", sql="SELECT current_database()", columns=("database",)
)
REPLAYED = Statement(
    name="replicas.replayed",
    sql="""
SELECT
    pg_is_in_recovery(),
    coalesce((pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint, 0)
""",
    columns=("recovers", "replayed"),
)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the log of the cluster `system` on its `timeline`; as text it is what callers carry.

    Positions of two timelines are not to be compared: after a failover the same place holds something else.
    """

    system: int
    timeline: int
    lsn: int

    def __str__(self) -> str:
        return f"{self.system:x}-{self.timeline:x}-{self.lsn:x}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a position. Raises InvalidValue for what is none."""
        parts = text.split("-")
        hexadecimal = all(
            0 < len(part) <= LONGEST and set(part) <= set("0123456789abcdef") for part in parts
        )
        if len(parts) != PARTS or not hexadecimal:
            raise InvalidValue("after", "is no position, as a write gave it")
        system, timeline, lsn = (int(part, 16) for part in parts)
        return cls(system, timeline, lsn)


async def position(primary: Executor, seconds: float | None = None) -> Position:
    """Return the present end of the primary's log: asked for after a commit, the commit is before it.

    Raises FailedOver where the server is no primary any more, Unavailable and Timeout.
    """
    row = await primary.row(PRIMARY, timeout=seconds)
    if row is None or row[2] is None:
        raise FailedOver("the server is a standby now: it has no position to give")
    return Position(row[0], int(row[1], 16), row[2])
