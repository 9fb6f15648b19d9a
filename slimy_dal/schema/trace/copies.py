"""The databases that a trace uses up: made on a server for it, copied from each other, and dropped at its end."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from slimy_dal.engine import embedded
from slimy_dal.schema.migrationfiles import MigrationError
from slimy_dal.schema.trace.watch import Connection

__all__ = ["Copies", "connected", "copies"]

SETTINGS = {
    # In the way of what is measured: each would come at a time of its own choosing.
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "max_wal_size": "8GB",
    # What is written must be counted as in production, where pages are written whole after a checkpoint.
    "full_page_writes": "on",
}


class Copies:
    """Makes databases on one server; each has a name of its own, so that two traces do not meet."""

    def __init__(self, dsn: str) -> None:
        if urlsplit(dsn).scheme not in {"postgres", "postgresql"}:
            raise MigrationError("no server to trace on there: give a postgresql:// address")
        self.dsn = dsn
        self.made: list[str] = []
        self._mark = secrets.token_hex(4)
        with connected(dsn) as connection:
            version = connection.info.server_version
            self.server = f"PostgreSQL {version // 10000}.{version % 10000}"

    def make(self, like: str | None = None) -> str:
        """Make a database, empty or like another one of ours that nobody is connected to; return its address.

        Raises MigrationError where the role may not, or the disk is full.
        """
        name = f"slimy_trace_{self._mark}_{len(self.made)}"
        command = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if like is not None:
            command += sql.SQL(" TEMPLATE {}").format(sql.Identifier(_name(like)))
        with connected(self.dsn) as connection:
            try:
                connection.execute(command)
            except psycopg.Error as error:
                raise MigrationError(
                    f"no database for a trace: {error.diag.message_primary or error}"
                ) from error
        self.made.append(name)
        return self._address(name)

    def _address(self, name: str) -> str:
        return urlsplit(self.dsn)._replace(path=f"/{name}").geturl()

    def drop(self, address: str) -> None:
        """Drop a database of ours, ending the sessions in it."""
        command = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        with connected(self.dsn) as connection:
            connection.execute(command.format(sql.Identifier(_name(address))))

    def drop_all(self) -> None:
        """Drop all that was made; what the server refuses by now stays."""
        for name in self.made:
            with suppress(psycopg.Error):
                self.drop(self._address(name))


def _name(address: str) -> str:
    return urlsplit(address).path.removeprefix("/")


@contextmanager
def connected(dsn: str, *, autocommit: bool = True) -> Iterator[Connection]:
    """Open a session for the time of a `with` block. Raises MigrationError, without the address, where it cannot."""
    try:
        connection = psycopg.connect(dsn, autocommit=autocommit, prepare_threshold=None)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise MigrationError(f"no connection to the database: {reason}") from None
    except psycopg.ProgrammingError:
        raise MigrationError("the address cannot be read: quote its special characters") from None
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def copies(dsn: str | None, major: int) -> Iterator[Copies]:
    """Lend a server for a trace: an embedded one of a major version, or that of `dsn`, whose role may CREATEDB.

    Raises EmbeddedServerError where this machine has no such version, MigrationError where `dsn` cannot be used.
    """
    if dsn is None:
        with embedded.temporary(major, SETTINGS) as server:
            yield Copies(server.dsn())
        return
    lent = Copies(dsn)
    try:
        yield lent
    finally:
        lent.drop_all()
