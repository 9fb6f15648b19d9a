"""Whether the database answers, is the one the queries were made for, and has every migration (SPEC L7)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from slimy_dal import queries as generated
from slimy_dal.domain.expected import rules
from slimy_dal.engine.bound import Bound
from slimy_dal.engine.errors import InvalidValue, PermissionDenied, SchemaMismatch
from slimy_dal.engine.replica import State
from slimy_dal.engine.replicas import Replicas
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.tenant import ROLE, Tenant
from slimy_dal.engine.variants import Variants
from slimy_dal.queries import USES
from slimy_dal.queries import health as queries
from slimy_dal.queries import partitions as partition_queries
from slimy_dal.queries.health import (
    ListColumnsRow,
    ListIndexesRow,
    ListStandbysRow,
    ListTablesRow,
    ListTransactionsRow,
    ListWaitsRow,
    MeasureRow,
    PingRow,
)

__all__ = [
    "Drift",
    "EndingPartitions",
    "Figures",
    "Health",
    "Missing",
    "PingRow",
    "Pulse",
    "ReplicaHealth",
]

SCHEMA = "slimy"
MOST_LISTED = 50
"""Of the longest transactions, and of those that wait for locks."""

NOUNS = sorted(set(USES) - {"health"})
"""This module's own queries ask the catalogs, and yoyo's table, which a database set up by psql has not."""

TENANTS = "what is done for a user or a key bound to guilds"
"""What relies on row level security, where others name their queries."""

Columns = Mapping[tuple[str, str, str], ListColumnsRow]


class Drift(msgspec.Struct, frozen=True):
    """A column that is not what queries were proven against."""

    queries: str
    column: str
    problem: str

    def __str__(self) -> str:
        return f"{self.column} {self.problem}; used by {self.queries}"


class EndingPartitions(msgspec.Struct, frozen=True):
    """A table that will soon have no partition for its new rows; `made_until` is None where it has none now."""

    table: str
    made_until: datetime | None

    def __str__(self) -> str:
        end = "now" if self.made_until is None else f"{self.made_until:%Y-%m-%d}"
        return f"{self.table} has no partition from {end} on: run `slimy partitions make`"


class ReplicaHealth(msgspec.Struct, frozen=True):
    """How a replica stands; reads go to those that are `ready`. The lag is None where it is not known."""

    name: str
    state: State
    lag_seconds: float | None
    lag_bytes: int | None


class Missing(msgspec.Struct, frozen=True):
    """A constraint, a trigger or a privilege that the release's migrations leave behind, and that is not there."""

    kind: str
    of: str
    name: str
    problem: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} of {self.of} {self.problem}"


class Pulse(msgspec.Struct, frozen=True, rename="camel"):
    """A server in a few numbers, and the standbys that follow it: cheap enough to be asked all the time."""

    server: MeasureRow
    standbys: list[ListStandbysRow]

    @property
    def cache_hit(self) -> float | None:
        """The part of the pages that were found in memory since counting began; None before the first."""
        hit, read = self.server.pages_hit or 0, self.server.pages_read or 0
        return hit / (hit + read) if hit + read else None


class Figures(msgspec.Struct, frozen=True, rename="camel"):
    """What a DBA asks first: the server, its standbys, tables and indexes, long transactions, who waits for whom."""

    pulse: Pulse
    database_bytes: int
    tables: list[ListTablesRow]
    indexes: list[ListIndexesRow]
    transactions: list[ListTransactionsRow]
    waits: list[ListWaitsRow]

    @property
    def unused(self) -> list[ListIndexesRow]:
        """The indexes that nothing has read and no rule needs; on a standby those of its own reads count alone."""
        return [one for one in self.indexes if one.scan_count == 0 and not one.is_rule]


class Health:
    """Questions about the database itself."""

    __slots__ = ("_pool", "_replicas")

    def __init__(self, replicas: Replicas) -> None:
        self._pool = replicas.primary
        self._replicas = replicas

    def replicas(self) -> list[ReplicaHealth]:
        """Return how each replica stood when it was last looked at; asks nobody."""
        return [
            ReplicaHealth(one.name, one.state, one.lag_seconds, one.lag_bytes)
            for one in self._replicas.all
        ]

    async def ping(self) -> PingRow:
        """Return the server's version and whether it is a replica. Raises Unavailable, Timeout."""
        return await queries.ping(self._pool)

    async def migrations(self) -> list[str] | None:
        """Return the ids of the applied migrations; None where nothing recorded any, as after plain psql."""
        try:
            rows = await queries.list_migrations(self._pool)
        except SchemaMismatch:
            return None
        return [row.migration_id for row in rows]

    async def partitions(self, days: int = 45) -> list[EndingPartitions]:
        """Return the tables whose partitions last for fewer than so many days: rows after that are refused."""
        soon = datetime.now(UTC) + timedelta(days=days)
        return [
            EndingPartitions(row.table_name, row.made_until)
            for row in await partition_queries.list_ends(self._pool)
            if row.made_until is None or row.made_until < soon
        ]

    async def pulse(self, *, timeout: float | None = None) -> Pulse:  # noqa: ASYNC109 -- the engine's
        """Return the few numbers of a server; what belongs to other logins is missing without pg_read_all_stats."""
        server = await queries.measure(self._pool, timeout=timeout)
        return Pulse(server, await queries.list_standbys(self._pool, timeout=timeout))

    async def figures(self) -> Figures:
        """Return all that the catalogues say about a database; it looks at every file, so not for every second."""
        pool = self._pool
        tables = await queries.list_tables(pool, schema_name=SCHEMA)
        return Figures(
            await self.pulse(),
            sum(one.table_bytes + one.index_bytes + one.toast_bytes for one in tables),
            tables,
            await queries.list_indexes(pool, schema_name=SCHEMA),
            await queries.list_transactions(pool, row_limit=MOST_LISTED),
            await queries.list_waits(pool, row_limit=MOST_LISTED),
        )

    async def missing(self) -> list[Missing]:
        """Return the constraints, triggers and privileges of this release that the database has not, or not in force.

        Nothing here makes typed code lie, as drift does: rows may come in that a rule forbids, or calls be refused.
        """
        expected = rules()
        rows = await queries.list_missing(
            self._pool,
            kinds=[rule.kind for rule in expected],
            object_names=[rule.of for rule in expected],
            item_names=[rule.name for rule in expected],
            column_names=[rule.column for rule in expected],
        )
        return [
            Missing(
                row.kind,
                row.object_name,
                f"{row.item} ({row.column_name})" if row.column_name else row.item,
                row.problem,
            )
            for row in rows
        ]

    async def drift(self) -> list[Drift]:
        """Compare what the queries use with what the database has.

        A missing column, another type, and a NOT NULL that is gone are drift: the typed code would lie. So is a
        statement that the server does not accept, for want of a function, say. A column the queries do not know is
        none; of a CHECK that was dropped `missing` tells. Row level security that is off, a policy that is missing or
        asks nobody, and a role that this login cannot become: these are drift too.
        """
        schemas, tables = set[str](), set[str]()
        for noun in NOUNS:
            for schema, table, *_ in USES[noun]:
                schemas.add(schema)
                tables.add(table)
        rows = await queries.list_columns(
            self._pool, schema_names=sorted(schemas), table_names=sorted(tables)
        )
        have = {(row.schema_name, row.table_name, row.column_name): row for row in rows}
        own = sorted(schemas - {"pg_catalog"})
        gaps = await queries.list_gaps(self._pool, schema_names=own, table_names=sorted(tables))
        return [
            *_differences(have),
            *await self._refused(),
            *(Drift(TENANTS, f"{gap.schema_name}.{gap.table_name}", gap.problem) for gap in gaps),
            *await self._unvisited(),
        ]

    async def _unvisited(self) -> list[Drift]:
        """Return that nothing can be done for a tenant, where it cannot."""
        try:
            await queries.ping(Bound(self._pool, Tenant(guild_ids=frozenset())))
        except (InvalidValue, PermissionDenied, SchemaMismatch):
            problem = (
                "is not this login's to become: "
                f"CREATE ROLE {ROLE} NOLOGIN, GRANT {ROLE} to the login, apply the migrations"
            )
            return [Drift(TENANTS, f"role {ROLE}", problem)]
        return []

    async def _refused(self) -> list[Drift]:
        """Return the statements that the server refuses to prepare, each with its words."""
        found = []
        for noun in NOUNS:
            for held in vars(getattr(generated, noun)).values():
                statement = held.base if isinstance(held, Variants) else held
                if isinstance(statement, Statement):
                    try:
                        await self._pool.prepare(statement)
                    except SchemaMismatch as error:
                        problem = f"is refused: {error.server_message or error.message}"
                        found.append(Drift(statement.name, f"statement {statement.name}", problem))
        return found


def _differences(have: Columns) -> Iterator[Drift]:
    for noun in NOUNS:
        for schema, table, column, type_name, not_null, readers, writers in USES[noun]:
            problem = _problem(have.get((schema, table, column)), type_name, not_null=not_null)
            if problem is not None:
                queries_of_it = ", ".join(f"{noun}.{name}" for name in sorted({*readers, *writers}))
                yield Drift(queries_of_it, f"{schema}.{table}.{column}", problem)


def _problem(row: ListColumnsRow | None, type_name: str, *, not_null: bool) -> str | None:
    if row is None:
        return "does not exist"
    if row.type_name != type_name:
        return f"is {row.type_name}, not {type_name}"
    return "may be null now" if not_null and not row.is_not_null else None
