"""Locked tables, other servers than one hoped for, and secrets: what a DBA reads when something is in the way."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from slimy_dal.engine import embedded
from slimy_dal.schema import migrator, watching
from slimy_dal.schema.backend import opened
from slimy_dal.schema.migrationfiles import MigrationError
from slimy_dal.testing import Bouncer, BouncerError
from slimy_dal.testing.bouncer import program
from tests.migrations.folders import Folder, rows

Slimy = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.fault("M7")
def test_each_failed_try_says_who_was_in_the_way_and_is_recorded(
    empty: str, folder: Folder
) -> None:
    migrator.apply(empty, folder)
    folder.write("0003_x", "-- lock_timeout: 300ms\nALTER TABLE shop.item ADD COLUMN x int;\n")
    said: list[str] = []
    with psycopg.connect(empty, application_name="report") as holder:
        holder.execute("SELECT count(*) AS the_reason FROM shop.item")
        pid = holder.info.backend_pid
        with pytest.raises(MigrationError) as refused:
            migrator.apply(empty, folder, say=said.append, lock_wait=1)
    who = f"session {pid} of postgres (report), idle in transaction for "
    assert who in str(refused.value)
    assert "SELECT count(*) AS the_reason FROM shop.item" in str(refused.value)
    assert said
    assert all(line.startswith("0003_x: try ") and who in line for line in said)
    tries = rows(
        empty,
        "SELECT outcome, sqlstate, line, statement_number, finished_at > started_at"
        " FROM slimy_migrations.attempts WHERE migration_id = '0003_x'",
    )
    assert len(tries) == len(said) + 1
    assert set(tries) == {("failed", "55P03", 2, 1, True)}
    assert migrator.apply(empty, folder) == ["0003_x"]


@pytest.mark.fault("M7")
def test_the_pauses_between_tries_grow(empty: str, folder: Folder) -> None:
    migrator.apply(empty, folder)
    folder.write("0003_x", "-- lock_timeout: 50ms\nALTER TABLE shop.item ADD COLUMN x int;\n")
    pauses: list[float] = []
    with psycopg.connect(empty) as holder:
        holder.execute("LOCK TABLE shop.item")
        for lock_wait in (2, 10):
            said: list[str] = []
            match = rf"stayed locked through \d+ tries in {lock_wait} s"
            with pytest.raises(MigrationError, match=match):
                migrator.apply(empty, folder, say=said.append, lock_wait=lock_wait)
            pauses = [float(line.rpartition(" in ")[2].removesuffix(" s")) for line in said]
            if len(pauses) > 3:  # a busy machine tries less often
                break
    assert max(pauses) > 1.5 * pauses[0]  # they are told rounded, and drawn at random


def test_a_long_statement_is_told_of_with_its_place_and_its_progress(
    empty: str, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TELL_EVERY", 0.2)
    folder.write("0003_long", "SELECT 1;\n\nSELECT pg_sleep(1);\n")
    folder.write(
        "0004_index",
        "-- transactional: false\nCREATE INDEX CONCURRENTLY item_idx ON shop.item (name);\n",
    )
    migrator.apply(empty, folder, to="0002")
    said: list[str] = []
    with psycopg.connect(empty) as holder:
        holder.execute("INSERT INTO shop.item VALUES (1, 'x')")
        work = threading.Thread(
            target=migrator.apply, args=(empty, folder), kwargs={"say": said.append}
        )
        work.start()
        give_up = time.monotonic() + 30
        while not any("waits for session" in line for line in said):
            assert time.monotonic() < give_up, said
            time.sleep(0.05)
        holder.commit()
        work.join()
    assert any(line.startswith("0003_long.sql:3: statement 2 of 2, ") for line in said)
    assert any(line.startswith("0004_index.sql:2, ") for line in said)


def test_a_change_of_settings_ends_with_its_migration(empty: str, folder: Folder) -> None:
    folder.write(
        "0003_set", "SET search_path = shop;\nSET ROLE pg_monitor;\nSET statement_timeout = 400;\n"
    )
    folder.write("0004_after", "SELECT pg_sleep(0.5);\nCREATE TABLE unqualified ();\n")
    migrator.apply(empty, folder)
    found = rows(
        empty, "SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'unqualified'"
    )
    assert found == [("public", "postgres")]


@pytest.mark.fault("M9")
def test_a_pooler_in_transaction_mode_is_refused_before_anything_is_done(
    empty: str, folder: Folder
) -> None:
    try:
        program()
    except BouncerError as error:
        pytest.skip(str(error))
    with Bouncer(empty) as bouncer:
        assert len(migrator.status(bouncer.dsn(), folder)) == 2
        with (
            pytest.raises(MigrationError, match="this is a pooler in transaction mode"),
            in_the_way(bouncer.dsn()),
        ):
            migrator.apply(bouncer.dsn(), folder)
        assert rows(empty, "SELECT 1 FROM pg_namespace WHERE nspname = 'shop'") == []
        assert rows(empty, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'") == []
        bouncer.configure(pool_mode="session")
        assert len(migrator.apply(bouncer.dsn(), folder)) == 2


@contextlib.contextmanager
def in_the_way(address: str) -> Iterator[None]:
    """Others who begin and end transactions through the same pooler."""
    over = threading.Event()

    def come_and_go() -> None:
        with psycopg.connect(address) as one:
            while not over.is_set():
                one.execute("SELECT pg_sleep(0.001)")
                one.commit()

    crowd = [threading.Thread(target=come_and_go) for _ in range(3)]
    for thread in crowd:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in crowd:
            thread.join()


def test_a_standby_is_refused_with_the_way_to_the_primary(folder: Folder) -> None:
    with embedded.temporary() as server:
        migrator.apply(server.dsn(), folder)
        embedded.stop(server)
        (server.data / "standby.signal").touch()
        again = embedded.start(server.data.parent, settings=embedded.THROW_AWAY)
        assert all(state.applied for state in migrator.status(again.dsn(), folder))
        with pytest.raises(MigrationError, match=r"this server is a standby: .*read-write"):
            migrator.apply(again.dsn(), folder)


@pytest.mark.parametrize(
    "command", [("status",), ("plan",), ("apply",), ("rollback",), ("verify",), ("baseline", "1")]
)
@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:canary@127.0.0.1:1/d",
        "postgresql://u:can#ary@127.0.0.1:1/d",
        "postgresql://u@127.0.0.1:1/d?password=canary&nope=1",
        "host=/nowhere password=canary",
    ],
)
def test_no_command_shows_a_password(
    slimy: Slimy, folder: Folder, command: tuple[str, ...], address: str
) -> None:
    done = slimy(*command, "--dsn", address, "--migrations", str(folder))
    assert done.returncode == 1
    assert "can" not in (done.stdout + done.stderr).replace("cannot", "")
    assert "Traceback" not in done.stderr


def test_who_is_at_it_is_named_when_one_waits_in_vain(empty: str) -> None:
    with psycopg.connect(empty, application_name="other", autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(495740087673)")
        pid = other.info.backend_pid
        with (
            opened(empty) as backend,
            pytest.raises(
                MigrationError, match=rf"at work for \d+ s \(session {pid} of postgres, other"
            ),
            backend.lock(timeout=0),
        ):
            pass


@pytest.mark.slow
@pytest.mark.fault("D5")
def test_reads_behind_a_migration_that_queues_wait_no_longer_than_its_limit(
    empty: str, folder: Folder, record_property: Callable[[str, object], None]
) -> None:
    """A reader holds the table for long; the migration stands in the queue, and others behind it."""
    migrator.apply(empty, folder)
    folder.write("0003_x", "-- lock_timeout: 300ms\nALTER TABLE shop.item ADD COLUMN x int;\n")
    applied: list[str] = []

    def apply() -> None:
        applied.extend(migrator.apply(empty, folder, lock_wait=30))

    took: list[float] = []
    late = 0.0
    with (
        psycopg.connect(empty) as holder,
        psycopg.connect(empty, autocommit=True) as reader,
    ):
        holder.execute("SELECT count(*) FROM shop.item")
        migrating = threading.Thread(target=apply)
        migrating.start()
        until = time.monotonic() + 3
        while time.monotonic() < until:
            began = time.monotonic()
            reader.execute("SELECT count(*) FROM shop.item")
            ended = time.monotonic()
            took.append(ended - began)
            time.sleep(0.005)
            late = max(late, time.monotonic() - ended - 0.005)
        holder.rollback()
        migrating.join(30)
    assert applied == ["0003_x"]
    assert max(took) > 0.1, "no read stood behind the migration: it proves nothing"
    assert max(took) <= 1.0 + 2 * late
    record_property("figure", f"longest read {max(took):.2f} s, with a lock_timeout of 0.3 s")
