"""Rows of conversations; each can be made without the others, for the messages that are said in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from slimy_dal.queries.conversations import LoadItem as ConversationItem
from slimy_dal.seed.keys import key
from slimy_dal.seed.words import longest, sentence
from slimy_dal.seed.world import World

__all__ = ["Talk", "conversations", "talk"]

TITLES: Final = (longest(200), None, "🦎", "שיחה על הקרב", "null", "New chat")
MODES: Final = ("m".ljust(50, "z"), None, "helper", None, "jester", "scholar")
DELETED: Final = 12
"""One talk of so many is in the bin."""

PRIVATE: Final = 3
"""One talk of so many is in no guild."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as its messages have to know it; `guild` is None for one in private."""

    id: UUID
    user: UUID
    guild: int | None
    time: datetime


def _talk(world: World, number: int) -> tuple[Talk, Random]:
    plan = world.plan
    randomness = plan.random("conversation", number)
    guild, user = None, world.active_user(randomness)
    if world.inhabited and number % PRIVATE != PRIVATE - 1:
        place = world.busy_guild(randomness)
        guild, user = world.guilds[place], world.active_member(place, randomness)
    time = plan.busier(number, plan.conversations)
    return Talk(key(time, randomness), world.users[user], guild, time), randomness


def talk(world: World, number: int) -> Talk:
    """Return the conversation with a number: the same whenever it is asked for."""
    return _talk(world, number)[0]


def conversations(world: World) -> Iterator[ConversationItem]:
    """Return every conversation, in the order they began in."""
    for number in range(world.plan.conversations):
        made, randomness = _talk(world, number)
        deleted = min(made.time + timedelta(days=2), world.plan.as_of)
        gone = deleted if number % DELETED == DELETED - 1 or number == 1 else None
        named = TITLES[number] if number < len(TITLES) else sentence(randomness, 6)
        yield ConversationItem(
            id=made.id,
            user_id=made.user,
            guild_id=made.guild,
            title=named if number < len(TITLES) or number % 4 else None,
            personality_mode=MODES[number if number < len(MODES) else 1 + number % 5],
            deleted_at=gone,
            created_at=made.time,
            updated_at=gone or made.time,
        )
