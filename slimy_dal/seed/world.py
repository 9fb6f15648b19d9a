"""Who there is and who belongs where: what the rows of all tables refer to."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from slimy_dal.seed.keys import key, snowflake
from slimy_dal.seed.plan import Plan, moment

__all__ = ["World", "make"]

EMPTY = 3
"""The guild that stays empty, where there are as many: every list has to bear one."""


@dataclass(frozen=True, slots=True)
class World:
    """Users and guilds by number, when they came, and each guild's members as numbers of users, the owner first."""

    plan: Plan
    users: list[UUID]
    user_times: list[datetime]
    guilds: list[int]
    guild_times: list[datetime]
    members: list[list[int]]

    def weights(self) -> list[int]:
        """Return how busy each guild is: as busy as it has members, so that an empty one is silent."""
        return [len(members) for members in self.members]


def make(plan: Plan) -> World:
    """Return the world of a plan. Sizes of guilds follow a power law: a few hold most, many a handful."""
    randomness = plan.random("world")
    user_times = [moment(number, plan.users * 4) for number in range(plan.users)]
    guild_times = [moment(number, plan.guilds * 4) for number in range(plan.guilds)]
    return World(
        plan=plan,
        users=[key(time, randomness) for time in user_times],
        user_times=user_times,
        guilds=[snowflake(time, number) for number, time in enumerate(guild_times)],
        guild_times=guild_times,
        members=[_members(plan, number, randomness) for number in range(plan.guilds)],
    )


def _members(plan: Plan, number: int, randomness: Random) -> list[int]:
    if number == EMPTY or not plan.users:
        return []
    size = max(1, round(plan.users * 0.8 / (number + 1) ** 0.9))
    return randomness.sample(range(plan.users), size)
