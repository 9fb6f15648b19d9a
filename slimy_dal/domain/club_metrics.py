"""Club metrics: the figures of an analysis, and how a guild's figure went from one analysis to the next (SPEC D8)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from slimy_dal.domain.analysis_entries import MAX_METRICS, NewMetric, distinct, written
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Page
from slimy_dal.queries import club_metrics as queries
from slimy_dal.queries.club_metrics import (
    ClubMetric,
    ListHistoryFilter,
    ListHistorySort,
    ListOfAnalysisFilter,
    PastMetric,
)

__all__ = [
    "ClubMetric",
    "ClubMetrics",
    "ListHistoryFilter",
    "ListOfAnalysisFilter",
    "NewMetric",
    "PastMetric",
]

ALL: Final = ListOfAnalysisFilter()
WHOLE: Final = ListHistoryFilter()


class ClubMetrics:
    """Everything about the metrics of club analyses, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def put(self, analysis_id: UUID, metric: NewMetric) -> ClubMetric:
        """Add a metric to an analysis, or correct the one of that name.

        Raises NotFound, InvalidValue (wrong types), MissingValue (a value of null), CheckViolated.
        """
        written("metrics", [metric], MAX_METRICS)
        kept = await queries.put(
            self._executor,
            analysis_id=analysis_id,
            name=metric.name,
            value_=metric.value,
            unit=metric.unit,
            category=metric.category,
        )
        return found(kept, "club analysis")

    async def delete(self, analysis_id: UUID, name: str) -> None:
        """Remove a metric from its analysis. Raises NotFound."""
        removed = await queries.delete(self._executor, analysis_id=analysis_id, name=name)
        found(removed or None, "metric")

    async def replace(self, analysis_id: UUID, metrics: Sequence[NewMetric]) -> list[ClubMetric]:
        """Put other metrics in the place of an analysis' own, all or nothing, and return them by name.

        Of two such calls at a time the metrics of one stay, never a mixture. Raises NotFound, InvalidValue (a name
        that stands there twice, too many entries), CheckViolated.
        """
        entries = written("metrics", metrics, MAX_METRICS)
        distinct("metrics", [metric.name for metric in metrics])
        kept = await queries.replace(self._executor, analysis_id=analysis_id, metrics=entries)
        return msgspec.convert(found(kept, "club analysis"), list[ClubMetric])

    async def list_history(
        self,
        guild_id: int,
        name: str,
        *,
        filter: ListHistoryFilter = WHOLE,
        sort: ListHistorySort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[PastMetric]:
        """Return one page of a guild's values of a metric, newest first. Raises InvalidValue (limit, sort, cursor)."""
        return await queries.list_history(
            self._executor,
            self._cursors,
            guild_id=guild_id,
            name=name,
            filter=filter,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )

    async def list_of_analysis(
        self,
        analysis_id: UUID,
        *,
        filter: ListOfAnalysisFilter = ALL,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ClubMetric]:
        """Return one page of an analysis' metrics by name, or of one category. Raises InvalidValue (limit, cursor)."""
        return await queries.list_of_analysis(
            self._executor,
            self._cursors,
            analysis_id=analysis_id,
            filter=filter,
            cursor=cursor,
            limit=limit,
        )
