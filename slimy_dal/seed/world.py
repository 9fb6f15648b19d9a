"""Who there is and who belongs where: what the rows of all tables refer to."""

from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from random import Random
from uuid import UUID

from slimy_dal.seed.keys import key, snowflake
from slimy_dal.seed.plan import Plan

__all__ = ["World", "make"]

EMPTY = 3
"""The guild that stays empty, where there are as many: every list has to bear one."""


@dataclass(frozen=True, slots=True)
class World:
    """Users and guilds by number, when they came, and each guild's members as numbers of users, the owner first.

    The last guilds are the deleted ones. `shares` are the sums of how busy the guilds are up to each: as busy as it
    has members, so that an empty one is silent.
    """

    plan: Plan
    users: list[UUID]
    user_times: list[datetime]
    guilds: list[int]
    guild_times: list[datetime]
    members: list[list[int]]
    shares: list[int]

    @property
    def inhabited(self) -> bool:
        """Whether any guild has members."""
        return bool(self.shares) and self.shares[-1] > 0

    def deleted(self, guild: int) -> bool:
        """Whether the guild with a number is deleted."""
        return guild >= self.plan.guilds

    def busy_guild(self, randomness: Random) -> int:
        """Return the number of a guild, of a busy one most likely; some guild must be inhabited."""
        return randomness.choices(range(len(self.guilds)), cum_weights=self.shares)[0]

    def active_member(self, guild: int, randomness: Random) -> int:
        """Return the number of a user who belongs to a guild; the first members say and do the most."""
        members = self.members[guild]
        return members[int(randomness.random() ** 2 * len(members))]

    def active_user(self, randomness: Random) -> int:
        """Return the number of a user; those who came first do the most."""
        return int(randomness.random() ** 2 * len(self.users))


def make(plan: Plan) -> World:
    """Return the world of a plan. Sizes of guilds follow a power law: a few hold most, many a handful."""
    randomness = plan.random("world")
    count = plan.guilds + plan.deleted_guilds
    user_times = [plan.moment(number, plan.users * 4) for number in range(plan.users)]
    guild_times = [plan.moment(number, count * 4) for number in range(count)]
    members = [_members(plan, number, randomness) for number in range(count)]
    return World(
        plan=plan,
        users=[key(time, randomness) for time in user_times],
        user_times=user_times,
        guilds=[snowflake(time, number) for number, time in enumerate(guild_times)],
        guild_times=guild_times,
        members=members,
        shares=list(accumulate(map(len, members))),
    )


def _members(plan: Plan, number: int, randomness: Random) -> list[int]:
    if number == EMPTY or not plan.users:
        return []
    size = max(1, round(plan.users * 0.8 / (number + 1) ** 0.9))
    return randomness.sample(range(plan.users), size)
