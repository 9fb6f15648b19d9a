"""Plans queries on a live database, with its own statistics and without a trace there."""

from collections.abc import Sequence

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import DescribeError, Description, Origin, PgType
from slimy_dal.compiler.plans.explain import Plans, Unplanned, explain
from slimy_dal.compiler.plans.ground import Ground
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.scale import samples
from slimy_dal.compiler.scale.declared import Scale
from slimy_dal.engine import driver

__all__ = ["plan_live"]


class _Live:
    """Gives values out of a live database's own statistics."""

    def __init__(self, known: dict[Origin, samples.Known], array: int) -> None:
        self._known = known
        self._array = array

    def sample(self, origin: Origin | None, type: PgType, which: samples.Which) -> str:
        found = self._known.get(origin) if origin is not None else None
        return samples.sample(found, type, which, self._array)


async def plan_live(
    dsn: str, place: Ground, queries: Sequence[Query], scale: Scale
) -> tuple[list[Plans], list[str]]:
    """Return the plans of queries as a live server makes them, and what it says of those that it refuses.

    Nothing is run, and nothing is changed: types are found out on `place`, because asking the live server for its
    analysis would fill its log or need a function there. Values come out of its own statistics, and appear in what
    is returned.
    Raises SlimyError where it cannot be reached.
    """
    async with place.copy() as connection:
        described = await describe(connection, queries)
    async with await driver.connect(dsn) as connection:
        known = samples.known(await connection.fetch(catalog_query("scale_samples")))
        sampler = _Live(dict(known), scale.array)
        found: list[Plans] = []
        refused: list[str] = []
        await connection.execute("BEGIN TRANSACTION READ ONLY")
        for one in described:
            if isinstance(one, DescribeError):
                refused.append(str(one))
                continue
            try:
                found.append(await _planned(connection, one, sampler, scale))
            except Unplanned as error:
                where, name = one.query.location(0), one.query.full_name
                refused.append(f"{where}: {name}: not planned: {error}")
        await connection.execute("ROLLBACK")
    return found, refused


async def _planned(
    connection: driver.Connection, description: Description, sampler: _Live, scale: Scale
) -> Plans:
    await connection.execute("SAVEPOINT slimy_plan")
    try:
        return await explain(connection, description, sampler, page=scale.page)
    except Unplanned:
        await connection.execute("ROLLBACK TO slimy_plan")
        raise
