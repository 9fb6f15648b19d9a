"""Rows of chat messages, in runs, each of which can be made without the others."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, get_args
from uuid import UUID

from slimy_dal.queries.chat_messages import LoadItem as MessageItem
from slimy_dal.queries.chat_messages import Role
from slimy_dal.seed.keys import EPOCH, MICROSECOND
from slimy_dal.seed.plan import BEGIN, SPAN
from slimy_dal.seed.words import EDGE_TEXTS, sentence
from slimy_dal.seed.world import World

__all__ = ["RUN", "messages"]

RUN: Final = 20_000
"""Messages of one run: a COPY of half a second, after which progress is told."""

STOCK: Final = 4096
"""Different texts of a run; making one for each message would take longer than storing it."""


def messages(world: World, run: int) -> Iterator[MessageItem]:
    """Return the messages of one run; busy guilds have more, one in ten is private, a few are for admins."""
    plan = world.plan
    first, last = run * RUN, min(plan.messages, (run + 1) * RUN)
    randomness = plan.random("messages", run)
    texts = [sentence(randomness) for _ in range(min(STOCK, last - first))]
    busy = randomness.choices(range(len(world.guilds)), world.weights(), k=last - first)
    roles = randomness.choices(get_args(Role), (70, 25, 5), k=last - first)
    step = SPAN // MICROSECOND / plan.messages
    start = (BEGIN - EPOCH) // MICROSECOND
    for number, guild, role in zip(range(first, last), busy, roles, strict=True):
        members = world.members[guild]
        private = number % 10 == 9  # noqa: PLR2004 -- the tenth of ten
        after = int(number * step)
        milliseconds, rest = divmod(start + after, 1000)
        high = milliseconds << 16 | 0x7000 | rest * 4096 // 1000
        yield MessageItem(
            id=UUID(int=high << 64 | 0b10 << 62 | randomness.getrandbits(62)),
            conversation_id=None,
            guild_id=None if private else world.guilds[guild],
            user_id=world.users[members[int(randomness.random() * len(members))]],
            role=role,
            text=EDGE_TEXTS[number] if number < len(EDGE_TEXTS) else texts[number % len(texts)],
            admin_only=not private and number % 50 == 0,
            created_at=BEGIN + timedelta(microseconds=after),
        )
