"""Knows the columns of constraints, unique indexes and partition keys, from the catalogue when an error needs them."""

import asyncio
import time
from contextlib import suppress

from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import CheckViolated, ConstraintError, MissingPartition, SlimyError
from slimy_dal.engine.hosts import Hosts

__all__ = ["ConstraintFields"]

LOOK_UP = 2.0
"""Seconds for reading the catalogue when an error needs it."""

AGAIN = 60.0
"""Seconds before a constraint is looked for again that was not found."""

CATALOGUE = """
SELECT t.relname, c.conname, array_agg(a.attname::text ORDER BY k.place)
FROM pg_catalog.pg_constraint AS c
INNER JOIN pg_catalog.pg_class AS t ON c.conrelid = t.oid
CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (number, place)
INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND k.number = a.attnum
GROUP BY t.oid, c.oid
UNION ALL
SELECT t.relname, i.relname, array_agg(DISTINCT a.attname::text)
FROM pg_catalog.pg_index AS x
INNER JOIN pg_catalog.pg_class AS t ON x.indrelid = t.oid
INNER JOIN pg_catalog.pg_class AS i ON x.indexrelid = i.oid
INNER JOIN pg_catalog.pg_depend AS d ON d.objid = i.oid AND d.refobjid = t.oid AND d.refobjsubid > 0
INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND d.refobjsubid = a.attnum
WHERE x.indisunique AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
GROUP BY t.oid, i.oid
UNION ALL
SELECT t.relname, '', array_agg(a.attname::text)
FROM pg_catalog.pg_partitioned_table AS p
INNER JOIN pg_catalog.pg_class AS t ON p.partrelid = t.oid
INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = ANY(p.partattrs::int2[])
GROUP BY t.oid
"""


class ConstraintFields:
    """Table and constraint name to column names; names that mean different columns in two schemas mean none."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}
        self._unknown: dict[tuple[str | None, str], float] = {}
        self._looking: asyncio.Task[None] | None = None

    def wants(self, error: SlimyError) -> bool:
        """Tell whether the columns of this error's constraint are worth a look in the catalogue."""
        if isinstance(error, MissingPartition):
            return error.field is None and error.table is not None
        return (
            isinstance(error, ConstraintError | CheckViolated)
            and bool(error.constraint and error.table)
            and not error.fields
        )

    def knows(self, error: SlimyError) -> bool:
        """Fill in the columns of the error's constraint; False when it is not known yet."""
        if (
            not isinstance(error, ConstraintError | CheckViolated | MissingPartition)
            or error.table is None
        ):
            return True
        fields = self._known.get((error.table, getattr(error, "constraint", "")))
        if fields is None:
            return False
        if isinstance(error, MissingPartition):
            error.field = fields[0] if len(fields) == 1 else None
            return True
        error.fields = fields
        if isinstance(error, CheckViolated) and len(fields) == 1:
            error.field = fields[0]
        return True

    async def complete(self, error: SlimyError, hosts: Hosts, deadline: float) -> SlimyError:
        """Return the error with the columns of its constraint, looked up where the server did not say.

        All who wait share one look-up. It goes on when a caller's time is over, for the next one.
        """
        if not self.wants(error) or self.knows(error):
            return error
        key = _key(error)
        now = time.monotonic()
        if self._looking is None and self._unknown.get(key, now) <= now:
            self._looking = asyncio.create_task(self._look(hosts))
            self._looking.add_done_callback(self._seen)
        looking = self._looking
        if looking is not None and deadline > now:
            await asyncio.wait((looking,), timeout=deadline - now)
            if not self.knows(error) and looking.done():
                self._unknown[key] = time.monotonic() + AGAIN
        return error

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait((self._looking,))

    def _seen(self, _: asyncio.Task[None]) -> None:
        self._looking = None

    async def _look(self, hosts: Hosts) -> None:
        with suppress(SlimyError):
            # A session of its own: the caller may hold the last one of the pool.
            async with await hosts.connect(total=LOOK_UP, each=LOOK_UP) as session:
                await self.load(session, LOOK_UP)

    async def load(self, connection: Connection, timeout: float) -> None:  # noqa: ASYNC109
        """Read the catalogue anew."""
        known: dict[tuple[str, str], tuple[str, ...]] = {}
        for table, constraint, columns in await connection.fetch(CATALOGUE, timeout=timeout):
            key, fields = (str(table), str(constraint)), tuple(columns)
            known[key] = fields if known.get(key, fields) == fields else ()
        self._known = known


def _key(error: SlimyError) -> tuple[str | None, str]:
    """Return table and constraint of an error that has both."""
    return getattr(error, "table", None), getattr(error, "constraint", "")
