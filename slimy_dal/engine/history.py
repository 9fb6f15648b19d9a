"""Knows the history of the cluster behind a pool's hosts, and which server is not, or no longer, part of it."""

import logging
from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError, Timeout, Unavailable
from slimy_dal.engine.origin import Origin

__all__ = ["History", "Refused"]

Listener: TypeAlias = Callable[[], None]

LOG = logging.getLogger("slimy_dal.hosts")

# By the file that is written now: the control file names the old timeline until the checkpoint
# that follows a promotion, which may take minutes. Every role may call these functions.
ORIGIN = """
SELECT
    (pg_catalog.pg_control_system()).system_identifier,
    CASE
        WHEN NOT pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_flush_lsn())
    END,
    CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_current_wal_flush_lsn() END
"""

WAY_OUT = "make it a standby of the present primary; where it is the one that is wanted, restart this program"


class Refused(Unavailable):
    """A server that could be reached, and must not be written to."""


class History:
    """What the sessions of a pool have shown of their cluster; only a later point of it is accepted.

    A promotion begins a new timeline with a higher number, so a writable server on a lower one is an old primary that
    was not told: what it would keep is lost when it is put right. On the same timeline no server has less on its disk
    than it had: such a one was set back, or parted with the cluster unseen. Another cluster is refused where the DSN
    names several hosts; where it names one, it is what that name means now, and the cluster before is left for good.
    Standbys may be behind, and are only held to be of the same cluster.

    `system` and `timeline` are the present ones, 0 before the first contact with a writable server.
    `on_change` are called when sessions may have been left behind, `passed` tells which. All this is kept in memory:
    a new process believes the first server it meets.
    """

    def __init__(self, events: Counter[str], *, several: bool) -> None:
        self.system = 0
        self.timeline = 0
        self.flushed = 0
        self.on_change: list[Listener] = []
        self._events = events
        self._several = several
        self._left: set[int] = set()
        self._blind = False

    async def examine(self, connection: Connection, *, timeout: float) -> None:  # noqa: ASYNC109
        """Note where a session leads to now. Raises Unavailable where its server is not to be used.

        A server that does not tell (another product, revoked functions) is believed, and a warning logged once.
        """
        # Answers overtake each other: a later one must not convict those that were under way already.
        floor = (self.timeline, self.flushed)
        host = connection.origin.host
        try:
            system, file, flushed = await connection.line(ORIGIN, timeout=timeout)
        except Timeout:
            raise Unavailable("the server did not answer in time; it may be failing over") from None
        except Unavailable:
            raise
        except SlimyError as error:
            if not self._blind:
                self._blind = True
                LOG.warning(
                    "%s does not tell its timeline, an old primary would pass: %s", host, error
                )
            return
        timeline, stored = int(file[:8] or "0", 16), _bytes(flushed or "0/0")
        connection.origin = Origin(host, int(system), timeline, stored)
        self.meet(connection.origin, floor=floor)

    def meet(self, origin: Origin, *, floor: tuple[int, int] = (0, 0)) -> None:
        """Accept a point of the history, or raise Unavailable; nothing on `floor`'s timeline is below it."""
        host = origin.host
        if not self.system:
            self.system = origin.system
        moved = origin.system != self.system
        if moved:
            if self._several or origin.system in self._left:
                raise self._refuse("other_cluster_refused", host, "belongs to another cluster")
            self._left.add(self.system)
            self.system, self.timeline, self.flushed = origin.system, 0, 0
        elif origin.timeline and origin.timeline < self.timeline:
            raise self._refuse(
                "old_timeline_refused",
                host,
                f"is on timeline {origin.timeline}, and {self.timeline} was seen: it is an old primary",
            )
        elif origin.timeline == floor[0] and origin.flushed < floor[1]:
            raise self._refuse(
                "shorter_history_refused", host, "has lost what it once had: it was set back"
            )
        promoted = origin.timeline > self.timeline > 0
        if promoted and origin.flushed < self.flushed:
            self._events["wal_lost"] += 1
            lost = self.flushed - origin.flushed
            LOG.error("%s lacks %s bytes of WAL or more that the primary before had", host, lost)
        if origin.timeline:
            same = origin.timeline == self.timeline
            self.flushed = max(self.flushed, origin.flushed) if same else origin.flushed
            self.timeline = origin.timeline
        if promoted or moved:
            self._events["new_timeline" if promoted else "new_cluster"] += 1
            words = "%s: cluster %s, timeline %s is the present one"
            LOG.warning(words, host, self.system, self.timeline)
            for callback in self.on_change:
                callback()

    def passed(self, origin: Origin) -> bool:
        """Tell whether a session that began there is of the past: nothing may be written on it any more."""
        elsewhere = 0 != origin.system != self.system
        return elsewhere or 0 < origin.timeline < self.timeline

    def _refuse(self, event: str, host: object, why: str) -> Refused:
        self._events[event] += 1
        if self._events[event] == 1:
            LOG.error("%s %s; %s", host, why, WAY_OUT)
        return Refused(f"the server {why}; {WAY_OUT}")


def _bytes(lsn: str) -> int:
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low, 16)
