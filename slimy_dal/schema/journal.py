"""Writes the bookkeeping: the SQL that records a try and what came of it, for the migrator and for plans alike."""

import getpass
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg import sql

from slimy_dal.schema.backend import Backend
from slimy_dal.schema.backfill import forgotten
from slimy_dal.schema.bookkeeping import Record
from slimy_dal.schema.migrationfiles import Direction, MigrationFile

__all__ = [
    "Failure",
    "adopt",
    "applied",
    "close",
    "closed_plan",
    "cut_off",
    "failed",
    "interrupt",
    "planned",
    "start",
    "undone",
    "unfinished",
    "who",
]

Tool = Literal["slimy", "psql", "yoyo", "baseline"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Where and how a try failed; details are left out, because they may hold rows."""

    outcome: Literal["failed", "interrupted"] = "failed"
    number: int | None = None
    line: int | None = None
    sqlstate: str | None = None
    message: str | None = None


def who() -> tuple[str, str]:
    """Return this account and this machine; no DNS server is asked."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = "unknown"
    return account, platform.node()


def _text(value: object) -> sql.Composable:
    return sql.Literal(value)


def start(
    backend: Backend, file: MigrationFile, direction: Direction, statement: str | None = None
) -> int:
    """Record in an own commit that a try begins, and return its id; with the statement, where it runs alone."""
    query = (
        "INSERT INTO {}.attempts (migration_id, direction, tool, statement, os_user, host)"
        " VALUES (%s, %s, 'slimy', %s, %s, %s) RETURNING id"
    )
    return int(backend.rows(query, file.id, direction, statement, *who())[0][0])


def interrupt(backend: Backend) -> None:
    """Record that tries which nobody is at any more were interrupted. Only under the lock."""
    backend.run(
        sql.SQL(
            "UPDATE {} SET finished_at = clock_timestamp(), outcome = 'interrupted'"
            " WHERE outcome IS NULL"
        ).format(backend.name("attempts"))
    )


def unfinished(backend: Backend, file: MigrationFile, direction: Direction) -> list[str]:
    """Return what was tried alone since a migration last got done in either direction, and did not end well."""
    query = (
        "SELECT a.statement FROM {0}.attempts AS a WHERE a.migration_id = %(id)s"
        " AND a.direction = %(direction)s AND a.statement IS NOT NULL"
        " AND a.outcome IS DISTINCT FROM 'done' AND a.id > coalesce((SELECT max(d.id)"
        " FROM {0}.attempts AS d WHERE d.migration_id = %(id)s AND d.outcome = 'done'), 0)"
        " ORDER BY a.id DESC"
    )
    return [row[0] for row in backend.rows(query, id=file.id, direction=direction)]


def cut_off(backend: Backend, direction: Direction) -> list[str]:
    """Return the migrations whose last try ran alone in a direction and was interrupted."""
    query = (
        "SELECT l.migration_id FROM (SELECT DISTINCT ON (a.migration_id) a.* FROM {}.attempts AS a"
        " ORDER BY a.migration_id, a.id DESC) AS l WHERE l.statement IS NOT NULL"
        " AND coalesce(l.outcome, 'interrupted') = 'interrupted' AND l.direction = %s ORDER BY l.migration_id"
    )
    return [row[0] for row in backend.rows(query, direction)]


def close(backend: Backend, attempt: int) -> sql.Composable:
    """Return what ends a try well."""
    return sql.SQL(
        "UPDATE {} SET finished_at = clock_timestamp(), outcome = 'done' WHERE id = {}"
    ).format(backend.name("attempts"), _text(attempt))


def failed(backend: Backend, attempt: int, failure: Failure) -> None:
    """Record in an own commit that a try failed, or was found interrupted."""
    query = (
        "UPDATE {}.attempts SET finished_at = clock_timestamp(), outcome = %s, statement_number = %s,"
        " line = %s, sqlstate = %s, message = %s WHERE id = %s RETURNING id"
    )
    values = (failure.outcome, failure.number, failure.line, failure.sqlstate, failure.message)
    backend.rows(query, *values, attempt)


def planned(
    backend: Backend, file: MigrationFile, direction: Direction, statement: str | None = None
) -> sql.Composable:
    """Return what records a try that psql makes: open, to be closed by `closed_plan`."""
    return sql.SQL(
        "INSERT INTO {} (migration_id, direction, tool, statement) VALUES ({}, {}, 'psql', {})"
    ).format(backend.name("attempts"), *map(_text, (file.id, direction, statement)))


def closed_plan(backend: Backend, file: MigrationFile) -> sql.Composable:
    """Return what ends the try that this session's psql made."""
    return sql.SQL(
        "UPDATE {} SET finished_at = clock_timestamp(), outcome = 'done'"
        " WHERE migration_id = {} AND outcome IS NULL AND pid = pg_backend_pid()"
    ).format(backend.name("attempts"), _text(file.id))


def applied(
    backend: Backend, file: MigrationFile, tool: Tool, duration_ms: int | None = None
) -> list[sql.Composable]:
    """Return what records a migration as applied: yoyo's log and mark, and its files.

    The text of the files is not among it when psql is to run it: it stands there already.
    """
    keeps = tool != "psql"
    up, down = file.sums
    by = sql.SQL("session_user::text") if tool == "psql" else _text(who()[0])
    values = {
        "migration_id": _text(file.id),
        "phase": _text(file.phase),
        "tool": _text(tool),
        "up_sha256": _text(up),
        "down_sha256": _text(down),
        "applied_at": sql.SQL("now()"),
        "applied_by": by,
        "duration_ms": _duration(tool, duration_ms),
        "up_text": _text(_decoded(file.up) if keeps else None),
        "down_text": _text(_decoded(file.down) if keeps else None),
    }
    return [
        _log(backend, file, "mark" if tool == "baseline" else "apply", tool),
        sql.SQL(
            "INSERT INTO {} (migration_hash, migration_id, applied_at_utc)"
            " VALUES ({}, {}, now() AT TIME ZONE 'UTC')"
        ).format(backend.name("_yoyo_migration"), _text(file.hash), _text(file.id)),
        _put(backend, values),
    ]


def _duration(tool: Tool, duration_ms: int | None) -> sql.Composable:
    if tool == "psql":
        return sql.SQL("extract(epoch FROM clock_timestamp() - now()) * 1000")
    return _text(duration_ms)


def _put(backend: Backend, values: dict[str, sql.Composable]) -> sql.Composable:
    names = [sql.Identifier(name) for name in values]
    return sql.SQL(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (migration_id) DO UPDATE SET {}"
    ).format(
        backend.name("files"),
        sql.SQL(", ").join(names),
        sql.SQL(", ").join(values.values()),
        sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in names[1:]),
    )


def _decoded(content: bytes | None) -> str | None:
    return None if content is None else content.decode("utf-8", "replace")


def undone(backend: Backend, file: MigrationFile, tool: Tool) -> list[sql.Composable]:
    """Return what records a migration as undone."""
    return [
        _log(backend, file, "rollback", tool),
        sql.SQL("DELETE FROM {} WHERE migration_hash = {}").format(
            backend.name("_yoyo_migration"), _text(file.hash)
        ),
        sql.SQL("DELETE FROM {} WHERE migration_id = {}").format(
            backend.name("files"), _text(file.id)
        ),
        forgotten(file.id, backend.schema),
    ]


def _log(backend: Backend, file: MigrationFile, operation: str, tool: Tool) -> sql.Composable:
    account, host = who()
    return sql.SQL(
        "INSERT INTO {} (id, migration_hash, migration_id, operation, username, hostname, comment,"
        " created_at_utc) VALUES (gen_random_uuid()::text, {}, {}, {}, {}, {}, {},"
        " clock_timestamp() AT TIME ZONE 'UTC')"
    ).format(
        backend.name("_yoyo_log"),
        _text(file.hash),
        _text(file.id),
        _text(operation),
        sql.SQL("session_user") if tool == "psql" else _text(account),
        _text("psql" if tool == "psql" else host),
        _text("sha256 " + " ".join(part for part in file.sums if part)),
    )


def adopt(
    backend: Backend, files: Sequence[MigrationFile], applied: Mapping[str, Record]
) -> list[str]:
    """Keep the files of what other tools applied, as they are now; return the ids nothing was noted of so far.

    Where checksums were noted, which are those of the files by now, the texts are added to them.
    """
    bare = {
        row[0] for row in backend.rows("SELECT migration_id FROM {}.files WHERE up_text IS NULL")
    }
    strange = []
    for file in files:
        record = applied.get(file.id)
        if record is None or (record.sums is not None and file.id not in bare):
            continue
        values = {
            "up_text": _text(_decoded(file.up)),
            "down_text": _text(_decoded(file.down)),
        }
        if record.sums is None:
            strange.append(file.id)
            up, down = file.sums
            values |= {"up_sha256": _text(up), "down_sha256": _text(down)}
            values |= {"tool": _text("yoyo"), "duration_ms": _text(None)}
        known = {
            "migration_id": _text(file.id),
            "phase": _text(file.phase),
            "tool": _text(record.tool or "slimy"),
            "up_sha256": _text(file.sums[0]),
            "down_sha256": _text(file.sums[1]),
            "applied_at": _text(record.applied_at),
            "applied_by": _text(record.applied_by),
            "duration_ms": _text(record.duration_ms),
        }
        backend.run(_put(backend, {**known, **values}))
    return strange
