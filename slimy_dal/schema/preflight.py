"""Refuses a server or a role that a migration would fail on half-way, before anything is changed."""

import re
from collections.abc import Sequence

from slimy_dal.schema.backend import Backend
from slimy_dal.schema.bookkeeping import Books
from slimy_dal.schema.locks import understood
from slimy_dal.schema.migrationfiles import (
    Direction,
    MigrationError,
    MigrationFile,
    checked_statements,
)

__all__ = ["refuse_powerless", "refuse_unready"]

OLDEST = 150000

CHANGES_WHO = re.compile(
    r"\bowner\s+to\b|\breassign\s+owned\b|\bset\s+(local\s+|session\s+)?(role|session)\b|\bexecute\b",
    re.IGNORECASE,
)
"""What may make the role another, or its rights."""

OWNERS = ("ALTER TABLE", "CREATE INDEX", "CREATE POLICY", "CREATE RULE", "COMMENT ON TABLE")
"""Statements for the owner of the table alone."""


def refuse_unready(backend: Backend, books: Books) -> None:
    """Raise MigrationError for a standby, an old server, and a role that may not keep the books."""
    standby, read_only, version = backend.rows(
        "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on',"
        " current_setting('server_version_num')::int"
    )[0]
    if standby:
        raise MigrationError(
            "this server is a standby: give the primary's address (with several hosts, "
            "target_session_attrs=read-write finds it)"
        )
    if read_only:
        raise MigrationError(
            "transactions are read only here (default_transaction_read_only): give a role or a "
            "server that may write"
        )
    if version < OLDEST:
        raise MigrationError(
            f"PostgreSQL {version // 10000} is too old: 15 is the oldest that is supported"
        )
    _refuse_unbooked(backend, books)
    if books.has_yoyo:
        _refuse_yoyo(backend)


def _refuse_yoyo(backend: Backend) -> None:
    """Raise MigrationError while the yoyo command is at work, or was killed at it: its lock is a row."""
    table = backend.name("yoyo_lock")
    if not backend.rows("SELECT to_regclass(%s) IS NOT NULL", table.as_string(None))[0][0]:
        return
    for (pid,) in backend.rows("SELECT pid FROM {}.yoyo_lock"):
        raise MigrationError(
            f"yoyo is at work (process {pid}): wait for it. When it was killed, remove its row "
            f"in {backend.schema}.yoyo_lock: `yoyo break-lock` does that"
        )


def _refuse_unbooked(backend: Backend, books: Books) -> None:
    role, may_create, may_write = backend.rows(
        "SELECT current_user::text, has_database_privilege(current_database(), 'CREATE'),"
        " coalesce((SELECT bool_and(has_table_privilege(c.oid, 'INSERT')) FROM pg_catalog.pg_class AS c"
        " INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid"
        " WHERE n.nspname = %s AND c.relkind = 'r'), TRUE)",
        backend.schema,
    )[0]
    if not books.has_schema and not may_create:
        raise MigrationError(
            f"permission denied: {role} may not make the schema {backend.schema}: "
            f"GRANT CREATE ON DATABASE ... TO {role}, or CREATE SCHEMA {backend.schema} "
            f"AUTHORIZATION {role}"
        )
    if not may_write:
        raise MigrationError(
            f"permission denied: {role} may not write the bookkeeping in {backend.schema}: "
            "migrate as its owner, or as a member of that role"
        )


def refuse_powerless(
    backend: Backend, files: Sequence[MigrationFile], direction: Direction
) -> None:
    """Raise MigrationError where this role may not do what the files say, before the first of them is run.

    Seen are relations and schemas that are there; behind a statement that changes roles or owners nothing is judged.
    """
    owned: dict[str, str] = {}
    schemas: dict[str, str] = {}
    makes_schema: str | None = None
    for file in files:
        for statement in checked_statements(file, direction):
            if CHANGES_WHO.search(statement.text):
                return _refuse(backend, owned, schemas, makes_schema)
            place = f"{statement.path}:{statement.line}"
            one = understood(statement.text)
            if one.kind.startswith(OWNERS):
                owned |= {
                    lock.relation: place for lock in one.locks[:1] if lock.relation not in owned
                }
            if one.made and "." in one.made:
                schemas.setdefault(one.made.rpartition(".")[0], place)
            if one.kind == "CREATE SCHEMA":
                makes_schema = makes_schema or place
    return _refuse(backend, owned, schemas, makes_schema)


def _refuse(
    backend: Backend, owned: dict[str, str], schemas: dict[str, str], makes_schema: str | None
) -> None:
    query = (
        "SELECT current_user::text, has_database_privilege(current_database(), 'CREATE'),"
        " ARRAY(SELECT u.name FROM unnest(%s::text[]) AS u (name) INNER JOIN pg_catalog.pg_class AS c"
        "   ON c.oid = to_regclass(u.name) WHERE NOT pg_has_role(c.relowner, 'USAGE')),"
        " ARRAY(SELECT u.name FROM unnest(%s::text[]) AS u (name) INNER JOIN pg_catalog.pg_namespace"
        "   AS n ON n.oid = to_regnamespace(u.name) WHERE NOT has_schema_privilege(n.oid, 'CREATE'))"
    )
    role, may_create, foreign, closed = backend.rows(query, list(owned), list(schemas))[0]
    problems = [f"{owned[name]}: {role} does not own {name}" for name in foreign]
    problems += [f"{schemas[name]}: {role} may not create in schema {name}" for name in closed]
    if makes_schema and not may_create:
        problems.append(f"{makes_schema}: {role} may not create schemas in this database")
    if problems:
        raise MigrationError("permission denied, nothing was run: " + "; ".join(problems[:5]))
