from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.engine.errors import CheckViolated, InvalidValue, NotFound
from slimy_dal.engine.secrets import token_hash
from tests import make


def in_an_hour() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def age(database_url: str, statement: str = "") -> None:
    """Make every session end a second ago."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE slimy.sessions SET created_at = now() - interval '2 hours',"
            f" expires_at = now() - interval '1 second' {statement}"
        )


async def test_a_token_finds_its_session_and_its_user(db: Database) -> None:
    user = await make.user(db)
    opened = await db.sessions.create(user.id, expires_at=in_an_hour())
    found = await db.sessions.find_by_token(opened.token)
    assert found is not None
    assert found.id == opened.session.id
    assert found.user.id == user.id
    assert found.user.discord_id == user.discord_id
    assert await db.sessions.find_by_token("not a token") is None


async def test_only_a_hash_of_the_token_is_kept(db: Database, database_url: str) -> None:
    opened = await db.sessions.create((await make.user(db)).id, expires_at=in_an_hour())
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT token_hash, s::text FROM slimy.sessions AS s").fetchall()
    assert rows[0][0] == token_hash(opened.token)
    assert opened.token not in str(rows)
    assert opened.token not in repr(opened)


async def test_an_end_that_is_not_in_the_future_is_refused(db: Database) -> None:
    user = await make.user(db)
    with pytest.raises(CheckViolated) as refused:
        await db.sessions.create(user.id, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert refused.value.constraint == "sessions_expires_at_future_check"
    with pytest.raises(InvalidValue, match="expires_at"):
        await db.sessions.create(user.id, expires_at=datetime.now())  # noqa: DTZ005
    assert (await db.sessions.list(user.id)).items == []


async def test_a_session_of_nobody_is_not_found(db: Database) -> None:
    with pytest.raises(NotFound, match="there is no such user"):
        await db.sessions.create(uuid4(), expires_at=in_an_hour())


async def test_an_ended_session_is_not_found_and_not_listed(
    db: Database, database_url: str
) -> None:
    user = await make.user(db)
    opened = await db.sessions.create(user.id, expires_at=in_an_hour())
    age(database_url)
    assert await db.sessions.find_by_token(opened.token) is None
    assert (await db.sessions.list(user.id)).items == []


async def test_sessions_end_one_by_one_or_all_at_once(db: Database) -> None:
    user, other = await make.user(db), await make.user(db)
    opened = [await db.sessions.create(user.id, expires_at=in_an_hour()) for _ in range(4)]
    theirs = await db.sessions.create(other.id, expires_at=in_an_hour())
    with pytest.raises(NotFound):
        await db.sessions.delete(user.id, theirs.session.id)
    await db.sessions.delete(user.id, opened[0].session.id)
    await db.sessions.delete_by_token(opened[1].token)
    with pytest.raises(NotFound):
        await db.sessions.delete_by_token(opened[1].token)
    assert await db.sessions.delete_all(user.id) == 2
    assert await db.sessions.delete_all(user.id) == 0
    assert await db.sessions.find_by_token(theirs.token) is not None


async def test_pages_walk_a_users_sessions_newest_first(db: Database) -> None:
    user = await make.user(db)
    made = [
        (await db.sessions.create(user.id, expires_at=in_an_hour())).session.id for _ in range(5)
    ]
    first = await db.sessions.list(user.id, limit=3)
    second = await db.sessions.list(user.id, limit=3, cursor=first.next_cursor)
    assert [row.id for row in first.items + second.items] == made[::-1]
    assert second.next_cursor is None


async def test_a_purge_removes_ended_sessions_and_no_others(
    db: Database, database_url: str
) -> None:
    user = await make.user(db)
    for _ in range(5):
        await db.sessions.create(user.id, expires_at=in_an_hour())
    age(database_url)
    alive = await db.sessions.create(user.id, expires_at=in_an_hour())
    assert await db.sessions.purge_expired(batch_size=2) == 5
    assert await db.sessions.purge_expired() == 0
    assert await db.sessions.find_by_token(alive.token) is not None


@pytest.mark.parametrize("time", ["-infinity", "1999-01-01Z"])
async def test_a_session_has_a_beginning_that_can_be_read(
    db: Database, database_url: str, time: str
) -> None:
    await db.sessions.create((await make.user(db)).id, expires_at=in_an_hour())
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="sessions_created_at_range_check"),
    ):
        connection.execute("UPDATE slimy.sessions SET created_at = %s", (time,))
