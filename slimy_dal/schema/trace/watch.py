"""Looks at a session from inside: which relations it has locked, and which of them have other files than before."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from slimy_dal.schema.trace.figures import MODES, Lock

__all__ = ["Connection", "Relation", "Snapshot", "held", "locks_between", "rewritten", "snapshot"]

Connection = psycopg.Connection[tuple[Any, ...]]

RELATIONS = """
SELECT
    c.oid,
    format('%I.%I', n.nspname, c.relname),
    c.relkind::text,
    coalesce(pg_relation_filenode(c.oid), 0)
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND n.nspname NOT LIKE 'pg\\_temp\\_%'
"""

HELD = """
SELECT l.relation, l.mode, l.granted
FROM pg_catalog.pg_locks AS l
WHERE
    l.locktype = 'relation'
    AND l.pid = $1
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
"""

WRITTEN = """
SELECT
    pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
    coalesce((SELECT sum(s.n_tup_upd + s.n_tup_del) FROM pg_catalog.pg_stat_xact_user_tables AS s), 0)
"""

SHOWN = "rpmvSf"
"""Tables, partitioned and foreign ones, views of both kinds, sequences; an index is shown where it is locked alone."""

TRUNCATES = re.compile(r"\s*truncate\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation by its quoted name; `file` changes when it is written anew."""

    name: str
    kind: str
    file: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a session holds and what it has written, between two statements."""

    relations: Mapping[int, Relation]
    held: frozenset[tuple[int, str]]
    wal: int
    dead: int


def snapshot(connection: Connection) -> Snapshot:
    """Take stock in the session itself: in a transaction that shows all that it has not committed yet."""
    relations = {row[0]: Relation(*row[1:]) for row in connection.execute(RELATIONS).fetchall()}
    locks = held(connection, connection.info.backend_pid)
    row = connection.execute(WRITTEN).fetchone()
    wal, dead = (int(value) for value in row) if row else (0, 0)
    return Snapshot(relations, frozenset(locks), wal, dead)


def held(connection: Connection, pid: int) -> set[tuple[int, str]]:
    """Return the relations that a session has locked or waits for, and how."""
    rows = connection.execute(HELD.replace("$1", str(pid)).encode()).fetchall()
    return {(row[0], row[1]) for row in rows}


def locks_between(
    before: Snapshot, after: Snapshot, seen: set[tuple[int, str]], existing: Mapping[int, Relation]
) -> list[Lock]:
    """Return the locks that came: those still held, and those that were `seen` meanwhile.

    Of each relation the strongest, where it is stronger than what was held: the others keep nobody else away. An index
    is left out where its table is locked too: nobody waits for it alone.
    """
    known = {**after.relations, **before.relations}
    had, found = _strongest(before.held), _strongest(after.held | seen)
    came = {oid: level for oid, level in found.items() if oid in known and level > had.get(oid, -1)}
    tables = any(known[oid].kind in "rpm" and level for oid, level in came.items())
    return [
        Lock(known[oid].name, MODES[level], existing=oid in existing)
        for oid, level in sorted(came.items(), key=lambda one: known[one[0]].name)
        if known[oid].kind in SHOWN
        or (not tables and oid in existing and level > MODES.index("RowExclusiveLock"))
    ]


def _strongest(locks: Iterable[tuple[int, str]]) -> dict[int, int]:
    """Return the place in MODES of each relation's strongest lock."""
    found: dict[int, int] = {}
    for oid, mode in locks:
        if mode in MODES:
            found[oid] = max(found.get(oid, -1), MODES.index(mode))
    return found


def rewritten(before: Snapshot, after: Snapshot, text: str) -> tuple[list[str], list[str]]:
    """Return the tables and the indexes that were there before and have another file now."""
    if TRUNCATES.match(text):
        return [], []
    changed = [
        one
        for oid, one in before.relations.items()
        if oid in after.relations and after.relations[oid].file != one.file
    ]
    return (
        sorted(one.name for one in changed if one.kind in "rm"),
        sorted(one.name for one in changed if one.kind == "i"),
    )
