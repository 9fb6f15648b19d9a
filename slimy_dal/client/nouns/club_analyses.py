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
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Page, Snowflake


_CLUB_ANALYSES_LIST_OF_GUILD = Operation[Page[shapes.ClubAnalysisSummary]](
    "club_analyses_list_of_guild",
    "GET",
    "/v1/guilds/{guild_id}/analyses",
    Page[shapes.ClubAnalysisSummary],
)
_CLUB_ANALYSES_CREATE = Operation[shapes.ClubAnalysis](
    "club_analyses_create",
    "POST",
    "/v1/guilds/{guild_id}/analyses",
    shapes.ClubAnalysis,
)
_CLUB_ANALYSES_LIST_OF_USER = Operation[Page[shapes.ClubAnalysisSummary]](
    "club_analyses_list_of_user",
    "GET",
    "/v1/users/{user_id}/analyses",
    Page[shapes.ClubAnalysisSummary],
)
_CLUB_ANALYSES_GET = Operation[shapes.ClubAnalysis](
    "club_analyses_get",
    "GET",
    "/v1/analyses/{analysis_id}",
    shapes.ClubAnalysis,
)
_CLUB_ANALYSES_CHANGE = Operation[shapes.ClubAnalysis](
    "club_analyses_change",
    "PATCH",
    "/v1/analyses/{analysis_id}",
    shapes.ClubAnalysis,
)
_CLUB_ANALYSES_REMOVE = Operation[None](
    "club_analyses_remove",
    "DELETE",
    "/v1/analyses/{analysis_id}",
    None,
)


class ClubAnalyses(Noun):
    """What was read out of images of a guild's club."""

    __slots__ = ()

    def list_of_guild(
        self,
        guild_id: Snowflake,
        *,
        search: str | None = None,
        min_confidence: float | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ClubAnalysisSummary]:
        """List a guild's club analyses, newest first, or oldest first with `sort=oldest`.

        Without images and metrics. With `search`, those with all its words in title or summary,
        each word by its beginning. `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `analyses:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_ANALYSES_LIST_OF_GUILD,
            path={"guild_id": guild_id},
            query={
                "search": search,
                "minConfidence": min_confidence,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def create(
        self,
        guild_id: Snowflake,
        *,
        user_id: UUID,
        summary: str,
        confidence: float,
        title: str | None | UnsetType = UNSET,
        images: Sequence[shapes.ImageOfAnalysis] | UnsetType = UNSET,
        metrics: Sequence[shapes.MetricOfAnalysis] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.ClubAnalysis:
        """Keep a club analysis with its images and metrics: all of it, or nothing.

        In a user's session, any member of the guild may, in their own name.

        Who may: an API key with the scope `analyses:write`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(
            _CLUB_ANALYSES_CREATE,
            path={"guild_id": guild_id},
            body=shapes.NewClubAnalysis(
                user_id=user_id,
                title=title,
                summary=summary,
                confidence=confidence,
                images=images,
                metrics=metrics,
            ),
            key=idempotency_key or new_key(),
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        search: str | None = None,
        min_confidence: float | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ClubAnalysisSummary]:
        """List the club analyses that a user had made, in all guilds, newest first, or oldest first
        with `sort=oldest`.

        Without images and metrics. With `search`, those with all its words in title or summary,
        each word by its beginning. `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `analyses:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _CLUB_ANALYSES_LIST_OF_USER,
            path={"user_id": user_id},
            query={
                "search": search,
                "minConfidence": min_confidence,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def get(self, analysis_id: UUID) -> shapes.ClubAnalysis:
        """Return a club analysis with its images and metrics.

        Who may: an API key with the scope `analyses:read`, or the session of its creator or a
        member of its guild.
        """
        return await self._transport.call(_CLUB_ANALYSES_GET, path={"analysis_id": analysis_id})

    async def change(
        self,
        analysis_id: UUID,
        *,
        title: str | None | UnsetType = UNSET,
        summary: str | UnsetType = UNSET,
        confidence: float | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.ClubAnalysis:
        """Change the given fields of a club analysis; null erases its title.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_ANALYSES_CHANGE,
            path={"analysis_id": analysis_id},
            body=shapes.ClubAnalysisChanges(title=title, summary=summary, confidence=confidence),
            if_match=if_match,
        )

    async def remove(self, analysis_id: UUID, *, if_match: str | None = None) -> None:
        """Remove a club analysis with its images and metrics.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_ANALYSES_REMOVE,
            path={"analysis_id": analysis_id},
            if_match=if_match,
        )
