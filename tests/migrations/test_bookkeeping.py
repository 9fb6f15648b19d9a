"""The books: in their own schema, shared with yoyo, taken over from public, and readable for anybody."""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from slimy_dal.schema import migrator
from slimy_dal.schema.migrationfiles import MigrationError
from tests.migrations.folders import Folder, dump, rows

Yoyo = Callable[..., CompletedProcess[str]]

OLD_BOOKS = """
CREATE TABLE _yoyo_migration (
    migration_hash varchar(64) PRIMARY KEY, migration_id varchar(255), applied_at_utc timestamp
);
CREATE TABLE _yoyo_log (
    id varchar(36) PRIMARY KEY, migration_hash varchar(64), migration_id varchar(255),
    operation varchar(10), username varchar(255), hostname varchar(255), comment varchar(255),
    created_at_utc timestamp
);
CREATE TABLE _yoyo_version (version int PRIMARY KEY, installed_at_utc timestamp);
INSERT INTO _yoyo_version VALUES (1, now()), (2, now());
"""


def old_books(dsn: str, folder: Folder, name: str) -> None:
    """What the previous version of the migrator left: the checksums in the log, in public."""
    sums = [
        hashlib.sha256((folder / f"{name}{suffix}").read_bytes()).hexdigest()
        for suffix in (".sql", ".rollback.sql")
    ]
    mark = hashlib.sha256(name.encode()).hexdigest()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(OLD_BOOKS)
        connection.execute((folder / f"{name}.sql").read_text())
        connection.execute(
            "INSERT INTO _yoyo_migration VALUES (%s, %s, '2026-01-02 03:04')", (mark, name)
        )
        connection.execute(
            "INSERT INTO _yoyo_log VALUES ('x', %s, %s, 'apply', 'ann', 'h', %s, '2026-01-02')",
            (mark, name, "sha256 " + " ".join(sums)),
        )


def test_what_was_applied_is_kept_word_for_word(empty: str, folder: Folder) -> None:
    migrator.apply(empty, folder)
    kept = rows(
        empty,
        "SELECT migration_id, tool, phase, up_text, down_text, encode(sha256(up_text::bytea), 'hex')"
        " = up_sha256, applied_at = (SELECT applied_at_utc AT TIME ZONE 'UTC' FROM"
        " slimy_migrations._yoyo_migration AS m WHERE m.migration_id = f.migration_id)"
        " FROM slimy_migrations.files AS f ORDER BY migration_id",
    )
    assert kept == [
        (
            name,
            "slimy",
            "expand",
            (folder / f"{name}.sql").read_text(),
            (folder / f"{name}.rollback.sql").read_text(),
            True,
            True,
        )
        for name in ("0001_shop", "0002_price")
    ]


def test_books_in_public_are_moved_in_one_piece_and_remember_their_checksums(
    empty: str, folder: Folder
) -> None:
    old_books(empty, folder, "0001_shop")
    (state, pending) = migrator.status(empty, folder)
    assert (state.applied, state.applied_by, pending.applied) == (True, "ann", False)
    assert "CREATE SCHEMA slimy_migrations" not in dump(empty), "status does not write"

    said: list[str] = []
    assert migrator.apply(empty, folder, say=said.append) == ["0002_price"]
    assert said == ["moved the bookkeeping from public to slimy_migrations"]
    left = rows(empty, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert left == []
    assert migrator.status(empty, folder)[0].applied_by == "ann"
    assert rows(
        empty,
        "SELECT up_text IS NOT NULL FROM slimy_migrations.files WHERE migration_id = '0001_shop'",
    ) == [(True,)], "the text is added when the checksum is that of the file"


def test_a_file_that_changed_before_the_books_were_moved_is_refused(
    empty: str, folder: Folder
) -> None:
    old_books(empty, folder, "0001_shop")
    folder.write("0001_shop", "SELECT 1;\n")
    with pytest.raises(MigrationError, match="0001_shop was edited"):
        migrator.apply(empty, folder)
    assert rows(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(3,)]


def test_two_books_at_once_are_refused_with_the_way_out(
    empty: str, folder: Folder, yoyo: Yoyo
) -> None:
    migrator.apply(empty, folder)
    migrator.rollback(empty, folder, 2)
    assert yoyo("apply", empty, folder, None).returncode == 0
    for call in (migrator.apply, migrator.rollback, migrator.status):
        with pytest.raises(MigrationError, match=r"recorded twice.*DROP TABLE public\._yoyo_mig"):
            call(empty, folder)


def test_books_of_another_project_in_public_are_left_alone(
    empty: str, folder: Folder, yoyo: Yoyo, tmp_path: Path
) -> None:
    other = Folder(tmp_path / "other")
    other.write("0001_theirs", "CREATE TABLE theirs ();\n")
    yoyo("apply", empty, other, None)
    assert migrator.apply(empty, folder) == ["0001_shop", "0002_price"]
    assert rows(empty, "SELECT migration_id FROM public._yoyo_migration") == [("0001_theirs",)]

    folder.write("0001_theirs", "CREATE TABLE theirs ();\n")
    other.write("0002_more", "SELECT 1;\n")
    yoyo("apply", empty, other, None)
    migrator_folder = Folder(tmp_path / "third")
    migrator_folder.write("0001_theirs", "CREATE TABLE theirs ();\n")
    with pytest.raises(
        MigrationError, match="know 1 of these migrations and 1 others, such as 0002"
    ):
        migrator.status(empty, migrator_folder, bookkeeping="third")


def test_yoyo_and_the_migrator_know_each_others_work(
    empty: str, folder: Folder, yoyo: Yoyo
) -> None:
    migrator.apply(empty, folder, to="0001")
    done = yoyo("apply", empty, folder, "slimy_migrations")
    assert done.returncode == 0, done.stderr
    assert [state.applied for state in migrator.status(empty, folder)] == [True, True]
    said: list[str] = []
    assert migrator.apply(empty, folder, say=said.append) == []
    assert said == ["noted the files of 1 migrations that yoyo applied"]
    folder.write("0002_price", "SELECT 'edited';\n")
    with pytest.raises(MigrationError, match="0002_price was edited"):
        migrator.apply(empty, folder)


def test_books_that_yoyo_began_in_our_schema_are_completed(
    empty: str, folder: Folder, yoyo: Yoyo
) -> None:
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA slimy_migrations")
    assert yoyo("apply", empty, folder, "slimy_migrations").returncode == 0
    assert all(state.applied for state in migrator.status(empty, folder))
    assert migrator.apply(empty, folder) == []
    assert len(migrator.rollback(empty, folder, 2)) == 2


def test_yoyo_at_work_is_waited_for_by_hand(empty: str, folder: Folder, yoyo: Yoyo) -> None:
    migrator.apply(empty, folder, to="0001")
    yoyo("apply", empty, folder, "slimy_migrations")
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("INSERT INTO slimy_migrations.yoyo_lock VALUES (1, now(), 4711)")
        with pytest.raises(
            MigrationError, match=r"process 4711.*row in slimy_migrations\.yoyo_lock"
        ):
            migrator.rollback(empty, folder)
        connection.execute("DELETE FROM slimy_migrations.yoyo_lock")
    assert migrator.rollback(empty, folder) == ["0002_price"]


def test_what_yoyo_undid_and_did_again_is_compared_with_what_yoyo_did(
    empty: str, folder: Folder, yoyo: Yoyo
) -> None:
    migrator.apply(empty, folder)
    assert yoyo("rollback", empty, folder, "slimy_migrations").returncode == 0
    assert [state.applied for state in migrator.status(empty, folder)] == [True, False]
    folder.write("0002_price", "ALTER TABLE shop.item ADD COLUMN price int;\n")
    assert yoyo("apply", empty, folder, "slimy_migrations").returncode == 0
    assert not any(state.edited for state in migrator.status(empty, folder))
    assert migrator.rollback(empty, folder, 2) == ["0002_price", "0001_shop"]


def test_any_role_may_ask_for_the_state_and_sees_no_texts(empty: str, folder: Folder) -> None:
    migrator.apply(empty, folder)
    folder.write("0003_fails", "SELECT no_such;\n")
    with pytest.raises(MigrationError):
        migrator.apply(empty, folder)
    with psycopg.connect(empty, autocommit=True) as admin:
        admin.execute("CREATE ROLE reader LOGIN")
        try:
            address = empty.replace("postgres@", "reader@")
            states = migrator.status(address, folder)
            assert [state.applied for state in states] == [True, True, False]
            assert states[0].applied_by is not None
            assert states[2].attempt is None
            assert migrator.status(empty, folder)[2].attempt is not None
            with psycopg.connect(address, autocommit=True) as reader:
                for hidden in (
                    "up_text FROM {}.files",
                    "message FROM {}.attempts",
                    "* FROM {}._yoyo_log",
                ):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        reader.execute("SELECT " + hidden.format("slimy_migrations"))
        finally:
            admin.execute("DROP ROLE reader")


def test_status_writes_nothing_and_works_where_nothing_is_written(
    empty: str, folder: Folder
) -> None:
    before = dump(empty)
    assert [state.applied for state in migrator.status(empty, folder)] == [False, False]
    assert dump(empty) == before
    assert rows(empty, "SELECT count(*) FROM pg_namespace WHERE nspname = 'slimy_migrations'") == [
        (0,)
    ]


def test_every_object_of_the_books_has_a_comment(empty: str, folder: Folder) -> None:
    migrator.apply(empty, folder)
    silent = rows(
        empty,
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'slimy_migrations'::regnamespace"
        " AND c.relkind = 'r' AND obj_description(c.oid) IS NULL UNION ALL"
        " SELECT c.relname || '.' || a.attname FROM pg_attribute AS a JOIN pg_class AS c"
        " ON a.attrelid = c.oid WHERE c.relnamespace = 'slimy_migrations'::regnamespace"
        " AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attnotnull AND c.relname NOT LIKE '%yoyo%'"
        " AND col_description(c.oid, a.attnum) IS NULL",
    )
    assert silent == []


def test_the_books_may_stand_in_a_schema_of_any_name(empty: str, folder: Folder) -> None:
    name = 'Büro "1"'
    assert len(migrator.apply(empty, folder, bookkeeping=name)) == 2
    assert migrator.apply(empty, folder, bookkeeping=name) == []
    assert len(migrator.rollback(empty, folder, 9, bookkeeping=name)) == 2
    with pytest.raises(MigrationError, match="a schema of its own, not public"):
        migrator.status(empty, folder, bookkeeping="public")


def test_books_of_a_newer_release_are_left_to_it(empty: str, folder: Folder) -> None:
    migrator.apply(empty, folder)
    rows(empty, "INSERT INTO slimy_migrations.versions VALUES (99) RETURNING version")
    with pytest.raises(MigrationError, match=r"a newer release keeps these books \(version 99"):
        migrator.apply(empty, folder)


def test_a_first_apply_that_fails_leaves_the_books_whole(empty: str, folder: Folder) -> None:
    folder.write("0001_shop", "SELECT 1/0;\n")
    with pytest.raises(MigrationError, match="division by zero"):
        migrator.apply(empty, folder)
    newest = len([*(Path(__file__).parents[2] / "sql" / "bookkeeping").glob("[0-9]*.sql")])
    assert rows(empty, "SELECT max(version) FROM slimy_migrations.versions") == [(newest,)]


def test_racing_migrators_make_the_books_once(empty: str, folder: Folder) -> None:
    done: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: done.append(migrator.apply(empty, folder)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, done)) == [0, 0, 0, 2]
