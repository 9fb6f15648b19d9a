"""Tests that a previous release is held against today's schema: what it was promised, it must still get."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from slimy_dal.cli import main
from slimy_dal.compiler import queryfile, releases
from slimy_dal.compiler.codegen import module as codegen
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description
from slimy_dal.engine.driver import Connection, connect

ROOT = Path(__file__).parent.parent
QUERIES = """\
-- name: find :opt
-- A lamp by key.
SELECT l.id, l.colour, l.watts
FROM hall.lamps AS l
WHERE l.id = :id;

-- name: paint :exec
-- Another colour, or none.
UPDATE hall.lamps SET colour = :colour WHERE id = :id;

-- name: total :scalar
-- All watts.
SELECT coalesce(sum(l.watts), 0) AS total FROM hall.lamps AS l;
"""


@pytest.fixture
async def hall(database_url: str) -> AsyncIterator[Connection]:
    async with await connect(database_url) as connection:
        await connection.execute(
            "CREATE SCHEMA hall;"
            "CREATE TABLE hall.lamps (id bigint PRIMARY KEY, colour text, watts int NOT NULL)"
        )
        yield connection


@pytest.fixture
async def release(hall: Connection, tmp_path: Path) -> Path:
    """A release: its query file and the module that was generated when it was made."""
    queries, modules = tmp_path / "sql" / "queries", tmp_path / "slimy_dal" / "queries"
    queries.mkdir(parents=True)
    modules.mkdir(parents=True)
    (queries / "lamps.sql").write_text(QUERIES)
    found = await describe(hall, queryfile.load(queries).queries)
    descriptions = [one for one in found if isinstance(one, Description)]
    (modules / "lamps.py").write_text(codegen.module(descriptions).text)
    return tmp_path


async def verdict(hall: Connection, folder: Path) -> releases.Verdict:
    return await releases.prove(hall, releases.release(folder), ())


async def test_a_release_holds_on_the_schema_it_was_made_for(
    hall: Connection, release: Path
) -> None:
    assert await verdict(hall, release) == releases.Verdict(3, ())


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ("ALTER TABLE hall.lamps ADD COLUMN made date", []),
        ("ALTER TABLE hall.lamps DROP COLUMN watts", ["column l.watts does not exist"] * 2),
        (
            "ALTER TABLE hall.lamps ALTER COLUMN watts DROP NOT NULL",
            ["lamps.find: FindRow.watts may be null now"],
        ),
        (
            "ALTER TABLE hall.lamps ALTER COLUMN watts TYPE text",
            ["lamps.find: FindRow.watts is str, not int", "function sum(text) does not exist"],
        ),
        (
            "ALTER TABLE hall.lamps ALTER COLUMN id TYPE numeric",
            ["parameter id is numeric, not bigint"] * 2 + ["FindRow.id is Decimal, not Snowflake"],
        ),
        (
            "ALTER TABLE hall.lamps ALTER COLUMN colour SET NOT NULL",
            ["lamps.paint: parameter colour may not be null any more"],
        ),
    ],
)
@pytest.mark.fault("E9")
async def test_a_change_that_breaks_a_promise_is_named(
    hall: Connection, release: Path, change: str, problems: list[str]
) -> None:
    await hall.execute(change)
    found = (await verdict(hall, release)).problems
    assert len(found) == len(problems), found
    for problem in problems:
        assert any(problem in one for one in found), (problem, found)
    assert all("lamps.sql:" in one for one in found)


async def test_query_files_alone_must_be_accepted_and_are_compared_with_todays(
    hall: Connection, release: Path, tmp_path: Path
) -> None:
    today = tmp_path / "today" / "lamps.sql"
    today.parent.mkdir()
    today.write_text(QUERIES.replace(", l.watts", "").partition("-- name: total")[0])
    old = releases.release(release / "sql" / "queries")
    found = await releases.prove(hall, old, queryfile.load(today).queries)
    assert found.problems == ()
    assert [note.partition("lamps.")[2].partition("lamps.")[2] for note in found.notes] == [
        "find: columns id bigint, colour text?, watts integer; today id bigint, colour text?",
        "total: not there any more",
    ]
    await hall.execute("ALTER TABLE hall.lamps RENAME COLUMN watts TO power")
    assert len((await verdict(hall, release / "sql" / "queries")).problems) == 2


async def test_a_query_file_that_cannot_be_read_is_a_problem(
    hall: Connection, release: Path
) -> None:
    file = release / "sql" / "queries" / "lamps.sql"
    file.write_text(QUERIES.replace(":exec", ":exce"))
    [problem] = (await verdict(hall, release)).problems
    assert "lamps.sql:7" in problem


def test_a_folder_without_query_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no query files"):
        releases.release(tmp_path)


@pytest.fixture
def checked(database_url: str) -> Callable[[Path], tuple[int, str]]:
    def run(folder: Path) -> tuple[int, str]:
        arguments = ["check", "--dsn", database_url, "--old-queries", str(folder)]
        result = CliRunner().invoke(main, arguments)
        return result.exit_code, result.output

    return run


def test_the_command_proves_this_release_against_its_own_schema(
    checked: Callable[[Path], tuple[int, str]],
) -> None:
    code, output = checked(ROOT)
    assert code == 0, output
    assert "are accepted and keep their promises" in output


def test_the_command_fails_where_a_promise_is_broken(
    checked: Callable[[Path], tuple[int, str]], tmp_path: Path
) -> None:
    (tmp_path / "users.sql").write_text(
        "-- name: a :one\n-- A.\nSELECT u.shoe FROM slimy.users AS u LIMIT 1;\n"
    )
    code, output = checked(tmp_path)
    assert code == 1
    assert "users.sql:3:8: users.a: column u.shoe does not exist" in output
