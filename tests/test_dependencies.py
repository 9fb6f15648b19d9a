"""Tests of what a query is said to depend on, from the tree to the command that answers without a server."""

import json
import runpy
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from slimy_dal.cli import main
from slimy_dal.compiler.codegen.module import module
from slimy_dal.compiler.dependencies import UnknownName, dependencies, depending
from slimy_dal.compiler.description import Description
from slimy_dal.engine import embedded
from slimy_dal.engine.driver import Connection, connect
from tests.statements import described

SCHEMA = """
CREATE SCHEMA inn;
CREATE TABLE inn.rooms (id bigint PRIMARY KEY, floor int, name text, note text);
CREATE TABLE inn.guests (id bigint PRIMARY KEY, room_id bigint, name text);
CREATE VIEW inn.cellar AS SELECT r.id, r.name AS label FROM inn.rooms AS r WHERE r.floor < 0;
CREATE VIEW inn.full_rooms AS SELECT DISTINCT r.id FROM inn.rooms AS r JOIN inn.guests AS g ON g.room_id = r.id;
CREATE FUNCTION inn.tidy(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower($1)';
CREATE AGGREGATE inn.longest (text) (SFUNC = max_text, STYPE = text);
""".replace("max_text", "pg_catalog.text_larger")


@pytest.fixture
async def inn(database_url: str) -> AsyncIterator[Connection]:
    async with await connect(database_url) as connection:
        await connection.execute(SCHEMA)
        yield connection


def told(description: Description) -> dict[str, set[str]]:
    """What the description says, as one set of names per way of touching."""
    found: dict[str, set[str]] = {"read": set(), "written": set(), "deleted": set()}
    for use in description.uses:
        for way in ("read", "written"):
            if getattr(use, way):
                found[way].add(f"{use.table}.{use.column}")
    for touched in description.touches:
        for way, names in found.items():
            if getattr(touched, way):
                names.add(f"{touched.kind} {touched.name}")
    return found


@pytest.mark.parametrize(
    ("sql", "read", "written", "deleted"),
    [
        (
            "SELECT r.name FROM inn.rooms AS r WHERE r.floor = 1",
            "rooms.name rooms.floor table-rooms",
            "",
            "",
        ),
        ("SELECT count(*) AS n FROM inn.rooms AS r", "table-rooms", "", ""),
        (
            "UPDATE inn.rooms AS r SET name = r.note WHERE r.id = 1",
            "rooms.note rooms.id table-rooms",
            "rooms.name table-rooms",
            "",
        ),
        ("DELETE FROM inn.rooms AS r WHERE r.id = 1", "rooms.id table-rooms", "", "table-rooms"),
        (
            "INSERT INTO inn.guests (id, name) SELECT r.id, inn.tidy(r.name) FROM inn.rooms AS r",
            "rooms.id rooms.name table-rooms function-tidy",
            "guests.id guests.name table-guests",
            "",
        ),
        (
            "INSERT INTO inn.guests AS g (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'x'",
            "guests.id table-guests",
            "guests.id guests.name table-guests",
            "",
        ),
        (
            """WITH gone AS (DELETE FROM inn.guests AS g WHERE g.id = 1 RETURNING g.room_id)
            SELECT inn.longest(r.name) AS n FROM gone JOIN inn.rooms AS r ON r.id = gone.room_id""",
            "guests.id guests.room_id table-guests rooms.id rooms.name table-rooms function-longest",
            "",
            "table-guests",
        ),
        (
            "SELECT f.id FROM inn.full_rooms AS f",
            "full_rooms.id view-full_rooms rooms.id table-rooms guests.room_id table-guests",
            "",
            "",
        ),
        (
            "UPDATE inn.cellar AS c SET label = 'x' WHERE c.id = 1",
            "cellar.id view-cellar rooms.id rooms.name rooms.floor table-rooms",
            "cellar.label view-cellar rooms.name table-rooms",
            "",
        ),
    ],
)
async def test_reads_writes_and_calls_are_told_apart(
    inn: Connection, tmp_path: Path, sql: str, read: str, written: str, deleted: str
) -> None:
    found = told(await described(inn, tmp_path, sql, shape="many"))
    for way, names in (("read", read), ("written", written), ("deleted", deleted)):
        assert found[way] == {name.replace("-", " ") for name in names.split()}, way


async def test_a_generated_module_says_what_its_queries_do(inn: Connection, tmp_path: Path) -> None:
    description = await described(
        inn, tmp_path, "DELETE FROM inn.rooms AS r WHERE r.id = 1", shape="exec"
    )
    file = tmp_path / "things.py"
    file.write_text(module([description]).text)
    data = runpy.run_path(str(file))
    assert data["TOUCHES"] == (("inn", "rooms", "table", ("find",), (), ("find",)),)
    [one] = dependencies([description.query], {"things": data["USES"]}, {"things": data["TOUCHES"]})
    assert one.deletes == {"inn.rooms"}
    assert depending([one], "writes", "inn.rooms") == [one]
    assert depending([one], "uses", "inn.rooms.id") == [one]
    with pytest.raises(
        UnknownName, match=r"no query depends on inn.room.id; did you mean inn.rooms.id"
    ):
        depending([one], "uses", "inn.room.id")


def listed(*arguments: str) -> list[str]:
    result = CliRunner().invoke(main, ["queries", "--format", "json", *arguments])
    assert result.exit_code == 0, result.output
    return [query["name"] for query in json.loads(result.output)["queries"]]


def test_the_command_answers_without_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a server was started")

    monkeypatch.setattr(embedded, "temporary", refuse)
    everything = listed()
    assert len(everything) > 40
    readers, writers = (
        listed("--uses", "slimy.users.email"),
        listed("--writes", "slimy.users.email"),
    )
    assert "users.get" in readers
    assert "users.get" not in writers
    assert {"users.find_or_create", "users.delete"} <= set(writers)
    assert "sessions.find_by_token" in listed("--uses", "slimy.users")
    assert "guilds.search" in listed("--uses", "slimy.words_query")


def test_the_command_shows_tables_and_places() -> None:
    result = CliRunner().invoke(main, ["queries", "--writes", "slimy.sessions"])
    line = next(line for line in result.output.splitlines() if line.startswith("sessions.delete "))
    assert "slimy.sessions (deletes)" in line
    assert "sessions.sql:" in line


def test_a_slip_of_the_pen_is_not_an_empty_answer() -> None:
    result = CliRunner().invoke(main, ["queries", "--uses", "slimy.users.emial"])
    assert result.exit_code == 1
    assert "did you mean slimy.users.email?" in result.output
