"""Gives throw-away databases to prove plans on: an empty one with the schema, and copies of it."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from slimy_dal.compiler.scale.server import SERVER_SETTINGS
from slimy_dal.engine import driver, embedded

__all__ = ["Ground", "ground"]

TEMPLATE = "empty"


@dataclass(frozen=True, slots=True)
class Ground:
    """A server of ours, with one database that stays empty: it is only ever copied."""

    server: embedded.Server
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def dsn(self) -> str:
        """The database to load the schema into, before the first copy."""
        return self.server.dsn(TEMPLATE)

    @asynccontextmanager
    async def copy(self) -> AsyncIterator[driver.Connection]:
        """Give a connection to a copy of the empty database; the copy is dropped behind it."""
        name = f"copy_{next(self._numbers)}"
        async with await driver.connect(self.server.dsn()) as maker:
            await maker.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
            try:
                async with await driver.connect(self.server.dsn(name)) as connection:
                    yield connection
            finally:
                await maker.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def ground() -> Iterator[Ground]:
    """Start an embedded PostgreSQL 18 on which the planner can be made to see any size."""
    with embedded.temporary(18, SERVER_SETTINGS) as server:
        embedded.create_database(server, TEMPLATE)
        yield Ground(server)
