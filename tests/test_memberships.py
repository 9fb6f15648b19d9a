import asyncio
import random
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.membership_entries import ROLES, RolesEntry
from slimy_dal.domain.memberships import ALLOWED, Permission
from slimy_dal.engine.errors import AlreadyExists, InvalidValue, NotFound
from tests import make


async def test_a_user_belongs_to_a_guild_once(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    added = await db.memberships.add(guild.id, user.id)
    assert (added.user_id, added.guild_id, added.roles) == (user.id, guild.id, ["member"])
    with pytest.raises(AlreadyExists) as refused:
        await db.memberships.add(guild.id, user.id)
    assert refused.value.constraint == "user_guilds_pkey"
    assert await db.memberships.get(guild.id, user.id) == added


async def test_put_makes_or_changes_a_membership(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    joined = datetime(2015, 4, 26, tzinfo=UTC)
    made = await db.memberships.put(guild.id, user.id, roles=["admin"], joined_at=joined)
    assert (made.roles, made.joined_at) == (["admin"], joined)
    assert (await db.memberships.put(guild.id, user.id)).roles == ["admin"]
    changed = await db.memberships.put(guild.id, user.id, roles=["member"])
    assert (changed.roles, changed.joined_at) == (["member"], joined)


async def test_roles_change_and_memberships_end(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    await db.memberships.add(guild.id, user.id)
    changed = await db.memberships.set_roles(guild.id, user.id, ["admin", "member"])
    assert changed.roles == ["admin", "member"]
    await db.memberships.remove(guild.id, user.id)
    for call in (
        db.memberships.remove(guild.id, user.id),
        db.memberships.get(guild.id, user.id),
        db.memberships.set_roles(guild.id, user.id, ["member"]),
    ):
        with pytest.raises(NotFound, match="there is no such membership"):
            await call


BAD_ROLES: list[Any] = [[], ["king"], ["member", "member"], "member", [None]]


@pytest.mark.parametrize("roles", BAD_ROLES)
async def test_roles_are_known_and_each_stands_once(db: Database, roles: Any) -> None:
    guild, user = await make.guild(db), await make.user(db)
    with pytest.raises(InvalidValue, match="roles"):
        await db.memberships.add(guild.id, user.id, roles=roles)
    assert await db.memberships.count(guild.id) == 0


@pytest.mark.parametrize(
    "roles", ["{}", "{king}", "{member,member}", "{NULL}", "{{member},{admin}}", "{member,NULL}"]
)
async def test_the_database_refuses_the_same_roles(
    db: Database, database_url: str, roles: str
) -> None:
    guild, user = await make.guild(db), await make.user(db)
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="user_guilds_roles"),
    ):
        connection.execute(
            "INSERT INTO slimy.user_guilds (user_id, guild_id, roles) VALUES (%s, %s, %s)",
            (user.id, guild.id, roles),
        )


async def test_an_unknown_side_is_named(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    with pytest.raises(NotFound, match="there is no such user"):
        await db.memberships.add(guild.id, uuid4())
    with pytest.raises(NotFound, match="there is no such guild"):
        await db.memberships.put(1, user.id)


async def test_pages_walk_members_newest_first(db: Database) -> None:
    guild = await make.guild(db)
    users = [await make.user(db) for _ in range(5)]
    for user in users:
        await db.memberships.add(guild.id, user.id)
    first = await db.memberships.list_members(guild.id, limit=3)
    second = await db.memberships.list_members(guild.id, limit=3, cursor=first.next_cursor)
    assert [row.user.id for row in first.items + second.items] == [u.id for u in reversed(users)]
    other = await make.guild(db)
    with pytest.raises(InvalidValue, match="cursor"):
        await db.memberships.list_members(other.id, cursor=first.next_cursor)


async def test_members_come_oldest_first_and_backwards_too(db: Database) -> None:
    guild = await make.guild(db)
    users = [await make.user(db) for _ in range(5)]
    for user in users:
        await db.memberships.add(guild.id, user.id)
    first = await db.memberships.list_members(guild.id, sort="oldest", limit=3)
    assert [row.user.id for row in first.items] == [user.id for user in users[:3]]
    assert first.prev_cursor is None
    second = await db.memberships.list_members(
        guild.id, sort="oldest", limit=3, cursor=first.next_cursor
    )
    again = await db.memberships.list_members(
        guild.id, sort="oldest", limit=3, cursor=second.prev_cursor
    )
    assert again.items == first.items
    with pytest.raises(InvalidValue, match="cursor"):
        await db.memberships.list_members(guild.id, cursor=first.next_cursor)
    with pytest.raises(InvalidValue, match="sort: is not one of newest, oldest"):
        await db.memberships.list_members(guild.id, sort="m.joined_at; --")  # type: ignore[arg-type]


@pytest.mark.parametrize("search", [None, "ann"])
async def test_members_are_listed_by_role(db: Database, search: str | None) -> None:
    guild = await make.guild(db)
    by_role: dict[str, set[UUID]] = {role: set() for role in ROLES}
    for roles in (["owner", "admin"], ["admin"], ["moderator", "member"], ["member"], ["member"]):
        user = await make.user(db, username="ann")
        await db.memberships.add(guild.id, user.id, roles=roles)
        for role in roles:
            if role != "member" or roles == ["member"]:
                by_role[role].add(user.id)
    for role in ROLES:
        page = await db.memberships.list_members(guild.id, search=search, role=role)
        assert {row.user.id for row in page.items} == by_role[role], role
    with pytest.raises(InvalidValue, match="role: holds unknown roles"):
        await db.memberships.list_members(guild.id, role="king")  # type: ignore[arg-type]


async def test_members_are_found_by_words_in_their_guild_only(db: Database) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    ann, ben = await make.user(db, username="ann"), await make.user(db, username="ben")
    for user in (ann, ben):
        await db.memberships.add(guild.id, user.id)
    await db.memberships.add(other.id, ann.id)
    page = await db.memberships.list_members(guild.id, search="an")
    assert [row.user.id for row in page.items] == [ann.id]


async def test_a_users_guilds_come_with_their_details(db: Database) -> None:
    user = await make.user(db)
    guilds = [await make.guild(db) for _ in range(3)]
    for guild in guilds:
        await db.memberships.add(guild.id, user.id, roles=["moderator"])
    first = await db.memberships.list_guilds(user.id, limit=2)
    second = await db.memberships.list_guilds(user.id, limit=2, cursor=first.next_cursor)
    assert [(row.guild.id, row.guild.name, row.roles) for row in first.items + second.items] == [
        (guild.id, guild.name, ["moderator"]) for guild in guilds
    ]


PERMISSIONS: dict[Permission, set[str]] = {
    "manage_guild": {"owner", "admin"},
    "manage_members": {"owner", "admin", "moderator"},
    "view_members": {"owner", "admin", "moderator", "member"},
}


@pytest.mark.parametrize("permission", PERMISSIONS)
async def test_roles_allow_what_the_table_says(db: Database, permission: Permission) -> None:
    assert set(ALLOWED) == set(PERMISSIONS)
    guild, owner, stranger = await make.guild(db), await make.user(db), await make.user(db)
    await db.guilds.update(guild.id, owner_id=owner.id)
    for role in ROLES:
        user = await make.user(db)
        await db.memberships.add(guild.id, user.id, roles=[role])
        allowed = await db.memberships.allows(guild.id, user.id, permission)
        assert allowed == (role in PERMISSIONS[permission]), role
    assert await db.memberships.allows(guild.id, owner.id, permission)
    assert not await db.memberships.allows(guild.id, stranger.id, permission)
    with pytest.raises(NotFound, match="there is no such guild"):
        await db.memberships.allows(1, owner.id, permission)


async def test_one_bad_entry_does_not_lose_the_rest(db: Database) -> None:
    guild = await make.guild(db)
    new, old, unknown = await make.user(db), await make.user(db), uuid4()
    await db.memberships.add(guild.id, old.id)
    results = await db.memberships.add_many(
        guild.id,
        [
            RolesEntry(new.id, ("admin", "member")),
            RolesEntry(old.id),
            RolesEntry(unknown),
            RolesEntry(new.id),
            RolesEntry(uuid4(), ("king",)),
        ],
    )
    assert [(result.ok, result.code) for result in results] == [
        (True, None),
        (False, "already_exists"),
        (False, "unknown_user"),
        (False, "duplicate_entry"),
        (False, "invalid_roles"),
    ]
    assert (await db.memberships.get(guild.id, new.id)).roles == ["admin", "member"]
    assert await db.memberships.count(guild.id) == 2


async def test_bulk_changes_report_who_is_no_member(db: Database) -> None:
    guild, member, stranger = await make.guild(db), await make.user(db), await make.user(db)
    await db.memberships.add(guild.id, member.id)
    entries = [RolesEntry(stranger.id, ("admin",)), RolesEntry(member.id, ("admin",))]
    changed = await db.memberships.set_roles_many(guild.id, entries)
    assert [result.code for result in changed] == ["not_a_member", None]
    assert (await db.memberships.get(guild.id, member.id)).roles == ["admin"]
    removed = await db.memberships.remove_many(guild.id, [stranger.id, member.id, member.id])
    assert [result.code for result in removed] == ["not_a_member", None, "duplicate_entry"]
    assert await db.memberships.count(guild.id) == 0


async def test_a_bulk_call_is_bounded_and_needs_its_guild(db: Database) -> None:
    user = await make.user(db)
    with pytest.raises(InvalidValue, match="more than 1000 entries"):
        await db.memberships.add_many(1, [RolesEntry(uuid4())] * 1001)
    with pytest.raises(NotFound, match="there is no such guild"):
        await db.memberships.add_many(1, [RolesEntry(user.id)])
    for call in (
        db.memberships.add_many(1, [RolesEntry(uuid4())]),
        db.memberships.set_roles_many(1, [RolesEntry(user.id)]),
        db.memberships.remove_many(1, [user.id]),
    ):
        with pytest.raises(NotFound, match="there is no such guild"):
            await call
    assert await db.memberships.add_many(1, []) == []


async def test_a_permission_is_one_of_three(db: Database) -> None:
    unknown: Any = "fly"
    with pytest.raises(InvalidValue, match="permission: is not one of manage_guild"):
        await db.memberships.allows(1, uuid4(), unknown)


@pytest.mark.parametrize("joined_at", ["infinity", "-infinity", "2014-12-31", "9999-12-31"])
async def test_a_day_of_joining_is_one_that_pages_can_hold(
    db: Database, database_url: str, joined_at: str
) -> None:
    guild, user = await make.guild(db), await make.user(db)
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="user_guilds_joined_at_range_check"),
    ):
        connection.execute(
            "INSERT INTO slimy.user_guilds (user_id, guild_id, joined_at) VALUES (%s, %s, %s)",
            (user.id, guild.id, joined_at),
        )


async def test_bulk_calls_at_the_same_time_lose_nothing_and_do_not_deadlock(db: Database) -> None:
    guild = await make.guild(db)
    users = [(await make.user(db)).id for _ in range(50)]

    async def shuffled(number: int) -> None:
        order = random.Random(number).sample(users, len(users))
        await db.memberships.add_many(guild.id, [RolesEntry(user) for user in order])
        await db.memberships.set_roles_many(guild.id, [RolesEntry(u, ("admin",)) for u in order])

    await asyncio.gather(*(shuffled(number) for number in range(16)))
    assert await db.memberships.count(guild.id) == 50
    page = await db.memberships.list_members(guild.id, limit=200)
    assert all(row.roles == ["admin"] for row in page.items)
