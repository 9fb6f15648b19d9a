"""Tests of what a statement is said to touch: above all, whether running it twice does harm."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slimy_dal.compiler import queryfile
from slimy_dal.compiler.codegen.module import module
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description
from slimy_dal.engine.driver import Connection, connect

SCHEMA = """
CREATE SCHEMA tally;
CREATE TABLE tally.marks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text);
CREATE FUNCTION tally.put(word text) RETURNS bigint LANGUAGE sql
    AS 'INSERT INTO tally.marks (word) VALUES (word) RETURNING id';
CREATE FUNCTION tally.random() RETURNS bigint LANGUAGE sql AS 'SELECT tally.put(''x'')';
CREATE FUNCTION tally.look() RETURNS bigint STABLE LANGUAGE sql AS 'SELECT count(*) FROM tally.marks';
CREATE FUNCTION tally.same(bigint, bigint) RETURNS bool LANGUAGE sql AS 'SELECT tally.put(''y'') > 0';
CREATE OPERATOR tally.=== (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = tally.same);
CREATE VIEW tally.putting AS SELECT tally.put('v') AS id;
CREATE VIEW tally.over AS SELECT p.id FROM tally.putting AS p;
"""


@pytest.fixture
async def tally(database_url: str) -> AsyncIterator[Connection]:
    async with await connect(database_url) as connection:
        await connection.execute(SCHEMA)
        yield connection


async def described(connection: Connection, folder: Path, sql: str) -> Description:
    file = folder / "things.sql"
    file.write_text(f"-- name: find :many\n-- Find things.\n{sql};\n")
    [answer] = await describe(connection, queryfile.load(file).queries)
    assert isinstance(answer, Description), answer
    return answer


@pytest.mark.parametrize(
    ("sql", "effects"),
    [
        ("SELECT tally.put('a') AS id", True),
        ("SELECT m.id FROM tally.marks AS m WHERE m.id IN (SELECT tally.put(m.word))", True),
        ("SELECT f.id FROM tally.put('a') AS f (id)", True),
        ("SELECT tally.random() AS id", True),
        ("SELECT m.id FROM tally.marks AS m WHERE m.id OPERATOR(tally.===) 1", True),
        ("SELECT o.id FROM tally.over AS o", True),
        ("SELECT nextval('tally.marks_id_seq') AS id", True),
        ("SELECT pg_try_advisory_lock(1) AS held", True),
        ("SELECT pg_notify('x', 'y') AS told", True),
        ("SELECT m.id FROM tally.marks AS m FOR UPDATE SKIP LOCKED", True),
        ("SELECT x.id FROM (SELECT m.id FROM tally.marks AS m FOR SHARE) AS x", True),
        ("SELECT tally.look() AS n", False),
        ("SELECT count(*) AS n, max(lower(m.word)) AS w FROM tally.marks AS m", False),
        ("SELECT random() AS r, gen_random_uuid() AS u, clock_timestamp() AS c, now() AS n", False),
    ],
)
async def test_what_a_select_may_leave_behind_is_seen(
    tally: Connection, tmp_path: Path, sql: str, *, effects: bool
) -> None:
    found = await described(tally, tmp_path, sql)
    assert found.writes == frozenset()
    assert found.effects is effects
    text = module([found]).text
    assert ("writes=True" in text) is effects
