"""Says which grants a project's queries need, and holds them against those of a migrated database."""

from collections import defaultdict
from collections.abc import Sequence

from slimy_dal.compiler.query import Query
from slimy_dal.engine import driver
from slimy_dal.engine.driver import Connection
from slimy_dal.schema.grants.compare import Grant, differences, held, lines
from slimy_dal.schema.grants.needs import GrantsError, needs

__all__ = ["GrantsError", "examine", "required"]

OWNERS = """\
SELECT DISTINCT c.relowner::regrole::text AS name
FROM pg_catalog.pg_class AS c
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname != 'information_schema'"""


async def required(dsn: str, queries: Sequence[Query], role: str) -> list[Grant]:
    """Return all that each role needs, as GRANTs; `role` is the one that runs what names no other.

    Nothing is changed on the database, which has to be migrated. Raises GrantsError, SlimyError.
    """
    found: list[Grant] = []
    async with await driver.connect(dsn) as connection:
        for name, run in (await _by_role(connection, queries, role)).items():
            found += lines(await needs(connection, run), name, await held(connection, name))
    return found


async def examine(dsn: str, queries: Sequence[Query], role: str) -> list[Grant]:
    """Return what is missing, of every role, and what `role` has without need; nothing is changed.

    Others than `role` may have more than their queries need: what people do by hand. Raises GrantsError, SlimyError.
    """
    found: list[Grant] = []
    async with await driver.connect(dsn) as connection:
        for name, run in (await _by_role(connection, queries, role)).items():
            different = differences(
                await needs(connection, run), name, await held(connection, name)
            )
            found += [one for one in different if name == role or one.kind == "missing"]
    return found


async def _by_role(
    connection: Connection, queries: Sequence[Query], role: str
) -> dict[str, list[Query]]:
    """Return the queries by who runs them, without those of an owner of tables, who needs no grant."""
    owners = {row["name"] for row in await connection.fetch(OWNERS)}
    made: dict[str, list[Query]] = defaultdict(list)
    for query in queries:
        told = query.directive("role")
        made[role if told is None else told.value].append(query)
    return {name: run for name, run in made.items() if name == role or name not in owners}
