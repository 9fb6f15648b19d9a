"""Rows of sessions and API keys: hashes of nothing, so that no token in the world opens a seeded database."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final, get_args

from slimy_dal.queries.api_keys import LoadItem as KeyItem
from slimy_dal.queries.api_keys import Scope
from slimy_dal.queries.sessions import LoadItem as SessionItem
from slimy_dal.seed.keys import key
from slimy_dal.seed.words import longest
from slimy_dal.seed.world import World

__all__ = ["api_keys", "sessions"]

WEEK: Final = timedelta(days=7)
KEYS: Final = 6
NAMES: Final = (longest(100), "🗝 לוח בקרה")


def sessions(world: World) -> Iterator[SessionItem]:
    """Return sessions of two users of three, up to four each; half are over at the end of the year."""
    plan = world.plan
    randomness = plan.random("sessions")
    for number, (id_, since) in enumerate(zip(world.users, world.user_times, strict=True)):
        for turn in range(number % 3 * (1 + number % 2)):
            time = plan.as_of - timedelta(hours=1 + (number * 37 + turn * 101) % 336)
            time = max(time, since)
            yield SessionItem(
                id=key(time, randomness),
                user_id=id_,
                token_hash=randomness.randbytes(32),
                expires_at=time + WEEK,
                created_at=time,
            )


def api_keys(world: World) -> Iterator[KeyItem]:
    """Return a few keys: with all scopes and with one, with an end and without, bound to guilds and not."""
    plan, scopes = world.plan, get_args(Scope)
    randomness = plan.random("api_keys")
    for number in range(KEYS):
        time = plan.moment(number, KEYS)
        withdrawn = time + WEEK if number % 3 == 2 else None  # noqa: PLR2004 -- the third of three
        yield KeyItem(
            id=key(time, randomness),
            public_id=f"madeup{randomness.randrange(16**6):06x}",
            secret_hash=randomness.randbytes(32),
            name=NAMES[number] if number < len(NAMES) else f"service {number}",
            scopes=scopes if number == 0 else (scopes[number % len(scopes)],),
            guild_ids=sorted(world.guilds[:2]) or None if number % 2 else None,
            expires_at=plan.as_of + WEEK if number % 2 else None,
            revoked_at=withdrawn,
            created_at=time,
            updated_at=withdrawn or time,
        )
