"""Rows of chat messages, in runs, each of which can be made without the others."""

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import Final, get_args
from uuid import UUID

from slimy_dal.queries.chat_messages import ChatMessageRole as Role
from slimy_dal.queries.chat_messages import LoadItem as MessageItem
from slimy_dal.seed.keys import EPOCH, MICROSECOND
from slimy_dal.seed.plan import GROWTH, SPAN_US
from slimy_dal.seed.talks import Talk, talk
from slimy_dal.seed.words import EDGE_TEXTS, sentence
from slimy_dal.seed.world import World

__all__ = ["RUN", "messages"]

RUN: Final = 20_000
"""Messages of one run: a COPY of half a second, after which progress is told."""

STOCK: Final = 4096
"""Different texts of a run; making one for each message would take longer than storing it."""

OPEN: Final = 400
"""Talks that go on at the same time: what is said now belongs to one of the latest so many."""

LONG: Final = (1, 1, 1, 1, 1, 8, 8, 64)
"""What is said is moved to the talk before whose number can be divided by one of these: a few talks go on and on."""

Place = tuple[UUID | None, int | None, UUID]
"""Conversation, guild and person of a message."""


def messages(world: World, run: int) -> Iterator[MessageItem]:
    """Return the messages of one run: of ten, half are said in conversations and one is private."""
    plan = world.plan
    first, last = run * RUN, min(plan.messages, (run + 1) * RUN)
    randomness = plan.random("messages", run)
    texts = [sentence(randomness) for _ in range(min(STOCK, last - first))]
    roles = randomness.choices(get_args(Role), (70, 25, 5), k=last - first)
    begin = plan.begin
    start = (begin - EPOCH) // MICROSECOND
    places = _places(world, range(first, last), randomness)
    for number, role, (conversation, guild, user) in zip(
        range(first, last), roles, places, strict=True
    ):
        after = int(SPAN_US * (number / plan.messages) ** GROWTH)
        milliseconds, rest = divmod(start + after, 1000)
        high = milliseconds << 16 | 0x7000 | rest * 4096 // 1000
        yield MessageItem(
            id=UUID(int=high << 64 | 0b10 << 62 | randomness.getrandbits(62)),
            conversation_id=conversation,
            guild_id=guild,
            user_id=user,
            role=role,
            text=EDGE_TEXTS[number] if number < len(EDGE_TEXTS) else texts[number % len(texts)],
            admin_only=guild is not None and number % 50 == 0,
            created_at=(said := begin + timedelta(microseconds=after)),
            updated_at=said,
        )


def _places(world: World, numbers: range, randomness: Random) -> Iterator[Place]:
    """Give where each message belongs: to a conversation, a busy guild's chat, or nobody but its writer."""
    plan, members, chance = world.plan, world.members, randomness.random
    # The last one is never spoken in: a conversation that somebody has only opened.
    talks = max(1, plan.conversations - 1)
    known = lru_cache(4 * OPEN)(lambda number: talk(world, number))
    guilds: list[int] = []
    if world.inhabited:
        shares = world.shares
        guilds = randomness.choices(range(len(members)), cum_weights=shares, k=len(numbers))
    for place, number in enumerate(numbers):
        if guilds and number % 2:
            guild = guilds[place]
            people = members[guild]
            user = world.users[people[int(chance() ** 2 * len(people))]]
            yield None, None if number % 10 == 9 else world.guilds[guild], user  # noqa: PLR2004 -- the tenth of ten
        else:
            latest = number * talks // plan.messages
            spoken = max(0, latest - int(chance() * OPEN))
            said: Talk = known(spoken - spoken % LONG[int(chance() * len(LONG))])
            yield said.id, said.guild, said.user
