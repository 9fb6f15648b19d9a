"""What would run otherwise here than in psql, or run in another's name, is refused before anything runs."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psycopg
import pytest

from slimy_dal.schema import migrator
from slimy_dal.schema.migrationfiles import MigrationError
from tests.migrations.folders import Folder, rows

Psql = Callable[[str, str], subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("\\d\n", "psql's own command"),
        ("SELECT 1 \\! touch /tmp/x\n", "psql's own command"),
        ("COPY shop.item FROM STDIN;", "write INSERT"),
        ("COPY shop.item /* all */ FROM /* here */ STDIN;", "write INSERT"),
        ("COPY shop.item TO STDOUT;", "write INSERT"),
        ("SET SESSION AUTHORIZATION postgres;", "write SET ROLE"),
        ("SET LOCAL SESSION AUTHORIZATION postgres;", "write SET ROLE"),
        ("COMMIT;", "controls a transaction"),
        ("SELECT 'a\0b';", "NUL byte"),
    ],
)
def test_it_is_refused_with_its_line_before_earlier_files_run(
    empty: str, folder: Folder, statement: str, problem: str
) -> None:
    folder.write("0002_price", f"SELECT 1;\n{statement}")
    for run in (migrator.apply, migrator.plan):
        with pytest.raises(MigrationError, match=f"0002_price.sql:2: .*{problem}"):
            run(empty, folder)
    assert rows(empty, "SELECT to_regclass('shop.item')") == [(None,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT '\\d'",
        "SELECT $$ \\! $$",
        "-- \\d\nSELECT 1",
        "SELECT E'\\\\'",
        'SELECT 1 AS "stdin"',
        "SET LOCAL ROLE NONE",
    ],
)
def test_what_only_looks_like_it_is_run(empty: str, folder: Folder, statement: str) -> None:
    folder.write("0002_price", statement + ";")
    assert migrator.apply(empty, folder)[-1] == "0002_price"


def test_a_name_that_would_end_a_comment_of_the_plan_is_refused(empty: str, folder: Folder) -> None:
    folder.write("0003_new\nDROP TABLE shop.item; --", "SELECT 1;")
    with pytest.raises(MigrationError, match="control characters"):
        migrator.plan(empty, folder)


def test_letters_of_all_alphabets_arrive_whatever_the_client_is_set_to(
    empty: str, folder: Folder, psql: Psql, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("0003_preis_für_ž", "COMMENT ON TABLE shop.item IS 'für ž';", "SELECT 1;")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    done = psql(empty, migrator.plan(empty, folder).script)
    assert done.returncode == 0, done.stderr
    assert rows(empty, "SELECT obj_description('shop.item'::regclass) = U&'f\\00FCr \\017E'") == [
        (True,)
    ]
    assert all(state.applied for state in migrator.status(empty, folder))
    migrator.rollback(empty, folder)
    assert migrator.apply(empty, folder) == ["0003_preis_für_ž"]


def test_another_projects_tables_in_public_do_not_matter_once_there_are_books(
    empty: str, folder: Folder
) -> None:
    migrator.apply(empty, folder)
    with psycopg.connect(empty) as connection:
        connection.execute(
            "CREATE TABLE public._yoyo_migration AS SELECT * FROM slimy_migrations._yoyo_migration"
            " WHERE migration_id = '0001_shop'"
        )
        connection.execute(
            "INSERT INTO public._yoyo_migration (migration_id) VALUES ('0009_theirs')"
        )
    assert migrator.apply(empty, folder) == []


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://dba:sec@ret@localhost/club",
        "postgresql://dba:sec/ret@localhost/club",
        "postgresql://dba:sec?ret@localhost/club",
        "postgresql://dba:sec#ret@localhost/club",
        "postgresql://dba:sec%ret@localhost/club",
    ],
)
def test_no_part_of_a_password_that_is_not_quoted_is_said(folder: Folder, address: str) -> None:
    with pytest.raises(MigrationError) as caught:
        migrator.status(address, folder)
    assert "cannot be read" in str(caught.value)
    assert not {"sec", "ret"} & set(re.split(r"\W", str(caught.value)))


@pytest.mark.parametrize(
    "hosts", ["127.0.0.1:1", "[::1]:1", "127.0.0.1:1,[::1]:1", "x:y@127.0.0.1:1"]
)
def test_a_server_that_is_not_there_is_said_with_the_reason(folder: Folder, hosts: str) -> None:
    with pytest.raises(MigrationError, match=r"no connection .*(refused|Cannot assign)"):
        migrator.status(f"postgresql://{hosts}/club?connect_timeout=2", folder)


@pytest.mark.parametrize("name", ["", "a%sb", "ü" * 32])
def test_a_name_that_no_schema_of_books_can_have_is_refused(
    empty: str, folder: Folder, name: str
) -> None:
    with pytest.raises(MigrationError, match="1 to 63 bytes"):
        migrator.status(empty, folder, bookkeeping=name)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("0003_x.up", "SELECT 1;", "is another tool's"),
        ("0003_x.down", "SELECT 1;", "is another tool's"),
        ("U3__x", "SELECT 1;", "is another tool's"),
        ("0003_x", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;", "is another tool's"),
        ("0003_x", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;", "is another tool's"),
        ("0003_x.rollback", "SELECT 1;", "that is not there"),
        ("0003_x", "-- transational: false\nSELECT 1;", "`transactional:` is one"),
        ("0003_x", "-- lock-timeout: 1s\nSELECT 1;", "`lock_timeout:` is one"),
        ("0003_x", "-- Transactional: false\nSELECT 1;", "`transactional:` is one"),
    ],
)
def test_what_would_be_misread_without_a_word_is_refused_before_anything_runs(
    empty: str, folder: Folder, name: str, text: str, problem: str
) -> None:
    folder.write(name, text)
    for run in (migrator.status, migrator.plan, migrator.apply):
        with pytest.raises(MigrationError, match=problem):
            run(empty, folder)
    assert rows(empty, "SELECT to_regclass('shop.item')") == [(None,)]


@pytest.mark.parametrize("name", ["0003_shut_down", "0003_undo_x", "0003_rollback_of_0002"])
def test_names_that_only_remind_of_ways_back_are_taken(
    empty: str, folder: Folder, name: str
) -> None:
    folder.write(name, "-- Note: data: of the depot.\n-- depends: 0001_shop, 0002_price\nSELECT 1;")
    assert migrator.apply(empty, folder)[-1] == name


def test_who_may_not_read_what_was_applied_is_still_told_of_the_edit(
    empty: str, folder: Folder
) -> None:
    migrator.apply(empty, folder)
    folder.write("0002_price", "SELECT 1;\n")
    with psycopg.connect(empty) as connection:
        connection.execute("CREATE ROLE curious LOGIN")
    try:
        with pytest.raises(MigrationError, match="0002_price was edited"):
            migrator.plan(empty.replace("postgres@", "curious@"), folder)
    finally:
        with psycopg.connect(empty) as connection:
            connection.execute("DROP ROLE curious")


def test_a_reader_who_goes_does_not_decide_how_far_an_apply_gets(
    empty: str, folder: Folder
) -> None:
    for number in range(3, 30):
        folder.write(f"{number:04}_more", f"CREATE TABLE shop.t{number} ();")
    command = [sys.executable, "-m", "slimy_dal.cli", "migrate", "apply"]
    with subprocess.Popen(
        [*command, "--dsn", empty, "--migrations", str(folder)], stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.stdout.close()
    assert all(state.applied for state in migrator.status(empty, folder))


def test_ctrl_c_is_said_to_be_that_and_leaves_nothing(empty: str, folder: Folder) -> None:
    folder.write("0002_price", "CREATE TABLE shop.t ();\nSELECT pg_sleep(60);")
    command = [sys.executable, "-m", "slimy_dal.cli", "migrate", "apply"]
    with subprocess.Popen(
        [*command, "--dsn", empty, "--migrations", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == "applied  0001_shop\n"
        end = time.monotonic() + 60
        asleep = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        while not rows(empty, asleep):
            assert time.monotonic() < end
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        said = running.stderr.read()
    assert "Aborted!" in said
    assert "refused" not in said
    assert rows(empty, "SELECT to_regclass('shop.t')") == [(None,)]
    assert rows(empty, "SELECT outcome, message FROM slimy_migrations.attempts WHERE id = 2") == [
        ("failed", "stopped by hand")
    ]
