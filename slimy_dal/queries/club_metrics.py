"""Generated from sql/queries/club_metrics.sql by `slimy generate`; do not edit."""

from datetime import datetime
from itertools import starmap
from uuid import UUID

import msgspec

from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import Json


class ClubMetric(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_of_analysis`."""

    name: str
    value: Json
    unit: str | None
    category: str


class ListHistoryRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_history`."""

    analysis_id: UUID
    value: Json
    unit: str | None
    category: str
    confidence: float
    created_at: datetime


LIST_HISTORY = Statement(
    name="club_metrics.list_history",
    sql="""\
SELECT
    a.id AS analysis_id,
    m.value,
    m.unit,
    m.category,
    a.confidence,
    a.created_at
FROM slimy.club_analyses AS a
INNER JOIN slimy.club_metrics AS m ON a.id = m.analysis_id AND m.name = $1
WHERE a.guild_id = $2
ORDER BY a.created_at DESC, a.id DESC
LIMIT $3""",
    parameters=(
        Parameter("name", "text"),
        Parameter("guild_id", "bigint"),
        Parameter("row_limit", "bigint"),
    ),
    columns=("analysis_id", "value", "unit", "category", "confidence", "created_at"),
)


async def list_history(
    db: Executor,
    /,
    *,
    name: str,
    guild_id: int,
    row_limit: int,
    timeout: float | None = None,
) -> list[ListHistoryRow]:
    """One page of a guild's values of one metric, from the newest analysis to the oldest."""
    rows = await db.rows(LIST_HISTORY, name, guild_id, row_limit, timeout=timeout)
    return list(starmap(ListHistoryRow, map(values, rows)))


LIST_OF_ANALYSIS = Statement(
    name="club_metrics.list_of_analysis",
    sql="""\
SELECT
    m.name,
    m.value,
    m.unit,
    m.category
FROM slimy.club_metrics AS m
WHERE m.analysis_id = $1
ORDER BY m.name ASC
LIMIT $2""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=("name", "value", "unit", "category"),
)


async def list_of_analysis(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[ClubMetric]:
    """One page of an analysis' metrics by name; with a category, those of it."""
    rows = await db.rows(LIST_OF_ANALYSIS, analysis_id, row_limit, timeout=timeout)
    return list(starmap(ClubMetric, map(values, rows)))


REPLACE = Statement(
    name="club_metrics.replace",
    sql="""\
SELECT slimy.replace_club_metrics($1, $2::jsonb) AS metrics""",
    parameters=(Parameter("analysis_id", "uuid"), Parameter("metrics", "jsonb")),
    columns=("metrics",),
    writes=True,
)


async def replace(
    db: Executor,
    /,
    *,
    analysis_id: UUID,
    metrics: Json,
    timeout: float | None = None,
) -> Json | None:
    """Puts other metrics in the place of an analysis' own, all or nothing, and gives them as they are
    kept; null when there is no such analysis.
    """
    row = await db.row(REPLACE, analysis_id, metrics, timeout=timeout)
    if row is None:
        raise NotFound("club_metrics.replace found no row", query="club_metrics.replace")
    value: Json | None = row[0]
    return value


# schema, table, column, type, not null, and the queries that rely on it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...]], ...] = (
    ("slimy", "club_analyses", "confidence", "double precision", True,
     ("list_history",)),
    ("slimy", "club_analyses", "created_at", "timestamp with time zone", True,
     ("list_history",)),
    ("slimy", "club_analyses", "guild_id", "bigint", True,
     ("list_history",)),
    ("slimy", "club_analyses", "id", "uuid", True,
     ("list_history",)),
    ("slimy", "club_metrics", "analysis_id", "uuid", True,
     ("list_history", "list_of_analysis")),
    ("slimy", "club_metrics", "category", "text", True,
     ("list_history", "list_of_analysis")),
    ("slimy", "club_metrics", "name", "text", True,
     ("list_history", "list_of_analysis")),
    ("slimy", "club_metrics", "unit", "text", False,
     ("list_history", "list_of_analysis")),
    ("slimy", "club_metrics", "value", "jsonb", True,
     ("list_history", "list_of_analysis")),
)
# fmt: on
