"""Makes sure that only a throw-away server is pretended on, and that every session plans with the model's settings."""

import re
from pathlib import Path

from slimy_dal.compiler.scale.declared import Scale, ScaleError, nearest
from slimy_dal.compiler.scale.schema import Schema
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError

__all__ = ["SERVER_SETTINGS", "check", "prepare", "quoted", "refuse_rows"]

MAJOR = 18
SERVER_SETTINGS = {"autovacuum": "off"}
"""What a server must be started with: vacuum would cut the holes off again and forget the statistics."""

BOOKKEEPING = re.compile(
    r"_?yoyo_\w+|_?schema_migrations|alembic_version|flyway_schema_history|goose_db_version"
    r"|django_migrations|ar_internal_metadata|_prisma_migrations|_sqlx_migrations|pgmigrations"
    r"|knex_migrations\w*|refinery_schema_history|schema_version|databasechangelog\w*|gorp_migrations",
    re.IGNORECASE,
)
"""Tables that tell a migration tool what it has done; they have rows in every migrated database."""

OWN_BOOKKEEPING = "slimy_migrations"
"""The schema in which `slimy migrate` keeps its own."""


def is_bookkeeping(table: tuple[str, str]) -> bool:
    """Whether a table, by schema and name, is a migration tool's own: no query of the product's has to do with it."""
    return table[0] == OWN_BOOKKEEPING or BOOKKEEPING.fullmatch(table[1]) is not None


FEW = 64 * 8192
"""Bytes of a table that a schema brings rows for."""

STATE = (
    "SELECT current_setting('data_directory') AS data, current_setting('autovacuum') AS autovacuum,"
    " current_setting('data_checksums') AS checksums, current_database() AS database"
)


CHANGED = (
    "SELECT name, boot_val FROM pg_settings"
    " WHERE category LIKE 'Query Tuning%' AND setting IS DISTINCT FROM boot_val"
)


async def check(connection: Connection, data: Path) -> bool:
    """Return whether pages have checksums.

    Raises ScaleError unless this is a PostgreSQL 18 with this data directory and without autovacuum.
    """
    major = connection.server_version()[0]
    if major != MAJOR:
        raise ScaleError(
            f"PostgreSQL {major} cannot be given statistics",
            "pretend on the embedded PostgreSQL 18: embedded.temporary(18)",
        )
    (state,) = await connection.fetch(STATE)
    if not _is_same(state["data"], data):
        raise ScaleError(
            f"the server's data is not in {data}", "pretend on an embedded server of your own"
        )
    if state["autovacuum"] != "off":
        raise ScaleError(
            "autovacuum would undo what is pretended",
            'start the server without: embedded.temporary(18, {"autovacuum": "off"})',
        )
    return bool(state["checksums"] == "on")


def _is_same(place: str, data: Path) -> bool:
    return Path(place).resolve() == data.resolve()


def refuse_rows(schema: Schema, *, seeds: bool) -> None:
    """Raise ScaleError where a table has rows; with `seeds` a few may be there."""
    allowed = FEW if seeds else 0
    for table in schema.tables.values():
        kept = is_bookkeeping(table.key)
        if table.bytes > allowed and not kept:
            raise ScaleError(
                "this table is not empty",
                "pretend on a database that was only migrated: what is pretended ends its use",
                table=str(table),
            )


def quoted(name: str) -> str:
    """Return a name as it is written in SQL."""
    return '"' + name.replace('"', '""') + '"'


async def prepare(connection: Connection, scale: Scale) -> None:
    """Give the planner's settings to this session and to all later ones, and run the model's own SQL.

    What a migration set for its role or database counts for nothing: what the model does not say is PostgreSQL's own.
    """
    known = [row["name"] for row in await connection.fetch("SELECT name FROM pg_settings")]
    (state,) = await connection.fetch(STATE)
    database = quoted(state["database"])
    usual = {row["name"]: row["boot_val"] for row in await connection.fetch(CHANGED)}
    for name, value in {**usual, **scale.settings}.items():
        field = f"settings.{name}"
        if name not in known:
            hint = nearest(name, known, "see the manual, `Query Planning`")
            raise ScaleError("there is no such setting", hint, file=scale.file, field=field)
        text = value.replace("'", "''")
        try:
            await connection.execute(
                f"ALTER DATABASE {database} SET {name} = '{text}'; SET {name} = '{text}'"
            )
        except SlimyError as error:
            problem = error.server_message or error.message
            raise ScaleError(
                problem, "take it out of the model", file=scale.file, field=field
            ) from error
    for number, sql in enumerate(scale.setup, 1):
        try:
            await connection.execute(sql)
        except SlimyError as error:
            raise ScaleError(
                error.server_message or error.message,
                "mend the SQL, which runs on the migrated, empty database",
                file=scale.file,
                field=f"setup, statement {number}",
            ) from error
