"""Exports: all there is of a kind, oldest first, read page by page in the order of an index (SPEC H1).

Not through a server-side cursor: without a LIMIT the planner sorts a year's billion rows before it gives the first, and
a reader who pauses would hold a connection, and back the cleaning of every table, for as long.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from slimy_dal.domain.periods import limits
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Unset
from slimy_dal.queries import exports as queries
from slimy_dal.queries.exports import (
    ExportedAnalysis,
    ExportedAuditLog,
    ExportedMember,
    ExportedMessage,
    ExportedStat,
)

__all__ = [
    "ExportedAnalysis",
    "ExportedAuditLog",
    "ExportedMember",
    "ExportedMessage",
    "ExportedStat",
    "Exports",
    "Pages",
]

T = TypeVar("T")

Pages: TypeAlias = AsyncGenerator[Sequence[T], None]
Place: TypeAlias = tuple[datetime, UUID]

LARGE: Final = 100
"""Rows of a page where each may have 32 to 64 KiB: a page is held in memory whole."""
SMALL: Final = 200
NO_ID: Final = UUID(int=0)


class Exports:
    """Everything about exports, over one executor.

    Each method gives pages of rows. Between two pages nothing is held: a reader may take its time. What is written
    while it runs may be among them or not; nothing is given twice.
    """

    __slots__ = ("_executor",)

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def messages(
        self, guild_id: int, *, since: datetime | Unset = UNSET, until: datetime | Unset = UNSET
    ) -> Pages[ExportedMessage]:
        """Give a guild's messages from `since` to before `until` (now), those for its admins only among them."""
        first, last = _period(since, until)
        return _walk(
            lambda after, after_id: queries.messages_of_guild(
                self._executor,
                guild_id=guild_id,
                after=after,
                after_id=after_id,
                until=last,
                row_limit=LARGE,
            ),
            lambda row: (row.created_at, row.id),
            first,
            LARGE,
        )

    def analyses(
        self, guild_id: int, *, since: datetime | Unset = UNSET, until: datetime | Unset = UNSET
    ) -> Pages[ExportedAnalysis]:
        """Give a guild's analyses from `since` to before `until` (now), with their images and metrics."""
        first, last = _period(since, until)
        return _walk(
            lambda after, after_id: queries.analyses_of_guild(
                self._executor,
                guild_id=guild_id,
                after=after,
                after_id=after_id,
                until=last,
                row_limit=LARGE,
            ),
            lambda row: (row.created_at, row.id),
            first,
            LARGE,
        )

    def members(self, guild_id: int) -> Pages[ExportedMember]:
        """Give a guild's members with their roles."""
        return _walk(
            lambda after, after_id: queries.members_of_guild(
                self._executor,
                guild_id=guild_id,
                after=after,
                after_id=after_id,
                row_limit=SMALL,
            ),
            lambda row: (row.joined_at, row.user_id),
            limits(UNSET, UNSET)[0],
            SMALL,
        )

    def stats(
        self,
        *,
        guild_id: int | None = None,
        since: datetime | Unset = UNSET,
        until: datetime | Unset = UNSET,
    ) -> Pages[ExportedStat]:
        """Give the statistics from `since` to before `until` (now): all, or those of a guild."""
        first, last = _period(since, until)

        async def page(after: datetime, after_id: UUID) -> list[ExportedStat]:
            if guild_id is None:
                return await queries.stats(
                    self._executor, after=after, after_id=after_id, until=last, row_limit=SMALL
                )
            return await queries.stats_of_guild(
                self._executor,
                guild_id=guild_id,
                after=after,
                after_id=after_id,
                until=last,
                row_limit=SMALL,
            )

        return _walk(page, lambda row: (row.timestamp, row.id), first, SMALL)

    def audit_logs(
        self, *, since: datetime | Unset = UNSET, until: datetime | Unset = UNSET
    ) -> Pages[ExportedAuditLog]:
        """Give what was logged from `since` to before `until` (now)."""
        first, last = _period(since, until)
        return _walk(
            lambda after, after_id: queries.audit_logs(
                self._executor, after=after, after_id=after_id, until=last, row_limit=LARGE
            ),
            lambda row: (row.timestamp, row.id),
            first,
            LARGE,
        )


def _period(since: datetime | Unset, until: datetime | Unset) -> tuple[datetime, datetime]:
    """Return both ends; the end is now where none is given, or an export of what is written faster would not end."""
    return limits(since, datetime.now(UTC) if until is UNSET else until)


async def _walk(
    page: Callable[[datetime, UUID], Awaitable[Sequence[T]]],
    place: Callable[[T], Place],
    since: datetime,
    size: int,
) -> Pages[T]:
    """Give page after page, each behind the last row of the one before."""
    behind: Place = (since, NO_ID)
    while True:
        rows = await page(*behind)
        yield rows
        if len(rows) < size:
            return
        behind = place(rows[-1])
