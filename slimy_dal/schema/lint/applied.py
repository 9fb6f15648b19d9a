"""Which migrations a database has applied, by whichever tool."""

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from slimy_dal.engine import driver
from slimy_dal.schema import migrator

__all__ = ["applied", "number"]

TOOLS: Mapping[str, str] = {
    "schema_migrations": "SELECT version::text, {last} FROM {table} AS t",
    "goose_db_version": "SELECT version_id::text, false FROM {table} AS t"
    " WHERE id IN (SELECT max(id) FROM {table} GROUP BY version_id) AND is_applied AND version_id > 0",
    "_sqlx_migrations": "SELECT version::text, false FROM {table} AS t WHERE success",
    "__diesel_schema_migrations": "SELECT version::text, false FROM {table} AS t",
    "_prisma_migrations": "SELECT migration_name, false FROM {table} AS t WHERE finished_at IS NOT NULL",
    "flyway_schema_history": "SELECT version, false FROM {table} AS t"
    " WHERE success AND version IS NOT NULL",
    "pgmigrations": "SELECT name, false FROM {table} AS t",
}
"""What golang-migrate, dbmate, goose, sqlx, diesel, Prisma, Flyway and node-pg-migrate remember.

The second column says whether the version stands for all that are not greater.
"""

FIND = """
SELECT c.relname::text, c.oid::regclass::text,
    EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attname = 'dirty' AND NOT a.attisdropped
    ) AS is_last
FROM pg_catalog.pg_class AS c
WHERE c.relkind = 'r' AND (c.relname = ANY($1::text[]) OR c.relname = '_yoyo_migration')
"""


def applied(dsn: str, folder: Path, ids: Sequence[str], bookkeeping: str) -> Collection[str]:
    """Return those of these migrations that a database has applied.

    Ours and yoyo's bookkeeping comes first, then that of the other tools; none where there is no
    bookkeeping at all. Raises MigrationError and SlimyError where it cannot be asked.
    """
    kept, of_others = asyncio.run(_asked(dsn, ids))
    if kept:
        states = migrator.status(dsn, folder, bookkeeping=bookkeeping)
        return {one.id for one in states if one.applied} | of_others
    return of_others


async def _asked(dsn: str, ids: Sequence[str]) -> tuple[bool, set[str]]:
    """Return whether yoyo's tables are there, and what other tools have applied."""
    found: set[str] = set()
    kept = False
    async with await driver.connect(dsn) as connection:
        for name, table, is_last in await connection.fetch(FIND, list(TOOLS)):
            if name == "_yoyo_migration":
                kept = True
                continue
            statement = TOOLS[name].format(table=table, last="true" if is_last else "false")
            for version, stands_for_all in await connection.fetch(statement):
                found |= {one for one in ids if _is(one, version, all_before=stands_for_all)}
    return kept, found


def _is(name: str, version: str, *, all_before: bool) -> bool:
    mine, theirs = number(name), number(version)
    if name == version:
        return True
    if mine is None or theirs is None:
        return False
    return mine <= theirs if all_before else mine == theirs


def number(name: str) -> int | None:
    """Return the number that a migration's name begins with, its separators left out; None where it has none."""
    head = re.match(r"V?(\d[\d.-]*(?:_\d+(?=__))*)", name)
    digits = re.sub(r"\D", "", head[1]) if head else ""
    return int(digits) if digits else None
