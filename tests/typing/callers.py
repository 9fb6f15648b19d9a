"""What callers of the generated modules see. Never run: mypy and pyright read it, and every comment that
tells them to ignore an error is an error itself where there is none.
"""

from datetime import datetime
from typing import Any, Literal, assert_type
from uuid import UUID

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Page
from slimy_dal.queries import api_keys, guilds, health, memberships, sessions, users

Role = Literal["owner", "admin", "moderator", "member"]


async def one_is_the_row(db: Executor, user_id: UUID, at: datetime) -> None:
    """`:one` is never None."""
    session = await sessions.create(db, user_id=user_id, token_hash=b"", expires_at=at)
    assert_type(session, sessions.Session)
    assert_type(session.user_id, UUID)
    assert_type(session.expires_at, datetime)
    assert_type((await health.ping(db)).is_replica, bool)


async def opt_may_be_none(db: Executor, user_id: UUID) -> None:
    """`:opt` must be looked at before use."""
    user = await users.get(db, id=user_id)
    assert_type(user, users.User | None)
    str(user.id)  # type: ignore[union-attr]
    if user is not None:
        assert_type(user.discord_id, int)
        assert_type(user.username, str | None)
        assert_type(user.created_at, datetime)
        user.username = "x"  # type: ignore[misc]


async def many_is_a_list(db: Executor, user_id: UUID) -> None:
    """`:many` is a list of rows, the same class in every query that `returns` it."""
    found = await users.list_tokens_of_key(db, token_key_id="a", after_id=user_id, row_limit=10)
    assert_type(found, list[users.Tokens])


async def sorted_lists_are_pages(db: Executor, cursors: Cursors) -> None:
    """`sort` makes pages; orders and filters are typed by name."""
    assert_type(await users.list_newest(db, cursors), Page[users.User])
    assert_type(await users.search(db, cursors, words="a", limit=10), Page[users.User])
    staff = memberships.ListMembersFilter(staff_role="admin")
    page = await memberships.list_members(db, cursors, guild_id=1, filter=staff, sort="oldest")
    assert_type(page.items[0].user.id, UUID)
    assert_type(page.prev_cursor, str | None)
    memberships.ListMembersFilter(staff_role="king")  # type: ignore[arg-type]
    memberships.ListMembersFilter(plain_members="yes")  # type: ignore[arg-type]
    await memberships.list_members(db, cursors, guild_id=1, sort="tallest")  # type: ignore[arg-type]


async def patches_know_absent_from_null(db: Executor, user_id: UUID) -> None:
    """What is left out stays; None is a value where the column takes one."""
    assert_type(await users.update(db, id=user_id, version=None), users.User | None)
    await users.update(db, id=user_id, email=None, version=None)
    await guilds.update(db, id=1, name="a", icon=None, version=None)
    await guilds.update(db, id=1, name=None, version=None)  # type: ignore[arg-type]


async def scalars_are_values(db: Executor) -> None:
    """A count is there whatever the table holds."""
    assert_type(await memberships.count_members(db, guild_id=1, at_most=5), int)


async def changes_are_counted(db: Executor, user_id: UUID) -> None:
    """`:execrows` is how many rows there were."""
    assert_type(await users.delete(db, id=user_id, version=None), int)


async def nested_rows_are_classes(db: Executor, cursors: Cursors, user_id: UUID) -> None:
    """A dotted alias is a field of a class of its own."""
    (row,) = (await memberships.list_guilds(db, cursors, user_id=user_id)).items
    assert_type(row.guild, memberships.ListGuildsRowGuild)
    assert_type(row.guild.id, int)
    assert_type(row.guild.owner_id, UUID | None)
    session = await sessions.find_by_token(db, token_hash=b"")
    assert_type(session, sessions.FindByTokenRow | None)


async def checks_are_literals(db: Executor, user_id: UUID, role: str) -> None:
    """What a CHECK lists is what callers may give, and what they get."""
    member = await memberships.add(db, user_id=user_id, guild_id=1, roles=["owner"])
    assert member is not None
    assert_type(member.roles, list[Role])
    await memberships.add(db, user_id=user_id, guild_id=1, roles=("admin", "member"))
    await memberships.add(db, user_id=user_id, guild_id=1, roles=["king"])  # type: ignore[list-item]
    await memberships.add(db, user_id=user_id, guild_id=1, roles=[role])  # type: ignore[list-item]


async def outer_joins_are_seen(db: Executor, user_id: UUID) -> None:
    """A NOT NULL column of the side that may be missing may be None."""
    row = await memberships.find_authority(db, user_id=user_id, guild_id=1)
    if row is not None:
        assert_type(row.is_owner, bool)
        assert_type(row.roles, list[Role] | None)


async def json_is_anything(db: Executor, guild: guilds.Guild) -> None:
    """Settings are what they are."""
    assert_type(guild.settings, Any)
    await guilds.replace_settings(db, id=1, settings={"a": [1, None]}, version=None)
    assert_type(guild.member_count, int)


async def parameters_are_exact(db: Executor, user_id: UUID, at: datetime) -> None:
    """Names, types and None are checked at every call."""
    await users.get(db, id="no uuid")  # type: ignore[arg-type]
    await users.get(db, user_id)  # type: ignore[call-arg]
    await users.get(db)  # type: ignore[call-arg]
    await users.get(db, id=user_id, uid=1)  # type: ignore[call-arg]
    await users.get(db, id=None)  # type: ignore[arg-type]
    await users.get(db, id=user_id, timeout=0.5)
    await users.get(db=db, id=user_id)  # type: ignore[call-arg]
    await users.set_last_active_guild(db, id=user_id, guild_id=None, version=None)
    await api_keys.revoke(db, id=user_id)
    await api_keys.create(
        db,
        public_id="a",
        secret_hash=b"",
        name="a",
        scopes=["users:read"],
        guild_ids=None,
        expires_at=at,
    )
    await api_keys.create(
        db,
        public_id="a",
        secret_hash="",  # type: ignore[arg-type]
        guild_ids=[1],
        name="a",
        scopes=["users:read"],
        expires_at=None,
    )


async def rows_can_be_made(at: datetime) -> None:
    """A row class is a plain class: its fields are its arguments."""
    assert_type(health.PingRow("18", is_replica=False).server_version, str)
    health.PingRow("18")  # type: ignore[call-arg]
    sessions.Session(id=at)  # type: ignore[call-arg, arg-type]
