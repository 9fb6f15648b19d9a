from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.engine.errors import CheckViolated, InvalidValue, NotFound


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
