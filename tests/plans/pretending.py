"""A throw-away PostgreSQL 18 to pretend on, with databases of a test's own."""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from slimy_dal.compiler.scale.model import Scale
from slimy_dal.compiler.scale.pretend import Pretended, pretend
from slimy_dal.compiler.scale.server import SERVER_SETTINGS
from slimy_dal.engine import driver, embedded

MIGRATIONS = Path(__file__).parents[2] / "sql" / "migrations"
OWN_MODEL = MIGRATIONS.parent / "scale.toml"

_numbers = itertools.count(1)


@contextmanager
def pretending_server(major: int = 18) -> Iterator[embedded.Server]:
    with embedded.temporary(major, SERVER_SETTINGS) as server:
        yield server


@asynccontextmanager
async def database(
    server: embedded.Server, schema: str = "SELECT 1", template: str = "template1"
) -> AsyncIterator[driver.Connection]:
    """A database of its own, with a schema given as SQL or as a template."""
    name = f"pretended_{next(_numbers)}"
    async with await driver.connect(server.dsn()) as maker:
        await maker.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    async with await driver.connect(server.dsn(name)) as connection:
        await connection.execute(schema)
        yield connection
    async with await driver.connect(server.dsn()) as maker:
        await maker.execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def pretended(
    server: embedded.Server, schema: str, scale: Scale
) -> AsyncIterator[tuple[driver.Connection, Pretended]]:
    async with database(server, schema) as connection:
        yield connection, await pretend(connection, server.data, scale)


async def plan(connection: driver.Connection, sql: str) -> dict[str, Any]:
    """The planner's tree for a statement."""
    (row,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) {sql}")
    document = row[0] if isinstance(row[0], list) else json.loads(row[0])
    tree: dict[str, Any] = document[0]["Plan"]
    return tree


async def rows(connection: driver.Connection, sql: str) -> int:
    """The rows that the planner expects of a statement."""
    return int((await plan(connection, sql))["Plan Rows"])
