"""Erasing a person who has very much: in bounded batches, stopped and taken up again, or all in one transaction."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.users import User
from slimy_dal.engine.errors import NotFound, SlimyError
from tests import make

Sql = psycopg.Connection[tuple[Any, ...]]

DATA = {
    "sessions": "user_id",
    "chat_messages": "user_id",
    "conversations": "user_id",
    "club_analyses": "user_id",
    "screenshot_analyses": "user_id",
    "screenshot_comparisons": "user_id",
}
NAMES = ("reporter_id", "reviewer_id")


@pytest.fixture
def sql(database_url: str) -> Iterator[Sql]:
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


async def rich(db: Database) -> User:
    """A person with ten rows of everything that a person may have very much of, and a guild."""
    person, guild = await make.user(db), await make.guild(db)
    await db.memberships.add(guild.id, person.id, roles=["owner"])
    shots = [await make.screenshot(db, person.id) for _ in range(10)]
    for shot, other in zip(shots, [*shots[1:], shots[0]], strict=True):
        await db.sessions.create(person.id, expires_at=datetime.now(UTC) + timedelta(days=1))
        conversation = await make.conversation(db, user_id=person.id, guild_id=guild.id)
        await make.message(db, user_id=person.id, conversation_id=conversation.id)
        await make.club_analysis(db, guild.id, person.id)
        await db.screenshot_comparisons.create(
            person.id, shot.id, other.id, comparison_type="growth", summary="s"
        )
        report = await db.code_reports.create("CODE", "expired", reporter_id=person.id)
        await db.code_reports.review(report.id, "verified", reviewer_id=person.id)
    return person


def left(sql: Sql, person: UUID) -> dict[str, int]:
    """How many rows each table holds of a person."""
    found = {}
    for table, column in (*DATA.items(), *(("code_reports", name) for name in NAMES)):
        row = sql.execute(
            f"SELECT count(*) FROM slimy.{table} WHERE {column} = %s", (person,)
        ).fetchone()
        assert row is not None
        found[f"{table}.{column}"] = row[0]
    return found


async def test_no_statement_of_an_erasure_takes_more_than_a_batch(db: Database, sql: Sql) -> None:
    person, other = await rich(db), await rich(db)
    assert set(left(sql, person.id).values()) == {10}
    sql.execute("CREATE TABLE public.taken (entry text, rows bigint)")
    sql.execute(
        "CREATE FUNCTION public.take() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO public.taken SELECT TG_TABLE_NAME, count(*) FROM gone; RETURN NULL; END $$"
    )
    for table in (*DATA, "code_reports"):
        event = "UPDATE" if table == "code_reports" else "DELETE"
        sql.execute(
            f"CREATE TRIGGER take AFTER {event} ON slimy.{table} REFERENCING OLD TABLE AS gone"
            " FOR EACH STATEMENT EXECUTE FUNCTION public.take()"
        )
    await db.users.delete(person.id, batch_size=3)
    seen: dict[str, int] = dict(
        sql.execute(
            "SELECT entry, max(rows) FROM public.taken WHERE rows > 0 GROUP BY 1"
        ).fetchall()
    )
    assert seen == dict.fromkeys((*DATA, "code_reports"), 3)
    assert set(left(sql, person.id).values()) == {0}
    assert set(left(sql, other.id).values()) == {10}
    assert sql.execute("SELECT count(*) FROM slimy.code_reports").fetchone() == (20,)
    with pytest.raises(NotFound, match="there is no such user"):
        await db.users.delete(person.id)


@pytest.mark.fault("S9")
async def test_an_erasure_that_was_stopped_is_finished_by_the_next(db: Database, sql: Sql) -> None:
    person = await rich(db)
    sql.execute(
        "CREATE FUNCTION public.stop() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'stopped'; END $$"
    )
    sql.execute(
        "CREATE TRIGGER stop BEFORE DELETE ON slimy.club_analyses"
        " FOR EACH ROW EXECUTE FUNCTION public.stop()"
    )
    with pytest.raises(SlimyError, match="purge_club_analyses"):
        await db.users.delete(person.id)
    found = left(sql, person.id)
    assert (found["sessions.user_id"], found["chat_messages.user_id"]) == (0, 0)
    assert found["club_analyses.user_id"] == 10
    sql.execute("DROP TRIGGER stop ON slimy.club_analyses")
    await db.users.delete(person.id)
    assert set(left(sql, person.id).values()) == {0}


async def test_an_erasure_inside_a_transaction_is_all_or_nothing(db: Database, sql: Sql) -> None:
    person = await rich(db)
    with pytest.raises(ZeroDivisionError):
        async with db.transaction() as tx:
            await tx.users.delete(person.id, batch_size=3)
            raise ZeroDivisionError
    assert set(left(sql, person.id).values()) == {10}
    assert await db.users.get(person.id) == person


@pytest.mark.fault("S9")
async def test_of_many_erasures_at_once_one_is_the_erasure(db: Database, sql: Sql) -> None:
    person = await rich(db)
    results = await asyncio.gather(
        *(db.users.delete(person.id, batch_size=2) for _ in range(16)), return_exceptions=True
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, NotFound) for result in results) == 15
    assert set(left(sql, person.id).values()) == {0}


async def test_an_unknown_person_is_not_found(db: Database) -> None:
    with pytest.raises(NotFound, match="there is no such user"):
        await db.users.delete(uuid4())
