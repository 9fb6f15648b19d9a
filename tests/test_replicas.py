"""Tests of what may run on replicas: proven when queries are checked, held when they run, told when it is asked."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from slimy_dal.compiler import queryfile
from slimy_dal.compiler.codegen.module import module
from slimy_dal.compiler.description import DescribeError
from slimy_dal.compiler.variants.describe import describe_variants
from slimy_dal.domain.database import Database
from slimy_dal.engine.driver import Connection, connect
from slimy_dal.engine.errors import InvalidValue, ReadOnly
from slimy_dal.engine.hosts import hosts_of, single
from slimy_dal.engine.position import Position

SCHEMA = """
CREATE SCHEMA tally;
CREATE TABLE tally.marks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text NOT NULL);
CREATE UNLOGGED TABLE tally.notes (word text);
CREATE FUNCTION tally.put(word text) RETURNS bigint LANGUAGE sql
    AS 'INSERT INTO tally.marks (word) VALUES (word) RETURNING id';
CREATE FUNCTION tally.look() RETURNS bigint STABLE LANGUAGE sql AS 'SELECT count(*) FROM tally.marks';
CREATE VIEW tally.putting AS SELECT tally.put('v') AS id;
CREATE VIEW tally.noted AS SELECT n.word FROM tally.notes AS n;
"""


@pytest.fixture
async def tally(database_url: str) -> AsyncIterator[Connection]:
    async with await connect(database_url) as connection:
        await connection.execute(SCHEMA)
        yield connection


def written(folder: Path, sql: str, *, shape: str = "many", more: str = "") -> Path:
    file = folder / "things.sql"
    file.write_text(f"-- name: find :{shape}\n-- Find things.\n{more}-- replica: yes\n{sql};\n")
    return file


@pytest.mark.fault("C12")
@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("INSERT INTO tally.marks (word) VALUES ('a') RETURNING id", "it writes to tally.marks"),
        (
            "WITH w AS (DELETE FROM tally.marks AS m WHERE m.id = 1 RETURNING m.id) SELECT w.id FROM w",
            "it writes to tally.marks",
        ),
        ("SELECT m.id FROM tally.marks AS m FOR UPDATE", "it locks rows"),
        ("SELECT tally.put('a') AS id", "it calls tally.put(), which is volatile: it may write"),
        ("SELECT p.id FROM tally.putting AS p", "it calls tally.put(), which is volatile"),
        (
            "SELECT nextval('tally.marks_id_seq') AS id",
            "it calls pg_catalog.nextval(), which is volatile",
        ),
        (
            "SELECT pg_current_xact_id()::text AS id",
            "it calls pg_current_xact_id(), which only a primary",
        ),
        ("SELECT n.word FROM tally.noted AS n", "it reads tally.notes, which is unlogged"),
        ("VACUUM tally.marks", "nothing is known of a utility statement"),
    ],
)
async def test_a_query_declared_for_replicas_that_is_none_fails_with_its_place_and_a_way_out(
    tally: Connection, tmp_path: Path, sql: str, problem: str
) -> None:
    file = written(tmp_path, sql)
    [answer] = await describe_variants(tally, queryfile.load(file).queries)
    assert isinstance(answer, DescribeError), answer
    assert str(answer).startswith(f"{file}:3:4: things.find: it cannot run on a replica: {problem}")
    assert "the primary runs it" in str(answer)


@pytest.mark.fault("C12")
async def test_a_filter_that_writes_is_found_as_well(tally: Connection, tmp_path: Path) -> None:
    filters = "-- filter: m.id > tally.put(:word)\n-- filter: m.word = :same\n"
    file = written(tmp_path, "SELECT m.id FROM tally.marks AS m WHERE m.id > 0", more=filters)
    [answer] = await describe_variants(tally, queryfile.load(file).queries)
    assert isinstance(answer, DescribeError)
    assert "cannot run on a replica: it calls tally.put()" in str(answer)


async def test_a_read_that_is_proven_is_generated_with_its_declaration(
    tally: Connection, tmp_path: Path
) -> None:
    filters = "-- filter: m.word = :word\n"
    for sql, more in (
        ("SELECT tally.look() AS n, random() AS r", ""),
        ("SELECT m.id FROM tally.marks AS m WHERE m.id > 0", filters),
    ):
        loaded = queryfile.load(written(tmp_path, sql, more=more))
        [answer] = await describe_variants(tally, loaded.queries)
        assert not isinstance(answer, DescribeError), answer
        assert "\n    replica=True,\n" in module([answer]).text


@pytest.mark.parametrize(
    ("shape", "value", "problem"),
    [
        ("exec", "yes", "only reads run on replicas"),
        ("many", "no", "say `replica: yes`, or leave it out"),
        ("many", "maybe", "say `replica: yes`, or leave it out"),
    ],
)
def test_the_directive_is_for_reads_and_says_yes(
    tmp_path: Path, shape: str, value: str, problem: str
) -> None:
    file = tmp_path / "things.sql"
    file.write_text(f"-- name: find :{shape}\n-- Find.\n-- replica: {value}\nSELECT 1 AS n;\n")
    [error] = queryfile.load(file).errors
    assert problem in str(error)


def test_positions_survive_their_text_and_nothing_else_is_one() -> None:
    place = Position(7710676349763207748, 3, 0x16B3748)
    assert Position.parse(str(place)) == place
    for text in (
        "",
        "1-2",
        "1-2-3-4",
        "x-1-1",
        "-1-1-1",
        "1-1-" + "f" * 17,
        "1-1-F",
        "1--1",
        "٣-1-1",
    ):
        with pytest.raises(InvalidValue, match="after"):
            Position.parse(text)


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://joe:s%40y@one,two:6000/app?sslmode=require",
        "postgresql://joe@/app?host=/tmp/a,/tmp/b&port=5433",
        "postgresql://one/app",
        "postgresql://[::1]:6000,two/app",
        "postgresql:///app",
    ],
)
def test_each_host_of_a_dsn_gets_one_of_its_own(dsn: str) -> None:
    found = single(dsn)
    assert [place for one in found for place in hosts_of(one)] == hosts_of(dsn)
    assert all(one.partition("?")[0].endswith("/app") for one in found)
    assert [("joe" in one) for one in found] == ["joe" in dsn] * len(found)


async def test_the_example_of_the_page_runs(db: Database) -> None:
    text = (Path(__file__).parent.parent / "docs" / "replicas.md").read_text()
    known: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0], known)  # noqa: S102 -- our own page
    user = await db.users.find_or_create(1)
    await db.guilds.create(7, name="Old", owner_id=user.id)
    assert await known["rename"](db, 7) == "Testers"
    assert await known["overview"](db) == 1


async def test_a_database_without_replicas_reads_on_the_primary_and_refuses_the_same(
    db: Database,
) -> None:
    after = await db.position()
    reading = db.reading(after=str(after))
    assert (await reading.guilds.list()).items == []
    assert (await db.reading().guilds.list()).items == []
    with pytest.raises(ReadOnly, match="writes"):
        await reading.guilds.merge_settings(1, {})
    with pytest.raises(ReadOnly, match="is not declared for replicas"):
        await reading.api_keys.list()
    with pytest.raises(InvalidValue, match="after"):
        db.reading(after="yesterday")
