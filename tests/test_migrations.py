import hashlib
import itertools
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from slimy_dal.engine import embedded
from slimy_dal.schema import migrator
from slimy_dal.schema.backend import LOCK_KEY
from slimy_dal.schema.migrationfiles import MigrationError, checksum

MIGRATIONS = Path(__file__).parent.parent / "sql" / "migrations"
FILES = sorted(path for path in MIGRATIONS.glob("*.sql") if ".rollback" not in path.name)
MAJORS = [15, 16, 18]
HIDDEN = ["--exclude-schema=slimy_migrations", "--exclude-table=*yoyo*"]


def available(major: int) -> bool:
    try:
        embedded.binaries(major)
    except embedded.EmbeddedServerError:
        return False
    return True


@pytest.fixture(params=[major for major in MAJORS if available(major)])
def fresh(request: pytest.FixtureRequest) -> Iterator[embedded.Server]:
    """An empty server of each version on this machine."""
    with embedded.temporary(request.param) as server:
        yield server


@pytest.fixture
def empty(server: embedded.Server) -> Iterator[str]:
    """An empty database on the run's server."""
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE migrator_test")
        yield server.dsn("migrator_test")
        admin.execute("DROP DATABASE migrator_test WITH (FORCE)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations that a test may spoil."""
    return Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))


def dump(dsn: str, major: int = 18) -> str:
    program = embedded.binaries(major) / "pg_dump"
    out = subprocess.run(
        [program, "--schema-only", *HIDDEN, "--no-owner", dsn],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return re.sub(r"(?m)^(--.*|\\(un)?restrict .*)?\n", "", out)


def ids() -> list[str]:
    return [path.stem for path in FILES]


def test_migrations_are_numbered_without_gaps_and_each_has_a_rollback() -> None:
    assert [int(path.name[:4]) for path in FILES] == list(range(1, len(FILES) + 1))
    assert all(path.with_suffix(".rollback.sql").exists() for path in FILES)


def test_every_migration_says_its_purpose_and_its_phase() -> None:
    for path in FILES:
        text = path.read_text()
        assert re.match(r"-- [A-Z].+[.,:;]?\n", text), path.name
        assert re.search(r"(?m)^-- phase: (expand|backfill|contract)$", text), path.name


def test_they_apply_and_apply_again_to_nothing(fresh: embedded.Server) -> None:
    assert migrator.apply(fresh.dsn(), MIGRATIONS) == ids()
    assert migrator.apply(fresh.dsn(), MIGRATIONS) == []


def test_stock_yoyo_applies_the_same_files(fresh: embedded.Server) -> None:
    yoyo = Path(sys.executable).parent / "yoyo"
    address = fresh.dsn().replace("postgresql:", "postgresql+psycopg:")
    options = ["--batch", "--no-config-file", "--database", address, str(MIGRATIONS)]
    subprocess.run([yoyo, "apply", *options], check=True, capture_output=True)

    with_yoyo = dump(fresh.dsn(), fresh.major)
    assert migrator.apply(fresh.dsn(), MIGRATIONS) == [], "what yoyo applied counts as applied"
    migrator.rollback(fresh.dsn(), MIGRATIONS, count=len(FILES))
    migrator.apply(fresh.dsn(), MIGRATIONS)
    assert dump(fresh.dsn(), fresh.major) == with_yoyo


def test_psql_applies_the_same_files(fresh: embedded.Server) -> None:
    psql = embedded.binaries(18) / "psql"
    for path in FILES:
        subprocess.run(
            [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-1", "-f", path, fresh.dsn()],
            check=True,
            capture_output=True,
        )
    with_psql = dump(fresh.dsn(), fresh.major)
    with psycopg.connect(fresh.dsn(), autocommit=True) as connection:
        connection.execute("DROP SCHEMA slimy CASCADE")
    migrator.apply(fresh.dsn(), MIGRATIONS)
    assert dump(fresh.dsn(), fresh.major) == with_psql


@pytest.mark.fault("M5")
def test_an_edited_file_is_refused_before_anything_runs(empty: str, folder: Path) -> None:
    migrator.apply(empty, folder)
    (folder / FILES[1].name).write_text(FILES[1].read_text() + "\n-- a late thought\n")
    (folder / "0099_next.sql").write_text("CREATE TABLE slimy.untouched ();\n")

    with pytest.raises(MigrationError, match=f"{FILES[1].stem} was edited after it was applied"):
        migrator.apply(empty, folder)

    assert "untouched" not in dump(empty)
    states = {state.id: state for state in migrator.status(empty, folder)}
    assert states[FILES[1].stem].edited
    assert not states["0099_next"].applied


@pytest.mark.fault("M6")
def test_a_missing_and_a_late_file_are_refused(empty: str, folder: Path) -> None:
    migrator.apply(empty, folder)
    (folder / "0000_late.sql").write_text("SELECT 1;\n")
    with pytest.raises(MigrationError, match="0000_late sorts before"):
        migrator.apply(empty, folder)
    (folder / "0000_late.sql").unlink()
    (folder / FILES[-1].name).unlink()
    (folder / FILES[-1].with_suffix(".rollback.sql").name).unlink()
    with pytest.raises(MigrationError, match="its file is gone"):
        migrator.apply(empty, folder)


def test_a_failing_statement_undoes_its_migration_and_names_its_line(
    empty: str, folder: Path
) -> None:
    migrator.apply(empty, folder)
    (folder / "0099_fails.sql").write_text(
        "CREATE TABLE slimy.half (id int);\n\nSELECT no_such_column\nFROM slimy.half;\n"
    )
    with pytest.raises(MigrationError, match=r'0099_fails\.sql:3: column "no_such_column"'):
        migrator.apply(empty, folder)
    assert "half" not in dump(empty)
    assert not {state.id: state for state in migrator.status(empty, folder)}["0099_fails"].applied


def test_a_statement_outside_a_transaction_is_recorded(empty: str, folder: Path) -> None:
    (folder / "0099_index.sql").write_text(
        "-- transactional: false\nCREATE INDEX CONCURRENTLY x_idx ON slimy.users (username);\n"
    )
    migrator.apply(empty, folder)
    assert "x_idx" in dump(empty)
    assert migrator.apply(empty, folder) == []


@pytest.mark.fault("M1")
def test_racing_migrators_apply_everything_once(empty: str) -> None:
    done: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: done.append(migrator.apply(empty, MIGRATIONS)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(applied) for applied in done) == [0, 0, 0, len(FILES)]


@pytest.mark.fault("M2")
def test_a_killed_migrator_leaves_nothing_behind(empty: str, folder: Path) -> None:
    (folder / "0099_slow.sql").write_text("CREATE TABLE slimy.slow ();\nSELECT pg_sleep(60);\n")
    code = (
        "import sys; from pathlib import Path; from slimy_dal.schema import migrator; "
        "migrator.apply(sys.argv[1], Path(sys.argv[2]))"
    )
    with (
        subprocess.Popen([sys.executable, "-c", code, empty, str(folder)]) as process,
        psycopg.connect(empty, autocommit=True) as watcher,
    ):
        while not watcher.execute(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active'"
            " AND pid != pg_backend_pid() AND datname = current_database()"
        ).fetchall():
            time.sleep(0.05)
        process.kill()
    (folder / "0099_slow.sql").write_text("CREATE TABLE slimy.slow ();\n")
    started = time.monotonic()
    assert migrator.apply(empty, folder) == ["0099_slow"]
    assert time.monotonic() - started < 20, "the dead migrator's lock went with it"


@pytest.mark.fault("M7")
def test_a_waiting_migration_lets_traffic_pass_and_tries_again(empty: str, folder: Path) -> None:
    migrator.apply(empty, folder)
    (folder / "0099_alter.sql").write_text(
        "-- lock_timeout: 300ms\n\nALTER TABLE slimy.users ADD COLUMN x int;\n"
    )
    done: list[str] = []
    with psycopg.connect(empty) as holder, psycopg.connect(empty, autocommit=True) as other:
        holder.execute("SELECT count(*) FROM slimy.users")
        migration = threading.Thread(target=lambda: done.extend(migrator.apply(empty, folder)))
        migration.start()
        while not other.execute(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER%'"
        ).fetchall():
            time.sleep(0.01)
        other.execute(
            "SELECT count(*) FROM slimy.users"
        )  # queues behind the ALTER until it gives way
        assert not done
        holder.rollback()
        migration.join()
    assert done == ["0099_alter"]


@pytest.mark.parametrize("statement", ["COMMIT", "begin", "ROLLBACK", "SAVEPOINT a"])
def test_a_file_that_controls_transactions_is_refused(
    empty: str, folder: Path, statement: str
) -> None:
    (folder / "0099_controls.sql").write_text(
        f"CREATE TABLE slimy.untouched ();\n{statement};\nSELECT 1/0;"
    )
    with pytest.raises(MigrationError, match=r"0099_controls\.sql:2: controls a transaction"):
        migrator.apply(empty, folder)
    assert "untouched" not in dump(empty)


def test_outside_a_transaction_stands_one_statement(empty: str, folder: Path) -> None:
    (folder / "0099_two.sql").write_text("-- transactional: false\nSELECT 1;\nSELECT 2;\n")
    with pytest.raises(MigrationError, match="takes one statement, it has 2"):
        migrator.apply(empty, folder)


def test_a_rollback_refuses_edited_and_missing_files_too(empty: str, folder: Path) -> None:
    migrator.apply(empty, folder)
    undo = FILES[-1].with_suffix(".rollback.sql").name
    (folder / undo).write_text("SELECT 1;\n")
    with pytest.raises(MigrationError, match="was edited"):
        migrator.rollback(empty, folder)
    (folder / undo).unlink()
    (folder / FILES[-1].name).unlink()
    with pytest.raises(MigrationError, match="its file is gone"):
        migrator.rollback(empty, folder)
    assert all(state.applied for state in migrator.status(empty, MIGRATIONS))


@pytest.mark.parametrize(
    "dsn",
    [
        "host=/nowhere password=canary dbname=x",
        "mysql://u:canary@h/d",
        "postgresql://u:can#ary@127.0.0.1:1/d",
        "postgresql://u:canary@127.0.0.1:1,127.0.0.1:2/d",
        "postgresql://u:canary@127.0.0.1:1/d?nope=1",
    ],
)
def test_an_address_that_does_not_work_is_one_line_without_its_password(dsn: str) -> None:
    with pytest.raises(MigrationError) as refused:
        migrator.apply(dsn, MIGRATIONS)
    assert "canary" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_bookkeeping_stands_in_its_own_schema_whatever_the_search_path(empty: str) -> None:
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA other")
        connection.execute("ALTER DATABASE migrator_test SET search_path = other, public")
        migrator.apply(empty, MIGRATIONS)
        found = connection.execute(
            "SELECT schemaname FROM pg_tables WHERE tablename = '_yoyo_migration'"
        ).fetchall()
    assert found == [("slimy_migrations",)]


def test_who_may_make_roles_may_migrate_and_become_what_was_made(fresh: embedded.Server) -> None:
    with psycopg.connect(fresh.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE builder LOGIN CREATEROLE")
        admin.execute("CREATE DATABASE built OWNER builder")
    address = fresh.dsn("built").replace("postgres@", "builder@")
    migrator.apply(address, MIGRATIONS)
    with psycopg.connect(address) as connection:
        connection.execute("SET LOCAL ROLE slimy_visitor")
        assert connection.execute("SELECT count(*) FROM slimy.users").fetchone() == (0,)


def test_who_may_not_is_told_which_role_to_ask_for_and_migrates_once_it_is_there(
    fresh: embedded.Server,
) -> None:
    with psycopg.connect(fresh.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE slimy_retention NOLOGIN")
        admin.execute("CREATE ROLE plain LOGIN")
        admin.execute("CREATE DATABASE plain OWNER plain")
        address = fresh.dsn("plain").replace("postgres@", "plain@")
        with pytest.raises(
            MigrationError, match="role slimy_visitor cannot be made, or plain"
        ) as no:
            migrator.apply(address, MIGRATIONS)
        assert "GRANT slimy_visitor TO plain" in str(no.value)
        admin.execute("CREATE ROLE slimy_visitor NOLOGIN")
        with pytest.raises(MigrationError, match="or plain cannot become it"):
            migrator.apply(address, MIGRATIONS)
        admin.execute("GRANT slimy_visitor TO plain")
        with pytest.raises(MigrationError, match="or plain cannot become slimy_owner") as no:
            migrator.apply(address, MIGRATIONS)
        assert "sql/roles.sql, and: GRANT slimy_owner TO plain" in str(no.value)
        admin.execute((MIGRATIONS.parent / "roles.sql").read_text())
        with pytest.raises(MigrationError, match="or plain cannot become slimy_owner"):
            migrator.apply(address, MIGRATIONS)
        admin.execute("GRANT slimy_owner TO plain")
    assert migrator.apply(address, MIGRATIONS)[-1] == ids()[-1]


def test_a_role_without_rights_is_told_so_in_one_line(empty: str) -> None:
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("CREATE ROLE weak LOGIN")
    try:
        with pytest.raises(MigrationError, match="permission denied"):
            migrator.apply(empty.replace("postgres@", "weak@"), MIGRATIONS)
    finally:
        with psycopg.connect(empty, autocommit=True) as connection:
            connection.execute("DROP ROLE weak")


def test_uuid_v7_is_version_7_and_in_order_of_time(fresh: embedded.Server) -> None:
    migrator.apply(fresh.dsn(), MIGRATIONS)
    with psycopg.connect(fresh.dsn()) as connection:
        rows = connection.execute(
            "SELECT slimy.uuid_v7() FROM generate_series(1, 20000)"
        ).fetchall()
        now = connection.execute("SELECT extract(epoch FROM clock_timestamp())").fetchone()
    keys = [row[0] for row in rows]
    assert now is not None
    assert all(key.version == 7 and key.variant == "specified in RFC 4122" for key in keys)
    assert len(set(keys)) == len(keys)
    assert abs((keys[-1].int >> 80) / 1000 - float(now[0])) < 5
    upside_down = sum(a > b for a, b in itertools.pairwise(keys))
    assert upside_down < len(keys) / 100, "keys of different microseconds are in order"


def test_a_checksum_is_of_both_files(folder: Path) -> None:
    path = folder / FILES[0].name
    rollback = path.with_suffix(".rollback.sql")
    expected = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (path, rollback)]
    assert checksum(path) == "sha256 " + " ".join(expected)


def test_another_migrator_is_waited_for_by_name_and_no_longer_than_said(empty: str) -> None:
    said: list[str] = []
    with psycopg.connect(empty, application_name="another one") as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        with pytest.raises(MigrationError, match=r"at work for 1 s .*another one"):
            migrator.apply(empty, MIGRATIONS, say=said.append, lock_wait=1)
    assert len(said) == 1
    assert "another one" in said[0]
    assert "waiting up to 1 s" in said[0]
