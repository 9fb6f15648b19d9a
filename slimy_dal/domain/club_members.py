"""Club members: their powers as read from screenshots, each observation and the latest (SPEC D13)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.queries import club_members as queries
from slimy_dal.queries.club_members import (
    ClubMember,
    Observation,
    RankedBySimPower,
    RankedByTotalPower,
)

__all__ = [
    "MAX_MEMBERS",
    "ClubMember",
    "ClubMembers",
    "Observation",
    "ObservedMember",
    "RankedBySimPower",
    "RankedByTotalPower",
]

MAX_MEMBERS: Final = 1000


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
        already. Raises InvalidValue (more than 1000 members, a key twice), CheckViolated, InvalidReference (guild_id).
        """
        if len(members) > MAX_MEMBERS:
            raise InvalidValue("members", f"holds more than {MAX_MEMBERS} members")
        keys = [member.member_key for member in members]
        if len(set(keys)) < len(keys):
            raise InvalidValue("members", "holds a member_key twice")
        return await queries.ingest(
            self._executor,
            guild_id=guild_id,
            observed_at=observed_at,
            member_keys=keys,
            names=[member.name for member in members],
            # Elements may be NULL, which the types of arrays do not say.
            sim_powers=cast("list[int]", [member.sim_power for member in members]),
            total_powers=cast("list[int]", [member.total_power for member in members]),
        )

    async def get(self, guild_id: int, member_key: str) -> ClubMember:
        """Return the newest observation of a member. Raises NotFound."""
        row = await queries.find(self._executor, guild_id=guild_id, member_key=member_key)
        return found(row, "club member")
