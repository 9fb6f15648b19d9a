"""Tests that data migrations run in batches, polite to traffic, and end with what they promise."""

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from slimy_dal.cli import main
from slimy_dal.engine import embedded
from slimy_dal.schema import backfill, backfilling, migrator
from slimy_dal.schema.backfill import BackfillError, Pace, Progress
from slimy_dal.schema.migrator import MigrationError

QUICK = Pace(pause=0, max_active=200, max_waiting=200)
EXPAND = """\
-- Lamps get a second column, which is kept equal to the first one.
--
-- phase: expand

ALTER TABLE lamps ADD COLUMN watts int;
"""
COPY = """\
-- Copies the power of lamps.
--
-- depends: 0002_add_watts
-- phase: backfill
-- batch: lamps by id
-- batch_size: 10
-- done when: SELECT NOT EXISTS (
--     SELECT FROM lamps AS l WHERE l.watts IS NULL
--   )

UPDATE lamps AS l
SET watts = l.power
WHERE l.id BETWEEN :from AND :to AND l.watts IS NULL;
"""
CONTRACT = "-- Takes the old one away.\n--\n-- phase: contract\n\nALTER TABLE public.lamps DROP COLUMN power;\n"
FILES = {
    "0001_create_lamps.sql": (
        "-- Lamps.\n--\n-- phase: expand\n\n"
        "CREATE TABLE lamps (id bigint PRIMARY KEY, power int NOT NULL);\n"
    ),
    "0001_create_lamps.rollback.sql": "DROP TABLE lamps;\n",
    "0002_add_watts.sql": EXPAND,
    "0002_add_watts.rollback.sql": "ALTER TABLE lamps DROP COLUMN watts;\n",
    "0003_copy_power.sql": COPY,
    "0003_copy_power.rollback.sql": "-- What was copied stays: nobody misses it.\n",
    "0004_drop_power.sql": CONTRACT,
    "0004_drop_power.rollback.sql": "ALTER TABLE lamps ADD COLUMN power int;\n",
}
Row = tuple[Any, ...]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "migrations"
    place.mkdir()
    for name, text in FILES.items():
        (place / name).write_text(text)
    return place


@pytest.fixture
def dsn(server: embedded.Server) -> Iterator[str]:
    name = "backfill_test"
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        yield server.dsn(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def lamps(dsn: str, folder: Path) -> Iterator[psycopg.Connection[Row]]:
    """A hundred lamps on which everything is applied but the copying and what follows it."""
    migrator.apply(dsn, folder, to="0002_add_watts")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO lamps SELECT g, g * 10 FROM generate_series(1, 100) AS g")
        yield connection


def copied(lamps: psycopg.Connection[Row]) -> int:
    [(count,)] = lamps.execute("SELECT count(*) FROM lamps WHERE watts = power").fetchall()
    return int(count)


def run(dsn: str, folder: Path, **named: Any) -> list[Progress]:
    told: list[Progress] = []
    backfilling.run(dsn, folder, **{"pace": QUICK, "progress": told.append, **named})
    return told


def slimy(dsn: str, folder: Path, *words: str) -> Result:
    options = ["--dsn", dsn, "--migrations", str(folder)]
    return CliRunner().invoke(main, ["migrate", *words, *options])


def psql(dsn: str, script: str) -> subprocess.CompletedProcess[str]:
    command = [str(embedded.binaries(18) / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", dsn]
    return subprocess.run(command, input=script, text=True, check=False, capture_output=True)


def slowed(lamps: psycopg.Connection[Row], seconds: float) -> None:
    """Let every row that is changed take its time."""
    lamps.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" PERFORM pg_sleep({seconds}); RETURN NEW; END $$;"
        "CREATE TRIGGER slow BEFORE UPDATE ON lamps FOR EACH ROW EXECUTE FUNCTION slow()"
    )


def test_apply_runs_it_in_batches_that_commit_one_by_one(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    assert migrator.apply(dsn, folder, phase="backfill", pace=QUICK) == ["0003_copy_power"]
    assert copied(lamps) == 100
    transactions = lamps.execute("SELECT count(DISTINCT xmin::text) FROM lamps").fetchall()
    assert transactions == [(4,)], "10, 20, 40 and 30 rows"
    assert [state.applied for state in migrator.status(dsn, folder)] == [True, True, True, False]
    assert migrator.apply(dsn, folder, phase="backfill") == []


def test_on_empty_tables_all_files_apply_at_once(dsn: str, folder: Path) -> None:
    assert len(migrator.apply(dsn, folder)) == 4
    assert not any(state.edited for state in migrator.status(dsn, folder))


def test_psql_runs_the_plan_in_the_same_batches_and_is_known_to_have_done_so(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    script = migrator.plan(dsn, folder, phase="backfill").script
    assert psql(dsn, script).returncode == 0
    assert copied(lamps) == 100
    assert lamps.execute("SELECT count(DISTINCT xmin::text) FROM lamps").fetchall() == [(10,)]
    standing = backfilling.standings(dsn, folder)
    assert standing == [backfilling.Standing("0003_copy_power", "applied", 100, 0, 100, 10)]
    states = migrator.status(dsn, folder)
    assert [state.applied for state in states] == [True, True, True, False]
    assert not any(state.edited for state in states)


def test_psql_takes_over_where_we_were_stopped_and_the_other_way_round(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    lamps.execute("ALTER TABLE lamps ADD CHECK (id != 50 OR watts IS NULL)")
    with pytest.raises(BackfillError, match=r"0003_copy_power\.sql:11: new row .* violates"):
        run(dsn, folder)
    assert copied(lamps) == 30, "batches of 10 and 20 rows are done"
    script = migrator.plan(dsn, folder, phase="backfill").script
    assert "violates check constraint" in psql(dsn, script).stderr
    lamps.execute("ALTER TABLE lamps DROP CONSTRAINT lamps_check")
    assert run(dsn, folder)[-1].rows == 100
    assert copied(lamps) == 100


@pytest.mark.slow
@pytest.mark.parametrize("major", [15, 16])
def test_older_servers_run_it_too_ours_and_psqls(major: int, folder: Path) -> None:
    with embedded.temporary(major) as old, psycopg.connect(old.dsn(), autocommit=True) as lamps:
        migrator.apply(old.dsn(), folder, to="0002")
        lamps.execute("INSERT INTO lamps SELECT g, g * 10 FROM generate_series(1, 100) AS g")
        lamps.execute("ALTER TABLE lamps ADD CONSTRAINT c CHECK (id != 50 OR watts IS NULL)")
        with pytest.raises(BackfillError):
            run(old.dsn(), folder)
        lamps.execute("ALTER TABLE lamps DROP CONSTRAINT c")
        assert copied(lamps) == 30
        done = psql(old.dsn(), migrator.plan(old.dsn(), folder, phase="backfill").script)
        assert done.returncode == 0, done.stderr
        assert copied(lamps) == 100
        migrator.rollback(old.dsn(), folder, 2)
        migrator.apply(old.dsn(), folder, to="0002")
        assert run(old.dsn(), folder)[-1].changed == 100


def test_a_person_runs_a_batch_by_hand_with_psql(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    text = (folder / "0003_copy_power.sql").read_text()
    assert psql(dsn, f"\\set from 1\n\\set to 5\n{text}").returncode == 0
    assert copied(lamps) == 5


def test_stock_yoyo_stops_before_it_and_goes_on_behind_it(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    address = dsn.replace("postgresql:", "postgresql+psycopg:") + "&schema=slimy_migrations"
    yoyo = [str(Path(sys.executable).parent / "yoyo"), "apply", "--batch", "--no-config-file"]
    command = [*yoyo, "--database", address, str(folder)]
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0
    assert copied(lamps) == 0
    run(dsn, folder)
    subprocess.run(command, check=True, capture_output=True)
    assert all(state.applied for state in migrator.status(dsn, folder))


def test_what_its_end_asks_must_be_true_or_it_is_not_applied(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    def late(progress: Progress) -> None:
        if progress.batches == 1:
            lamps.execute("INSERT INTO lamps VALUES (-5, 1) ON CONFLICT DO NOTHING")

    with pytest.raises(BackfillError, match=r"every batch is done, but .* is not true: rows came"):
        run(dsn, folder, progress=late)
    assert not migrator.status(dsn, folder)[2].applied
    assert copied(lamps) == 100
    with pytest.raises(BackfillError, match="--again"):
        run(dsn, folder)
    run(dsn, folder, again=True)
    assert copied(lamps) == 101


def test_rows_behind_the_end_are_not_walked_for_ever(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    def more(progress: Progress) -> None:
        lamps.execute("INSERT INTO lamps SELECT max(id) + 1, 1, 1 FROM lamps")

    assert run(dsn, folder, progress=more) == []
    [(rows,)] = lamps.execute("SELECT rows_seen FROM slimy_migrations.backfills").fetchall()
    assert rows == 100


def test_edited_half_way_it_is_refused_until_it_begins_again(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    lamps.execute("ALTER TABLE lamps ADD CONSTRAINT c CHECK (id != 50 OR watts IS NULL)")
    with pytest.raises(BackfillError):
        run(dsn, folder)
    lamps.execute("ALTER TABLE lamps DROP CONSTRAINT c")
    file = folder / "0003_copy_power.sql"
    file.write_text(COPY.replace("AND l.watts IS NULL;", ";"))
    with pytest.raises(BackfillError, match="was edited after 2 batches: restore it, or begin"):
        run(dsn, folder)
    assert copied(lamps) == 30
    assert run(dsn, folder, again=True)[-1].rows == 100


def test_undone_and_applied_again_it_begins_at_the_first_row(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    run(dsn, folder)
    migrator.rollback(dsn, folder, 2)
    migrator.apply(dsn, folder, to="0002_add_watts")
    assert copied(lamps) == 0
    assert run(dsn, folder)[-1].rows == 100
    assert copied(lamps) == 100


def test_what_was_under_way_is_forgotten_when_the_tables_it_walked_are_undone(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    lamps.execute("ALTER TABLE lamps ADD CONSTRAINT c CHECK (id != 50 OR watts IS NULL)")
    with pytest.raises(BackfillError):
        run(dsn, folder)
    migrator.rollback(dsn, folder, 1)
    migrator.apply(dsn, folder, to="0002_add_watts")
    assert run(dsn, folder)[-1].rows == 100
    assert copied(lamps) == 100


def test_a_locked_row_makes_it_wait_with_smaller_batches(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    file = folder / "0003_copy_power.sql"
    file.write_text(COPY.replace("-- phase", "-- lock_timeout: 50ms\n-- phase"))
    with psycopg.connect(dsn) as holder:
        holder.execute("SELECT FROM lamps WHERE id = 35 FOR UPDATE")

        def release(progress: Progress) -> None:
            told.append(progress)
            if progress.batch_size == 1:
                holder.rollback()

        told: list[Progress] = []
        backfilling.run(dsn, folder, pace=QUICK, progress=release)
    waits = [one for one in told if one.waits_for]
    assert "lock timeout" in str(waits[0].waits_for)
    assert [one.batch_size for one in waits][:3] == [20, 10, 5]
    assert copied(lamps) == 100


def test_a_row_that_stays_locked_ends_it_with_an_instruction(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    file = folder / "0003_copy_power.sql"
    file.write_text(COPY.replace("-- phase", "-- lock_timeout: 1ms\n-- phase"))
    with psycopg.connect(dsn) as holder:
        holder.execute("SELECT FROM lamps WHERE id = 35 FOR UPDATE")
        with pytest.raises(BackfillError, match="20 times in a row; it goes on from its place"):
            run(dsn, folder, pace=Pace(pause=0, sleep=lambda _seconds: None))
        holder.rollback()
    assert copied(lamps) in range(30, 35)
    run(dsn, folder)
    assert copied(lamps) == 100


def test_a_statement_that_takes_too_long_is_halved(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    slowed(lamps, 0.01)
    text = COPY.replace("batch_size: 10", "batch_size: 100")
    (folder / "0003_copy_power.sql").write_text(
        text.replace("-- phase", "-- statement_timeout: 300ms\n-- phase")
    )
    told = run(dsn, folder)
    assert "took more than 300ms" in str(told[0].waits_for)
    assert copied(lamps) == 100


def test_batches_take_as_long_as_they_should(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    slowed(lamps, 0.005)
    sizes = [one.batch_size for one in run(dsn, folder, pace=Pace(pause=0, target=0.1))]
    assert 5 <= sizes[3] <= 25, sizes


@given(
    size=st.integers(1, 10**6), rows=st.integers(0, 10**6), seconds=st.floats(0, 1e6),
    largest=st.integers(1, 10**6),
)  # fmt: skip
def test_the_next_batch_is_never_empty_nor_too_large_nor_much_larger(
    size: int, rows: int, seconds: float, largest: int
) -> None:
    size = min(size, largest)
    found = Pace(largest=largest).next_size(size, min(rows, size), seconds)
    assert 1 <= found <= min(largest, 2 * size)
    if rows >= size and seconds > 1:
        assert found <= max(1, size), "what took too long gets no larger"


def test_while_others_wait_for_locks_it_holds_back(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    lamps.execute("CREATE TABLE other (id int PRIMARY KEY); INSERT INTO other VALUES (1)")
    with ExitStack() as stack:
        holder = stack.enter_context(psycopg.connect(dsn))
        holder.execute("SELECT FROM other FOR UPDATE")
        others = [stack.enter_context(psycopg.connect(dsn, autocommit=True)) for _ in range(2)]
        queue = [
            threading.Thread(target=one.execute, args=["UPDATE other SET id = id"])
            for one in others
        ]
        for thread in queue:
            thread.start()
        while lamps.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchall() != [(2,)]:
            time.sleep(0.01)
        told: list[Progress] = []

        def release(progress: Progress) -> None:
            told.append(progress)
            assert copied(lamps) == 0 or not progress.waits_for
            if len(told) == 2:
                holder.rollback()
                for thread in queue:
                    thread.join()

        backfilling.run(dsn, folder, pace=Pace(max_waiting=1, pause=0), progress=release)
    assert [one.waits_for for one in told[:3]] == ["2 sessions wait for locks"] * 2 + [None]


def test_while_others_are_busy_it_holds_back(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    told: list[Progress] = []
    with psycopg.connect(dsn, autocommit=True) as other:

        def sleep() -> None:
            with suppress(psycopg.errors.QueryCanceled):
                other.execute("SELECT pg_sleep(60)")

        def release(progress: Progress) -> None:
            told.append(progress)
            if len(told) == 1:
                other.cancel_safe()
                busy.join()

        busy = threading.Thread(target=sleep)
        busy.start()
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        while lamps.execute(asleep).fetchall() != [(1,)]:
            time.sleep(0.01)
        backfilling.run(dsn, folder, pace=Pace(max_active=0, pause=0), progress=release)
    assert told[0].waits_for == "1 sessions are active"
    assert copied(lamps) == 100


@pytest.mark.slow
def test_while_a_standby_is_behind_it_holds_back(tmp_path: Path, folder: Path) -> None:
    with embedded.temporary() as main_server, ExitStack() as stack:
        root = main_server.data.parent / "standby"
        (root / "data18").mkdir(parents=True)
        (root / "data18").chmod(0o700)
        account = main_server.data.owner()
        shutil.chown(root / "data18", account)
        copy = [str(embedded.binaries(18) / "pg_basebackup"), "-R", "-X", "stream", "-c", "fast"]
        subprocess.run(
            [*copy, "-D", str(root / "data18"), "-d", main_server.dsn()],
            check=True,
            user=account,
            cwd="/",
        )
        address = f"'host={main_server.socket} user=postgres'"
        standby = embedded.start(root, settings={"primary_conninfo": address})
        stack.callback(embedded.stop, standby)
        migrator.apply(main_server.dsn(), folder, to="0002_add_watts")
        lamps = stack.enter_context(psycopg.connect(main_server.dsn(), autocommit=True))
        lamps.execute("INSERT INTO lamps SELECT g, g FROM generate_series(1, 5000) AS g")
        there = stack.enter_context(psycopg.connect(standby.dsn(), autocommit=True))
        while not there.execute("SELECT to_regclass('lamps')").fetchall()[0][0]:
            time.sleep(0.05)
        there.execute("SELECT pg_wal_replay_pause()")
        while lamps.execute("SELECT state FROM pg_stat_replication").fetchall() != [("streaming",)]:
            time.sleep(0.05)

        def resume(progress: Progress) -> None:
            told.append(progress)
            if progress.waits_for:
                there.execute("SELECT pg_wal_replay_resume()")

        told: list[Progress] = []
        pace = Pace(pause=0, max_lag_bytes=1000, max_active=200)
        backfilling.run(main_server.dsn(), folder, pace=pace, progress=resume)
        assert any("a standby is" in str(one.waits_for) for one in told)
        assert copied(lamps) == 5000


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("phase: backfill", "phase: expand"), "`batch:` belongs to `-- phase: backfill`"),
        (("lamps by id", "lamps"), "write `-- batch: schema.table by column"),
        (("batch_size: 10", "batch_size: many"), "`batch_size: many` must be a number of rows"),
        (("-- done when", "-- when"), "say how its end is known"),
        ((":to", "50"), "bounded by the whole key: WHERE id BETWEEN :from AND :to"),
        ((":to", ":until"), "line 11: :until is none of :from_id, :to_id, :from, :to"),
        (("UPDATE lamps", "TRUNCATE lamps; UPDATE lamps"), "a batch is one statement"),
        (("UPDATE lamps AS l\n", "SELECT :from, :to --\n"), "a batch is an INSERT, UPDATE"),
        (("lamps by id", "chairs by id"), "there is no table chairs"),
        (("lamps by id", "lamps by power"), "bounded by the whole key|no unique index on exactly"),
        (("NOT EXISTS (", "1 / 0 = 1 AND ("), "done when: "),
        (("SET watts", "SET volts"), r"0003_copy_power\.sql:12: column \"volts\""),
        (("-- phase", "-- lock_timeout: soon\n-- phase"), "must be a time such as|is a time such"),
    ],
)
def test_a_file_that_cannot_work_is_refused_with_the_way_out(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path, change: tuple[str, str], problem: str
) -> None:
    assert change[0] in COPY
    (folder / "0003_copy_power.sql").write_text(COPY.replace(*change))
    with pytest.raises(MigrationError, match=problem):
        run(dsn, folder)
    assert copied(lamps) in {0, 100}


def test_a_key_that_can_be_null_is_no_way_to_meet_every_row(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    lamps.execute("ALTER TABLE lamps ADD COLUMN code text UNIQUE")
    (folder / "0003_copy_power.sql").write_text(
        COPY.replace("by id", "by code").replace("l.id", "l.code")
    )
    with pytest.raises(BackfillError, match=r"no unique index on exactly \(code\), all NOT NULL"):
        run(dsn, folder)


def test_partitioned_tables_are_walked_as_one(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    lamps.execute(
        "CREATE TABLE days (day date, id int, n int DEFAULT 0, PRIMARY KEY (day, id))"
        " PARTITION BY RANGE (day);"
        "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
        "CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');"
        "INSERT INTO days SELECT date '2026-01-15' + g / 3, g FROM generate_series(1, 90) AS g"
    )
    (folder / "0003_copy_power.sql").write_text(
        "-- Counts.\n-- phase: backfill\n-- batch: public.days by day, id\n"
        "-- done when: SELECT NOT EXISTS (SELECT FROM days WHERE n = 0)\n"
        "UPDATE days AS d SET n = d.n + 1 WHERE (d.day, d.id)"
        " BETWEEN (:from_day, :from_id) AND (:to_day, :to_id);\n"
    )
    run(dsn, folder, pace=Pace(pause=0, largest=7, max_active=200))
    assert lamps.execute("SELECT min(n), max(n), count(*) FROM days").fetchall() == [(1, 1, 90)]


def test_migrations_before_it_come_first(dsn: str, folder: Path) -> None:
    with pytest.raises(MigrationError, match="0001_create_lamps is pending before 0003_copy_power"):
        run(dsn, folder)
    migrator.apply(dsn, folder, to="0002")
    with pytest.raises(MigrationError, match="0002 is no data migration"):
        run(dsn, folder, name="0002")


def test_a_second_runner_waits_for_the_first_and_finds_nothing_to_do(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    slowed(lamps, 0.003)
    done: list[list[str]] = []
    runners = [
        threading.Thread(target=lambda: done.append(migrator.apply(dsn, folder, to="0003")))
        for _ in range(2)
    ]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert sorted(done) == [[], ["0003_copy_power"]]
    [row] = lamps.execute(
        "SELECT rows_seen, rows_changed FROM slimy_migrations.backfills"
    ).fetchall()
    assert row == (100, 100)


def test_ctrl_c_ends_it_and_the_next_run_goes_on(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    slowed(lamps, 0.02)
    command = [sys.executable, "-m", "slimy_dal.cli", "migrate", "backfill", "0003", "--json"]
    with subprocess.Popen(
        [*command, "--dsn", dsn, "--migrations", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        line = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 3
        said = process.stderr.read()
    assert re.search(r"stopped: .* running it again goes on from there", said)
    assert "Traceback" not in said
    assert (line["id"], line["rows"], line["batches"]) == ("0003_copy_power", 10, 1)
    assert 10 <= copied(lamps) < 100
    shown = slimy(dsn, folder, "backfill", "--status")
    assert shown.exit_code == 3
    assert re.match(r"begun    0003_copy_power  \d+ of some [\d,]+ rows in \d batch", shown.output)
    lamps.execute("DROP TRIGGER slow ON lamps")
    again = slimy(dsn, folder, "backfill")
    assert again.exit_code == 0, again.output
    assert "applied  0003_copy_power" in again.output
    assert "100 rows in" in again.stderr
    assert copied(lamps) == 100
    assert slimy(dsn, folder, "backfill").output == "nothing to run\n"


def test_a_session_that_is_ended_says_so_and_the_next_run_goes_on(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    def cut(progress: Progress) -> None:
        if progress.batches == 2:
            lamps.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = 'slimy migrate backfill 0003_copy_power'"
            )

    with pytest.raises(MigrationError, match="running it again goes on from there"):
        run(dsn, folder, progress=cut)
    assert copied(lamps) == 30
    run(dsn, folder)
    assert copied(lamps) == 100


def test_any_role_may_ask_how_far_it_is(
    lamps: psycopg.Connection[Row], dsn: str, folder: Path
) -> None:
    lamps.execute("CREATE ROLE onlooker LOGIN")
    try:
        address = dsn.replace("postgres@", "onlooker@")
        assert slimy(address, folder, "backfill", "--status").output == "pending  0003_copy_power\n"
        run(dsn, folder)
        shown = slimy(address, folder, "backfill", "--status", "--json")
        assert shown.exit_code == 0
        [one] = json.loads(shown.output)
        assert (one["state"], one["rows"]) == ("applied", 100)
    finally:
        with suppress(psycopg.Error):
            lamps.execute("DROP ROLE onlooker")


def test_the_places_may_stand_in_a_schema_of_any_name(dsn: str, folder: Path) -> None:
    odd = 'Odd "Books"'
    migrator.apply(dsn, folder, to="0002", bookkeeping=odd)
    with psycopg.connect(dsn, autocommit=True) as lamps:
        lamps.execute("INSERT INTO lamps SELECT g, g FROM generate_series(1, 30) AS g")
        lamps.execute("ALTER TABLE lamps ADD CONSTRAINT c CHECK (id != 25 OR watts IS NULL)")
        with pytest.raises(BackfillError):
            run(dsn, folder, bookkeeping=odd)
        lamps.execute("ALTER TABLE lamps DROP CONSTRAINT c")
        [begun] = backfilling.standings(dsn, folder, bookkeeping=odd)
        assert (begun.state, begun.rows) == ("begun", 10)
        script = migrator.plan(dsn, folder, phase="backfill", bookkeeping=odd).script
        assert psql(dsn, script).returncode == 0
        assert copied(lamps) == 30
    [done] = backfilling.standings(dsn, folder, bookkeeping=odd)
    assert (done.state, done.rows) == ("applied", 30)


def test_progress_is_said_in_words_and_figures() -> None:
    half = Progress("0003_copy", 500, 1000, 400, 5, 100, 50.0)
    assert str(half) == (
        "0003_copy  500 of some 1,000 rows, 50 %; 50 rows/s in batches of 100, 10 s left"
    )
    assert (half.as_json()["percent"], half.as_json()["seconds_left"]) == (50, 10)
    held = Progress("0003_copy", 500, 1000, 400, 5, 100, 50.0, "3 sessions wait for locks")
    assert str(held).endswith("50 %; waits: 3 sessions wait for locks")
    assert Progress("x", 1000, 1000, 0, 5, 100, 50.0).percent == 99, "the total is a guess"
    assert Progress("x", 0, 900_000, 0, 5, 100, 50.0).as_json()["seconds_left"] == 18000
    assert "5 h 0 min left" in str(Progress("x", 0, 900_000, 0, 5, 100, 50.0))


def test_a_file_without_batches_is_none_of_this(folder: Path) -> None:
    assert backfill.read(folder / "0002_add_watts.sql") is None
