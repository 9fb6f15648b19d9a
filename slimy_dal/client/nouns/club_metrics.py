"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.values import Json, Page, Snowflake


_CLUB_METRICS_LIST_OF_ANALYSIS = Operation[Page[shapes.ClubMetric]](
    "club_metrics_list_of_analysis",
    "GET",
    "/v1/analyses/{analysis_id}/metrics",
    Page[shapes.ClubMetric],
)
_CLUB_METRICS_REPLACE = Operation[shapes.KeptMetrics](
    "club_metrics_replace",
    "PUT",
    "/v1/analyses/{analysis_id}/metrics",
    shapes.KeptMetrics,
)
_CLUB_METRICS_PUT = Operation[shapes.ClubMetric](
    "club_metrics_put",
    "PUT",
    "/v1/analyses/{analysis_id}/metrics/{name}",
    shapes.ClubMetric,
)
_CLUB_METRICS_REMOVE = Operation[None](
    "club_metrics_remove",
    "DELETE",
    "/v1/analyses/{analysis_id}/metrics/{name}",
    None,
)
_CLUB_METRICS_LIST_HISTORY = Operation[Page[shapes.PastMetric]](
    "club_metrics_list_history",
    "GET",
    "/v1/guilds/{guild_id}/analyses:trend",
    Page[shapes.PastMetric],
)


class ClubMetrics(Noun):
    """Figures that were read out of club analyses."""

    __slots__ = ()

    def list_of_analysis(
        self,
        analysis_id: UUID,
        *,
        category: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ClubMetric]:
        """List the metrics of a club analysis by name; with `category`, those of it.

        Who may: an API key with the scope `analyses:read`, or the session of its creator or a
        member of its guild.
        """
        return Pages(
            self._transport,
            _CLUB_METRICS_LIST_OF_ANALYSIS,
            path={"analysis_id": analysis_id},
            query={"category": category, "cursor": cursor, "limit": limit},
        )

    async def replace(
        self,
        analysis_id: UUID,
        *,
        metrics: Sequence[shapes.MetricOfAnalysis],
    ) -> shapes.KeptMetrics:
        """Put other metrics in the place of a club analysis' own: all of them, or nothing changes.

        Of two such calls at a time the metrics of one stay, never a mixture.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_METRICS_REPLACE,
            path={"analysis_id": analysis_id},
            body=shapes.MetricsToKeep(metrics=metrics),
        )

    async def put(
        self,
        analysis_id: UUID,
        name: str,
        *,
        value: Json,
        category: str,
        unit: str | None | UnsetType = UNSET,
    ) -> shapes.ClubMetric:
        """Add a metric to a club analysis, or correct the one of that name.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_METRICS_PUT,
            path={"analysis_id": analysis_id, "name": name},
            body=shapes.MetricValue(value=value, category=category, unit=unit),
        )

    async def remove(self, analysis_id: UUID, name: str) -> None:
        """Remove a metric from a club analysis.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_METRICS_REMOVE,
            path={"analysis_id": analysis_id, "name": name},
        )

    def list_history(
        self,
        guild_id: Snowflake,
        *,
        metric: str,
        min_confidence: float | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.PastMetric]:
        """List the values that a metric had in a guild's analyses, newest first, or oldest first with
        `sort=oldest`.

        `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `analyses:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_METRICS_LIST_HISTORY,
            path={"guild_id": guild_id},
            query={
                "metric": metric,
                "minConfidence": min_confidence,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )
