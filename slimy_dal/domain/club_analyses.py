"""Club analyses: what was read out of a guild's club, with its images and metrics (SPEC D8)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.domain.analysis_entries import (
    MAX_IMAGES,
    MAX_METRICS,
    NewImage,
    NewMetric,
    written,
)
from slimy_dal.domain.search_words import checked_words
from slimy_dal.domain.versions import asked, changed
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Page, Snowflake, Unset
from slimy_dal.queries import club_analyses as queries
from slimy_dal.queries.club_analyses import (
    ClubAnalysisSummary,
    ListOfGuildFilter,
    ListOfGuildSort,
    ListOfUserFilter,
    ListOfUserSort,
    SearchGuildSort,
    SearchUserSort,
)
from slimy_dal.queries.club_analysis_images import ClubAnalysisImage
from slimy_dal.queries.club_metrics import ClubMetric

__all__ = [
    "ClubAnalyses",
    "ClubAnalysis",
    "ClubAnalysisSummary",
    "ListOfGuildFilter",
    "ListOfUserFilter",
    "NewImage",
    "NewMetric",
    "SearchGuildFilter",
    "SearchUserFilter",
]

CHANGERS: Final = frozenset({"owner", "admin"})
"""The roles in its guild that may change an analysis which somebody else had made."""

OF_GUILD: Final = ListOfGuildFilter()
OF_USER: Final = ListOfUserFilter()

# A search has them as parameters, and not as filters of a list: those would stand behind the cut.
SearchGuildFilter: TypeAlias = ListOfGuildFilter
SearchUserFilter: TypeAlias = ListOfUserFilter

EVER: Final = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""The ends of a period that was given none: the very last moments of the calendar go to the driver as infinities."""


class ClubAnalysis(msgspec.Struct, frozen=True, rename="camel"):
    """An analysis with its images, in the order they were uploaded, and its metrics by name."""

    id: UUID
    guild_id: Snowflake
    user_id: UUID
    title: str | None
    summary: str
    confidence: float
    created_at: datetime
    updated_at: datetime
    images: list[ClubAnalysisImage]
    metrics: list[ClubMetric]


class ClubAnalyses:
    """Everything about club analyses, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def create(
        self,
        guild_id: int,
        user_id: UUID,
        *,
        summary: str,
        confidence: float,
        title: str | None = None,
        images: Sequence[NewImage] = (),
        metrics: Sequence[NewMetric] = (),
    ) -> ClubAnalysis:
        """Keep an analysis with its images and metrics in one statement, all or nothing.

        Raises InvalidReference (guild, user), NotFound for a deleted guild, CheckViolated, InvalidValue (entries),
        AlreadyExists for a metric that stands there twice.
        """
        row = await queries.create(
            self._executor,
            guild_id=guild_id,
            user_id=user_id,
            title=title,
            summary=summary,
            confidence=confidence,
            images=written("images", images, MAX_IMAGES),
            metrics=written("metrics", metrics, MAX_METRICS),
        )
        return _nested(found(row, "guild"))

    async def get(self, id: UUID) -> ClubAnalysis:
        """Return an analysis with its images and metrics, in one query.

        `updated_at` is its version: it changes with every image and metric, too. Raises NotFound, as everything here
        does for an analysis of a deleted guild.
        """
        return _nested(found(await queries.get(self._executor, id=id), "club analysis"))

    async def find_guild(self, id: UUID) -> int | None:
        """Return the guild of an analysis; None for one that is not there, or whose guild is deleted."""
        return await queries.find_guild(self._executor, id=id)

    async def may_change(self, id: UUID, user_id: UUID) -> bool:
        """Say whether a user may change and delete an analysis: its creator, and owners and admins of its guild.

        Raises NotFound.
        """
        authority = await self._authority(id, user_id)
        return (
            authority.is_creator
            or authority.is_owner
            or not CHANGERS.isdisjoint(authority.roles or ())
        )

    async def may_see(self, id: UUID, user_id: UUID) -> bool:
        """Say whether a user may read an analysis: its creator, and everybody who belongs to its guild.

        Raises NotFound.
        """
        authority = await self._authority(id, user_id)
        return authority.is_creator or authority.is_owner or authority.roles is not None

    async def _authority(self, id: UUID, user_id: UUID) -> queries.FindAuthorityRow:
        row = await queries.find_authority(self._executor, id=id, user_id=user_id)
        return found(row, "club analysis")

    async def update(
        self,
        id: UUID,
        *,
        title: str | Unset | None = UNSET,
        summary: str | Unset = UNSET,
        confidence: float | Unset = UNSET,
        version: datetime | Unset = UNSET,
    ) -> ClubAnalysis:
        """Change the given fields; None erases the title.

        Raises NotFound, StaleVersion, CheckViolated, MissingValue.
        """
        row = await queries.update(
            self._executor,
            id=id,
            title=title,
            summary=summary,
            confidence=confidence,
            version=asked(version),
        )
        row = await changed(row, "club analysis", version, lambda: self.get(id))
        return _nested(row)

    async def delete(self, id: UUID, *, version: datetime | Unset = UNSET) -> None:
        """Remove an analysis with its images and metrics. Raises NotFound, StaleVersion."""
        deleted = await queries.delete(self._executor, id=id, version=asked(version))
        await changed(deleted or None, "club analysis", version, lambda: self.get(id))

    async def list_of_guild(
        self,
        guild_id: int,
        *,
        filter: ListOfGuildFilter = OF_GUILD,
        sort: ListOfGuildSort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ClubAnalysisSummary]:
        """Return one page of a guild's analyses, newest first. Raises InvalidValue (limit, sort, cursor)."""
        return await queries.list_of_guild(
            self._executor,
            self._cursors,
            guild_id=guild_id,
            filter=filter,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )

    async def list_of_user(
        self,
        user_id: UUID,
        *,
        filter: ListOfUserFilter = OF_USER,
        sort: ListOfUserSort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ClubAnalysisSummary]:
        """Return one page of the analyses a user had made, newest first. Raises InvalidValue (limit, sort, cursor)."""
        return await queries.list_of_user(
            self._executor,
            self._cursors,
            user_id=user_id,
            filter=filter,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )

    async def search_guild(
        self,
        guild_id: int,
        words: str,
        *,
        filter: SearchGuildFilter = OF_GUILD,
        sort: SearchGuildSort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ClubAnalysisSummary]:
        """Return one page of a guild's analyses with all these words, each by its beginning, in title or summary.

        Of more than 10,000 that the filter lets through any 10,000 are paged. Raises InvalidValue (limit, sort, cursor,
        words: more than 200 characters).
        """
        least, since, until = _bounds(filter)
        return await queries.search_guild(
            self._executor,
            self._cursors,
            guild_id=guild_id,
            words=checked_words(words, "words"),
            min_confidence=least,
            since=since,
            until=until,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )

    async def search_user(
        self,
        user_id: UUID,
        words: str,
        *,
        filter: SearchUserFilter = OF_USER,
        sort: SearchUserSort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[ClubAnalysisSummary]:
        """Return one page of the analyses a user had made that have all these words, each by its beginning.

        Of more than 10,000 that the filter lets through any 10,000 are paged. Raises InvalidValue (limit, sort, cursor,
        words: more than 200 characters).
        """
        least, since, until = _bounds(filter)
        return await queries.search_user(
            self._executor,
            self._cursors,
            user_id=user_id,
            words=checked_words(words, "words"),
            min_confidence=least,
            since=since,
            until=until,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )


def _bounds(filter: ListOfGuildFilter | ListOfUserFilter) -> tuple[float, datetime, datetime]:
    """Return the least confidence and both ends of the period; what lets everything through where none is given."""
    return (
        0.0 if filter.min_confidence is UNSET else filter.min_confidence,
        EVER[0] if filter.since is UNSET else filter.since,
        EVER[1] if filter.until is UNSET else filter.until,
    )


def _nested(row: queries.ClubAnalysis) -> ClubAnalysis:
    return msgspec.convert(row, ClubAnalysis, from_attributes=True)
