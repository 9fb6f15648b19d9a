"""A primary and its streaming standby, both real, and everything that can happen between them."""

# ruff: noqa: S608 -- names in statements are its own

import contextlib
import shutil
import time
from collections.abc import Iterator, Mapping
from typing import Literal

from slimy_dal.engine.embedded import EmbeddedServerError, run_as
from slimy_dal.testing.node import Node

__all__ = ["FailoverPair"]

SLOT = "slimy_pair"
PATIENCE = 30.0


class FailoverPair:
    """Two servers, `primary` and `standby`; made by `FailoverPair.open()`.

    The names follow the roles: after `promote` the new primary is `primary`, whatever became of the old one, which
    `rejoin` makes the standby of the new. Servers are crashed, paused and stopped as Nodes. Methods wait: call them in
    a thread from a coroutine. They raise EmbeddedServerError, with the server's own words, where they fail.
    """

    def __init__(self, *, major: int, settings: Mapping[str, str], synchronous: bool) -> None:
        common = {
            "synchronous_commit": "on",
            "hot_standby": "on",
            "wal_keep_size": "256MB",  # pg_rewind reads an old primary's log from where the two parted
            **settings,
        }
        self.synchronous = synchronous
        self.primary = Node(major=major, settings=common)
        self.standby = Node(major=major, settings=common)

    @classmethod
    @contextlib.contextmanager
    def open(
        cls,
        *,
        major: int = 18,
        settings: Mapping[str, str] | None = None,
        synchronous: bool = False,
    ) -> "Iterator[FailoverPair]":
        """Start both for the time of a `with` block, and remove them with their data afterwards.

        `synchronous` lets a COMMIT wait until the standby has stored it; `settings` are for both.
        """
        pair = cls(major=major, settings=settings or {}, synchronous=synchronous)
        try:
            pair.primary.start()
            pair._attach()
            yield pair
        finally:
            pair.standby.close()
            pair.primary.close()

    def dsn(self, database: str = "postgres") -> str:
        """Return one connection string for both hosts, the present primary first."""
        hosts = f"{self.primary.socket},{self.standby.socket}"
        return f"postgresql://postgres@/{database}?host={hosts}"

    # -- roles ------------------------------------------------------------------------------------

    def promote(self) -> None:
        """Make the standby the primary and return when it takes writes; the old primary is left as it is.

        One that still runs then is a second primary: stop, crash or pause it before, or keep it for a test of that.
        """
        self.standby.program(
            "pg_ctl", "-w", "-t", str(int(PATIENCE)), "-D", self.standby.data, "promote"
        )
        self._until(self.standby, "SELECT NOT pg_is_in_recovery()", "the standby is not promoted")
        self.primary, self.standby = self.standby, self.primary
        for name in ("primary_conninfo", "primary_slot_name"):
            self.primary.settings.pop(name, None)
        self.standby.settings.pop("synchronous_standby_names", None)

    def switch(self) -> None:
        """Change the roles in order: the primary stops, the standby gets all of it and is promoted, the other joins."""
        self.primary.stop()
        self.promote()
        self.rejoin()

    def demote(self) -> None:
        """Let the primary refuse writes (SQLSTATE 25006) while its sessions stay; `undo_demotion` ends that."""
        self.primary.configure(default_transaction_read_only="on")

    def undo_demotion(self) -> None:
        """Let the primary take writes again."""
        self.primary.configure(default_transaction_read_only="off")

    def rejoin(self, how: Literal["rewind", "copy"] = "rewind") -> None:
        """Make the old primary the standby of the new one, whatever state it is in, and wait until it streams.

        What it alone had is lost: by pg_rewind, or by a copy of everything, which always works.
        """
        if how == "copy":
            if self.standby.pid is not None:
                self.standby.stop("immediate")
            shutil.rmtree(self.standby.data, ignore_errors=True)
            self._attach()
            return
        if (
            self.standby.pid is None
        ):  # one that crashed must have recovered before it can be rewound
            self.standby.start()
        self.standby.stop()
        self.primary.sql("CHECKPOINT")  # the new timeline must be in its control file
        self.standby.program(
            *("pg_rewind", "--no-sync", "-D", self.standby.data, "--source-server"),
            f"host={self.primary.socket} user=postgres dbname=postgres",
        )
        signal_file = self.standby.data / "standby.signal"
        signal_file.touch()
        self._follow()

    def _attach(self) -> None:
        """Make the standby from a copy of the primary, and start it."""
        self.standby.data.mkdir(mode=0o700)
        if account := run_as():
            shutil.chown(self.standby.data, account["user"], account["group"])
        self._slot()
        self.standby.program(
            *("pg_basebackup", "-D", self.standby.data, "-h", self.primary.socket),
            *("-U", "postgres", "-X", "stream", "-c", "fast", "-S", SLOT, "-R", "--no-sync"),
        )
        self._follow()

    def _slot(self) -> None:
        self.primary.sql(
            f"SELECT pg_create_physical_replication_slot('{SLOT}', true) WHERE NOT EXISTS"
            f" (SELECT FROM pg_replication_slots WHERE slot_name = '{SLOT}')"
        )

    def _follow(self) -> None:
        self._slot()
        self.standby.settings |= {
            "primary_conninfo": f"'host={self.primary.socket} user=postgres'",
            "primary_slot_name": f"'{SLOT}'",
        }
        self.standby.start()
        streams = "SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'"
        self._until(self.primary, streams, "the standby does not stream")
        if self.synchronous:
            self.primary.configure(synchronous_standby_names="'*'")
            waits = "SELECT sync_state IN ('sync', 'quorum') FROM pg_stat_replication"
            self._until(self.primary, waits, "the standby is not waited for")

    # -- lag --------------------------------------------------------------------------------------

    def pause_replay(self) -> None:
        """Let the standby store what comes and show none of it: queries there see the past."""
        self.standby.sql("SELECT pg_wal_replay_pause()")
        paused = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
        self._until(self.standby, paused, "the standby does not pause")

    def resume_replay(self) -> None:
        """Let it go on."""
        self.standby.sql("SELECT pg_wal_replay_resume()")

    def lag(self) -> int:
        """Return how many bytes of WAL the standby has not yet shown."""
        end = self.primary.sql("SELECT pg_current_wal_lsn()")[0]
        behind = f"SELECT greatest(pg_wal_lsn_diff('{end}', pg_last_wal_replay_lsn()), 0)::bigint"
        return int(self.standby.sql(behind)[0])

    def catch_up(self) -> None:
        """Wait until the standby shows all that the primary has written by now."""
        end = self.primary.sql("SELECT pg_current_wal_lsn()")[0]
        there = f"SELECT pg_last_wal_replay_lsn() >= '{end}'"
        self._until(self.standby, there, "the standby does not catch up")

    def _until(self, node: Node, question: str, problem: str) -> None:
        end = time.monotonic() + PATIENCE
        while node.sql(question) != ["t"]:
            if time.monotonic() > end:
                raise EmbeddedServerError(f"{problem} within {PATIENCE:g} s")
            time.sleep(0.03)
