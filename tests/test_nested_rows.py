"""Tests of nested rows from query file to value: described by the server, generated, and run there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from slimy_dal.compiler import generate
from slimy_dal.compiler.queryfile import load
from slimy_dal.engine import driver
from slimy_dal.engine.pool import Pool
from tests.generated import imported, query

DATA = """
INSERT INTO slimy.users (discord_id, username) VALUES (1, 'ada'), (2, NULL);
INSERT INTO slimy.guilds (id, name, owner_id)
VALUES (10, 'owned', (SELECT id FROM slimy.users WHERE discord_id = 1)), (20, 'free', NULL);
"""


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on a database with two users and two guilds, one of them owned."""
    connection = await driver.connect(database_url)
    await connection.execute(DATA)
    await connection.close()
    async with Pool.open(database_url) as opened:
        yield opened


Rows: TypeAlias = Callable[[str], Awaitable[tuple[str, list[Any]]]]


@pytest.fixture
def rows(pool: Pool, database_url: str, tmp_path: Path) -> Rows:
    """Generate a query and run it; give the text of its module and its rows."""

    async def run(body: str) -> tuple[str, list[Any]]:
        (tmp_path / "users.sql").write_text(query("list_all", "many", body))
        loaded = load(tmp_path / "users.sql")
        assert loaded.errors == ()
        text = (await generate.modules(database_url, loaded.queries))["users.py"]
        return text, await imported(tmp_path, text).list_all(pool)

    return run


async def test_an_inner_join_gives_a_row_that_is_there(rows: Rows) -> None:
    text, (row,) = await rows(
        """SELECT g.id, u.id AS "owner.id", u.username AS "owner.username"
        FROM slimy.guilds AS g INNER JOIN slimy.users AS u ON g.owner_id = u.id"""
    )
    assert "owner: ListAllRowOwner\n" in text
    assert row.owner.username == "ada"


async def test_an_outer_join_gives_a_row_or_none(rows: Rows) -> None:
    text, found = await rows(
        """SELECT g.id, u.username AS "owner.username", u.discord_id AS "owner.discord_id"
        FROM slimy.guilds AS g LEFT JOIN slimy.users AS u ON g.owner_id = u.id ORDER BY g.id"""
    )
    assert "owner: ListAllRowOwner | None\n" in text
    assert "    discord_id: Snowflake\n" in text
    assert [row.owner and row.owner.discord_id for row in found] == [1, None]


async def test_an_outer_join_whose_columns_may_all_be_null_gives_a_row(rows: Rows) -> None:
    text, found = await rows(
        """SELECT u.discord_id, g.icon AS "guild.icon"
        FROM slimy.users AS u LEFT JOIN slimy.guilds AS g ON g.owner_id = u.id"""
    )
    assert "guild: ListAllRowGuild\n" in text
    assert [row.guild.icon for row in found] == [None, None]


async def test_an_expression_that_outlives_the_join_keeps_the_row_there(rows: Rows) -> None:
    text, found = await rows(
        """SELECT g.id, u.id AS "owner.id", coalesce(u.username, g.icon, g.name) AS "owner.name"
        FROM slimy.guilds AS g LEFT JOIN slimy.users AS u ON g.owner_id = u.id ORDER BY g.id"""
    )
    assert "owner: ListAllRowOwner\n" in text
    assert [row.owner.name for row in found] == ["ada", "free"]


async def test_rows_of_both_sides_of_a_full_join_are_not_taken_for_one(rows: Rows) -> None:
    text, found = await rows(
        """SELECT u.discord_id AS "both.discord_id", g.id AS "both.guild_id"
        FROM slimy.users AS u FULL JOIN slimy.guilds AS g ON g.owner_id = u.id
        ORDER BY u.discord_id, g.id"""
    )
    assert "both: ListAllRowBoth\n" in text
    both = [(row.both.discord_id, row.both.guild_id) for row in found]
    assert both == [(1, 10), (2, None), (None, 20)]


async def test_each_side_of_a_full_join_may_be_missing(rows: Rows) -> None:
    text, found = await rows(
        """SELECT u.discord_id AS "user.discord_id", g.id AS "guild.id", g.icon AS "guild.icon"
        FROM slimy.users AS u FULL JOIN slimy.guilds AS g ON g.owner_id = u.id
        ORDER BY u.discord_id, g.id"""
    )
    assert "user: ListAllRowUser | None\n" in text
    assert "guild: ListAllRowGuild | None\n" in text
    assert [(row.user is None, row.guild is None) for row in found] == [
        (False, False),
        (False, True),
        (True, False),
    ]


async def test_rows_nested_in_rows_are_missing_with_them(rows: Rows) -> None:
    text, found = await rows(
        """SELECT u.discord_id, g.id AS "guild.id", o.id AS "guild.owner.id"
        FROM slimy.users AS u
        LEFT JOIN slimy.guilds AS g ON g.owner_id = u.id
        LEFT JOIN slimy.users AS o ON g.owner_id = o.id
        ORDER BY u.discord_id"""
    )
    assert "guild: ListAllRowGuild | None\n" in text
    assert "owner: ListAllRowGuildOwner | None\n" in text
    assert [row.guild and row.guild.owner is not None for row in found] == [True, None]
