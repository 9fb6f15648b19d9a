"""Builds what a database's migrations make, and holds the database against it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import psycopg

from slimy_dal.engine import embedded
from slimy_dal.schema import migrator
from slimy_dal.schema.backend import BOOKKEEPING
from slimy_dal.schema.catalog.differences import Difference, compare
from slimy_dal.schema.catalog.reading import read
from slimy_dal.schema.catalog.things import Snapshot
from slimy_dal.schema.catalog.words import DRIFT, sentence
from slimy_dal.schema.connecting import Connection, connected
from slimy_dal.schema.drift.mending import mend
from slimy_dal.schema.drift.statements import Statement
from slimy_dal.schema.migrationfiles import MigrationError
from slimy_dal.schema.roundtrip.servers import scratch
from slimy_dal.schema.steps import Step, read_steps, run

__all__ = ["Drift", "hold"]


WRITTEN = frozenset(
    {
        *("definition", "using_expression", "check_expression", "default_value", "generated"),
        *("partition_bound", "body", "tables"),
    }
)
"""Facts in which the server writes expressions down."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What a database has otherwise than its migrations make."""

    server: int
    migrations: int
    """How many it was held against."""
    is_recorded: bool
    """Whether the database says which are applied; otherwise it is held against all."""
    differences: list[Difference]
    statements: list[Statement]

    @property
    def words(self) -> list[str]:
        """Each difference as a sentence, more lines where a text differs."""
        return [sentence(one, DRIFT) for one in self.differences]


def hold(
    dsn: str,
    folder: Path,
    *,
    bookkeeping: str = BOOKKEEPING,
    shadow: str | None = None,
    ignored: tuple[str, ...] = (),
    owners: bool = False,
) -> Drift:
    """Return how a live database differs from what its applied migrations make. Reads the database, changes nothing.

    What they make is built on a throw-away server of the same major version, or in a database that is made on the
    server `shadow` and dropped. Months of a partitioned table come and go with time: partitions by range are compared
    where both sides have them. Raises MigrationError, EmbeddedServerError.
    """
    steps = read_steps(folder)
    ignored = (*ignored, bookkeeping, f"{bookkeeping}.*")
    with connected(dsn) as live:
        live.execute("SET default_transaction_read_only = on")
        # Writing a view or a constraint down waits for whoever is changing its table.
        live.execute("SET lock_timeout = '10s'")
        found = read(live, ignored)
    applied = _applied(dsn, folder, steps, bookkeeping)
    chosen = steps if applied is None else [step for step in steps if step.name in applied]
    with _place(found.major, shadow) as place, scratch(place) as renew:
        connection = renew()
        _refuse_other(connection.info.server_version // 10000, found.major)
        for step in chosen:
            run(connection, step.up)
        should = read(connection, ignored)
        differences = compare(should, found, owners=owners)
        if any(one.fact in WRITTEN for one in differences):
            differences = _without_spellings(differences, should, renew())
    differences = [
        one
        for one in differences
        if not _comes_and_goes(one, should, found) and not _is_ignored(one, ignored)
    ]
    mended = mend(differences, should, found)
    return Drift(found.major, len(chosen), applied is not None, differences, mended)


def _refuse_other(major: int, live: int) -> None:
    """Raise MigrationError where the two servers are of different versions: they say things differently."""
    if major != live:
        raise MigrationError(
            f"the database is PostgreSQL {live}, --shadow is {major}: name another"
        )


def _without_spellings(
    differences: list[Difference], should: Snapshot, connection: Connection
) -> list[Difference]:
    """Leave out texts that mean the same: read back and written again, an expression may have other parentheses.

    So it has on a database that was restored from a dump, or mended. What the migrations make is made a second time,
    from what the server said of it; a text that then is the live side's is no difference.
    """
    nothing = read(connection)
    connection.execute("SET check_function_bodies = off")
    for one in mend(compare(should, nothing), should, nothing):
        # What cannot be made again stays a difference.
        with suppress(psycopg.Error):
            connection.execute(one.sql.encode())
    again = read(connection)
    return [
        one
        for one in differences
        if one.fact not in WRITTEN
        or (thing := again.get(*one.key)) is None
        or thing.facts[one.fact] != one.found
    ]


def _applied(dsn: str, folder: Path, steps: list[Step], bookkeeping: str) -> set[str] | None:
    """Return the ids that the database says are applied, None where it keeps no record that is known here."""
    if any(step.up.path.parent != folder or step.up.path.stem != step.name for step in steps):
        return None  # other tools' names, and their records
    states = migrator.status(dsn, folder, bookkeeping=bookkeeping)
    gone = [state.id for state in states if state.missing]
    if gone:
        raise MigrationError(f"{gone[0]} is applied, but its file is gone: restore it")
    return {state.id for state in states if state.applied} or None


@contextmanager
def _place(major: int, shadow: str | None) -> Iterator[str]:
    if shadow is not None:
        yield shadow
        return
    try:
        embedded.binaries(major)
    except embedded.EmbeddedServerError as error:
        raise MigrationError(f"{error}, or name a server of that version in --shadow") from error
    with embedded.temporary(major) as server:
        yield server.dsn()


def _comes_and_goes(one: Difference, should: Snapshot, found: Snapshot) -> bool:
    """Say whether it is a partition by range that only one side has: those are made, and dropped, by a schedule."""
    if one.what == "changed" or one.thing.kind != "tables":
        return False
    parent = one.thing.facts["partition_of"]
    whole = should.get("tables", str(parent)) or found.get("tables", str(parent))
    return whole is not None and whole.text("partition_key").startswith("RANGE")


def _is_ignored(one: Difference, ignored: tuple[str, ...]) -> bool:
    return any(fnmatchcase(sentence(one, DRIFT), pattern) for pattern in ignored)
