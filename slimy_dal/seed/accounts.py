"""Rows of users, guilds and memberships, and of what users have set for themselves."""

from collections.abc import Iterator
from typing import Any, Final, get_args

from slimy_dal.queries.guilds import LoadItem as GuildItem
from slimy_dal.queries.memberships import LoadItem as MembershipItem
from slimy_dal.queries.memberships import Role
from slimy_dal.queries.user_preferences import LoadItem as PreferencesItem
from slimy_dal.queries.user_preferences import Theme
from slimy_dal.queries.users import LoadItem as UserItem
from slimy_dal.seed.plan import END
from slimy_dal.seed.words import EDGE_NAMES, guild_name, user_name
from slimy_dal.seed.world import World

__all__ = ["guilds", "memberships", "preferences", "users"]

NOTHING: Final = EDGE_NAMES.index((None, None))
"""The user of whom nothing but the account is known."""

LANGUAGES: Final = ("en", "de", "pt-BR", "he", "ar", "zh-Hant-TW", "ja")
ROLES: Final[tuple[list[Role], ...]] = (
    ["admin", "member"],
    ["moderator", "member"],
    ["member"],
    ["admin", "moderator"],
)


def users(world: World, *, owners: bool) -> Iterator[UserItem]:
    """Return the users who own a guild, or all the others; these were last active where they are members.

    Users and guilds point at each other: owners are stored before the guilds, the others after them.
    """
    owning = {members[0] for members in world.members if members}
    randomness = world.plan.random("users")
    last = {user: guild for guild, members in enumerate(world.members) for user in members}
    for number, (id_, time) in enumerate(zip(world.users, world.user_times, strict=True)):
        username, global_name = user_name(number, randomness)
        known = number != NOTHING
        mailbox = f"{username}@example.com" if known and number % 3 else None
        place = last.get(number) if known and number % 4 and not owners else None
        avatar = f"{randomness.getrandbits(128):032x}" if known and number % 2 else None
        if owners != (number in owning):
            continue
        yield UserItem(
            id=id_,
            discord_id=80351110224678912 + number,
            username=username,
            global_name=global_name,
            avatar=avatar,
            email=mailbox,
            last_active_guild_id=None if place is None else world.guilds[place],
            created_at=time,
            updated_at=time,
        )


def guilds(world: World) -> Iterator[GuildItem]:
    """Return every guild; every seventh has an owner we do not know, one has as many settings as fit."""
    randomness = world.plan.random("guilds")
    for number, (id_, time) in enumerate(zip(world.guilds, world.guild_times, strict=True)):
        members = world.members[number]
        settings: dict[str, Any] = {"language": randomness.choice(LANGUAGES), "timezone": "UTC"}
        if number % 5 == 4:  # noqa: PLR2004 -- the fifth of five
            settings = {}
        if number == 6:  # noqa: PLR2004 -- the one with the longest name
            settings = {f"key {place}": "v" * 500 for place in range(120)}
        yield GuildItem(
            id=id_,
            name=guild_name(number, randomness),
            icon=f"{randomness.getrandbits(128):032x}" if number % 3 else None,
            owner_id=world.users[members[0]] if members and number % 7 != 6 else None,  # noqa: PLR2004
            settings=settings,
            created_at=time,
            updated_at=time,
        )


def memberships(world: World) -> Iterator[MembershipItem]:
    """Return every membership: the first is the owner, the next few have authority, the others none."""
    for number, members in enumerate(world.members):
        for place, user in enumerate(members):
            since = max(world.user_times[user], world.guild_times[number])
            ranked = place <= len(members) // 50 + 4
            roles: list[Role] = ROLES[place % len(ROLES)] if ranked else ["member"]
            joined = since + (END - since) * place // (len(members) * 2)
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
    for number in range(0, len(world.users), 2):
        time = world.user_times[number]
        yield PreferencesItem(
            user_id=world.users[number],
            theme=themes[number // 2 % len(themes)],
            language=LANGUAGES[number // 2 % len(LANGUAGES)],
            notifications=number % 6 != 0,
            chat_personality=None if number % 4 else "p" * 64,
            created_at=time,
            updated_at=time,
        )
