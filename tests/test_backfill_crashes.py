"""Tests that a data migration does every row once, whatever ends it and however often."""

import itertools
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slimy_dal.engine import embedded
from slimy_dal.schema import backfill, migrator
from slimy_dal.schema.backend import opened
from slimy_dal.schema.bookkeeping import found, install
from tests.backfill_killed import QUICK

ROWS = 10
COUNT = """\
-- Counts every lamp once: done twice, a row shows it.
--
-- phase: backfill
-- batch: lamps by {by}
-- batch_size: 3
-- done when: SELECT NOT EXISTS (SELECT FROM lamps AS l WHERE l.n = 0)

UPDATE lamps AS l SET n = l.n + 1 WHERE {where};
"""


@pytest.fixture
def lamps(server: embedded.Server) -> Iterator[str]:
    """A database with a table to count in."""
    name = "backfill_crashes"
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(server.dsn(name), autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE lamps (id bigint PRIMARY KEY, n int NOT NULL DEFAULT 0)"
            )
        with opened(server.dsn(name)) as backend:
            install(backend, found(backend, []), print)
        yield server.dsn(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "0002_count.sql"
    path.write_text(COUNT.format(by="id", where="l.id BETWEEN :from AND :to"))
    return path


def again(connection: psycopg.Connection[Any], rows: int = ROWS) -> None:
    connection.execute("TRUNCATE lamps")
    connection.execute("INSERT INTO lamps SELECT 10 * g FROM generate_series(1, %s) AS g", [rows])
    connection.execute("TRUNCATE slimy_migrations.backfills")


def counted(connection: psycopg.Connection[Any]) -> list[int]:
    return [row[0] for row in connection.execute("SELECT n FROM lamps ORDER BY id").fetchall()]


def finished(connection: psycopg.Connection[Any], file: Path) -> list[int]:
    """Run to the end whatever is left, and return how often each row was done."""
    read = backfill.read(file)
    assert read is not None
    with suppress(backfill.BackfillError):
        backfill.run(connection, read, pace=QUICK)
    return counted(connection)


@contextmanager
def killer(dsn: str, file: Path) -> Iterator[Callable[[str], int]]:
    command = [sys.executable, "-m", "tests.backfill_killed", dsn, str(file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout

        def run(line: str) -> int:
            print(line, file=process.stdin, flush=True)
            return int(process.stdout.readline())  # type: ignore[union-attr]

        yield run
        process.stdin.close()


def swept(
    dsn: str, file: Path, how: str = "", points: Iterable[int] = range(1, 1000)
) -> dict[str, list[int]]:
    """Kill at every exchange with the server, before and behind it; return what each left after a second run."""
    left: dict[str, list[int]] = {}
    with killer(dsn, file) as kill, psycopg.connect(dsn, autocommit=True) as connection:
        for when in ("before", "after"):
            for point in points:
                again(connection)
                line = f"{how} {when} {point}".strip()
                if kill(line) == 0:
                    break
                left[line] = finished(connection, file)
    return left


def test_killed_at_any_statement_of_a_batch_it_goes_on_where_it_was(lamps: str, file: Path) -> None:
    left = swept(lamps, file, points=range(14, 22))
    assert len(left) == 16, "a batch is seven exchanges"
    assert {line: rows for line, rows in left.items() if rows != [1] * ROWS} == {}


@pytest.mark.slow
def test_killed_at_every_statement_it_goes_on_where_it_was(lamps: str, file: Path) -> None:
    left = swept(lamps, file)
    print(f"{len(left)} points of death, each row done once at", end=" ")  # noqa: T201
    print(sum(set(rows) == {1} for rows in left.values()))  # noqa: T201
    assert len(left) > 60, "there are four batches"
    assert {line: rows for line, rows in left.items() if rows != [1] * ROWS} == {}


@pytest.mark.slow
def test_killed_anywhere_in_apply_it_is_applied_and_recorded_once(lamps: str, file: Path) -> None:
    left: dict[str, object] = {}
    recorded = "SELECT count(*) FROM slimy_migrations._yoyo_migration"
    with killer(lamps, file) as kill, psycopg.connect(lamps, autocommit=True) as connection:
        for point in range(1, 1000, 3):
            again(connection)
            connection.execute("DELETE FROM slimy_migrations._yoyo_migration")
            connection.execute("DELETE FROM slimy_migrations.files")
            line = f"apply {'before' if point % 2 else 'after'} {point}"
            if kill(line) == 0:
                break
            migrator.apply(lamps, file.parent, pace=QUICK)
            left[line] = (counted(connection), connection.execute(recorded).fetchall())
    print(f"{len(left)} points of death in apply")  # noqa: T201
    assert len(left) > 15
    assert {line: one for line, one in left.items() if one != ([1] * ROWS, [(1,)])} == {}


def test_without_one_transaction_for_a_batch_and_its_place_rows_are_done_twice(
    lamps: str, file: Path
) -> None:
    left = swept(lamps, file, "apart", points=range(14, 22))
    assert any(2 in rows for rows in left.values()), "the sweep sees what it is there to see"


def test_killed_within_a_statement_it_goes_on_where_it_was(lamps: str, file: Path) -> None:
    code = "from tests.backfill_killed import *; migrate(sys.argv[1], Path(sys.argv[2]), ['before', '0'])"
    with psycopg.connect(lamps, autocommit=True) as connection:
        again(connection)
        connection.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN IF NEW.id = 50 AND NOT EXISTS (SELECT FROM pg_class WHERE relname = 'quick')"
            " THEN PERFORM pg_sleep(60); END IF; RETURN NEW; END $$;"
            "CREATE TRIGGER slow BEFORE UPDATE ON lamps FOR EACH ROW EXECUTE FUNCTION slow()"
        )
        with subprocess.Popen([sys.executable, "-c", code, lamps, str(file)]) as process:
            while not connection.execute(
                "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid != pg_backend_pid()"
            ).fetchall():
                time.sleep(0.02)
            process.kill()
        connection.execute("CREATE TABLE quick ()")
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        )
        assert counted(connection) == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0], "the first batch stands"
        assert finished(connection, file) == [1] * ROWS


class Interrupted(BaseException):
    """As KeyboardInterrupt, which pytest keeps for itself."""


@contextmanager
def interruption(dsn: str, kind: str, point: int) -> Iterator[None]:
    """Break the Nth exchange with the server: an exception before or after it, or the session ended in between."""
    numbers, wait = itertools.count(1), psycopg.Connection.wait

    def broken(self: Any, generator: Any, *rest: Any, **named: Any) -> Any:
        here = next(numbers) == point
        if here and kind == "before":
            raise Interrupted
        if here and kind == "cut":
            with psycopg.connect(dsn, autocommit=True) as other:
                psycopg.Connection.wait = wait  # type: ignore[method-assign]
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [self.info.backend_pid])
        answer = wait(self, generator, *rest, **named)
        if here and kind == "after":
            raise Interrupted
        return answer

    psycopg.Connection.wait = broken  # type: ignore[method-assign,assignment]
    try:
        with suppress(Interrupted, psycopg.OperationalError):
            yield
    finally:
        psycopg.Connection.wait = wait  # type: ignore[method-assign]


KINDS = {
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "uuid": st.uuids(),
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5),
    "timestamptz": st.datetimes(),
    "numeric": st.decimals(allow_nan=False, allow_infinity=False, places=3),
}
KEY = st.sampled_from(sorted(KINDS)).flatmap(
    lambda kind: st.tuples(st.just(kind), st.lists(KINDS[kind], max_size=12, unique=True))
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    key=KEY,
    pairs=st.booleans(),
    size=st.integers(1, 5),
    breaks=st.lists(
        st.tuples(st.sampled_from(["before", "after", "cut"]), st.integers(2, 40)), max_size=4
    ),
)
@pytest.mark.fault("M3")
def test_whatever_interrupts_it_every_row_is_done_exactly_once(
    lamps: str,
    tmp_path: Path,
    key: tuple[str, list[Any]],
    pairs: bool,  # noqa: FBT001 -- hypothesis gives it by name
    size: int,
    breaks: list[tuple[str, int]],
) -> None:
    kind, values = key
    by, where = "id", "l.id BETWEEN :from AND :to"
    if pairs:
        by = "side, id"
        where = "(l.side, l.id) BETWEEN (:from_side, :from_id) AND (:to_side, :to_id)"
    path = tmp_path / "0002_count.sql"
    path.write_text(COUNT.format(by=by, where=where))
    pace = backfill.Pace(pause=0, largest=size, max_active=200, max_waiting=200)
    read = backfill.read(path)
    assert read is not None
    with psycopg.connect(lamps, autocommit=True) as watcher:
        watcher.execute("DROP TABLE lamps; TRUNCATE slimy_migrations.backfills")
        watcher.execute(
            f"CREATE TABLE lamps (side smallint NOT NULL, id {kind} NOT NULL,"
            f" n int NOT NULL DEFAULT 0, PRIMARY KEY ({by}))"
        )
        with watcher.cursor() as cursor:
            rows = [(n % 3 if pairs else 0, value) for n, value in enumerate(values)]
            cursor.executemany(f"INSERT INTO lamps VALUES (%s, %s::{kind}, 0)", rows)
        for how, point in breaks:
            with (
                psycopg.connect(lamps, autocommit=True) as connection,
                interruption(lamps, how, point),
            ):
                backfill.run(connection, read, pace=pace)
        with psycopg.connect(lamps, autocommit=True) as connection:
            done = backfill.run(connection, read, pace=pace)
        assert counted(watcher) == [1] * len(values)
        assert done.rows == done.changed == len(values)


def test_two_runners_at_once_share_the_work_and_do_no_row_twice(lamps: str, file: Path) -> None:
    """The migrator's lock keeps them apart; should it ever fail, the place's row does."""
    with psycopg.connect(lamps, autocommit=True) as connection:
        again(connection, 300)
        failed: list[BaseException] = []

        def work() -> None:
            try:
                with psycopg.connect(lamps, autocommit=True) as own:
                    finished(own, file)
            except psycopg.Error as error:
                failed.append(error)

        runners = [threading.Thread(target=work) for _ in range(3)]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()
        assert counted(connection) == [1] * 300
        assert all(re.search("duplicate key", str(error)) for error in failed), failed
