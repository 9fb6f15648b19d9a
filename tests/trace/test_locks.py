"""What a trace finds each time: locks, rewrites and rows, on a copy that is gone afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from slimy_dal.cli import main
from slimy_dal.engine import embedded
from slimy_dal.schema.migrationfiles import MigrationError
from slimy_dal.schema.trace.figures import MigrationFigures
from slimy_dal.schema.trace.run import FEW, Wishes, trace
from slimy_dal.schema.trace.scripts import scripts
from tests.trace.folder import written

MAJORS = [15, 16, 18]


@pytest.fixture
def wishes(server: embedded.Server) -> Iterator[Wishes]:
    """Locks alone, on the run's server; what is made there must be gone afterwards."""
    yield Wishes(server.dsn(), locks_only=True)
    with psycopg.connect(server.dsn()) as connection:
        left = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'slimy_trace_%'"
        ).fetchall()
    assert left == []


def only(folder: Path, wishes: Wishes) -> MigrationFigures:
    """Trace the last migration of a folder."""
    last = max(folder.glob("*.sql"))
    (figures,) = trace(folder, [str(last)], wishes).migrations
    assert figures.id == last.stem
    return figures


def locks(figures: MigrationFigures) -> list[dict[str, str]]:
    return [
        {lock.relation: lock.mode for lock in statement.locks if lock.existing}
        for statement in figures.statements
    ]


def test_each_statement_has_the_locks_that_it_added_and_the_line_it_stands_in(
    tmp_path: Path, wishes: Wishes
) -> None:
    folder = written(
        tmp_path,
        several="-- Purpose.\n\nCREATE TABLE parts (\n    thing_id bigint REFERENCES things (id)\n);\n"
        "CREATE INDEX things_n_idx ON things (n);\n"
        "ALTER TABLE things ADD COLUMN m integer;\n"
        "UPDATE things SET m = n;\n",
    )
    figures = only(folder, wishes)
    assert [one.line for one in figures.statements] == [3, 6, 7, 8]
    assert locks(figures) == [
        {"public.things": "ShareRowExclusiveLock"},
        {},
        {"public.things": "AccessExclusiveLock"},
        {},
    ]
    assert figures.strongest_lock == "AccessExclusiveLock"
    assert not any(one.rewrites for one in figures.statements)
    assert figures.rows == {"public.things": FEW}
    assert [one.dead_rows for one in figures.statements] == [0, 0, 0, FEW]
    assert all(one.wal_bytes > 0 for one in figures.statements)


def test_a_lock_on_what_the_migration_made_itself_is_not_one_anybody_waits_for(
    tmp_path: Path, wishes: Wishes
) -> None:
    folder = written(tmp_path, made="CREATE TABLE own (id integer);\nDROP TABLE own;\n")
    figures = only(folder, wishes)
    (lock,) = figures.statements[0].locks
    assert (lock.relation, lock.mode, lock.existing) == ("public.own", "AccessExclusiveLock", False)
    assert figures.strongest_lock is None
    assert figures.rows == {}


@pytest.mark.parametrize(
    ("statement", "rewrites"),
    [
        ("ALTER TABLE things ADD COLUMN c integer NOT NULL DEFAULT 1", []),
        ("ALTER TABLE things ADD COLUMN c uuid DEFAULT gen_random_uuid()", ["public.things"]),
        ("ALTER TABLE things ALTER COLUMN n TYPE bigint", ["public.things"]),
        ("ALTER TABLE things ALTER COLUMN s TYPE varchar", []),
        ("VACUUM FULL things", ["public.things"]),
        ("TRUNCATE things", []),
        ("SELECT 1", []),
    ],
)
def test_a_rewrite_is_seen_by_the_file_that_changes(
    tmp_path: Path, wishes: Wishes, statement: str, rewrites: list[str]
) -> None:
    alone = "-- transactional: false\n" if statement.startswith("VACUUM") else ""
    figures = only(written(tmp_path, rewrites=f"{alone}{statement};\n"), wishes)
    assert figures.statements[0].rewrites == rewrites
    assert [finding for finding in figures.findings if "rewrites" in finding] == [
        f"line {figures.statements[0].line}: rewrites the rows of {name}" for name in rewrites
    ]


@pytest.mark.parametrize(
    ("statement", "mode"),
    [
        ("CREATE INDEX CONCURRENTLY things_s_idx ON things (s)", "ShareUpdateExclusiveLock"),
        ("REINDEX TABLE CONCURRENTLY things", "ShareUpdateExclusiveLock"),
        ("VACUUM things", "ShareUpdateExclusiveLock"),
        ("CREATE INDEX things_s_idx ON things (s)", "ShareLock"),
    ],
)
def test_a_statement_outside_of_a_transaction_shows_even_a_lock_that_is_gone_at_once(
    tmp_path: Path, wishes: Wishes, statement: str, mode: str
) -> None:
    figures = only(written(tmp_path, alone=f"-- transactional: false\n{statement};\n"), wishes)
    assert locks(figures) == [{"public.things": mode}]


def test_a_statement_that_locks_no_table_runs_once_outside_of_a_transaction(
    tmp_path: Path, wishes: Wishes
) -> None:
    folder = written(
        tmp_path,
        kind="CREATE TYPE colour AS ENUM ('red');\n",
        more="-- transactional: false\nALTER TYPE colour ADD VALUE 'blue';\n",
        uses="CREATE TABLE painted (c colour DEFAULT 'blue');\n",
    )
    assert [one.id for one in trace(folder, [], wishes).migrations][-2:] == [
        "0003_more",
        "0004_uses",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("major", MAJORS)
def test_it_works_on_each_version(tmp_path: Path, major: int) -> None:
    try:
        embedded.binaries(major)
    except embedded.EmbeddedServerError as error:
        pytest.skip(str(error))
    folder = written(tmp_path, change="ALTER TABLE things ALTER COLUMN n TYPE bigint;\n")
    found = trace(folder, ["0002_change"], Wishes(major=major, locks_only=True))
    assert found.server.startswith(f"PostgreSQL {major}.")
    assert found.migrations[0].statements[0].rewrites == ["public.things"]
    assert found.migrations[0].strongest_lock == "AccessExclusiveLock"


def test_a_statement_that_fails_is_named_with_its_file_and_line(
    tmp_path: Path, wishes: Wishes
) -> None:
    folder = written(tmp_path, fails="\nALTER TABLE nowhere ADD COLUMN a integer;\n")
    with pytest.raises(MigrationError, match=r'0002_fails\.sql:2: relation "nowhere"'):
        only(folder, wishes)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE things ALTER COLUMN n SET NOT NULL, ADD CHECK (s IN ('small', 'large'))",
        "ALTER TABLE things ALTER COLUMN s TYPE bigint USING s::bigint",
        "ALTER TABLE things ADD CHECK (s ~ '^[0-9]{5}$' AND n > 20), ADD UNIQUE (n)",
        "ALTER TABLE things ADD FOREIGN KEY (n) REFERENCES things (id)",
    ],
)
def test_rows_are_made_up_that_the_schema_to_come_accepts(
    tmp_path: Path, wishes: Wishes, change: str
) -> None:
    figures = only(written(tmp_path, change=f"{change};\n"), wishes)
    assert figures.rows == {"public.things": FEW}
    assert not any("without rows" in note for note in figures.notes)


def test_a_migration_that_made_up_rows_do_not_fit_is_run_without_them_and_says_so(
    tmp_path: Path, wishes: Wishes
) -> None:
    folder = written(tmp_path, strict="ALTER TABLE things ADD CHECK (md5(s) = 'never made up');\n")
    figures = only(folder, wishes)
    assert figures.strongest_lock == "AccessExclusiveLock"
    assert figures.rows == {}
    assert "it fails" in figures.notes[0]
    assert figures.notes[-1] == "it was run without rows"


def test_roles_of_the_cluster_may_be_there_already(tmp_path: Path, wishes: Wishes) -> None:
    folder = written(
        tmp_path, role="CREATE ROLE traced NOLOGIN;\nGRANT SELECT ON things TO traced;\n"
    )
    try:
        assert locks(only(folder, wishes))[0] == {}
        assert len(only(folder, wishes).statements) == 2
    finally:
        with psycopg.connect(wishes.dsn or "", autocommit=True) as connection:
            connection.execute("DROP ROLE IF EXISTS traced")


def test_questions_behind_a_migration_are_no_migrations(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "verify").mkdir()
    (folder / "verify" / "0001_begin.sql").write_text("SELECT true;\n")
    assert [script.id for script in scripts(folder)] == ["0001_begin"]


def test_migrations_of_other_tools_are_read(tmp_path: Path, wishes: Wishes) -> None:
    (tmp_path / "1_begin.up.sql").write_text("CREATE TABLE a (id integer PRIMARY KEY);\n")
    (tmp_path / "1_begin.down.sql").write_text("DROP TABLE a;\n")
    (tmp_path / "2_index.sql").write_text(
        "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY a_idx ON a (id);\n"
        "-- +goose Down\nDROP INDEX a_idx;\n"
    )
    found = trace(tmp_path, [], wishes).migrations
    assert [one.id for one in found] == ["1_begin", "2_index"]
    assert locks(found[1]) == [{"public.a": "ShareUpdateExclusiveLock"}]


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["migrate", "trace", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_prints_json_and_ends_with_1_on_findings(
    tmp_path: Path, wishes: Wishes
) -> None:
    folder = written(tmp_path, change="ALTER TABLE things ALTER COLUMN n TYPE bigint;\n")
    options = ["--migrations", folder, "--dsn", wishes.dsn, "--locks-only"]
    code, printed = run(*options, "--json", "0002_change")
    (found,) = json.loads(printed)["migrations"]
    assert code == 1
    assert found["rows"] == {"public.things": FEW}
    assert found["statements"][0]["locks"] == [
        {"relation": "public.things", "mode": "AccessExclusiveLock", "existing": True}
    ]
    code, printed = run(*options, "0001_begin")
    assert code == 0
    assert "strongest lock: none" in printed


def test_the_page_of_locks_is_held_against_the_migrations(tmp_path: Path, wishes: Wishes) -> None:
    folder = written(tmp_path / "sql", change="CREATE INDEX things_n_idx ON things (n);\n")
    page = tmp_path / "page.md"
    options = ["--migrations", folder, "--dsn", wishes.dsn, "--locks-only", "--page", page]
    assert run(*options, "--write")[0] == 0
    assert "| 1 | `CREATE INDEX things_n_idx ON things (n)` | SHARE public.things | - |" in (
        page.read_text()
    )
    assert run(*options, "--check") == (0, "")
    written(folder, change="ALTER TABLE things ADD COLUMN m integer;\n")
    code, printed = run(*options, "--check")
    assert code == 1
    assert "page.md is stale" in printed


def test_a_page_of_figures_that_vary_is_refused(tmp_path: Path) -> None:
    code, printed = run("--migrations", written(tmp_path), "--write")
    assert code == 2
    assert "go with --locks-only" in printed


def test_a_migration_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, printed = run("--migrations", written(tmp_path), "0007_nothing")
    assert code == 1
    assert "0007_nothing is not among the migrations" in printed


def test_an_address_that_does_not_work_shows_no_password(tmp_path: Path) -> None:
    for dsn in ("postgresql://u:canary@127.0.0.1:1/d", "host=nowhere password=canary"):
        code, printed = run("--migrations", written(tmp_path), "--dsn", dsn)
        assert code == 1
        assert "canary" not in printed


def test_a_role_that_may_make_no_databases_is_told_so_in_one_line(
    tmp_path: Path, wishes: Wishes
) -> None:
    with psycopg.connect(wishes.dsn or "", autocommit=True) as connection:
        connection.execute("CREATE ROLE traces_not LOGIN")
        try:
            dsn = str(wishes.dsn).replace("postgres@", "traces_not@")
            code, printed = run("--migrations", written(tmp_path), "--dsn", dsn)
        finally:
            connection.execute("DROP ROLE traces_not")
    assert code == 1
    assert printed == "Error: no database for a trace: permission denied to create database\n"
