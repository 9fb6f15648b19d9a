import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from slimy_dal.compiler import foreign, schemafiles
from slimy_dal.compiler.queryfile import Dialect
from slimy_dal.engine import embedded

DUMP = r"""--
-- PostgreSQL database dump
--
\restrict xyz
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
BEGIN;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;
CREATE TABLE public.book (
    id serial PRIMARY KEY,
    author_id integer,
    title citext NOT NULL,
    kind kind NOT NULL
);
CREATE EXTENSION citext;
CREATE TYPE kind AS ENUM ('a', 'b;c');
CREATE TABLE public.author (id uuid PRIMARY KEY DEFAULT uuid_generate_v4(), name text NOT NULL);
ALTER TABLE public.book DROP COLUMN author_id, ADD COLUMN author_id uuid REFERENCES author;
ALTER TABLE public.author OWNER TO nobody_here;
GRANT SELECT ON public.author TO "Someone Else";
COPY public.author (id, name) FROM stdin;
1	it's; not SQL
\.
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql
BEGIN ATOMIC SELECT CASE WHEN $1 > 0 THEN 1 ELSE 2 END; SELECT $1 * 2; END;
CREATE VIEW shelf AS SELECT b.title, a.name FROM book b LEFT JOIN author a ON a.id = b.author_id;
COMMIT;
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "schema.sql").write_text(DUMP)
    (tmp_path / "queries").mkdir()
    return tmp_path


def queries(project: Path, text: str, name: str = "q.sql") -> Path:
    (project / "queries" / name).write_text(text)
    return project / "queries"


async def run(project: Path, text: str, dialect: Dialect = "slimy") -> list[dict[str, Any]]:
    folder = queries(project, text)
    report = await foreign.describe_project(folder, [project / "schema.sql"], None, dialect)
    return list(json.loads(report.to_json())["queries"])


def columns(entry: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(c["name"], c["type"], c["nullable"]) for c in entry["columns"]]


async def test_a_dump_is_taken_as_it_comes(project: Path) -> None:
    entries = await run(
        project,
        "-- name: a :many\n-- A.\nSELECT s.title, s.name FROM shelf AS s;\n"
        "-- name: b :one\n-- B.\nSELECT twice(:n) AS two, a.id FROM author AS a WHERE a.id = :id;\n",
    )
    assert [entry["error"] for entry in entries] == [None, None]
    assert columns(entries[0]) == [("title", "text", False), ("name", "text", True)]
    assert entries[1]["params"] == [
        {"name": "n", "type": "integer", "nullable": False},
        {"name": "id", "type": "uuid", "nullable": False},
    ]
    assert (entries[1]["name"], entries[1]["shape"], entries[1]["line"]) == ("b", "one", 4)


async def test_an_error_costs_its_query_only_and_has_a_place(project: Path) -> None:
    entries = await run(
        project,
        "-- name: bad :many\n-- Bad.\nSELECT\n    a.nope\nFROM author AS a;\n"
        "-- name: good :many\n-- Good.\nSELECT a.name FROM author AS a;\n"
        "-- name: odd :manny\n-- Odd.\nSELECT 1;\n",
    )
    error = entries[0]["error"]
    assert (error["line"], error["column"]) == (4, 5)
    assert error["message"].startswith("column a.nope does not exist (Perhaps you meant")
    assert entries[1]["error"] is None
    assert "did you mean" in entries[2]["error"]["message"]


async def test_files_of_sqlc_and_aiosql_are_described(project: Path) -> None:
    sqlc = await run(
        project, "-- name: GetAuthor :one\nSELECT * FROM author WHERE id = $1;\n", "sqlc"
    )
    aiosql = await run(
        project, "-- name: get-author^\nselect * from author where id = :id\n", "aiosql"
    )
    assert (
        columns(sqlc[0]) == columns(aiosql[0]) == [("id", "uuid", False), ("name", "text", False)]
    )
    assert aiosql[0]["name"] == "get_author"


async def test_what_the_schema_lacks_is_a_note_and_not_a_crash(project: Path) -> None:
    (project / "schema.sql").write_text(
        "CREATE TABLE t (x hstore);\nCREATE TABLE u (y int);\n'open"
    )
    folder = queries(project, "-- name: a :many\n-- A.\nSELECT u.y FROM u;\n")
    report = await foreign.describe_project(folder, [project / "schema.sql", project / "none.sql"])
    assert not report.failed
    assert any('schema.sql:1: type "hstore" does not exist' in note for note in report.notes)
    assert any("no such file" in note for note in report.notes)


async def test_nothing_stays_in_a_database_that_was_named(project: Path, database_url: str) -> None:
    folder = queries(project, "-- name: a :many\n-- A.\nSELECT a.name FROM author AS a;\n")
    report = await foreign.describe_project(folder, [project / "schema.sql"], database_url)
    assert not report.failed, report.to_table()
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT to_regclass('author'), to_regtype('kind')").fetchone()
    assert row == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "-- +goose Up\nCREATE TABLE t (a int);\n-- +goose Down\nDROP TABLE t;\n",
        "-- migrate:up\nCREATE TABLE t (a int);\n-- migrate:down\nDROP TABLE t;\n",
        "CREATE TABLE t (a int);\n---- create above / drop below ----\nDROP TABLE t;\n",
    ],
)
def test_sections_that_undo_are_left_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "1.sql").write_text(text)
    found, problems = schemafiles.read((tmp_path,))
    assert [one.text for one in found] == ["CREATE TABLE t (a int)"]
    assert problems == []


def test_folders_are_read_in_order_of_number_without_files_that_undo(tmp_path: Path) -> None:
    for name in ("10_c.up.sql", "2_b.up.sql", "1_a.sql", "1_a.down.sql", "2_b.rollback.sql"):
        (tmp_path / name).write_text(f"SELECT '{name}';")
    found, _ = schemafiles.read((tmp_path,))
    assert [Path(one.path).name for one in found] == ["1_a.sql", "2_b.up.sql", "10_c.up.sql"]


HOSTILE = [
    b"",
    b"\x00\xff\xfe",
    b"-- name: a :one\n\xff",
    b"-- name: a :one\n-- A.\nSELECT " + b"(" * 20000 + b"1" + b")" * 20000,
    b"-- name: a :one\n-- A.\n" + b"SELECT 1" + b" + 1" * 20000,
    b"-- name: a :one\n-- A.\nSELECT 'open",
    b"-- name: a :one\n-- A.\nCREATE TABLE x (y int);",
    b"-- name: a :one\n-- A.\nVACUUM;",
    b"-- name: a :one\n-- A.\nSELECT $1::nope, :b;",
    b"-- name: a :one\n-- A.\nCOMMIT;",
    b"-- name: a :one\n-- A.\nSELECT pg_terminate_backend(pg_backend_pid());",
]


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
async def test_bad_input_is_reported_and_never_raised(project: Path, content: bytes) -> None:
    (project / "queries" / "bad.sql").write_bytes(content)
    (project / "queries" / "good.sql").write_text("-- name: g :many\n-- G.\nSELECT 1 AS one;\n")
    report = await foreign.describe_project(project / "queries", [project / "schema.sql"])
    good = [entry for entry in report.entries if entry["name"] == "g"]
    assert good[0]["error"] is None
    assert columns(good[0]) == [("one", "integer", False)]


async def test_random_damage_to_a_file_never_crashes_the_tool(project: Path) -> None:
    source = (
        DUMP + "-- name: a :many\n-- A.\nSELECT s.title FROM shelf AS s WHERE s.name = :name;\n"
    )
    chance = random.Random(7)
    files = project / "queries"
    for number in range(60):
        text = list(source[chance.randrange(len(source)) :])
        for _ in range(chance.randrange(1, 20)):
            if text:
                text[chance.randrange(len(text))] = chr(
                    chance.choice([0, 34, 36, 39, 40, 58, 59, 255])
                )
        header = f"-- name: q{number} :many\n-- Q.\n" if number % 2 else ""
        (files / f"f{number}.sql").write_text(header + "".join(text))
    for dialect in ("slimy", "aiosql", "sqlc"):
        report = await foreign.describe_project(files, [files], None, dialect)
        assert report.entries
        json.loads(report.to_json())
        assert report.to_table()


def test_the_command_prints_json_and_says_by_its_exit_code_whether_all_went_well(
    project: Path,
) -> None:
    folder = queries(project, "-- name: a :many\n-- A.\nSELECT a.name FROM author AS a;\n")
    command = [str(Path(sys.executable).parent / "slimy"), "describe", "--format", "json"]
    options = ["--queries", str(folder), "--schema", str(project / "schema.sql")]
    environment = {"PATH": os.environ["PATH"]}

    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "queries": [
            {
                "name": "a",
                "file": str(folder / "q.sql"),
                "line": 1,
                "shape": "many",
                "params": [],
                "columns": [{"name": "name", "type": "text", "nullable": False}],
                "error": None,
            }
        ]
    }
    assert "stand-in" in done.stderr

    queries(project, "-- name: a :many\n-- A.\nSELECT nope;\n")
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 1
    assert (
        json.loads(done.stdout)["queries"][0]["error"]["message"] == 'column "nope" does not exist'
    )


def test_a_stand_in_loads_on_every_version() -> None:
    for major in (16, 18):
        with embedded.temporary(major) as server, psycopg.connect(server.dsn()) as connection:
            for file in (Path(__file__).parent.parent / "sql" / "standins").glob("*.sql"):
                connection.execute(file.read_text())


@pytest.mark.parametrize(
    ("text", "said", "alone"),
    [
        ("-- transactional: false\nSELECT 1", True, True),
        ("-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1", True, True),
        ("-- no-transaction\nSELECT 1", True, True),
        ("-- migrate:up transaction:false\nSELECT 1", True, True),
        ("-- migrate:down transaction:false\nSELECT 1", True, True),
        ("-- +migrate Up notransaction\nSELECT 1", True, True),
        ("-- atlas:txmode none\nSELECT 1", True, True),
        ("SELECT 1;\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", False, True),
        ("ALTER TABLE t DETACH PARTITION p CONCURRENTLY", False, True),
        ("VACUUM t", False, True),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY v", False, False),
        ("-- not CONCURRENTLY: it is empty\nCREATE INDEX i ON t (a)", False, False),
        ("CREATE TABLE vacuum_log (id int)", False, False),
    ],
)
def test_files_outside_of_a_transaction_are_known_in_each_tools_words(
    text: str, *, said: bool, alone: bool
) -> None:
    statements = list(schemafiles.split(text, "m.sql"))
    assert schemafiles.asks_for_no_transaction(text) == said
    assert schemafiles.runs_alone(text, statements) == alone
