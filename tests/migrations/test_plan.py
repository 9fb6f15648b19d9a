"""The plan: a script that psql runs and the tool recognises, with what each statement locks."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from slimy_dal.engine import embedded
from slimy_dal.schema import migrator
from slimy_dal.schema.migrationfiles import MigrationError
from tests.migrations.folders import Folder, dump, rows

OWN = Path(__file__).parent.parent.parent / "sql" / "migrations"

Psql = Callable[[str, str], subprocess.CompletedProcess[str]]
Slimy = Callable[..., subprocess.CompletedProcess[str]]


def test_psql_runs_the_plan_and_the_tool_knows_it_and_can_undo_it(
    empty: str, psql: Psql, server: embedded.Server
) -> None:
    script = migrator.plan(empty, OWN).script
    for path in OWN.glob("*[!k].sql"):
        if not path.name.endswith(".rollback.sql"):
            assert path.read_text() in script, f"{path.name} stands in it as it is"
    done = psql(empty, script)
    assert done.returncode == 0, done.stderr
    states = migrator.status(empty, OWN)
    assert all(state.applied and not state.is_finding for state in states)
    assert migrator.apply(empty, OWN) == []
    by_psql = dump(empty)

    undo = migrator.plan(empty, OWN, rollback=len(states)).script
    assert psql(empty, undo).returncode == 0
    assert "slimy." not in dump(empty)
    assert not any(state.applied for state in migrator.status(empty, OWN))
    migrator.apply(empty, OWN)
    assert dump(empty) == by_psql, "the migrator makes what psql makes, statement by statement"
    assert len(migrator.rollback(empty, OWN, len(states))) == len(states)


def test_an_edited_file_is_noticed_after_psql_ran_the_plan(
    empty: str, folder: Folder, psql: Psql
) -> None:
    assert psql(empty, migrator.plan(empty, folder).script).returncode == 0
    folder.write("0002_price", "SELECT 1;\n")
    with pytest.raises(MigrationError, match="0002_price was edited"):
        migrator.apply(empty, folder)


def test_a_plan_that_fails_half_way_keeps_what_was_before(
    empty: str, folder: Folder, psql: Psql
) -> None:
    folder.write("0002_price", "ALTER TABLE shop.item ADD COLUMN price int;\nSELECT 1/0;\n")
    done = psql(empty, migrator.plan(empty, folder).script)
    assert done.returncode == 3
    assert "division by zero" in done.stderr
    assert [state.applied for state in migrator.status(empty, folder)] == [True, False]
    assert "price" not in dump(empty)


def test_a_plan_is_of_no_use_once_the_database_has_moved_on(
    empty: str, folder: Folder, psql: Psql
) -> None:
    migrator.apply(empty, folder, to="0001")
    script = migrator.plan(empty, folder).script
    migrator.apply(empty, folder)
    done = psql(empty, script)
    assert done.returncode == 3
    assert "write it anew" in done.stderr


def test_psql_and_the_migrator_do_not_work_at_once(empty: str, folder: Folder, psql: Psql) -> None:
    script = migrator.plan(empty, folder).script
    with psycopg.connect(empty, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(495740087673)")
        done = psql(empty, script)
    assert done.returncode == 3
    assert "another migrator is at work" in done.stderr
    assert migrator.status(empty, folder)[0].applied is False


def test_a_statement_outside_of_transactions_is_planned_outside_of_them(
    empty: str, folder: Folder, psql: Psql
) -> None:
    folder.write(
        "0003_index",
        "-- transactional: false\nCREATE INDEX CONCURRENTLY item_name_idx ON shop.item (name)",
        "-- transactional: false\nDROP INDEX CONCURRENTLY shop.item_name_idx",
    )
    done = psql(empty, migrator.plan(empty, folder).script)
    assert done.returncode == 0, done.stderr
    assert migrator.status(empty, folder)[-1].applied
    assert "item_name_idx" in dump(empty)
    assert psql(empty, migrator.plan(empty, folder, rollback=1).script).returncode == 0
    assert "item_name_idx" not in dump(empty)


def test_what_a_statement_locks_stands_above_it_with_the_size(
    empty: str, folder: Folder, slimy: Slimy
) -> None:
    migrator.apply(empty, folder, to="0001")
    rows(
        empty,
        "INSERT INTO shop.item SELECT n, 'x' FROM generate_series(1, 5000) AS n RETURNING id",
    )
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("ANALYZE shop.item")
    script = migrator.plan(empty, folder).script
    assert (
        "line 5: ALTER TABLE ADD COLUMN: ACCESS EXCLUSIVE on shop.item (about 5,000 rows, "
        in script
    )
    out = slimy("plan", "--dsn", empty, "--migrations", str(folder), "--json")
    (step,) = json.loads(out.stdout)["steps"]
    (effect,) = step["effects"]
    (lock,) = effect["locks"]
    assert (lock["relation"], lock["mode"], lock["rows"]) == ("shop.item", "ACCESS EXCLUSIVE", 5000)
    assert slimy("apply", "--dry-run", "--dsn", empty, "--migrations", str(folder)).stdout == script


HARD = r"""
-- A rule of two actions, bodies of both kinds, and words that look like others: ; BEGIN
CREATE TABLE shop.log (item bigint, "begin" text, atomic int DEFAULT 1);
CREATE RULE item_log AS ON DELETE TO shop.item DO ALSO (
    INSERT INTO shop.log (item) VALUES (old.id);
    INSERT INTO shop.log ("begin") VALUES (';')
);
CREATE FUNCTION shop.word(n int) RETURNS text LANGUAGE sql
BEGIN ATOMIC
    SELECT 1;
    SELECT CASE WHEN n > 0 THEN CASE n WHEN 1 THEN 'one;' ELSE 'many' END END;
END;
CREATE FUNCTION shop.text() RETURNS text LANGUAGE plpgsql AS $a$
BEGIN
    -- A line that psql would take for its own, were it not in a string.
    RETURN '
\d shop.item' || $b$;$b$ || E'\';' || ':name' || U&'d\0061t' /* ; /* nested ; */ */;
END
$a$;
CREATE VIEW shop.slices AS SELECT (ARRAY[1, 2, 3])[1:2] AS part, 'x'::text AS cast_;
INSERT INTO shop.item VALUES (1, 'it''s; "here"'), (2, E'line\n\copy\.');
"""


def test_what_is_hard_to_cut_is_cut_as_psql_cuts_it(empty: str, folder: Folder, psql: Psql) -> None:
    folder.write("0003_hard", HARD, "DROP SCHEMA shop CASCADE;\nCREATE SCHEMA shop;\n")
    migrator.apply(empty, folder)
    by_us = dump(empty), rows(empty, "SELECT * FROM shop.item")
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("DROP SCHEMA shop CASCADE")
    files = [folder / f"{name}.sql" for name in ("0001_shop", "0002_price", "0003_hard")]
    done = psql(empty, "\n".join(file.read_text() for file in files))
    assert done.returncode == 0, done.stderr
    assert (dump(empty), rows(empty, "SELECT * FROM shop.item")) == by_us
    attempts = rows(empty, "SELECT count(*) FROM slimy_migrations.attempts")
    assert attempts == [(3,)]


def test_plan_reads_only(empty: str, folder: Folder) -> None:
    migrator.plan(empty, folder)
    assert rows(empty, "SELECT count(*) FROM pg_namespace WHERE nspname = 'slimy_migrations'") == [
        (0,)
    ]


def test_a_file_without_a_last_semicolon_does_not_run_into_the_next(
    empty: str, folder: Folder, psql: Psql
) -> None:
    folder.write("0003_end", "CREATE TABLE shop.a (b int) -- done")
    folder.write("0004_end", "CREATE TABLE shop.c (b text DEFAULT ';')\n/* ; */")
    done = psql(empty, migrator.plan(empty, folder).script)
    assert done.returncode == 0, done.stderr
    assert all(state.applied for state in migrator.status(empty, folder))
