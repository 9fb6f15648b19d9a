import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database, Keyring
from slimy_dal.domain.users import DiscordTokens, UserCount
from slimy_dal.engine.errors import (
    AlreadyExists,
    CheckViolated,
    InvalidReference,
    InvalidValue,
    NotFound,
)
from slimy_dal.engine.secrets import KeyringError
from tests import make
from tests.logins import signed_in

TOKENS = DiscordTokens("access-canary", "refresh-canary", datetime(2030, 1, 1, tzinfo=UTC))


async def test_the_first_call_makes_a_user_and_the_second_finds_it(db: Database) -> None:
    first = await db.users.find_or_create(42, username="ann", email="ann@example.com")
    second = await db.users.find_or_create(42)
    assert second == first
    assert await db.users.find_by_discord_id(42) == first
    assert await db.users.get(first.id) == first
    assert first.id.version == 7
    assert first.created_at.tzinfo is not None


async def test_an_upsert_changes_what_is_given_and_keeps_the_rest(db: Database) -> None:
    await db.users.find_or_create(42, username="ann", global_name="Ann", avatar="a", email="a@b.c")
    changed = await db.users.find_or_create(42, username="anna", avatar=None)
    assert (changed.username, changed.global_name, changed.avatar) == ("anna", "Ann", None)
    assert changed.email == "a@b.c"


async def test_concurrent_upserts_of_one_account_make_one_user(db: Database) -> None:
    for number in range(42, 72):
        users = await asyncio.gather(
            *(
                db.users.find_or_create(number, username=f"name {n}", email=f"{number}@example.com")
                for n in range(16)
            )
        )
        assert len({user.id for user in users}) == 1


async def test_updated_at_moves_with_real_changes_only(db: Database) -> None:
    user = await make.user(db, username="ann")
    same = await db.users.update(user.id, username="ann")
    assert same.updated_at == user.updated_at
    other = await db.users.update(user.id, username="anna")
    assert other.updated_at > user.updated_at
    assert other.created_at == user.created_at


async def test_an_update_tells_absent_from_null(db: Database) -> None:
    user = await make.user(db, username="ann", global_name="Ann", email="a@b.c")
    changed = await db.users.update(user.id, global_name=None)
    assert (changed.username, changed.global_name, changed.email) == ("ann", None, "a@b.c")


@pytest.mark.fault("V14")
async def test_an_email_belongs_to_one_user_in_any_case(db: Database) -> None:
    user = await make.user(db, email="Nelly@Discord.com")
    other = await make.user(db)
    assert await db.users.find_by_email("nelly@discord.COM") == user
    with pytest.raises(AlreadyExists) as refused:
        await db.users.update(other.id, email="NELLY@discord.com")
    assert refused.value.constraint == "users_email_key"
    assert refused.value.fields == ("email",)
    with pytest.raises(AlreadyExists, match="email"):
        async with db.transaction() as tx:
            await tx.users.find_or_create(other.discord_id, email="NELLY@discord.com")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "x" * 101),
        ("global_name", "x" * 101),
        ("avatar", ""),
        ("email", "nobody"),
        ("email", "@example.com"),
        ("email", "x@" + "y" * 400),
    ],
)
async def test_a_value_the_rules_refuse_is_named_and_changes_nothing(
    db: Database, field: str, value: str
) -> None:
    user = await make.user(db)
    change: dict[str, Any] = {field: value}
    with pytest.raises(CheckViolated) as refused:
        await db.users.update(user.id, **change)
    assert refused.value.fields == (field,)
    assert refused.value.constraint.startswith(f"users_{field}")
    assert await db.users.get(user.id) == user


@pytest.mark.parametrize("discord_id", [0, -1])
async def test_a_discord_id_is_positive(db: Database, discord_id: int) -> None:
    with pytest.raises(CheckViolated, match="discord_id"):
        await db.users.find_or_create(discord_id)


@pytest.mark.parametrize("discord_id", [2**63, 1.5, True, "1", None])
@pytest.mark.fault("V3")
async def test_what_is_no_snowflake_never_reaches_the_server(db: Database, discord_id: Any) -> None:
    with pytest.raises(InvalidValue, match="discord_id"):
        await db.users.find_or_create(discord_id)


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", 7])
@pytest.mark.fault("V1", "V2")
async def test_text_that_cannot_be_stored_is_refused(db: Database, name: Any) -> None:
    with pytest.raises(InvalidValue, match="username"):
        await db.users.find_or_create(42, username=name)


async def test_names_in_every_script_come_back_as_they_were(db: Database) -> None:
    for name in ("🦎" * 32, "יעל הלוי", "e\u0301", "o'brien\\\"", "%_$1:id--"):
        user = await make.user(db, username=name)
        assert (await db.users.get(user.id)).username == name


async def test_the_last_active_guild_is_one_we_know_or_none(db: Database) -> None:
    user, guild = await make.user(db), await make.guild(db)
    there = await db.users.set_last_active_guild(user.id, guild.id)
    assert there.last_active_guild_id == guild.id
    with pytest.raises(InvalidReference) as refused:
        await db.users.set_last_active_guild(user.id, 999)
    assert refused.value.fields == ("last_active_guild_id",)
    await db.guilds.delete(guild.id)
    assert (await db.users.get(user.id)).last_active_guild_id is None


async def test_pages_walk_all_users_newest_first(db: Database) -> None:
    made = [(await make.user(db)).id for _ in range(7)]
    seen, cursor = [], None
    while True:
        page = await db.users.list(limit=3, cursor=cursor)
        seen += [user.id for user in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        await make.user(db)  # newer than the walk: never in it
    assert seen == made[::-1]


async def test_search_finds_all_words_by_their_beginning(db: Database) -> None:
    slimy = await make.user(db, username="slimy_user", global_name="Green Slime")
    await make.user(db, username="other", global_name="Green Frog")
    assert [user.id for user in (await db.users.list(search="gre SLI")).items] == [slimy.id]
    assert len((await db.users.list(search="green")).items) == 2
    assert (await db.users.list(search="reen")).items == []


@pytest.mark.parametrize(
    "typed", ["", " ", "&", "a & | !", "'", "\\", "a:*", "<->", "((", "💥", "%", "x'y"]
)
async def test_no_typed_search_is_an_error(db: Database, typed: str) -> None:
    await make.user(db)
    assert (await db.users.list(search=typed)).next_cursor is None


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9, "5", True, None])
async def test_a_page_has_1_to_200_rows(db: Database, limit: Any) -> None:
    with pytest.raises(InvalidValue, match="limit: is not between 1 and 200"):
        await db.users.list(limit=limit)


async def test_a_cursor_of_another_search_is_refused(db: Database) -> None:
    for _ in range(3):
        await make.user(db, username="ann")
    cursor = (await db.users.list(search="ann", limit=1)).next_cursor
    assert cursor is not None
    with pytest.raises(InvalidValue, match="cursor"):
        await db.users.list(cursor=cursor)


async def test_an_unknown_user_is_not_found(db: Database) -> None:
    nobody = uuid4()
    for call in (
        db.users.get(nobody),
        db.users.update(nobody, username="x"),
        db.users.set_last_active_guild(nobody, None),
        db.users.delete(nobody),
        db.users.clear_tokens(nobody),
    ):
        with pytest.raises(NotFound, match="there is no such user"):
            await call
    assert await db.users.find_by_discord_id(1) is None


async def test_deleting_a_user_takes_memberships_and_sessions_along(db: Database) -> None:
    user, guild = await make.user(db), await make.guild(db)
    await db.guilds.update(guild.id, owner_id=user.id)
    await db.memberships.add(guild.id, user.id)
    opened = await db.sessions.create(user.id, expires_at=datetime.now(UTC) + timedelta(hours=1))
    await db.users.delete(user.id)
    assert await db.memberships.count(guild.id) == 0
    assert await db.sessions.find_by_token(opened.token) is None
    assert (await db.guilds.get(guild.id)).owner_id is None


async def test_tokens_come_back_and_are_never_stored_in_the_clear(
    db: Database, database_url: str
) -> None:
    user = await make.user(db)
    await db.users.store_tokens(user, TOKENS)
    assert await db.users.tokens(user.id) == TOKENS
    with psycopg.connect(database_url) as connection:
        stored = str(connection.execute("SELECT u::text FROM slimy.users AS u").fetchall())
    assert b"access-canary".hex() not in stored
    assert "canary" not in stored + repr(TOKENS) + repr(user)
    await db.users.clear_tokens(user.id)
    assert await db.users.tokens(user.id) is None


@pytest.mark.fault("S6")
async def test_a_token_moved_to_another_row_does_not_open(db: Database, database_url: str) -> None:
    thief, victim = await make.user(db), await make.user(db)
    await db.users.store_tokens(victim, TOKENS)
    await db.users.store_tokens(thief, DiscordTokens("mine", None, None))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE slimy.users AS t SET discord_access_token = v.discord_access_token"
            " FROM slimy.users AS v WHERE t.id = %s AND v.id = %s",
            (thief.id, victim.id),
        )
    with pytest.raises(KeyringError, match="belongs to another row"):
        await db.users.tokens(thief.id)


async def test_a_plain_token_is_refused_by_the_database(database_url: str) -> None:
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="envelope"),
    ):
        connection.execute(
            "INSERT INTO slimy.users (discord_id, discord_access_token, token_key_id)"
            " VALUES (1, 'a-plain-token-that-is-long-enough-to-pass', 'k')"
        )


@pytest.mark.fault("S7")
async def test_rotation_moves_every_token_to_the_current_key(database_url: str) -> None:
    old, new = Keyring.generate("old"), Keyring.generate("new")
    async with Database.open(signed_in(database_url), keyring=Keyring.parse(old)) as db:
        users = [await make.user(db) for _ in range(7)]
        for user in users:
            await db.users.store_tokens(user, TOKENS)
    async with Database.open(signed_in(database_url), keyring=Keyring.parse(f"{new},{old}")) as db:
        assert await db.users.reencrypt_tokens("old", batch_size=3) == 7
        assert await db.users.reencrypt_tokens("old") == 0
        with pytest.raises(KeyringError, match="is the current key"):
            await db.users.reencrypt_tokens("new")
    async with Database.open(signed_in(database_url), keyring=Keyring.parse(new)) as db:
        assert [await db.users.tokens(user.id) for user in users] == [TOKENS] * 7


@pytest.mark.fault("S7")
async def test_rotation_passes_over_what_does_not_open_and_names_it(database_url: str) -> None:
    old, new = Keyring.generate("old"), Keyring.generate("new")
    async with Database.open(signed_in(database_url), keyring=Keyring.parse(old)) as db:
        users = [await make.user(db) for _ in range(3)]
        for user in users:
            await db.users.store_tokens(user, TOKENS)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE slimy.users SET discord_access_token = discord_access_token || '\\x00'"
            " WHERE id = %s",
            (users[0].id,),
        )
    async with Database.open(signed_in(database_url), keyring=Keyring.parse(f"{new},{old}")) as db:
        with pytest.raises(KeyringError, match=f"tokens of 1 users do not open.*{users[0].id}"):
            await db.users.reencrypt_tokens("old", batch_size=1)
    async with Database.open(signed_in(database_url), keyring=Keyring.parse(new)) as db:
        assert [await db.users.tokens(user.id) for user in users[1:]] == [TOKENS] * 2


@pytest.mark.parametrize(
    "columns",
    [
        "token_key_id = 'k'",
        "token_key_id = 'k', token_expires_at = now()",
        "token_expires_at = now()",
        "discord_access_token = '\\x01' || sha256(''), token_key_id = 'k', token_expires_at = 'infinity'",
    ],
)
async def test_a_key_id_or_an_end_without_a_token_is_refused(
    db: Database, database_url: str, columns: str
) -> None:
    await make.user(db)
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="users_"),
    ):
        connection.execute(f"UPDATE slimy.users SET {columns}")


async def test_without_keys_tokens_are_refused_and_the_rest_works(database_url: str) -> None:
    async with Database.open(signed_in(database_url)) as db:
        user = await make.user(db)
        with pytest.raises(KeyringError, match="no encryption keys"):
            await db.users.store_tokens(user, TOKENS)


async def test_a_user_comes_with_their_guilds_in_one_statement(db: Database) -> None:
    user = await make.user(db, email="a@b.c")
    guilds = [await make.guild(db, icon="i") for _ in range(3)]
    for guild in guilds:
        await db.memberships.add(guild.id, user.id, roles=["admin"])
    await db.guilds.soft_delete(guilds[1].id)
    nested = await db.users.get_with_guilds(user.id)
    assert nested.guilds == (await db.memberships.list_guilds(user.id)).items
    assert [(row.guild.id, row.roles) for row in nested.guilds] == [
        (guilds[0].id, ["admin"]),
        (guilds[2].id, ["admin"]),
    ]
    assert (nested.id, nested.email, nested.created_at) == (user.id, user.email, user.created_at)
    assert len((await db.users.get_with_guilds(user.id, limit=1)).guilds) == 1
    assert (await db.users.get_with_guilds((await make.user(db)).id)).guilds == []
    with pytest.raises(NotFound, match="there is no such user"):
        await db.users.get_with_guilds(uuid4())
    with pytest.raises(InvalidValue, match="limit"):
        await db.users.get_with_guilds(user.id, limit=0)


async def test_users_are_counted_up_to_a_bound_and_estimated_beyond(
    db: Database, database_url: str
) -> None:
    for _ in range(5):
        await make.user(db)
    assert await db.users.count(10) == UserCount(5, -1)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE slimy.users")
    assert await db.users.count(3) == UserCount(3, 5)
