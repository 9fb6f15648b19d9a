"""Club members: their powers as read from screenshots, each observation and the latest (SPEC D13)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Page
from slimy_dal.queries import club_members as queries
from slimy_dal.queries.club_members import (
    ClubMember,
    Observation,
    RankedBySimPower,
    RankedByTotalPower,
)
from slimy_dal.queries.club_members import ListByTotalPowerSort as RankSort
from slimy_dal.queries.club_members import ListHistoryFilter as HistoryFilter
from slimy_dal.queries.club_members import ListHistorySort as HistorySort

__all__ = [
    "MAX_MEMBERS",
    "ClubMember",
    "ClubMembers",
    "HistoryFilter",
    "HistorySort",
    "Observation",
    "ObservedMember",
    "RankSort",
    "RankedBySimPower",
    "RankedByTotalPower",
]

MAX_MEMBERS: Final = 1000
AHEAD: Final = timedelta(days=1)
"""How far a reader's clock may be wrong: a later observation would be the latest until its time has come."""

ALL_OF_IT: Final = HistoryFilter()


class ObservedMember(msgspec.Struct, frozen=True):
    """A member as it was read; None for a power that could not be."""

    member_key: str
    name: str
    sim_power: int | None = None
    total_power: int | None = None


class ClubMembers:
    """Everything about club members, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def ingest(
        self, guild_id: int, members: Sequence[ObservedMember], observed_at: datetime
    ) -> int:
        """Keep what was observed of a whole club at one moment, in one statement, all or none; idempotent.

        Returns how many observations are new or changed. The latest of each member follows, unless a newer one is known
        already. Raises InvalidValue (more than 1000 members, a key twice, a moment more than a day ahead),
        CheckViolated, InvalidReference (guild_id), NotFound for a deleted guild.
        """
        if len(members) > MAX_MEMBERS:
            raise InvalidValue("members", f"holds more than {MAX_MEMBERS} members")
        keys = [member.member_key for member in members]
        if len(set(keys)) < len(keys):
            raise InvalidValue("members", "holds a member_key twice")
        # Without a time zone it is refused further on.
        if observed_at.tzinfo is not None and observed_at > datetime.now(UTC) + AHEAD:
            raise InvalidValue("observed_at", "is more than a day ahead")
        kept = await queries.ingest(
            self._executor,
            guild_id=guild_id,
            observed_at=observed_at,
            member_keys=keys,
            names=[member.name for member in members],
            # Elements may be NULL, which the types of arrays do not say.
            sim_powers=cast("list[int]", [member.sim_power for member in members]),
            total_powers=cast("list[int]", [member.total_power for member in members]),
        )
        return found(kept, "guild")

    async def get(self, guild_id: int, member_key: str) -> ClubMember:
        """Return the newest observation of a member. Raises NotFound."""
        row = await queries.find(self._executor, guild_id=guild_id, member_key=member_key)
        return found(row, "club member")

    async def list(
        self, guild_id: int, *, cursor: str | None = None, limit: int = 50
    ) -> Page[ClubMember]:
        """Return one page of a club's members by their keys. Raises InvalidValue (limit, cursor)."""
        return await queries.list_members(
            self._executor, self._cursors, guild_id=guild_id, cursor=cursor, limit=limit
        )

    async def list_by_total_power(
        self,
        guild_id: int,
        *,
        sort: RankSort = "strongest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[RankedByTotalPower]:
        """Return one page of a club's leaderboard by total power. Raises InvalidValue (limit, sort, cursor)."""
        return await queries.list_by_total_power(
            self._executor, self._cursors, guild_id=guild_id, sort=sort, cursor=cursor, limit=limit
        )

    async def list_by_sim_power(
        self,
        guild_id: int,
        *,
        sort: RankSort = "strongest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[RankedBySimPower]:
        """Return one page of a club's leaderboard by sim power. Raises InvalidValue (limit, sort, cursor)."""
        return await queries.list_by_sim_power(
            self._executor, self._cursors, guild_id=guild_id, sort=sort, cursor=cursor, limit=limit
        )

    async def list_history(
        self,
        guild_id: int,
        member_key: str,
        *,
        filter: HistoryFilter = ALL_OF_IT,
        sort: HistorySort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Observation]:
        """Return one page of a member's observations, each with the change in percent since the one before.

        The change is None for the first, and where a power could not be read or was 0. Raises InvalidValue (limit,
        sort, cursor).
        """
        return await queries.list_history(
            self._executor,
            self._cursors,
            guild_id=guild_id,
            member_key=member_key,
            filter=filter,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
