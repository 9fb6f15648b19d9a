"""Renames a column over three releases while all of them serve, and shows what the short way would have cost."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from slimy_dal.cli import main
from slimy_dal.compiler import queryfile
from slimy_dal.engine import embedded

EXAMPLE = Path(__file__).parent.parent / "examples" / "rename_a_column"
CUSTOMERS = 20_000
SLOWEST = 5.0
"""Seconds that any call may take on a busy machine; a table that is locked for a rewrite would take longer."""

Call = Callable[..., list[tuple[Any, ...]]]


def statements(release: str) -> dict[str, str]:
    loaded = queryfile.load(EXAMPLE / release)
    assert not loaded.errors
    return {query.name: query.sql for query in loaded.queries}


RELEASES = {name: statements(name) for name in ("release-1", "release-2", "release-3")}


@dataclass
class Traffic:
    """Readers and writers; each writer remembers what it wrote last, and nobody else writes those customers."""

    dsn: str
    serving: list[str] = field(default_factory=lambda: ["release-1"])
    errors: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    visits: dict[int, int] = field(default_factory=dict)
    slowest: float = 0.0
    calls: int = 0
    end: threading.Event = field(default_factory=threading.Event)
    rounds: list[int] = field(default_factory=list)

    def roll_out(self, *releases: str) -> None:
        """Serve with these from now on; back when nobody runs another one any more."""
        self.serving = list(releases)
        before = list(self.rounds)
        while not self.end.is_set() and any(
            now < was + 2 for was, now in zip(before, self.rounds, strict=True)
        ):
            time.sleep(0.005)

    def work(self, number: int) -> None:
        dice = random.Random(number)
        own = list(range(number + 1, CUSTOMERS, 40))
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = psycopg.RawCursor(connection)

            def call(name: str, *values: Any) -> list[tuple[Any, ...]]:
                release = RELEASES[dice.choice(self.serving)]
                began = time.monotonic()
                cursor.execute(release[name], values)
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.calls += 1
                return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]

            while not self.end.is_set():
                try:
                    self._once(call, dice, own, number)
                except (psycopg.Error, AssertionError) as error:
                    self.errors.append(f"{type(error).__name__}: {error}")
                    time.sleep(0.01)
                self.rounds[number] += 1
                time.sleep(0.002)  # the server and the migrator share the processor with us

    def _once(self, call: Call, dice: random.Random, own: list[int], number: int) -> None:
        """Write with some release, and read it back with some other one."""
        customer, name = dice.choice(own), f"{number}-{dice.random()}"
        what = dice.choice(["add", "rename", "rename", "visit", "read"])
        if what == "add":
            [(customer,)] = call("add", name)
            own.append(customer)
            self.names[customer] = name
        elif what == "rename":
            assert call("rename", name, customer) == [(1,)]
            self.names[customer] = name
        elif what == "visit":
            assert call("visit", customer) == [(1,)]
            self.visits[customer] = self.visits.get(customer, 0) + 1
        [(found,)] = call("find", customer)
        assert found == self.names.get(customer, f"customer {customer}"), f"{what} {customer}"


@contextmanager
def traffic(dsn: str, workers: int = 3) -> Iterator[Traffic]:
    serving = Traffic(dsn)
    serving.rounds = [0] * workers
    threads = [threading.Thread(target=serving.work, args=[n]) for n in range(workers)]
    for thread in threads:
        thread.start()
    try:
        yield serving
    finally:
        serving.end.set()
        for thread in threads:
            thread.join()


def apply(dsn: str, *words: str) -> str:
    options = ["--dsn", dsn, "--migrations", str(EXAMPLE / "migrations")]
    done = CliRunner().invoke(main, ["migrate", "apply", *words, *options])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def shop(server: embedded.Server) -> Iterator[str]:
    """The shop as release 1 left it, with its customers."""
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS rename_example WITH (FORCE)")
        admin.execute("CREATE DATABASE rename_example")
        dsn = server.dsn("rename_example")
        apply(dsn, "--to", "0001")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO shop.customers (full_name)"
                " SELECT 'customer ' || g FROM generate_series(1, %s) AS g",
                [CUSTOMERS],
            )
        yield dsn
        admin.execute("DROP DATABASE rename_example WITH (FORCE)")


@pytest.mark.fault("E9")
def test_a_column_is_renamed_while_three_releases_serve(shop: str) -> None:
    with traffic(shop) as serving:
        serving.roll_out("release-1")
        assert "0002_add_display_name" in apply(shop, "--phase", "expand")
        assert "0003_copy_full_name" in apply(shop, "--phase", "backfill")
        serving.roll_out("release-1", "release-2")
        time.sleep(1)
        serving.roll_out("release-2")
        assert "0006_drop_full_name" in apply(shop)
        serving.roll_out("release-2", "release-3")
        serving.roll_out("release-3")
        end = time.monotonic() + 60
        while serving.calls <= 500 and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(0.3)
    assert serving.errors == []
    assert serving.calls > 500
    with psycopg.connect(shop) as connection:
        found = connection.execute("SELECT id, display_name, visits FROM shop.customers").fetchall()
    lost = [
        row
        for row in found
        if row[1:]
        != (serving.names.get(row[0], f"customer {row[0]}"), serving.visits.get(row[0], 0))
    ]
    assert lost == [], "what somebody wrote is there"
    assert len(found) >= CUSTOMERS
    assert serving.slowest < SLOWEST


def test_without_the_trigger_one_release_does_not_see_what_the_other_wrote(shop: str) -> None:
    apply(shop, "--phase", "backfill")
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute("DROP TRIGGER customers_keep_names_equal ON shop.customers")
    with traffic(shop) as serving:
        serving.roll_out("release-1", "release-2")
        serving.roll_out("release-1", "release-2")
    assert serving.errors != []


@pytest.mark.fault("E9")
def test_renamed_at_once_every_release_that_serves_fails(shop: str) -> None:
    with traffic(shop) as serving:
        serving.roll_out("release-1")
        assert serving.errors == []
        with psycopg.connect(shop, autocommit=True) as connection:
            connection.execute("ALTER TABLE shop.customers RENAME full_name TO display_name")
        serving.roll_out("release-1", "release-2")
    assert any("column c.full_name does not exist" in error for error in serving.errors)
