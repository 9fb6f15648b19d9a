"""Reads the address of a database, and says what is wrong with it or its server without a part of its password."""

import re

import psycopg

from slimy_dal.schema.misfits import MigrationError

__all__ = ["no_connection", "readable"]

PORT = re.compile(r":\d*$")


def readable(dsn: str) -> str:
    """Return an address as libpq takes it.

    Raises MigrationError where libpq would take a part of the password for a host or a port, and say it.
    """
    dsn = dsn.replace("postgresql+psycopg://", "postgresql://", 1)
    login = re.split("[/?#]", dsn.partition("://")[2], maxsplit=1)[0]
    ports = re.sub(r"\[[^]]*\]", "", login).split(",")
    if login.count("@") > 1 or (
        "@" not in login and any(":" in port and not PORT.search(port) for port in ports)
    ):
        raise MigrationError(
            "the address cannot be read: write the special characters of its password as %40 for @, "
            "%2F for /, %3F for ?, %23 for #, or keep it in ~/.pgpass"
        )
    return dsn


def no_connection(error: psycopg.Error) -> MigrationError:
    """Return the error for an address that could not be connected to, with the reason in one line."""
    if isinstance(error, psycopg.ProgrammingError):
        return MigrationError("the address cannot be read: quote its special characters")
    reason = "; ".join(line.strip() for line in str(error).strip().splitlines())
    return MigrationError(f"no connection to the database: {reason}")
