"""new, verify and baseline, and what is refused before anything is run."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from slimy_dal.schema import migrator
from slimy_dal.schema.migrationfiles import MigrationError
from tests.migrations.folders import Folder, dump, rows

OWN = Path(__file__).parent.parent.parent / "sql" / "migrations"

Slimy = Callable[..., subprocess.CompletedProcess[str]]


def ask(folder: Folder, name: str, text: str) -> None:
    (folder / "verify").mkdir(exist_ok=True)
    (folder / "verify" / f"{name}.sql").write_text(text)


def test_new_takes_the_next_number_and_never_writes_over_a_file(
    folder: Folder, slimy: Slimy
) -> None:
    done = slimy("new", "add_stock", "--migrations", str(folder), "--phase", "backfill")
    assert done.returncode == 0, done.stderr
    up, down = done.stdout.split()
    assert (Path(up).name, Path(down).name) == ("0003_add_stock.sql", "0003_add_stock.rollback.sql")
    text = Path(up).read_text()
    assert "-- depends: 0002_price\n-- phase: backfill\n" in text
    (folder / "0004_add_stock.rollback.sql").write_text("kept")
    done = slimy("new", "add_stock", "--migrations", str(folder), "--json")
    assert (done.returncode, done.stderr) == (
        1,
        "Error: 0004_add_stock.rollback.sql is there already: try again\n",
    )
    assert (folder / "0004_add_stock.rollback.sql").read_text() == "kept"
    assert slimy("new", "Add-Stock", "--migrations", str(folder)).returncode == 1
    assert json.loads(slimy("new", "x", "--migrations", str(folder / "a"), "--json").stdout) == [
        str(folder / "a" / "0001_x.sql"),
        str(folder / "a" / "0001_x.rollback.sql"),
    ]


def test_a_new_migration_is_not_applied_by_accident_and_its_files_are_read(
    empty: str, folder: Folder, slimy: Slimy
) -> None:
    slimy("new", "nothing_yet", "--migrations", str(folder))
    assert migrator.apply(empty, folder)[-1] == "0003_nothing_yet"
    assert migrator.rollback(empty, folder) == ["0003_nothing_yet"]


def test_a_question_that_is_not_true_undoes_the_migration(empty: str, folder: Folder) -> None:
    ask(folder, "0002_price", "SELECT true;\nSELECT count(*) = 1, 1 = 2 FROM shop.item;\n")
    with pytest.raises(MigrationError, match=r"verify/0002_price\.sql:2: 2 answers are not true"):
        migrator.apply(empty, folder)
    assert "price" not in dump(empty)
    state = migrator.status(empty, folder)[1]
    assert state.attempt is not None
    assert state.attempt.outcome == "failed"
    ask(folder, "0002_price", "SELECT count(*) = 0 FROM shop.item WHERE price IS NULL;\n")
    assert migrator.apply(empty, folder) == ["0002_price"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT true FROM shop.item", "no row, where it must say true"),
        ("SELECT NULL::boolean", "1 answers are not true"),
        ("SELECT 1", "1 answers are not true"),
        ("SELECT no_such", 'column "no_such" does not exist'),
        (
            "WITH x AS (DELETE FROM shop.item RETURNING 1) SELECT true",
            "cannot execute SELECT in a read-only transaction",
        ),
        ("SELECT nextval('shop.s') > 0", "cannot execute nextval"),
    ],
)
def test_verify_says_what_is_not_so_and_changes_nothing(
    empty: str, folder: Folder, slimy: Slimy, text: str, words: str
) -> None:
    folder.write("0003_sequence", "CREATE SEQUENCE shop.s;\n")
    migrator.apply(empty, folder)
    options = ("--dsn", empty, "--migrations", str(folder))
    assert slimy("verify", *options).returncode == 0
    ask(folder, "0002_price", text)
    done = slimy("verify", *options)
    assert done.returncode == 1
    assert words in done.stdout
    found = json.loads(slimy("verify", *options, "--json").stdout)
    assert [answer["place"] for answer in found["answers"]] == ["verify/0002_price.sql:1"]


def test_a_file_of_questions_holds_questions_only(empty: str, folder: Folder) -> None:
    migrator.apply(empty, folder)
    ask(folder, "0001_shop", "DROP TABLE shop.item")
    with pytest.raises(MigrationError, match="a question is a SELECT"):
        migrator.verify(empty, folder)


def test_verify_sees_the_history_too(empty: str, folder: Folder, slimy: Slimy) -> None:
    options = ("--dsn", empty, "--migrations", str(folder))
    assert slimy("verify", *options).returncode == 3
    migrator.apply(empty, folder)
    folder.write("0001_shop", "SELECT 1")
    done = slimy("verify", *options)
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "0001_shop: edited")


def test_our_own_questions_are_true_and_notice_what_is_gone(database_url: str) -> None:
    _, asked = migrator.verify(database_url, OWN)
    assert len(asked) >= 5
    assert [answer for answer in asked if answer.problem] == []
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE slimy.users DISABLE ROW LEVEL SECURITY")
        connection.execute("ALTER TABLE slimy.audit_logs DISABLE TRIGGER audit_logs_keep")
    _, asked = migrator.verify(database_url, OWN)
    assert [answer.id for answer in asked if answer.problem] == [
        "0015_create_audit_logs",
        "0024_row_level_security",
    ]


def test_a_baseline_records_what_was_made_some_other_way(
    empty: str, folder: Folder, slimy: Slimy
) -> None:
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shop")
        connection.execute("CREATE TABLE shop.item (id bigint PRIMARY KEY, name text NOT NULL)")
    options = ("--dsn", empty, "--migrations", str(folder))
    done = slimy("baseline", "0001", *options, "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"recorded": ["0001_shop"]})
    assert migrator.apply(empty, folder) == ["0002_price"]
    tools = rows(empty, "SELECT tool FROM slimy_migrations.files ORDER BY migration_id")
    assert tools == [("baseline",), ("slimy",)]
    done = slimy("baseline", "0002", *options)
    assert done.returncode == 1
    assert "2 migrations are recorded as applied already" in done.stderr
    folder.write("0001_shop", "SELECT 1")
    with pytest.raises(MigrationError, match="edited"):
        migrator.apply(empty, folder)


def test_a_baseline_is_refused_where_the_database_lacks_it(empty: str, folder: Folder) -> None:
    folder.write("0003_gone", "CREATE TABLE shop.gone (); ALTER TABLE shop.item RENAME TO thing")
    folder.write("0004_gone", "DROP TABLE shop.gone")
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shop")
        with pytest.raises(MigrationError, match=r"lacks what these migrations make: shop\.item;"):
            migrator.baseline(empty, folder, "0001")
        with pytest.raises(MigrationError, match=r"make: shop\.gone, shop\.thing;"):
            migrator.baseline(empty, folder, "0003")
        assert rows(empty, "SELECT count(*) FROM slimy_migrations.files") == [(0,)]
        connection.execute("CREATE TABLE shop.thing ()")
        assert len(migrator.baseline(empty, folder, "0004")) == 4


def test_our_own_schema_may_be_a_baseline(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA slimy_migrations CASCADE")
    last = migrator.status(database_url, OWN)[-1].id
    assert migrator.baseline(database_url, OWN, last)[-1] == last
    assert migrator.apply(database_url, OWN) == []


@pytest.mark.fault("M14")
def test_a_missing_right_is_found_before_anything_is_run(empty: str, folder: Folder) -> None:
    folder.write(
        "0002_price", "CREATE TABLE shop.own ();\nALTER TABLE shop.item ADD COLUMN price int;\n"
    )
    with psycopg.connect(empty, autocommit=True) as admin:
        migrator.apply(empty, folder, to="0001")
        admin.execute("CREATE ROLE helper LOGIN")
        database = rows(empty, "SELECT current_database()")[0][0]
        try:
            admin.execute(f"GRANT CREATE ON DATABASE {database} TO helper")
            address = empty.replace("postgres@", "helper@")
            with pytest.raises(MigrationError, match="may not write the bookkeeping in slimy_migr"):
                migrator.apply(address, folder)
            admin.execute("GRANT ALL ON SCHEMA shop TO helper")
            admin.execute("GRANT ALL ON ALL TABLES IN SCHEMA slimy_migrations TO helper")
            with pytest.raises(
                MigrationError,
                match=r"permission denied, nothing was run: 0002_price.sql:2: helper does not own",
            ):
                migrator.apply(address, folder)
            assert "own" not in dump(empty)
            admin.execute("ALTER TABLE shop.item OWNER TO helper")
            assert migrator.apply(address, folder) == ["0002_price"]
        finally:
            admin.execute("DROP OWNED BY helper CASCADE")
            admin.execute("DROP ROLE helper")


def test_a_server_that_may_not_be_written_is_refused_with_words(empty: str, folder: Folder) -> None:
    read_only = f"{empty}&options=-c%20default_transaction_read_only%3Don"
    with pytest.raises(MigrationError, match="transactions are read only here"):
        migrator.apply(read_only, folder)
    assert len(migrator.status(read_only, folder)) == 2


def test_a_phase_and_an_id_stop_it(empty: str, folder: Folder, slimy: Slimy) -> None:
    folder.write("0003_fill", "-- phase: backfill\nUPDATE shop.item SET price = 0;\n")
    folder.write("0004_later", "-- phase: expand\nALTER TABLE shop.item ADD COLUMN stock int;\n")
    folder.write("0005_drop", "-- phase: contract\nALTER TABLE shop.item DROP COLUMN name;\n")
    assert migrator.apply(empty, folder, to="0001_shop.sql") == ["0001_shop"]
    options = ("--dsn", empty, "--migrations", str(folder))
    assert slimy("apply", *options, "--phase", "expand").stdout == "applied  0002_price\n"
    assert slimy("apply", *options, "--phase", "backfill", "--json").returncode == 0
    assert slimy("apply", *options, "--phase", "backfill").stdout == "nothing to apply\n"
    assert slimy("status", *options).returncode == 3
    assert slimy("apply", *options).stdout == "applied  0005_drop\n"
    assert slimy("status", *options).returncode == 0
    with pytest.raises(MigrationError, match="there is no migration 0009"):
        migrator.apply(empty, folder, to="0009")


@pytest.mark.fault("M8")
def test_one_that_cannot_be_undone_stops_a_rollback_before_it_begins(
    empty: str, folder: Folder
) -> None:
    folder.write("0002_price", (folder / "0002_price.sql").read_text(), "-- irreversible: sold\n")
    folder.write("0003_more", "CREATE TABLE shop.more ();\n", "DROP TABLE shop.more;\n")
    migrator.apply(empty, folder)
    with pytest.raises(MigrationError, match="0002_price cannot be rolled back: sold"):
        migrator.rollback(empty, folder, 2)
    assert "shop.more" in dump(empty)
    assert migrator.rollback(empty, folder, to="0002") == ["0003_more"]
    with pytest.raises(MigrationError, match="0003_more is not applied"):
        migrator.rollback(empty, folder, to="0003")
