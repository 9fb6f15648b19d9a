"""Migrations are done, undone and redone: what is left over, lost or out of order is found, and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from slimy_dal.cli import main
from slimy_dal.engine import embedded
from slimy_dal.schema.migrationfiles import MigrationError
from slimy_dal.schema.roundtrip.findings import Report
from slimy_dal.schema.roundtrip.servers import MAJORS, on_embedded, on_server
from slimy_dal.schema.steps import read_steps

OWN = Path(__file__).parent.parent / "sql" / "migrations"

PEOPLE = "CREATE TABLE people (id int PRIMARY KEY, name text, age int);"
NO_PEOPLE = "-- data: lost, the people\nDROP TABLE people;"
Files = dict[str, str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "migrations"


@pytest.fixture(scope="session")
def own_server() -> Iterator[str]:
    """A server of its own: what is tried here makes roles and databases."""
    with embedded.temporary(16) as running:
        yield running.dsn()


def walked(folder: Path, dsn: str, files: Files) -> Report:
    """The report of migrations, as their names and texts."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)
    return on_server(read_steps(folder), dsn)


def people(up: str, down: str) -> Files:
    """A table that holds rows, and a second migration to try."""
    return {
        "1_people.sql": PEOPLE,
        "1_people.rollback.sql": NO_PEOPLE,
        "2_next.sql": up,
        "2_next.rollback.sql": down,
    }


@pytest.mark.slow
@pytest.mark.parametrize("major", MAJORS)
@pytest.mark.fault("M8")
def test_our_own_migrations_come_back_with_the_rows_they_keep(major: int) -> None:
    missing: list[str] = []
    reports = list(on_embedded(read_steps(OWN), [major], missing.append))
    if missing:
        pytest.skip(missing[0])
    [report] = reports
    assert [str(finding) for finding in report.findings] == []
    assert report.undone == report.migrations >= 24
    assert report.tables_without_rows == {}, "what a rollback does to rows was seen for each table"


@pytest.mark.fault("M8")
def test_our_own_migrations_can_all_be_undone(own_server: str) -> None:
    report = on_server(read_steps(OWN), own_server, with_rows=False)
    assert [str(finding) for finding in report.findings] == []
    assert report.undone == report.migrations


@pytest.mark.parametrize(
    ("up", "down", "words"),
    [
        (
            "CREATE INDEX people_name_idx ON people (name);",
            "SELECT 1;",
            "after it was undone: index public.people_name_idx is left over",
        ),
        (
            "DROP INDEX IF EXISTS nothing; ALTER TABLE people ALTER name SET NOT NULL;",
            "SELECT 1;",
            "after it was undone: column public.people.name is NOT NULL, before it was nullable",
        ),
        (
            "ALTER TABLE people ALTER age SET DEFAULT 18;",
            "ALTER TABLE people ALTER age SET DEFAULT 0;",
            "column public.people.age has the default 0, before it was none",
        ),
        (
            "ALTER TABLE people DROP COLUMN age;",
            "-- data: lost, ages\nSELECT 1;",
            "after it was undone: column public.people.age is gone",
        ),
        (
            "CREATE TABLE pets (id int);",
            "DROP TABLE cats;",
            'cannot be undone: 2_next.rollback.sql:1: table "cats" does not exist',
        ),
        (
            "CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE pets (mood mood);",
            "-- data: lost, pets\nDROP TABLE pets;",
            "after it was undone: enum public.mood is left over",
        ),
        (
            "CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE pets (mood mood);",
            "-- data: lost, pets\nDROP TABLE pets;",
            'cannot be applied again after it was undone: 2_next.sql:1: type "mood" already exists',
        ),
        (
            "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';",
            "SELECT 1;",
            "after it was undone: function public.one() is left over",
        ),
        (
            "GRANT SELECT ON people TO PUBLIC;",
            "SELECT 1;",
            "privilege SELECT ON TABLE public.people TO PUBLIC is left over",
        ),
        (
            "ALTER TABLE people OWNER TO pg_monitor;",
            "SELECT 1;",
            "table public.people has the owner pg_monitor, before it was postgres",
        ),
        (
            "ALTER TABLE people ADD COLUMN nick text;",
            "-- data: kept\nALTER TABLE people DROP COLUMN nick;",
            (
                "loses data and says that it keeps all data (`-- data: lost, reason`): "
                "rollback and apply: public.people.nick loses its values"
            ),
        ),
        (
            "CREATE TABLE pets (id int);",
            "DROP TABLE pets;",
            (
                "loses data and does not say so (`-- data: lost, reason`): rollback and apply: "
                "public.pets loses 3 of 3 rows"
            ),
        ),
        (
            "ALTER TABLE people DROP COLUMN age;",
            "-- data: kept\nALTER TABLE people ADD COLUMN age int;",
            (
                "loses data and says that it keeps all data (`-- data: lost, reason`): "
                "apply and rollback: public.people.age loses its values"
            ),
        ),
        (
            "UPDATE people SET name = upper(name);",
            "-- data: kept\nUPDATE people SET name = initcap(name);",
            "public.people.name has other values",
        ),
        (
            "DELETE FROM people WHERE name IS NOT NULL;",
            "-- data: kept\nSELECT 1;",
            "apply and rollback: public.people loses 3 of 3 rows",
        ),
        (
            "ALTER TABLE people ADD COLUMN nick text;",
            "-- data: lost\nALTER TABLE people DROP COLUMN nick;",
            "`-- data: lost` is neither `kept` nor `lost, reason`",
        ),
        (
            "CREATE TABLE pets (CHECK;",
            "SELECT 1;",
            "cannot be applied: 2_next.sql:1: syntax error at",
        ),
    ],
)
def test_what_goes_wrong_is_said(
    folder: Path, own_server: str, up: str, down: str, words: str
) -> None:
    report = walked(folder, own_server, people(up, down))
    assert report.failed
    assert any(words in str(found) for found in report.findings if not found.is_note), [
        str(found) for found in report.findings
    ]
    assert not [found for found in report.findings if found.migration == "1_people"]


@pytest.mark.parametrize(
    ("up", "down", "words"),
    [
        (
            "ALTER TABLE people DROP COLUMN name;",
            "-- data: lost, names\nALTER TABLE people ADD COLUMN name text;",
            "table public.people has columns in another order: age, name; before it was name, age",
        ),
        (
            "ALTER TABLE people ADD COLUMN nick text NOT NULL;",
            "-- data: lost, nicks\nALTER TABLE people DROP COLUMN nick;",
            (
                "works on empty tables only, not with rows: 2_next.sql:1: "
                'column "nick" of relation "people" contains null values'
            ),
        ),
        (
            "CREATE INDEX people_name_idx ON people (name);",
            "-- data: lost, the index\nDROP INDEX people_name_idx;",
            "says that it loses data, and none was seen to be lost",
        ),
        (
            "ALTER TABLE people DROP COLUMN age;",
            "-- irreversible: ages are gone\n",
            "is irreversible: ages are gone",
        ),
    ],
)
def test_what_is_worth_knowing_is_a_note(
    folder: Path, own_server: str, up: str, down: str, words: str
) -> None:
    report = walked(folder, own_server, people(up, down))
    assert [found.text for found in report.findings if words in found.text]
    assert not report.failed, [str(found) for found in report.findings]


def test_a_migration_without_a_rollback_is_found(folder: Path, own_server: str) -> None:
    report = walked(folder, own_server, {"1_people.sql": PEOPLE})
    assert [str(found) for found in report.findings] == [
        "1_people: nothing undoes it: write its rollback, or `-- irreversible: reason`"
    ]


def test_one_that_is_wrong_does_not_spoil_those_after_it(folder: Path, own_server: str) -> None:
    files = people("CREATE TYPE mood AS ENUM ('glad');", "SELECT 1;")
    files["3_pets.sql"] = "CREATE TABLE pets (id int PRIMARY KEY, mood mood);"
    files["3_pets.rollback.sql"] = "-- data: lost, pets\nDROP TABLE pets;"
    report = walked(folder, own_server, files)
    assert {found.migration for found in report.findings} == {"2_next"}
    assert report.undone == 2


def test_a_rollback_that_needs_a_later_one_first_is_found_on_the_way_down(
    folder: Path, own_server: str
) -> None:
    files = people("CREATE TABLE pets (id int);", "-- data: lost, pets\nDROP TABLE pets;")
    files["3_view.sql"] = "CREATE VIEW all_pets AS SELECT id FROM pets;"
    files["3_view.rollback.sql"] = "-- data: kept\n-- irreversible: no\n"
    report = walked(folder, own_server, files)
    assert [str(found) for found in report.findings] == ["3_view: note: is irreversible: no"]


@pytest.mark.parametrize(
    "files",
    [
        {"01_a.up.sql": "CREATE VIEW a AS SELECT 1 AS b;", "01_a.down.sql": "DROP VIEW a;"},
        {"2024_a/up.sql": "CREATE VIEW a AS SELECT 1 AS b;", "2024_a/down.sql": "DROP VIEW a;"},
        {"V1__a.sql": "CREATE VIEW a AS SELECT 1 AS b;", "U1__a.sql": "DROP VIEW a;"},
        {"1_a.sql": "-- +goose Up\nCREATE VIEW a AS SELECT 1 AS b;\n-- +goose Down\nDROP VIEW a;"},
        {
            "1_a.sql": "-- +migrate Up\nCREATE VIEW a AS SELECT 1 AS b;\n-- +migrate Down\nDROP VIEW a;"
        },
        {
            "1_a.sql": "-- migrate:up\nCREATE VIEW a AS SELECT 1 AS b;\n-- migrate:down\nDROP VIEW a;"
        },
        {
            "1_a.sql": "CREATE VIEW a AS SELECT 1 AS b;\n---- create above / drop below ----\nDROP VIEW a;"
        },
        {
            "1_a.sql": "BEGIN;\nCREATE VIEW a AS SELECT 1 AS b;\nCOMMIT;",
            "1_a.rollback.sql": "DROP VIEW a;",
        },
    ],
)
def test_the_files_of_other_tools_are_read(folder: Path, own_server: str, files: Files) -> None:
    report = walked(folder, own_server, files)
    assert [str(found) for found in report.findings] == []
    assert report.undone == 1


@pytest.mark.parametrize(
    "mark",
    ["-- transactional: false", "-- +goose NO TRANSACTION", "-- migrate:up transaction:false"],
)
def test_what_runs_outside_of_a_transaction_does(folder: Path, own_server: str, mark: str) -> None:
    up = f"{mark}\nALTER TYPE mood ADD VALUE 'sad';\nINSERT INTO moods VALUES ('sad');\n-- irreversible: a label stays"
    files = {
        "1_mood.sql": "CREATE TYPE mood AS ENUM (); CREATE TABLE moods (mood mood);",
        "1_mood.rollback.sql": "-- data: lost, all\nDROP TABLE moods; DROP TYPE mood;",
        "2_sad.sql": up,
    }
    report = walked(folder, own_server, files)
    assert not report.failed, [str(found) for found in report.findings]


def test_rows_fit_keys_checks_patterns_enums_domains_and_partitions(
    folder: Path, own_server: str
) -> None:
    files = {
        "1_all.sql": """
            CREATE TYPE mood AS ENUM ('glad', 'sad');
            CREATE DOMAIN code AS text CHECK (VALUE IN ('x1', 'y2'));
            CREATE TABLE later (id int PRIMARY KEY);
            CREATE TABLE pets (
                id uuid PRIMARY KEY, mood mood NOT NULL, code code NOT NULL,
                tag text NOT NULL CHECK (tag ~ '^(cat|dog)-[0-9]{3,5}$'),
                first int NOT NULL REFERENCES later, second int NOT NULL REFERENCES later,
                low int NOT NULL, high int NOT NULL, kinds text[] NOT NULL,
                hash bytea NOT NULL CHECK (octet_length(hash) = 32), sex text CHECK (sex LIKE 'm%'),
                CHECK (low < high), CHECK (kinds <@ ARRAY['a', 'b'] AND cardinality(kinds) > 0)
            );
            CREATE TABLE days (day date NOT NULL, year int) PARTITION BY RANGE (day);
            CREATE TABLE days_1999 PARTITION OF days FOR VALUES FROM ('1999-01-01') TO ('2000-01-01');
        """,
        "1_all.rollback.sql": """-- data: lost, everything
            DROP TABLE days; DROP TABLE pets; DROP TABLE later; DROP DOMAIN code; DROP TYPE mood;
        """,
    }
    report = walked(folder, own_server, files)
    assert report.tables_without_rows == {}
    assert not report.failed


def test_a_table_that_takes_no_row_is_named(folder: Path, own_server: str) -> None:
    files = {
        "1_shut.sql": "CREATE TABLE shut (id int CHECK (false));",
        "1_shut.rollback.sql": "-- data: kept\nDROP TABLE shut;",
    }
    report = walked(folder, own_server, files)
    assert list(report.tables_without_rows) == ["public.shut"]
    assert 'violates check constraint "shut_check"' in report.tables_without_rows["public.shut"]


def test_the_server_is_left_as_it_was(folder: Path, own_server: str) -> None:
    with psycopg.connect(own_server) as connection:
        names = "SELECT datname FROM pg_database ORDER BY 1"
        before = connection.execute(names).fetchall()
        walked(folder, own_server, people("SELECT 1;", "SELECT 1/0;"))
        assert connection.execute(names).fetchall() == before


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["migrate", "roundtrip", *arguments])
    return result.exit_code, result.output


def test_the_command_prints_findings_and_what_was_tried(folder: Path, own_server: str) -> None:
    walked(folder, own_server, people("CREATE VIEW pets AS SELECT 1 AS b;", "DROP VIEW pets;"))
    code, output = run("--migrations", str(folder), "--dsn", own_server)
    assert code == 0, output
    assert "PostgreSQL 16: 2 of 2 migrations undone and done again, with rows in 1 of 1" in output

    (folder / "2_next.rollback.sql").write_text("SELECT 1;")
    code, output = run("--migrations", str(folder), "--dsn", own_server, "--schema-only")
    assert code == 1
    assert "2_next: after it was undone: view public.pets is left over" in output
    assert "without rows" in output

    code, output = run("--migrations", str(folder), "--dsn", own_server, "--json")
    assert code == 1
    [report] = json.loads(output)
    assert report["findings"][0]["migration"] == "2_next"


def test_a_server_that_is_not_there_is_said(folder: Path) -> None:
    folder.mkdir()
    (folder / "1_a.sql").write_text("SELECT 1;")
    code, output = run("--migrations", str(folder), "--server", "9")
    assert code == 1
    assert "left out: no PostgreSQL 9 server on this machine" in output
    assert run("--server", "new")[0] == 2
    code, output = run("--migrations", str(folder), "--dsn", "postgresql://u:canary@127.0.0.1:1/d")
    assert code == 1
    assert "no connection to the database" in output
    assert "canary" not in output


def test_a_folder_without_migrations_is_said(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="no migrations in"):
        read_steps(tmp_path)


def test_a_constraint_stays_valid_once_it_is(folder: Path, own_server: str) -> None:
    files = people(
        "ALTER TABLE people ADD CONSTRAINT old_check CHECK (id != -1) NOT VALID;",
        "-- data: kept\nALTER TABLE people DROP CONSTRAINT old_check;",
    )
    files["3_valid.sql"] = "ALTER TABLE people VALIDATE CONSTRAINT old_check;"
    files["3_valid.rollback.sql"] = "-- data: kept\nSELECT 1;"
    report = walked(folder, own_server, files)
    [found] = report.findings
    assert found.is_note
    assert "old_check is CHECK ((id <> '-1'::integer)), before it was" in found.text
