"""Makes and reads the bookkeeping: a schema with yoyo's tables and ours, and takes over one that stands in public."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

import slimy_dal
from slimy_dal.schema.backend import BOOKKEEPING, Backend
from slimy_dal.schema.migrationfiles import MigrationError

__all__ = ["Books", "Record", "creation", "found", "install", "records", "refuse_two"]

YOYO_TABLES = ("_yoyo_migration", "_yoyo_log", "_yoyo_version", "yoyo_lock")

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Record:
    """What the database knows of an applied migration."""

    applied_at: datetime | None
    sums: tuple[str, str | None] | None = None
    """The checksums of its files; None where nobody noted any, as after yoyo alone."""
    applied_by: str | None = None
    duration_ms: int | None = None
    tool: str | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """Where the bookkeeping of this folder's migrations stands."""

    version: int
    """The newest file of sql/bookkeeping that made it; 0 where only yoyo's tables or nothing is there."""
    has_yoyo: bool
    """Whether yoyo's tables stand in the schema."""
    in_public: bool
    """Whether they stand in public, with migrations of this folder or none."""
    has_schema: bool


@cache
def _scripts() -> tuple[str, dict[int, str]]:
    """Return what makes yoyo's tables, and our own files by number."""
    package = Path(slimy_dal.__path__[0])
    for place in (package / "sql", package.parent / "sql"):
        folder = place / "bookkeeping"
        if folder.is_dir():
            own = {
                int(path.name[:4]): path.read_text("utf-8") for path in folder.glob("[0-9]*.sql")
            }
            return (folder / "yoyo.sql").read_text("utf-8"), dict(sorted(own.items()))
    raise FileNotFoundError("sql/bookkeeping is missing from this installation")


def found(backend: Backend, ids: Collection[str]) -> Books:
    """Return where the bookkeeping stands; reads only. `ids` are the folder's migrations.

    Tables in public that know none of them belong to somebody else, and are left alone. Raises MigrationError where
    it stands in two places, and where tables in public know some of them and others.
    """
    mine, public, versions, schema = backend.rows(
        # The catalogs and not to_regclass(), which refuses whoever may not enter the schema.
        "SELECT bool_or(n.nspname = %(own)s AND c.relname = '_yoyo_migration') IS TRUE,"
        " bool_or(n.nspname = 'public' AND c.relname = '_yoyo_migration') IS TRUE,"
        " bool_or(n.nspname = %(own)s AND c.relname = 'versions') IS TRUE,"
        " bool_or(n.nspname = %(own)s) IS TRUE"
        " FROM pg_catalog.pg_namespace AS n LEFT JOIN pg_catalog.pg_class AS c ON n.oid = c.relnamespace"
        " AND c.relname IN ('_yoyo_migration', 'versions') AND c.relkind = 'r'"
        " WHERE n.nspname IN (%(own)s, 'public')",
        own=backend.schema,
    )[0]
    version = 0
    if versions:
        version = backend.rows("SELECT coalesce(max(version), 0) FROM {}.versions")[0][0]
    newest = max(_scripts()[1])
    if version > newest:
        raise MigrationError(
            f"a newer release keeps these books (version {version}, here {newest}): use that one"
        )
    ours = public and _is_ours(backend, ids, alone=not mine)
    if mine and ours and _knows(backend, ids):
        raise refuse_two(backend)
    return Books(version, mine, ours, schema)


def _knows(backend: Backend, ids: Collection[str]) -> bool:
    """Whether public knows any of the folder's migrations: empty tables are what `yoyo list` leaves behind."""
    query = "SELECT EXISTS (SELECT FROM public._yoyo_migration WHERE migration_id = ANY(%s))"
    return bool(backend.rows(query, list(ids))[0][0])


def _is_ours(backend: Backend, ids: Collection[str], *, alone: bool) -> bool:
    """Whether public knows only migrations of this folder; `alone`: whether these are the only books there are."""
    try:
        known = {row[0] for row in backend.rows("SELECT migration_id FROM public._yoyo_migration")}
    except psycopg.errors.InsufficientPrivilege:
        return False
    strange = sorted(known - set(ids))
    if strange and known & set(ids) and alone:
        raise MigrationError(
            f"yoyo's tables in public know {len(known & set(ids))} of these migrations and "
            f"{len(strange)} others, such as {strange[0]}: restore its file, or if it is another "
            f"project's, move this project's rows by hand"
        )
    return not strange


def refuse_two(backend: Backend) -> MigrationError:
    """Return the error for bookkeeping in two places, with the way out."""
    return MigrationError(
        f"migrations are recorded twice, in {backend.schema} and in public: somebody ran yoyo "
        f"without ?schema={backend.schema}. Compare both `_yoyo_migration`, and when "
        f"{backend.schema} is right: DROP TABLE public._yoyo_migration, public._yoyo_log, "
        "public._yoyo_version; DROP TABLE IF EXISTS public.yoyo_lock"
    )


def records(backend: Backend, books: Books) -> dict[str, Record]:
    """Return what is applied, by id. Works for any role that may read what is public of it."""
    if books.version:
        query = (
            "SELECT m.migration_id, m.applied_at_utc AT TIME ZONE 'UTC', f.up_sha256, f.down_sha256,"
            " f.applied_by, f.duration_ms, f.tool FROM {0}._yoyo_migration AS m LEFT JOIN {0}.files AS f"
            " ON m.migration_id = f.migration_id AND m.applied_at_utc AT TIME ZONE 'UTC' = f.applied_at"
        )
    elif books.has_yoyo or books.in_public:
        query = (
            "SELECT m.migration_id, m.applied_at_utc AT TIME ZONE 'UTC', split_part(l.comment, ' ', 2),"
            " nullif(split_part(l.comment, ' ', 3), ''), l.username, NULL, NULL"
            " FROM {0}._yoyo_migration AS m LEFT JOIN LATERAL (SELECT * FROM {0}._yoyo_log AS y"
            " WHERE y.migration_id = m.migration_id AND y.operation IN ('apply', 'mark')"
            " ORDER BY y.created_at_utc DESC LIMIT 1) AS l ON l.comment LIKE 'sha256 %'"
        )
    else:
        return {}
    schema = backend.schema if books.has_yoyo else "public"
    rows = backend.rows(sql.SQL(query).format(sql.Identifier(schema)))
    return {
        name: Record(when, (up, down) if up else None, by, took, tool)
        for name, when, up, down, by, took, tool in rows
    }


def creation(backend: Backend, books: Books) -> str:
    """Return what makes or completes the bookkeeping, as one transaction's SQL; empty when it is complete."""
    yoyo, own = _scripts()
    parts = []
    if not books.has_schema:
        parts.append("CREATE SCHEMA slimy_migrations;\n")
    if not books.has_yoyo and books.in_public:
        parts += [
            f"ALTER TABLE IF EXISTS public.{table} SET SCHEMA slimy_migrations;\n"
            for table in YOYO_TABLES
        ]
    elif not books.has_yoyo:
        parts.append(yoyo)
    for number, text in own.items():
        if number > books.version:
            parts.append(text)
            parts.append(f"\nINSERT INTO slimy_migrations.versions (version) VALUES ({number});\n")
    quoted = sql.Identifier(backend.schema).as_string(None)
    return "".join(parts).replace(
        BOOKKEEPING, quoted if backend.schema != BOOKKEEPING else BOOKKEEPING
    )


def install(backend: Backend, books: Books, report: Report) -> Books:
    """Make the bookkeeping where it is missing, or take over what stands in public, in one transaction.

    Only under the lock. `report` is told of a take-over.
    """
    script = creation(backend, books)
    if not script:
        return books
    with backend.connection.transaction():
        backend.run(script)
    if books.in_public and not books.has_yoyo:
        report(f"moved the bookkeeping from public to {backend.schema}")
    return Books(max(_scripts()[1]), has_yoyo=True, in_public=False, has_schema=True)
