from datetime import UTC, datetime, timedelta
from typing import get_type_hints

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.api_keys import SCOPES, ApiKey
from slimy_dal.engine.errors import CheckViolated, InvalidValue, NotFound
from slimy_dal.engine.types import Snowflake


async def test_a_new_key_is_good_and_kept_as_a_hash(db: Database, database_url: str) -> None:
    made = await db.api_keys.create("bot", ["users:read", "guilds:read"])
    verified = await db.api_keys.verify(made.key)
    assert verified is not None
    assert (verified.id, verified.name) == (made.api_key.id, "bot")
    assert verified.scopes == {"users:read", "guilds:read"}
    secret = made.key.split("_", 2)[2]
    with psycopg.connect(database_url) as connection:
        stored = str(connection.execute("SELECT k::text FROM slimy.api_keys AS k").fetchall())
    assert secret not in stored
    assert secret not in repr(made)


async def test_a_wrong_secret_and_a_malformed_key_are_not_good(db: Database) -> None:
    made = await db.api_keys.create("bot", ["users:read"])
    wrong = made.key[:-1] + ("A" if made.key[-1] != "A" else "B")
    for text in (wrong, "", "slimy_", made.key + "x", made.key.upper(), "x" * 10000, "slimy_\x00"):
        assert await db.api_keys.verify(text) is None


async def test_a_revoked_or_ended_key_is_not_good(db: Database, database_url: str) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    ended = await db.api_keys.create("ended", ["users:read"], expires_at=soon)
    revoked = await db.api_keys.create("revoked", ["users:read"])
    assert await db.api_keys.verify(ended.key) is not None
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE slimy.api_keys SET created_at = now() - interval '2 h',"
            " expires_at = now() - interval '1 s' WHERE name = 'ended'"
        )
    await db.api_keys.revoke(revoked.api_key.id)
    assert await db.api_keys.verify(ended.key) is None
    assert await db.api_keys.verify(revoked.key) is None
    with pytest.raises(NotFound, match="there is no such API key"):
        await db.api_keys.revoke(revoked.api_key.id)


async def test_a_key_has_known_scopes_a_name_and_an_end_in_the_future(db: Database) -> None:
    for scopes in ([], ["users:all"], "users:read"):
        with pytest.raises(InvalidValue, match="scopes"):
            await db.api_keys.create("bot", scopes)
    with pytest.raises(CheckViolated, match="name"):
        await db.api_keys.create("", ["users:read"])
    with pytest.raises(CheckViolated, match="expires_at"):
        await db.api_keys.create("bot", ["users:read"], expires_at=datetime(2020, 1, 1, tzinfo=UTC))


async def test_the_database_knows_the_same_scopes(db: Database) -> None:
    made = await db.api_keys.create("all", SCOPES)
    assert sorted(made.api_key.scopes) == sorted(SCOPES)


async def test_scopes_are_a_plain_list(database_url: str) -> None:
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="api_keys_scopes_present_check"),
    ):
        connection.execute(
            "INSERT INTO slimy.api_keys (public_id, secret_hash, name, scopes)"
            " VALUES ('aaaaaaaaaaaa', sha256(''), 'x', '{{users:read,guilds:read}}')"
        )


async def test_pages_walk_keys_newest_first_without_secrets(db: Database) -> None:
    made = [(await db.api_keys.create(f"k{n}", ["users:read"])).api_key.id for n in range(3)]
    first = await db.api_keys.list(limit=2)
    second = await db.api_keys.list(limit=2, cursor=first.next_cursor)
    assert [row.id for row in first.items + second.items] == made[::-1]
    assert "secret" not in str(first.items[0].__struct_fields__)


async def test_a_rotated_key_stays_good_for_a_while_beside_the_new_one(
    db: Database, database_url: str
) -> None:
    old = await db.api_keys.create("bot", ["users:read", "guilds:read"], guild_ids=[7, 5, 7])
    new = await db.api_keys.rotate(old.api_key.id, overlap=timedelta(hours=2))
    assert (new.api_key.name, new.api_key.scopes, new.api_key.guild_ids) == (
        "bot",
        ["guilds:read", "users:read"],
        [5, 7],
    )
    assert new.key != old.key
    for key in (old.key, new.key):
        verified = await db.api_keys.verify(key)
        assert verified is not None
        assert verified.guild_ids == frozenset({5, 7})
    kept = {row.id: row.expires_at for row in (await db.api_keys.list()).items}
    left = kept[old.api_key.id]
    assert left is not None
    assert timedelta(hours=1.9) < left - datetime.now(UTC) <= timedelta(hours=2)
    assert kept[new.api_key.id] is None
    gone = await db.api_keys.rotate(new.api_key.id, overlap=timedelta(0))
    assert await db.api_keys.verify(new.key) is None
    with pytest.raises(NotFound):
        await db.api_keys.rotate(new.api_key.id)
    await db.api_keys.revoke(gone.api_key.id)
    with pytest.raises(NotFound):
        await db.api_keys.rotate(gone.api_key.id)
    with pytest.raises(InvalidValue, match="overlap"):
        await db.api_keys.rotate(old.api_key.id, overlap=timedelta(days=31))


async def test_rotating_does_not_lengthen_the_life_of_a_key(db: Database) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    old = await db.api_keys.create("bot", ["users:read"], expires_at=soon)
    await db.api_keys.rotate(old.api_key.id)
    kept = {row.id: row.expires_at for row in (await db.api_keys.list()).items}
    assert kept[old.api_key.id] == old.api_key.expires_at


@pytest.mark.parametrize("guild_ids", [[], [0], [-5], list(range(1, 1002))])
async def test_guilds_of_a_key_are_a_list_of_ids(db: Database, guild_ids: list[int]) -> None:
    with pytest.raises(CheckViolated, match="guild_ids"):
        await db.api_keys.create("bot", ["users:read"], guild_ids=guild_ids)


def test_ids_are_typed_as_ids_also_where_no_key_says_so() -> None:
    # JSON numbers lose digits beyond 2^53: the type is what makes them strings there.
    assert get_type_hints(ApiKey, include_extras=True)["guild_ids"] == list[Snowflake] | None
