"""Runs the round trip on each server: embedded ones of several versions, or one where databases may be made."""

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

from psycopg import sql

from slimy_dal.engine import embedded
from slimy_dal.schema.connecting import Connection, connected
from slimy_dal.schema.roundtrip.findings import Report
from slimy_dal.schema.roundtrip.walk import Walk
from slimy_dal.schema.steps import Step

__all__ = ["MAJORS", "on_embedded", "on_server", "scratch"]

MAJORS = (15, 16, 18)

_numbers = itertools.count(1)


def on_embedded(
    steps: list[Step],
    majors: Iterable[int],
    missing: Callable[[str], None],
    *,
    with_rows: bool = True,
) -> Iterator[Report]:
    """Yield the report of each version of PostgreSQL; `missing` is told of one that this machine lacks.

    Raises EmbeddedServerError where a server does not start.
    """
    for major in majors:
        try:
            embedded.binaries(major)
        except embedded.EmbeddedServerError as error:
            missing(str(error))
            continue
        with embedded.temporary(major) as server:
            yield on_server(steps, server.dsn(), with_rows=with_rows)


def on_server(steps: list[Step], dsn: str, *, with_rows: bool = True) -> Report:
    """Return the report of a server on which the login may make databases. Raises MigrationError.

    One database is made, filled, and dropped; roles that the migrations make stay, as they belong to the cluster.
    """
    with scratch(dsn) as renew:
        return Walk(renew, steps, with_rows=with_rows).run()


@contextmanager
def scratch(dsn: str) -> Iterator[Callable[[], Connection]]:
    """Yield a function that makes an empty database anew and connects to it; the database goes at the end.

    Raises MigrationError where the login may not make databases.
    """
    name = f"slimy_scratch_{os.getpid()}_{next(_numbers)}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    make = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
    with connected(dsn) as admin, ExitStack() as opened:

        def renew() -> Connection:
            opened.close()
            admin.execute(drop)
            admin.execute(make)
            return opened.enter_context(connected(dsn, name))

        try:
            yield renew
        finally:
            opened.close()
            admin.execute(drop)
