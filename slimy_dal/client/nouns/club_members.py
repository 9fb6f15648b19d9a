"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Page, Snowflake


_CLUB_MEMBERS_INGEST = Operation[shapes.Ingested](
    "club_members_ingest",
    "POST",
    "/v1/guilds/{guild_id}/club-members:ingest",
    shapes.Ingested,
)
_CLUB_MEMBERS_LIST_MEMBERS = Operation[Page[shapes.ClubMember]](
    "club_members_list_members",
    "GET",
    "/v1/guilds/{guild_id}/club-members",
    Page[shapes.ClubMember],
)
_CLUB_MEMBERS_LIST_BY_TOTAL_POWER = Operation[Page[shapes.RankedByTotalPower]](
    "club_members_list_by_total_power",
    "GET",
    "/v1/guilds/{guild_id}/club-members:by-total-power",
    Page[shapes.RankedByTotalPower],
)
_CLUB_MEMBERS_LIST_BY_SIM_POWER = Operation[Page[shapes.RankedBySimPower]](
    "club_members_list_by_sim_power",
    "GET",
    "/v1/guilds/{guild_id}/club-members:by-sim-power",
    Page[shapes.RankedBySimPower],
)
_CLUB_MEMBERS_GET = Operation[shapes.ClubMember](
    "club_members_get",
    "GET",
    "/v1/guilds/{guild_id}/club-members/{member_key}",
    shapes.ClubMember,
)
_CLUB_MEMBERS_LIST_HISTORY = Operation[Page[shapes.Observation]](
    "club_members_list_history",
    "GET",
    "/v1/guilds/{guild_id}/club-members/{member_key}/history",
    Page[shapes.Observation],
)


class ClubMembers(Noun):
    """Powers of club members, as they were read from screenshots."""

    __slots__ = ()

    async def ingest(
        self,
        guild_id: Snowflake,
        *,
        observed_at: datetime,
        members: Sequence[shapes.ObservedClubMember],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.Ingested:
        """Keep what was observed of up to 1000 members of a club at one moment: all of it, or nothing.

        The same again changes nothing; other values for the same moment correct it. An older
        observation becomes part of the history and leaves the latest one alone. Each member stands
        there once.

        Who may: an API key with the scope `club-members:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _CLUB_MEMBERS_INGEST,
            path={"guild_id": guild_id},
            body=shapes.ObservedClub(observed_at=observed_at, members=members),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

    def list_members(
        self,
        guild_id: Snowflake,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ClubMember]:
        """List a club's members by their keys, each with its newest observation.

        Who may: an API key with the scope `club-members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_MEMBERS_LIST_MEMBERS,
            path={"guild_id": guild_id},
            query={"cursor": cursor, "limit": limit},
        )

    def list_by_total_power(
        self,
        guild_id: Snowflake,
        *,
        sort: Literal["strongest", "weakest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.RankedByTotalPower]:
        """List a club's members by total power, strongest first, or weakest first with `sort=weakest`.

        Members whose total power could not be read the last time stand aside.

        Who may: an API key with the scope `club-members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_MEMBERS_LIST_BY_TOTAL_POWER,
            path={"guild_id": guild_id},
            query={"sort": sort, "cursor": cursor, "limit": limit},
        )

    def list_by_sim_power(
        self,
        guild_id: Snowflake,
        *,
        sort: Literal["strongest", "weakest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.RankedBySimPower]:
        """List a club's members by sim power, strongest first, or weakest first with `sort=weakest`.

        Members whose sim power could not be read the last time stand aside.

        Who may: an API key with the scope `club-members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_MEMBERS_LIST_BY_SIM_POWER,
            path={"guild_id": guild_id},
            query={"sort": sort, "cursor": cursor, "limit": limit},
        )

    async def get(self, guild_id: Snowflake, member_key: str) -> shapes.ClubMember:
        """Return the newest observation of a member.

        Who may: an API key with the scope `club-members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(
            _CLUB_MEMBERS_GET,
            path={"guild_id": guild_id, "member_key": member_key},
        )

    def list_history(
        self,
        guild_id: Snowflake,
        member_key: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Observation]:
        """List the observations of a member, newest first, or oldest first with `sort=oldest`.

        Each says the change in percent since the one before it, whether that is in the list or not;
        null for the first, and where a power could not be read or was 0. `since` is part of the
        time asked for, `until` is not.

        Who may: an API key with the scope `club-members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_MEMBERS_LIST_HISTORY,
            path={"guild_id": guild_id, "member_key": member_key},
            query={"since": since, "until": until, "sort": sort, "cursor": cursor, "limit": limit},
        )
