"""Small, realistic data for a database that has none, so that the first request shows something (SPEC B7)."""

from datetime import UTC, datetime
from typing import Final

from slimy_dal.domain.database import Database, Nouns

FIRST_USER: Final = 80351110224678912
FIRST_GUILD: Final = 197038439483310086
JOINED: Final = datetime(2024, 11, 6, 10, tzinfo=UTC)

# Names of the shapes that break things: emoji, right to left, the longest, none at all.
USERS: Final[tuple[tuple[str | None, str | None], ...]] = (
    ("slimy_user", "Slimy User"),
    ("nelly", "Nelly 🦎"),
    ("mason", None),
    ("yael", "יעל הלוי"),
    ("x" * 32, "The Longest Name That Discord Allows"[:32]),
    (None, None),
    ("o'brien", 'Pat "Ace" O\'Brien'),
    ("zoë", "Zoë Ångström"),
)
GUILDS: Final = ("Slimy Club", "Discord Testers", "1337 Krew", "Empty Hall")
EXTRA_ROLES: Final = {0: "owner", 1: "admin", 2: "moderator"}


async def is_empty(db: Database) -> bool:
    """Say whether the database holds neither users nor guilds."""
    users, guilds = await db.users.list(limit=1), await db.guilds.list(limit=1)
    return not users.items and not guilds.items


async def load(db: Database) -> None:
    """Write the demo data in one transaction; deterministic, and idempotent on top of itself."""
    async with db.transaction() as tx:
        await _write(tx)


async def _write(tx: Nouns) -> None:
    users = []
    for number, (username, global_name) in enumerate(USERS):
        user = await tx.users.find_or_create(
            FIRST_USER + number,
            username=username,
            global_name=global_name,
            email=f"{username}@example.com" if username and username.isascii() else None,
        )
        users.append(user)
    for number, name in enumerate(GUILDS):
        guild = await tx.guilds.upsert(FIRST_GUILD + number, name=name, owner_id=users[number].id)
        await tx.guilds.merge_settings(guild.id, {"language": "en", "timezone": "UTC"})
        # The last guild stays empty, each other one has a member less than the one before.
        members = [] if number == len(GUILDS) - 1 else users[: len(users) - number]
        for place, user in enumerate(members):
            roles = [EXTRA_ROLES[place], "member"] if place in EXTRA_ROLES else ["member"]
            await tx.memberships.put(guild.id, user.id, roles=roles, joined_at=JOINED)
    await tx.users.set_last_active_guild(users[0].id, FIRST_GUILD)
