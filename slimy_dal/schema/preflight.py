"""Refuses a server or a role that a migration would fail on half-way, before anything is changed."""

from slimy_dal.schema.backend import Backend
from slimy_dal.schema.bookkeeping import Books
from slimy_dal.schema.migrationfiles import MigrationError

__all__ = ["refuse_unready"]

OLDEST = 150000


def refuse_unready(backend: Backend, books: Books) -> None:
    """Raise MigrationError for a standby, a server that is too old, and a role that may not keep the books."""
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
