"""Asks for the plans of slow queries in the background, and tells how they differ from the proven ones."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.hosts import Hosts
from slimy_dal.engine.plandiff import Difference, compare, summary
from slimy_dal.engine.proven import Known, Proven, Step, steps
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.slow import LOG, called, fields_of
from slimy_dal.engine.statement import Statement

__all__ = ["PlanWatch", "plan_of", "plan_watch"]

BUDGET = 2.0
"""Seconds for one plan, connecting included: it is wanted while it still says why, and not at any price."""
MOST_WAITING = 16
"""Statements whose plans are still to be asked for; when everything is slow at once, plans are not the reason."""
POLITE = "BEGIN READ ONLY; SET LOCAL lock_timeout = '200ms'; SET LOCAL statement_timeout = '1s'"
GENERIC = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_partition_pruning = off"
"""Without pruning, or a plan that starts without values would leave out every partition."""

SMALL = 1000
"""Rows, up to which a table may well be read whole, whatever the plan was that was proven for a large one."""

INDEXES = """
SELECT wanted.name
FROM unnest($1::text[]) AS wanted (name)
WHERE NOT EXISTS (
    SELECT
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_index AS i ON c.oid = i.indexrelid
    WHERE c.relname = wanted.name AND i.indisvalid
)
"""
ROWS = """
SELECT c.relname::text, sum(greatest(c.reltuples, 0))::bigint
FROM pg_catalog.pg_class AS c
WHERE c.relname = ANY($1::text[]) AND c.relkind IN ('r', 'p', 'm')
GROUP BY c.relname
"""


class PlanWatch:
    """Asks for the plans of slow queries in the background, one at a time, and tells how they differ.

    EXPLAIN without ANALYZE, and without values: nothing is executed, and there is nothing to leak. It has a session
    of its own for each plan, because a pool with slow calls has none to spare.
    """

    def __init__(self, hosts: Hosts, proven: Proven) -> None:
        self._hosts = hosts
        self._proven = proven
        self._waiting: deque[Statement] = deque()
        self._task: asyncio.Task[None] | None = None

    def __call__(self, statement: Statement) -> None:
        """Have the plan of a statement looked at soon; at once returns."""
        if len(self._waiting) < MOST_WAITING and statement not in self._waiting:
            self._waiting.append(statement)
            if self._task is None:
                self._task = asyncio.get_running_loop().create_task(self._work())

    async def close(self) -> None:
        """Ask for no more plans; the one under way is given up."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _work(self) -> None:
        try:
            while self._waiting:
                statement = self._waiting.popleft()
                try:
                    async with asyncio.timeout(BUDGET):
                        await self._look(statement)
                except (SlimyError, TimeoutError) as error:
                    LOG.info(
                        "the plan of %s could not be asked for: %s",
                        called(statement),
                        type(error).__name__,
                        extra={"fields": fields_of(statement)},
                    )
                except Exception:  # noqa: BLE001 -- nothing here may end the watch
                    LOG.exception("the plan of %s could not be compared", called(statement))
        finally:
            self._task = None

    async def _look(self, statement: Statement) -> None:
        known = await asyncio.to_thread(self._proven.of, statement)
        async with await self._hosts.connect(total=BUDGET, each=BUDGET) as session:
            await session.execute(POLITE)
            present = steps(await plan_of(session, statement), statement)
            difference = Difference()
            if known is not None and known.generic:
                difference = compare(present, known.plans)
            rows = await _rows(session, difference)
            small = {table for table in rows if rows[table] < SMALL}
            difference = difference.apart_from(small)
            told = list(difference.words)
            if difference.unused:
                missing = await session.fetch(INDEXES, sorted(difference.unused))
                told += [f"there is no valid index {name}" for (name,) in missing]
            told += [
                f"{table} has about {rows[table]:,} rows"
                for table in difference.tables
                if table in rows
            ]
            _tell(statement, present, told, judged=known, small=small)


async def plan_of(session: Connection, statement: Statement) -> Mapping[str, Any]:
    """Return EXPLAIN's tree of a statement without values: the server is never told to execute it."""
    arguments = ", ".join(["NULL"] * len(statement.parameters))
    await session.execute(f"{GENERIC}; PREPARE slimy_slow AS {statement.sql}")
    try:
        called_with = f"({arguments})" if arguments else ""
        # GENERIC_PLAN of PostgreSQL 16 is for the simple protocol alone, which gives this driver no rows.
        explain = f"EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE slimy_slow{called_with}"
        (row,) = await session.fetch(explain)
    finally:
        with suppress(SlimyError):  # behind PgBouncer the session goes to others
            await session.execute("DEALLOCATE slimy_slow")
    found: Mapping[str, Any] = row[0][0]["Plan"]
    return found


async def _rows(session: Connection, difference: Difference) -> dict[str, int]:
    """Return how many rows the tables have that are read in another way, as the server last counted them."""
    if not difference.tables:
        return {}
    return dict(map(tuple, await session.fetch(ROWS, sorted(difference.tables))))


def _tell(
    statement: Statement,
    present: tuple[Step, ...],
    differs: list[str],
    *,
    judged: Known | None,
    small: Collection[str],
) -> None:
    fields: dict[str, Any] = {**fields_of(statement), "plan": [*map(_line, present)]}
    line = summary(present)
    if judged is None:
        LOG.info("the plan of %s: %s", called(statement), line, extra={"fields": fields})
    elif not judged.generic:
        words = "%s is planned anew for each call; without values the plan of it is: %s"
        LOG.info(words, called(statement), line, extra={"fields": fields})
    elif not differs:
        but = f" but for small tables ({', '.join(sorted(small))})" if small else ""
        words = f"the plan of %s is the proven one{but}: %s"
        LOG.info(words, called(statement), line, extra={"fields": fields})
    else:
        fields["differs"] = differs
        message = "the plan of %s is not the proven one: %s; it is now: %s"
        told = "; ".join(differs)
        LOG.warning(message, called(statement), told, line, extra={"fields": fields})


def _line(step: Step) -> str:
    conditions = "; ".join(f"{kind}: {text}" for kind, text in step.conditions)
    return f"{step.title} [{conditions}]" if conditions else step.title


@asynccontextmanager
async def plan_watch(dsn: str, settings: PoolSettings, proven: Proven) -> AsyncIterator[PlanWatch]:
    """Give a watch for the time of the block; its sessions are on the servers of a pool with these settings."""
    watch = PlanWatch(
        Hosts(
            dsn,
            target="read-write" if settings.read_write else None,
            settings=settings.server_settings(),
            pooler=settings.pgbouncer,
        ),
        proven,
    )
    try:
        yield watch
    finally:
        await watch.close()
