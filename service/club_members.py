"""Club members over HTTP: their powers as read from screenshots, each observation and the latest (SPEC D13)."""

from typing import Annotated

import msgspec
from pydantic import Field

from service.auth import InGuild, Policy
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Limit, Moment, Name, Snowflake, Whole, asked
from service.routes import LARGE_BODY, Call, Routes
from slimy_dal.domain.club_members import (
    MAX_MEMBERS,
    ClubMember,
    HistoryFilter,
    HistorySort,
    Observation,
    ObservedMember,
    RankedBySimPower,
    RankedByTotalPower,
    RankSort,
)
from slimy_dal.engine.errors import InvalidReference, NotFound
from slimy_dal.engine.types import Page

routes = Routes("club members", "Powers of club members, as they were read from screenshots.")

VIEW = Policy("club-members:read", (InGuild("view_members"),))
MANAGE = Policy("club-members:write", (InGuild("manage_guild"),))

# Verbs with a colon and not words below `club-members/`: a member's key is whatever name was read, "history" too.
PATH = "/v1/guilds/{guild_id}/club-members"

Power = Annotated[
    Whole | None,
    Field(description="Up to 2^53 - 1, which every reader of JSON can hold; null if not readable."),
]
MemberKey = Annotated[
    Name, Field(description="The member's name as it is read, made regular by the reader.")
]


class ObservedClubMember(Body):
    """A member as it was read."""

    member_key: MemberKey
    name: Annotated[Name, Field(description="The name as it was shown.")]
    sim_power: Power = None
    total_power: Power = None


class ObservedClub(Body):
    """What was read of a whole club at one moment."""

    observed_at: Moment
    members: Annotated[list[ObservedClubMember], Field(min_length=1, max_length=MAX_MEMBERS)]


class Ingested(msgspec.Struct, frozen=True, rename="camel"):
    """How many observations are new or changed; the others were known already."""

    changed: int


@routes.route(
    "POST",
    f"{PATH}:ingest",
    MANAGE,
    "not_found",
    body_limit=LARGE_BODY,
    body_example={
        "observedAt": "2026-01-31T12:00:00Z",
        "members": [
            {"memberKey": "nelly", "name": "Nelly", "simPower": 1200000, "totalPower": 3400000},
            {"memberKey": "anton", "name": "ANTON", "simPower": None, "totalPower": 2100000},
        ],
    },
    entries="all",
    affects=lambda made: made.changed,
)
async def ingest(call: Call, *, guild_id: Snowflake, body: ObservedClub) -> Ingested:
    """Keep what was observed of up to 1000 members of a club at one moment: all of it, or nothing.

    The same again changes nothing; other values for the same moment correct it. An older observation becomes part of
    the history and leaves the latest one alone. Each member stands there once.
    """
    members = [
        ObservedMember(one.member_key, one.name, one.sim_power, one.total_power)
        for one in body.members
    ]
    try:
        return Ingested(await call.db.club_members.ingest(guild_id, members, body.observed_at))
    except InvalidReference:
        # The guild stands in the path: there it is not a reference, but what is asked for.
        raise NotFound("there is no such guild") from None


@routes.route("GET", PATH, VIEW, "not_found", "invalid_cursor")
async def list_members(
    call: Call, *, guild_id: Snowflake, cursor: Cursor | None = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ClubMember]:
    """List a club's members by their keys, each with its newest observation."""
    return await call.db.club_members.list(guild_id, cursor=cursor, limit=limit)


@routes.route("GET", f"{PATH}:by-total-power", VIEW, "not_found", "invalid_cursor")
async def list_by_total_power(
    call: Call,
    *,
    guild_id: Snowflake,
    sort: RankSort = "strongest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[RankedByTotalPower]:
    """List a club's members by total power, strongest first, or weakest first with `sort=weakest`.

    Members whose total power could not be read the last time stand aside.
    """
    return await call.db.club_members.list_by_total_power(
        guild_id, sort=sort, cursor=cursor, limit=limit
    )


@routes.route("GET", f"{PATH}:by-sim-power", VIEW, "not_found", "invalid_cursor")
async def list_by_sim_power(
    call: Call,
    *,
    guild_id: Snowflake,
    sort: RankSort = "strongest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[RankedBySimPower]:
    """List a club's members by sim power, strongest first, or weakest first with `sort=weakest`.

    Members whose sim power could not be read the last time stand aside.
    """
    return await call.db.club_members.list_by_sim_power(
        guild_id, sort=sort, cursor=cursor, limit=limit
    )


@routes.route("GET", f"{PATH}/{{member_key}}", VIEW, "not_found")
async def get(call: Call, *, guild_id: Snowflake, member_key: MemberKey) -> ClubMember:
    """Return the newest observation of a member."""
    return await call.db.club_members.get(guild_id, member_key)


@routes.route("GET", f"{PATH}/{{member_key}}/history", VIEW, "not_found", "invalid_cursor")
async def list_history(
    call: Call,
    *,
    guild_id: Snowflake,
    member_key: MemberKey,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: HistorySort = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Observation]:
    """List the observations of a member, newest first, or oldest first with `sort=oldest`.

    Each says the change in percent since the one before it, whether that is in the list or not; null for the first,
    and where a power could not be read or was 0. `since` is part of the time asked for, `until` is not.
    """
    wanted = HistoryFilter(since=asked(since), until=asked(until))
    return await call.db.club_members.list_history(
        guild_id, member_key, filter=wanted, sort=sort, cursor=cursor, limit=limit
    )
