"""Rows of users, guilds and memberships, and of what users have set for themselves."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any, Final, get_args

from slimy_dal.queries.guilds import LoadItem as GuildItem
from slimy_dal.queries.memberships import LoadItem as MembershipItem
from slimy_dal.queries.memberships import Role
from slimy_dal.queries.user_preferences import LoadItem as PreferencesItem
from slimy_dal.queries.user_preferences import Theme
from slimy_dal.queries.users import LoadItem as UserItem
from slimy_dal.seed.words import (
    EDGE_NAMES,
    LANGUAGES,
    filled,
    guild_name,
    hexadecimal,
    longest,
    user_name,
)
from slimy_dal.seed.world import World

__all__ = ["guilds", "memberships", "preferences", "users"]

NOTHING: Final = EDGE_NAMES.index((None, None))
"""The user of whom nothing but the account is known."""

LONGEST: Final = 4
"""The user with the longest of everything."""

FULLEST: Final = 6
"""The guild with the longest of everything."""

ROLES: Final[tuple[list[Role], ...]] = (
    ["admin", "member"],
    ["moderator", "member"],
    ["member"],
    ["admin", "moderator"],
)
PERSONALITIES: Final = (longest(64), None, "scholar", None, "jester")


def users(world: World, *, owners: bool) -> Iterator[UserItem]:
    """Return the users who own a guild, or all the others; these were last active where they are members.

    Users and guilds point at each other: owners are stored before the guilds, the others after them.
    """
    owning = {members[0] for members in world.members if members}
    randomness = world.plan.random("users")
    last = {user: guild for guild, members in enumerate(world.members) for user in members}
    for number, (id_, time) in enumerate(zip(world.users, world.user_times, strict=True)):
        username, global_name = user_name(number, randomness)
        known, most = number != NOTHING, number == LONGEST
        mailbox = f"{username}@example.com" if known and number % 3 else None
        place = last.get(number) if known and number % 4 and not owners else None
        avatar = hexadecimal(32, randomness)
        access, refresh, key_id = _tokens(number, randomness)
        if owners != (number in owning):
            continue
        yield UserItem(
            id=id_,
            discord_id=80351110224678912 + number,
            username=username,
            global_name=global_name,
            avatar=longest(2048) if most else avatar if known and number % 2 else None,
            email="m" * 308 + "@example.com" if most else mailbox,
            discord_access_token=access,
            discord_refresh_token=refresh,
            token_key_id=key_id,
            token_expires_at=None if key_id is None else world.plan.as_of + timedelta(number % 9),
            last_active_guild_id=None if place is None else world.guilds[place],
            created_at=time,
            updated_at=time,
        )


def _tokens(number: int, randomness: Random) -> tuple[bytes | None, bytes | None, str | None]:
    """Return two envelopes and the id of their key, which nobody has: they hold noise, and open nowhere."""
    if number % 3 != 1:
        return None, None, None
    key_id, size = ("k" * 64, 8192) if number == LONGEST else (f"made-up-{number % 2}", 96)
    head = bytes((1, len(key_id))) + key_id.encode()
    access, refresh = (head + randomness.randbytes(size - len(head)) for _ in range(2))
    return access, refresh if number % 2 == 0 else None, key_id


def guilds(world: World) -> Iterator[GuildItem]:
    """Return every guild; every seventh has an owner we do not know, one has as many settings as fit."""
    plan, randomness = world.plan, world.plan.random("guilds")
    for number, (id_, time) in enumerate(zip(world.guilds, world.guild_times, strict=True)):
        members, most = world.members[number], number == FULLEST
        settings: dict[str, Any] = {"language": randomness.choice(LANGUAGES), "timezone": "UTC"}
        icon = hexadecimal(32, randomness)
        # One a day was deleted up to yesterday; every second has begun to be purged since.
        gone = plan.as_of - timedelta(days=len(world.guilds) - number)
        deleted = gone if world.deleted(number) else None
        purged = None if deleted is None or number % 2 else deleted + timedelta(hours=12)
        yield GuildItem(
            id=id_,
            name=guild_name(number, randomness),
            icon=longest(2048) if most else icon if number % 3 else None,
            owner_id=world.users[members[0]] if members and number % 7 != 5 else None,  # noqa: PLR2004
            settings=filled(65_536) if most else settings if number % 5 != 4 else {},  # noqa: PLR2004
            deleted_at=deleted,
            purge_started_at=purged,
            created_at=time,
            updated_at=purged or deleted or time,
        )


def memberships(world: World) -> Iterator[MembershipItem]:
    """Return every membership: the first is the owner, the next few have authority, the others none."""
    end = world.plan.as_of
    for number, members in enumerate(world.members):
        for place, user in enumerate(members):
            since = max(world.user_times[user], world.guild_times[number])
            ranked = place <= len(members) // 50 + 4
            roles: list[Role] = ROLES[place % len(ROLES)] if ranked else ["member"]
            joined = since + (end - since) * place // (len(members) * 2)
            yield MembershipItem(
                user_id=world.users[user],
                guild_id=world.guilds[number],
                roles=["owner", "member"] if place == 0 else roles,
                joined_at=joined,
                updated_at=joined,
            )


def preferences(world: World) -> Iterator[PreferencesItem]:
    """Return the preferences of every second user; the others have never changed any."""
    themes = get_args(Theme)
    for turn, number in enumerate(range(0, len(world.users), 2)):
        time = world.user_times[number]
        yield PreferencesItem(
            user_id=world.users[number],
            theme=themes[turn % len(themes)],
            language=LANGUAGES[(turn - 1) % len(LANGUAGES)],
            notifications=number % 6 != 0,
            chat_personality=PERSONALITIES[turn] if turn < len(PERSONALITIES) else None,
            created_at=time,
            updated_at=time,
        )
