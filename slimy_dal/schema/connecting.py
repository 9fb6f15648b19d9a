"""Connects the proofs to databases, and says in one line without a password why that did not work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import make_conninfo

from slimy_dal.schema.addresses import no_connection, readable
from slimy_dal.schema.migrationfiles import MigrationError

__all__ = ["Connection", "connected"]

Connection: TypeAlias = psycopg.Connection[Any]


@contextmanager
def connected(dsn: str, database: str | None = None) -> Iterator[Connection]:
    """Yield a connection in autocommit; to another database of the server where one is named. Raises MigrationError.

    A refusal of the server within the block is a MigrationError too.
    """
    dsn = readable(dsn)
    try:
        # Nothing is prepared: scripts may end with DISCARD ALL.
        connection = psycopg.connect(
            make_conninfo(dsn, dbname=database) if database else dsn,
            autocommit=True,
            prepare_threshold=None,
        )
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise no_connection(error) from None
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        raise MigrationError(
            f"the database refused: {error.diag.message_primary or error}"
        ) from error
