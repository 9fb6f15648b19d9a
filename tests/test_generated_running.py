"""Tests that generated functions do on a real server what their signatures say."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from slimy_dal.compiler.description import Column, Parameter
from slimy_dal.engine.errors import DeadlineExceeded, NotFound
from slimy_dal.engine.pool import Pool
from tests.generated import (
    BIGINT,
    BOOL,
    ID,
    NAME,
    TEXT,
    described,
    imported,
    joined,
    query,
    text_of,
)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on a migrated, empty database."""
    async with Pool.open(database_url) as opened:
        yield opened


@pytest.fixture
def module(tmp_path: Path) -> Any:
    """Generate and import the module of one query."""

    def make(
        sql: str,
        columns: Sequence[Column] = (),
        parameters: Sequence[Parameter] = (),
        **more: Any,
    ) -> ModuleType:
        return imported(tmp_path, text_of(described(tmp_path, sql, columns, parameters, **more)))

    return make


WANTED = [Parameter("id", BIGINT, nullable=False)]
PEOPLE = "SELECT id, name FROM (VALUES (7::bigint, 'Ada'), (8, NULL)) AS v (id, name)"
ONE_PERSON = f"{PEOPLE} WHERE id = :id"


async def test_one_gives_the_row_or_not_found(pool: Pool, module: Any) -> None:
    made = module(query("get", "one", ONE_PERSON), [ID, NAME], WANTED)
    assert await made.get(pool, id=7) == made.GetRow(7, "Ada")
    with pytest.raises(NotFound, match=r"users\.get found no row"):
        await made.get(pool, id=9)


async def test_opt_gives_the_row_or_none(pool: Pool, module: Any) -> None:
    made = module(query("get", "opt", ONE_PERSON), [ID, NAME], WANTED)
    assert await made.get(pool, id=8) == made.GetRow(8, None)
    assert await made.get(pool, id=9) is None


async def test_many_gives_a_list(pool: Pool, module: Any) -> None:
    made = module(query("all_of", "many", f"{PEOPLE} WHERE id < :id"), [ID, NAME], WANTED)
    assert await made.all_of(pool, id=9) == [made.AllOfRow(7, "Ada"), made.AllOfRow(8, None)]
    assert await made.all_of(pool, id=1) == []


@pytest.mark.parametrize(
    ("body", "column", "returns"),
    [
        ("SELECT count(*) FROM slimy.users", ID, "int"),
        ("SELECT max(discord_id) FROM slimy.users", replace(ID, nullable=True), "int | None"),
        ("SELECT discord_id FROM slimy.users LIMIT 1", ID, "int | None"),
    ],
)
async def test_a_scalar_is_none_only_where_it_can_be(
    pool: Pool, tmp_path: Path, body: str, column: Column, returns: str
) -> None:
    column = replace(column, identifier=False)
    has_row = "count" in body or "max" in body
    description = described(
        tmp_path, query("value_of", "scalar", body), [column], always_a_row=has_row
    )
    text = text_of(description)
    assert f"-> {returns}:" in text
    nothing = 0 if returns == "int" else None
    assert await imported(tmp_path, text).value_of(pool) == nothing


async def test_a_scalar_said_to_have_a_row_is_not_found_without_one(
    pool: Pool, module: Any
) -> None:
    body = "SELECT discord_id FROM slimy.users"
    made = module(query("a", "scalar", body), [ID], always_a_row=True)
    with pytest.raises(NotFound):
        await made.a(pool)


INSERT = "INSERT INTO slimy.guilds (id, name) VALUES (:id, :name)"
INSERTED = [Parameter("id", BIGINT, nullable=False), Parameter("name", TEXT, nullable=False)]
WRITES = frozenset({("slimy", "guilds")})


async def guilds(pool: Pool, module: Any) -> list[tuple[int, str]]:
    body = "SELECT id, name FROM slimy.guilds ORDER BY id"
    made = module(query("all_of", "many", body), [ID, NAME])
    return [(row.id, row.name) for row in await made.all_of(pool)]


async def test_exec_gives_nothing_and_execrows_a_number(pool: Pool, module: Any) -> None:
    made = module(query("add", "exec", INSERT), (), INSERTED, writes=WRITES)
    assert await made.add(pool, id=1, name="a") is None
    assert made.ADD.writes
    made = module(query("clear", "execrows", "DELETE FROM slimy.guilds"), writes=WRITES)
    assert await made.clear(pool) == 1
    assert await made.clear(pool) == 0


async def test_a_batch_takes_named_items(pool: Pool, module: Any) -> None:
    made = module(query("add", "batch", INSERT), (), INSERTED, writes=WRITES)
    assert await made.add(pool, [made.AddItem(id=1, name="a"), made.AddItem(2, "b")]) is None
    assert await guilds(pool, module) == [(1, "a"), (2, "b")]


async def test_copyfrom_finds_each_parameters_column(pool: Pool, module: Any) -> None:
    body = "INSERT INTO slimy.guilds (id, name) VALUES (:id, :name)"
    made = module(query("add", "copyfrom", body), (), INSERTED, writes=WRITES)
    assert await made.add(pool, [made.AddItem(name="b", id=2), made.AddItem(1, "a")]) == 2
    body = "INSERT INTO slimy.guilds (name, id) VALUES (:name, :id)"
    made = module(query("add", "copyfrom", body), (), INSERTED[::-1], writes=WRITES)
    assert await made.add(pool, [made.AddItem(name="c", id=3)]) == 1
    assert await guilds(pool, module) == [(1, "a"), (2, "b"), (3, "c")]


async def test_the_timeout_of_the_call_ends_it(pool: Pool, module: Any) -> None:
    made = module(query("wait", "exec", "SELECT pg_sleep(5)"))
    with pytest.raises(DeadlineExceeded):
        await made.wait(pool, timeout=0.05)


async def test_the_timeout_of_the_query_file_ends_it(pool: Pool, module: Any) -> None:
    made = module(query("wait", "exec", "SELECT pg_sleep(5)", "-- timeout: 50ms\n"))
    with pytest.raises(DeadlineExceeded):
        await made.wait(pool)


async def test_words_of_python_get_an_underscore_and_keep_their_key(
    pool: Pool, module: Any
) -> None:
    names = ("class", "timeout", "db", "row")
    body = 'SELECT concat(:class::text, :timeout::text, :db::text, :row::text) AS "from"'
    parameters = [Parameter(name, TEXT, nullable=False) for name in names]
    made = module(query("get", "one", body), [replace(NAME, name="from")], parameters)
    row = await made.get(pool, class_="1", timeout_="2", db_="3", row_="4", timeout=5)
    assert row.from_ == "1234"
    assert msgspec.json.encode(row) == b'{"from":"1234"}'


@pytest.mark.parametrize("shape", ["many", "opt"])
async def test_no_name_hides_what_a_function_calls(pool: Pool, module: Any, shape: str) -> None:
    body = "SELECT concat(:list::text, :map::text, :values::text, :starmap::text) AS name"
    names = ("list", "map", "values", "starmap")
    parameters = [Parameter(name, TEXT, nullable=False) for name in names]
    made = module(query("list", shape, body), [replace(NAME, nullable=False)], parameters)
    found = await made.list(pool, list="1", map="2", values="3", starmap="4")
    row = made.ListRow("1234")
    assert found == (row if shape == "opt" else [row])


GUILD = [
    Column("id", BIGINT, nullable=False),
    Column("guild.id", BIGINT, nullable=False),
    Column("guild.name", TEXT, nullable=True),
    Column("guild.owner.id", BIGINT, nullable=False),
    Column("joined", BOOL, nullable=False),
]


async def test_dotted_names_become_nested_rows(pool: Pool, module: Any) -> None:
    body = "SELECT 1::bigint, 2::bigint, 'g', 3::bigint, true"
    made = module(query("get", "one", body), GUILD)
    row = await made.get(pool)
    assert row == made.GetRow(1, made.GetRowGuild(2, "g", made.GetRowGuildOwner(3)), joined=True)
    assert msgspec.json.decode(msgspec.json.encode(row))["guild"]["owner"] == {"id": 3}


async def test_a_nested_row_is_none_where_an_outer_join_left_it_empty(
    pool: Pool, module: Any
) -> None:
    body = """SELECT m.id, g.name AS "guild.name", g.id AS "guild.id"
        FROM (VALUES (1::bigint), (2)) AS m (id)
        LEFT JOIN (VALUES (2::bigint, NULL::bigint)) AS g (id, name) ON m.id = g.id
        ORDER BY m.id"""
    columns = [ID, joined("guild.name", 1, solid=False), joined("guild.id", 1)]
    made = module(query("list_all", "many", body), columns)
    rows = await made.list_all(pool)
    assert [row.guild for row in rows] == [None, made.ListAllRowGuild(None, 2)]


@pytest.mark.parametrize(("guild", "owner"), [("NULL", "NULL"), ("2", "NULL"), ("2", "3")])
async def test_optional_rows_nest(pool: Pool, module: Any, guild: str, owner: str) -> None:
    body = f"SELECT 1::bigint, {guild}::bigint, {owner}::bigint, {guild}::bigint"
    columns = [ID, joined("guild.id", 1), joined("guild.owner.id", 1, 2), joined("guild.up.id", 1)]
    made = module(query("get", "one", body), columns)
    row = await made.get(pool)
    if guild == "NULL":
        assert row.guild is None
    else:
        expected = None if owner == "NULL" else made.GetRowGuildOwner(3)
        assert row.guild == made.GetRowGuild(2, expected, made.GetRowGuildUp(2))
