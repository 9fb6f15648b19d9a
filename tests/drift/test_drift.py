"""The command holds a live database against its migrations, reads only, and says what it finds."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from slimy_dal.cli import main
from slimy_dal.engine import embedded
from slimy_dal.schema import migrator
from slimy_dal.schema.drift.holding import hold

OWN = Path(__file__).parent.parent.parent / "sql" / "migrations"


@pytest.fixture(scope="module")
def shadow() -> Iterator[embedded.Server]:
    with embedded.temporary() as running:
        yield running


@pytest.fixture
def live(database_url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The migrated database of the test, in autocommit."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["migrate", "drift", *arguments])
    return result.exit_code, result.output


def test_a_database_as_migrated_has_no_drift_months_and_bookkeeping_aside(
    database_url: str, live: psycopg.Connection[tuple[object, ...]], shadow: embedded.Server
) -> None:
    live.execute("SELECT slimy.make_partitions('slimy.stats', '2031-01-01', 5)")
    code, output = run("--dsn", database_url, "--shadow", shadow.dsn())
    assert code == 0, output
    assert f"0 differences from {len(migrator.status(database_url, OWN))} migrations" in output


def test_what_was_done_by_hand_is_said_as_words_as_sql_and_as_json(
    database_url: str, live: psycopg.Connection[tuple[object, ...]], shadow: embedded.Server
) -> None:
    arguments = ("--dsn", database_url, "--shadow", shadow.dsn())
    live.execute("ALTER TABLE slimy.users DROP CONSTRAINT users_email_shape_check")
    live.execute("ALTER POLICY sessions_visitor ON slimy.sessions USING (TRUE)")
    live.execute("CREATE TABLE slimy.by_hand (id integer)")
    code, output = run(*arguments)
    assert code == 1
    assert "check slimy.users.users_email_shape_check is missing" in output
    assert "policy slimy.sessions.sessions_visitor has the USING true, the migrations say" in output
    assert "table slimy.by_hand is not in the migrations" in output

    code, text = run(*arguments, "--sql")
    assert code == 1
    assert "-- its rows are lost:\n-- DROP TABLE slimy.by_hand;" in text
    psql = embedded.binaries(18) / "psql"
    subprocess.run(
        [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", database_url],
        input=text,
        text=True,
        check=True,
    )
    code, output = run(*arguments, "--json")
    assert code == 1
    found = json.loads(output)
    assert [one["words"] for one in found["differences"]] == [
        "table slimy.by_hand is not in the migrations"
    ], "what waits for a decision is left"
    assert found["is_recorded"]

    code, output = run(*arguments, "--ignore", "slimy.by_h*")
    assert code == 0, output


def test_only_what_is_applied_counts(
    database_url: str, shadow: embedded.Server, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(OWN, tmp_path / "migrations"))
    (folder / "0999_later.sql").write_text("CREATE TABLE slimy.later ();")
    assert hold(database_url, folder, shadow=shadow.dsn()).differences == []


def test_a_role_that_may_only_connect_may_ask(
    database_url: str, live: psycopg.Connection[tuple[object, ...]], shadow: embedded.Server
) -> None:
    live.execute("CREATE ROLE drift_looker LOGIN")
    try:
        address = database_url.replace("postgres@", "drift_looker@")
        assert hold(address, OWN, shadow=shadow.dsn()).differences == []
    finally:
        live.execute("DROP ROLE drift_looker")


def test_the_books_may_have_another_name(shadow: embedded.Server, tmp_path: Path) -> None:
    (tmp_path / "1_pets.sql").write_text("CREATE TABLE pets (id int);")
    (tmp_path / "2_cats.sql").write_text("CREATE TABLE cats (id int);")
    with psycopg.connect(shadow.dsn(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE booked")
    address = shadow.dsn("booked")
    migrator.apply(address, tmp_path, bookkeeping="books", to="1_pets")
    found = hold(address, tmp_path, bookkeeping="books", shadow=shadow.dsn())
    assert (found.words, found.migrations, found.is_recorded) == ([], 1, True)


def test_other_projects_are_held_against_all_their_migrations(
    shadow: embedded.Server, tmp_path: Path
) -> None:
    (tmp_path / "1_pets.up.sql").write_text("CREATE TABLE pets (id int);")
    (tmp_path / "1_pets.down.sql").write_text("DROP TABLE pets;")
    with psycopg.connect(shadow.dsn(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE other")
    address = shadow.dsn("other")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE schema_migrations (version bigint)")
        connection.execute("CREATE TABLE pets (id int)")
    arguments = ("--dsn", address, "--migrations", str(tmp_path), "--shadow", shadow.dsn())
    code, output = run(*arguments)
    assert code == 0, output
    assert "nothing is recorded as applied: held against all 1 migrations" in output
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER TABLE pets OWNER TO pg_monitor")
    assert run(*arguments)[0] == 0
    code, output = run(*arguments, "--owners")
    assert code == 1
    assert "table public.pets has the owner pg_monitor, the migrations say postgres" in output


def test_a_shadow_of_another_version_is_refused(database_url: str) -> None:
    with embedded.temporary(16) as other:
        code, output = run("--dsn", database_url, "--shadow", other.dsn())
    assert code == 1
    assert "the database is PostgreSQL 18, --shadow is 16" in output


def test_a_database_restored_from_a_dump_has_no_drift(
    database_url: str, shadow: embedded.Server
) -> None:
    programs = embedded.binaries(18)
    with psycopg.connect(shadow.dsn(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
    # The roles are made by the migrations, and belong to the server.
    assert hold(database_url, OWN, shadow=shadow.dsn()).words == []
    dumped = subprocess.run(
        [programs / "pg_dump", database_url], check=True, capture_output=True, text=True
    ).stdout
    subprocess.run(
        [programs / "psql", "-X", "-q", shadow.dsn("restored")],
        input=dumped,
        text=True,
        check=True,
        capture_output=True,
    )
    assert hold(shadow.dsn("restored"), OWN, shadow=shadow.dsn()).words == []


def test_an_address_that_does_not_work_is_one_line_without_its_password() -> None:
    code, output = run("--dsn", "postgresql://u:canary@127.0.0.1:1/d")
    assert code == 1
    assert "no connection to the database" in output
    assert "canary" not in output


@pytest.mark.slow
@pytest.mark.parametrize("major", [15, 16])
def test_without_a_shadow_a_server_of_the_same_version_is_started(major: int) -> None:
    try:
        embedded.binaries(major)
    except embedded.EmbeddedServerError as error:
        pytest.skip(str(error))
    with embedded.temporary(major) as server:
        migrator.apply(server.dsn(), OWN)
        code, output = run("--dsn", server.dsn())
        assert code == 0, output
        assert f"PostgreSQL {major}: 0 differences" in output
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("ALTER TABLE slimy.users ALTER email SET NOT NULL")
        code, output = run("--dsn", server.dsn())
        assert code == 1
        assert "column slimy.users.email is NOT NULL, the migrations say nullable" in output
