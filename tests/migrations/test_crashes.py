"""Crash safety: whatever dies at whatever moment, the next run ends it, and nothing is left of the dead one."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from slimy_dal.engine import embedded
from slimy_dal.schema import migrator
from slimy_dal.schema.migrationfiles import MigrationError
from tests.migrations.catalogs import COUNTS, onlooking, schema, settled, unusable
from tests.migrations.crashing import REFUSED, Blow, Moment, run, start
from tests.migrations.folders import Folder, rows

OWN = Path(__file__).parent.parent.parent / "sql" / "migrations"
ALONE = Path(__file__).parent / "alone"

WAITING = [
    "0002_index",
    "0003_unique_index",
    "0004_drop_index",
    "0005_reindex_index",
    "0007_detach",
]
"""What waits for other transactions half-way, and leaves something when it dies there."""


MOST_CALLS = 300
"""More than the longest migration has statements."""


def ids(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.sql") if ".rollback" not in path.name)


@pytest.fixture
def reference(server: embedded.Server) -> Iterator[Callable[[Path], dict[str, str]]]:
    """The schema after each migration of a folder, where nothing goes wrong."""
    names: list[str] = []

    def make(folder: Path) -> dict[str, str]:
        name = f"undisturbed_{len(names)}"
        names.append(name)
        embedded.create_database(server, name)
        found = {"": schema(server.dsn(name))}
        for one in ids(folder):
            migrator.apply(server.dsn(name), folder, to=one)
            found[one] = schema(server.dsn(name))
        return found

    yield make
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        for name in names:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def is_applied(dsn: str, name: str) -> bool:
    query = f"SELECT count(*) FROM slimy_migrations._yoyo_migration WHERE migration_id = '{name}'"
    return rows(dsn, query) == [(1,)]


def endure(
    dsn: str, folder: Path, name: str, after: str, moments: tuple[Moment, ...]
) -> Counter[str]:
    """Let the migrator die at every call of one migration, one after the other, until it gets it done."""
    seen: Counter[str] = Counter()
    together = "transactional: false" not in (folder / f"{name}.sql").read_text()
    with onlooking(dsn) as onlooker:
        counted = onlooker.ask(COUNTS)
        for at in range(1, MOST_CALLS):
            moment = moments[at % len(moments)]
            code = run(dsn, folder, Blow(at, moment), to=name)
            onlooker.settled()
            if code == 0:
                break
            assert code == (REFUSED if moment == "cut" else -signal.SIGKILL), (name, at)
            seen[moment] += 1
            if onlooker.is_applied(name):
                seen["it was the COMMIT, which had arrived"] += 1
            elif together:
                assert onlooker.ask(COUNTS) == counted, f"{name}, call {at}: half done"
    assert code == 0, f"{name} is never done"
    assert schema(dsn) == after, f"{name} is not what it is without a crash"
    assert unusable(dsn) == []
    seen["then applied"] += 1
    return seen


def endure_all(
    dsn: str, folder: Path, expected: dict[str, str], moments: tuple[Moment, ...]
) -> Counter[str]:
    seen: Counter[str] = Counter()
    migrator.rollback(dsn, folder)  # makes the books, which would count as a change
    for name in ids(folder):
        seen += endure(dsn, folder, name, expected[name], moments)
    assert all(state.applied and state.attempt is None for state in migrator.status(dsn, folder))
    return seen


def show(title: str, seen: Counter[str]) -> None:
    lines = [f"\n{title}", *(f"  {what:<40} {count:>5}" for what, count in sorted(seen.items()))]
    print("\n".join(lines))  # noqa: T201 -- the table of what was tried


@pytest.mark.fault("M3")
def test_it_is_killed_at_every_call_of_what_runs_alone(
    empty: str, reference: Callable[[Path], dict[str, str]]
) -> None:
    expected = reference(ALONE)
    migrator.apply(empty, ALONE, to="0001")
    seen: Counter[str] = Counter()
    for name in ("0002_index", "0003_unique_index", "0004_drop_index"):
        seen += endure(empty, ALONE, name, expected[name], ("during", "before"))
    show("killed, a sample", seen)
    assert seen["then applied"] == 3
    assert seen["during"] + seen["before"] >= 15


@pytest.mark.slow
@pytest.mark.fault("M2")
def test_it_is_killed_at_every_call_of_every_migration(
    empty: str, reference: Callable[[Path], dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    seen = endure_all(empty, OWN, reference(OWN), ("before", "during"))
    with capsys.disabled():
        show("own migrations, kill -9", seen)
    statements = sum((OWN / f"{name}.sql").read_text().count(";\n") for name in ids(OWN))
    assert seen["before"] + seen["during"] > statements * 0.9


@pytest.mark.slow
@pytest.mark.parametrize("moments", [("during", "before"), ("cut",)])
@pytest.mark.fault("M3")
def test_it_dies_at_every_call_of_every_kind_that_runs_alone(
    empty: str,
    reference: Callable[[Path], dict[str, str]],
    capsys: pytest.CaptureFixture[str],
    moments: tuple[Moment, ...],
) -> None:
    seen = endure_all(empty, ALONE, reference(ALONE), moments)
    with capsys.disabled():
        show(f"alone, {' and '.join(moments)}", seen)


@contextmanager
def held_up(dsn: str, name: str) -> Iterator[None]:
    """Another transaction that a concurrent change has to wait for."""
    table = "shop.sale" if name == "0007_detach" else "shop.item"
    holder = psycopg.connect(dsn)
    try:
        holder.execute(f"SELECT count(*) FROM {table}")
        if table == "shop.item":
            holder.execute("UPDATE shop.item SET name = name WHERE id = 1")
        yield
    finally:
        # Closed and not committed: the server may have crashed meanwhile.
        holder.close()


def until_it_waits(dsn: str) -> None:
    give_up = time.monotonic() + 30
    with psycopg.connect(dsn, autocommit=True) as watcher:
        while not watcher.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'slimy' AND wait_event_type = 'Lock'"
        ).fetchall():
            assert time.monotonic() < give_up
            time.sleep(0.02)


def killed_while_it_waits(dsn: str, folder: Path, name: str) -> None:
    """Kill a migrator in the middle of a concurrent change; the server notices, while the others go on."""
    with held_up(dsn, name):
        process = start(dsn, folder, Blow(), to=name)
        until_it_waits(dsn)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        give_up = time.monotonic() + 20
        while rows(dsn, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"):
            assert time.monotonic() < give_up, "the lock of the dead migrator stays"
            time.sleep(0.05)
    settled(dsn)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "by_psql"),
    [*((name, False) for name in WAITING), ("0002_index", True), ("0007_detach", True)],
)
@pytest.mark.fault("M3")
def test_what_it_leaves_half_way_is_removed_and_done_again(
    empty: str,
    reference: Callable[[Path], dict[str, str]],
    psql: Callable[[str, str], subprocess.CompletedProcess[str]],
    name: str,
    *,
    by_psql: bool,
) -> None:
    names = ids(ALONE)
    expected = reference(ALONE)
    migrator.apply(empty, ALONE, to=names[names.index(name) - 1])
    killed_while_it_waits(empty, ALONE, name)
    assert unusable(empty), "the test is about something that is left"
    assert not is_applied(empty, name)
    state = {one.id: one for one in migrator.status(empty, ALONE)}[name]
    assert state.attempt is not None
    assert state.attempt.outcome == "interrupted"
    with pytest.raises(MigrationError, match=f"the apply of {name} was cut off.*apply --to {name}"):
        migrator.rollback(empty, ALONE)
    if by_psql:
        done = psql(empty, migrator.plan(empty, ALONE, to=name).script)
        assert done.returncode == 0, done.stderr
        assert is_applied(empty, name)
        assert migrator.status(empty, ALONE)[names.index(name)].attempt is None
    else:
        assert migrator.apply(empty, ALONE, to=name) == [name]
    assert unusable(empty) == []
    assert schema(empty) == expected[name]


@pytest.mark.fault("M3")
def test_without_looking_back_an_index_would_stay_invalid_or_be_in_the_way(empty: str) -> None:
    migrator.apply(empty, ALONE, to="0001")
    killed_while_it_waits(empty, ALONE, "0002_index")
    code = run(empty, ALONE, Blow(guard="no looking back"), to="0002")
    assert code == REFUSED or unusable(empty), "the guard is needed"
    assert run(empty, ALONE, Blow(), to="0002") == 0
    assert unusable(empty) == []


@pytest.mark.fault("M2")
def test_without_one_transaction_a_crash_would_leave_half_a_migration(
    empty: str, reference: Callable[[Path], dict[str, str]]
) -> None:
    expected = reference(ALONE)
    assert run(empty, ALONE, Blow(8, guard="no transaction"), to="0001") == -signal.SIGKILL
    settled(empty)
    assert schema(empty) not in {expected[""], expected["0001_setup"]}, "the guard is needed"
    assert run(empty, ALONE, Blow(), to="0001") == REFUSED


def test_an_index_that_fails_for_its_rows_is_removed_at_once(empty: str, folder: Folder) -> None:
    migrator.apply(empty, folder)
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("INSERT INTO shop.item VALUES (1, 'same'), (2, 'same')")
    folder.write(
        "0003_unique",
        "-- transactional: false\n"
        "CREATE UNIQUE INDEX CONCURRENTLY item_name_key ON shop.item (name);\n",
        "-- transactional: false\nDROP INDEX CONCURRENTLY shop.item_name_key;\n",
    )
    with pytest.raises(MigrationError, match=r"0003_unique\.sql:2: could not create unique index"):
        migrator.apply(empty, folder)
    assert unusable(empty) == []
    assert "item_name_key" not in schema(empty)
    attempt = migrator.status(empty, folder)[-1].attempt
    assert attempt is not None
    assert (attempt.outcome, attempt.sqlstate, attempt.line) == ("failed", "23505", 2)
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("DELETE FROM shop.item WHERE id = 2")
    assert migrator.apply(empty, folder) == ["0003_unique"]


def test_an_invalid_index_that_somebody_else_left_does_not_pass_for_one(
    empty: str, folder: Folder
) -> None:
    migrator.apply(empty, folder)
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("INSERT INTO shop.item VALUES (1, 'same'), (2, 'same')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY item_key ON shop.item (name)")
        connection.execute("DELETE FROM shop.item WHERE id = 2")
    folder.write(
        "0003_unique",
        "-- transactional: false\n"
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS item_key ON shop.item (name);\n",
    )
    assert migrator.apply(empty, folder) == ["0003_unique"]
    assert unusable(empty) == []
    assert "item_key" in schema(empty)


def test_a_file_that_was_changed_after_it_was_cut_off_cleans_up_its_old_self(
    empty: str, folder: Folder
) -> None:
    migrator.apply(empty, folder)
    text = "-- transactional: false\nCREATE INDEX CONCURRENTLY {} ON shop.item (name);\n"
    folder.write("0003_index", text.format("first_idx"))
    rows(empty, "INSERT INTO shop.item VALUES (1, 'x') RETURNING id")
    killed_while_it_waits(empty, folder, "0003_index")
    assert unusable(empty) == ["shop.first_idx"]
    folder.write("0003_index", text.format("second_idx"))
    assert migrator.apply(empty, folder) == ["0003_index"]
    assert unusable(empty) == []
    assert "first_idx" not in schema(empty)


def test_who_stops_it_by_hand_leaves_nothing(empty: str, folder: Folder) -> None:
    migrator.apply(empty, folder)
    rows(empty, "INSERT INTO shop.item VALUES (1, 'x') RETURNING id")
    folder.write(
        "0003_index",
        "-- transactional: false\nCREATE INDEX CONCURRENTLY item_idx ON shop.item (name);\n",
    )
    with held_up(empty, "0003_index"):
        process = start(empty, folder, Blow())
        until_it_waits(empty)
        os.kill(process.pid or 0, signal.SIGINT)
        give_up = time.monotonic() + 20
        while not rows(empty, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DROP INDEX %'"):
            assert time.monotonic() < give_up
            time.sleep(0.02)
    process.join(timeout=30)
    assert unusable(empty) == []
    assert "item_idx" not in schema(empty)
    attempt = migrator.status(empty, folder)[-1].attempt
    assert attempt is not None
    assert (attempt.outcome, attempt.message) == ("failed", "stopped by hand")
    assert migrator.apply(empty, folder) == ["0003_index"]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "CREATE TABLE shop.t ()",
            r"0003_x\.sql:2: after a crash nobody could tell whether CREATE",
        ),
        ("CREATE INDEX CONCURRENTLY ON shop.item (name)", "give the index a name"),
        ("INSERT INTO shop.item VALUES (1)", "-- resume: rerun"),
    ],
)
def test_what_could_not_be_resumed_is_refused_before_it_begins(
    empty: str, folder: Folder, statement: str, words: str
) -> None:
    folder.write("0003_x", f"-- transactional: false\n{statement};\n")
    with pytest.raises(MigrationError, match=words):
        migrator.apply(empty, folder)
    assert not any(state.applied for state in migrator.status(empty, folder))


@pytest.mark.slow
def test_a_rollback_is_ended_as_well(empty: str) -> None:
    names = ids(ALONE)[:9]
    expected = {}
    for name in names:
        migrator.apply(empty, ALONE, to=name)
        expected[name] = schema(empty)
    for name, before in reversed(list(zip(names[1:], names, strict=False))):
        for at in range(1, MOST_CALLS):
            code = run(empty, ALONE, Blow(at, ("during", "before")[at % 2]), undo=True)
            settled(empty)
            if code == 0 or not is_applied(empty, name):
                break
        assert not is_applied(empty, name)
        assert unusable(empty) == []
        assert schema(empty) == expected[before]


@pytest.mark.fault("M1")
def test_ten_at_once_apply_each_migration_once(empty: str) -> None:
    racers = [start(empty, OWN, Blow()) for _ in range(10)]
    for racer in racers:
        racer.join(timeout=120)
    assert [racer.exitcode for racer in racers] == [0] * 10
    counted = rows(
        empty,
        "SELECT migration_id, count(*) FROM slimy_migrations._yoyo_log GROUP BY migration_id"
        " ORDER BY migration_id",
    )
    assert counted == [(name, 1) for name in ids(OWN)]


@contextmanager
def crashing_server(major: int) -> Iterator[embedded.Server]:
    with embedded.temporary(major) as running:
        yield running


def crash(server: embedded.Server) -> None:
    """Stop the server as `pg_ctl stop -m immediate` does, and start it again: it recovers from its log."""
    pid = int((server.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGQUIT)
    give_up = time.monotonic() + 30
    while (server.data / "postmaster.pid").exists():
        assert time.monotonic() < give_up
        time.sleep(0.02)
    embedded.start(server.data.parent, major=server.major, settings=embedded.THROW_AWAY)


@pytest.mark.slow
@pytest.mark.parametrize("major", [15, 18])
@pytest.mark.fault("M4")
def test_the_server_may_crash_while_a_statement_waits(major: int) -> None:
    with crashing_server(major) as server, crashing_server(major) as calm:
        dsn = server.dsn()
        migrator.apply(dsn, ALONE, to="0001")
        migrator.apply(calm.dsn(), ALONE, to="0001")
        for name in ids(ALONE)[1:7]:
            if name in WAITING:
                with held_up(dsn, name):
                    process = start(dsn, ALONE, Blow(), to=name)
                    until_it_waits(dsn)
                    crash(server)
                    process.join(timeout=60)
                    assert process.exitcode == REFUSED
                assert not is_applied(dsn, name)
            assert run(dsn, ALONE, Blow(), to=name) == 0
            migrator.apply(calm.dsn(), ALONE, to=name)
            assert unusable(dsn) == []
            assert schema(dsn) == schema(calm.dsn()), name


@pytest.mark.fault("M4")
def test_the_server_may_crash_in_the_middle_of_a_migration() -> None:
    with crashing_server(18) as server:
        dsn = server.dsn()
        migrator.apply(dsn, ALONE, to="0001")
        folder = Folder(server.data.parent / "migrations")
        for name in ("0001_setup.sql", "0001_setup.rollback.sql"):
            folder.mkdir(exist_ok=True)
            (folder / name).write_text((ALONE / name).read_text())
        folder.write("0002_slow", "CREATE TABLE shop.half ();\nSELECT pg_sleep(60);\n")
        process = start(dsn, folder, Blow())
        give_up = time.monotonic() + 30
        while not rows(dsn, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):
            assert time.monotonic() < give_up
            time.sleep(0.02)
        crash(server)
        process.join(timeout=60)
        assert process.exitcode == REFUSED
        attempt = migrator.status(dsn, folder)[-1].attempt
        assert attempt is not None
        assert attempt.outcome == "interrupted"
        folder.write("0002_slow", "CREATE TABLE shop.half ();\n")
        assert migrator.apply(dsn, folder) == ["0002_slow"]


@pytest.fixture
def small_disk(server: embedded.Server, tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes that the server may write to."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", place],  # noqa: S607
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small file system is not allowed here")
    try:
        space = place / "space"
        space.mkdir()
        owner = server.data.stat()
        os.chown(space, owner.st_uid, owner.st_gid)
        for parent in (place, *place.parents):
            if parent.stat().st_uid == os.geteuid() and not parent.stat().st_mode & 1:
                parent.chmod(parent.stat().st_mode | 0o011)
        yield space
    finally:
        subprocess.run(["umount", "-l", place], check=False)  # noqa: S607


BIG = "INSERT INTO shop.item SELECT n, repeat('x', 40) || n FROM generate_series(1, 120000) AS n"


def fails_for_want_of_space(dsn: str, folder: Folder, words: str) -> None:
    for name in ("0003_index", "0004_table"):
        with pytest.raises(MigrationError, match=words):
            migrator.apply(dsn, folder, to=name)
        assert unusable(dsn) == []
        attempt = {one.id: one for one in migrator.status(dsn, folder)}[name].attempt
        assert attempt is not None
        assert (attempt.outcome, (attempt.sqlstate or "")[:2]) == ("failed", "53")
        assert not rows(dsn, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")
        (folder / f"{name}.sql").write_text("SELECT 'there is room now';\n")
        assert migrator.apply(dsn, folder, to=name) == [name]


@pytest.mark.fault("M12")
def test_a_full_disk_leaves_no_index_and_no_half_migration(
    empty: str, folder: Folder, small_disk: Path
) -> None:
    migrator.apply(empty, folder)
    with psycopg.connect(empty, autocommit=True) as admin:
        admin.execute(BIG)
        admin.execute(f"CREATE TABLESPACE small_disk LOCATION '{small_disk}'")
        try:
            folder.write(
                "0003_index",
                "-- transactional: false\nCREATE INDEX CONCURRENTLY item_name_idx"
                " ON shop.item (name) TABLESPACE small_disk;\n",
            )
            folder.write(
                "0004_table",
                "CREATE TABLE shop.first ();\n"
                "CREATE TABLE shop.copy TABLESPACE small_disk AS SELECT * FROM shop.item;\n",
            )
            fails_for_want_of_space(empty, folder, "No space left on device")
            assert "first" not in schema(empty)
        finally:
            admin.execute("DROP TABLESPACE small_disk")


@pytest.mark.fault("M12")
def test_the_end_of_temporary_space_is_survived_too(empty: str, folder: Folder) -> None:
    migrator.apply(empty, folder)
    with psycopg.connect(empty, autocommit=True) as admin:
        admin.execute(BIG)
        admin.execute("ALTER ROLE postgres SET temp_file_limit = '1MB'")
        admin.execute("ALTER ROLE postgres SET maintenance_work_mem = '1MB'")
        admin.execute("ALTER ROLE postgres SET max_parallel_maintenance_workers = 0")
        try:
            folder.write(
                "0003_index",
                "-- transactional: false\n"
                "CREATE INDEX CONCURRENTLY item_name_idx ON shop.item (name);\n",
            )
            folder.write(
                "0004_table",
                "CREATE TABLE shop.first ();\nCREATE INDEX item_idx ON shop.item (name);\n",
            )
            fails_for_want_of_space(empty, folder, "temporary file size exceeds")
        finally:
            admin.execute("ALTER ROLE postgres RESET ALL")
