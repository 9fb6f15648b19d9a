"""Servers that are full, starting, limited or corrupt: who is refused is told by what, and nobody else suffers."""

import asyncio
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from slimy_dal.engine.embedded import EmbeddedServerError, run_as
from slimy_dal.engine.errors import (
    CannotConnectNow,
    DiskFull,
    InternalError,
    TooManyConnections,
)
from slimy_dal.engine.pool import Pool
from slimy_dal.testing import Node, SmallDisk, small_disk
from tests.ad_hoc import ONE, SLEEP, reads, settings, until
from tests.matrix.lateness import Lateness
from tests.matrix.workload import GRACE, Figure, at_work, many

SORT = reads("SELECT count(*) FROM (SELECT FROM generate_series(1, 400000) AS n ORDER BY -n) AS s")


@pytest.fixture(scope="module")
def shared(slimy_major: int) -> Iterator[Node]:
    slots = {"max_connections": "24", "superuser_reserved_connections": "2"}
    with Node(major=slimy_major, settings={**slots, "min_wal_size": "'32MB'"}) as opened:
        yield opened


@contextmanager
def disk_of(node: Node, megabytes: int) -> Iterator[SmallDisk]:
    """Give the server a small disk, or skip the test where none can be made."""
    try:
        with small_disk(node, megabytes) as disk:
            yield disk
    except EmbeddedServerError as error:
        if "no disk can be made" in str(error) or "no mount" in str(error):
            pytest.skip(str(error))
        raise


# -- a server that is not there yet -------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.fault("A13")
async def test_while_the_server_recovers_it_is_unavailable_and_then_at_once_of_use(
    node: Node, record_property: Figure
) -> None:
    """As a standby that nobody may look at it refuses all sessions (57P03) until it is promoted."""
    async with at_work(node, seconds=0.5, acquire_timeout=0.5) as work:
        await work.acknowledged(50)
        await asyncio.to_thread(node.stop)
        node.settings["hot_standby"] = "off"
        signal = node.data / "standby.signal"
        signal.touch()
        _give(signal)
        await asyncio.to_thread(node.start)
        with pytest.raises(CannotConnectNow, match="starting up, shutting down or recovering"):
            async with Pool.open(node.dsn(), settings()):
                pass
        await until(lambda: "CannotConnectNow" in work.ledger.failed.values())
        await asyncio.sleep(0.5)
        del node.settings["hot_standby"]
        promoting = asyncio.to_thread(node.program, "pg_ctl", "-D", node.data, "promote")
        asking = asyncio.create_task(promoting)
        back = await work.answering()
        await asking
        await work.acknowledged(50)
    record_property("figure", work.hold(back=back))


# -- connections --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.fault("A14")
async def test_a_pool_lives_with_the_connections_it_has_while_others_hold_the_rest(
    node: Node, record_property: Figure
) -> None:
    async with at_work(node, writers=2, readers=0, pool_size=12) as work:
        await work.acknowledged(50)
        with node.full_connections():
            size = len(work.pool.supply.everything)
            rows = await asyncio.gather(*(work.pool.row(ONE, n) for n in range(50)))
            assert [row and row[0] for row in rows] == list(range(50))
            assert len(work.pool.supply.everything) == size
            await work.acknowledged(50)
        assert work.pool.metrics.events["connect_failed"] > 0
        freed = time.monotonic()
        while len(work.pool.supply.everything) < 12:
            assert time.monotonic() - freed <= 1.0 + work.late.worst
            await asyncio.gather(*(work.pool.row(SLEEP, 0.02) for _ in range(12)))
        grown = time.monotonic() - freed
    assert work.ledger.failed == {}
    record_property(
        "figure", f"{size} sessions of 12 did it all, 12 there {grown:.2f} s after; {work.hold()}"
    )


@pytest.mark.slow
@pytest.mark.fault("A14")
async def test_without_any_connection_calls_are_told_so_and_work_within_a_second_of_a_free_one(
    node: Node, record_property: Figure
) -> None:
    few = settings(pool_min=0, max_idle=0.1, acquire_timeout=0.4)
    async with Pool.open(node.dsn(), few) as pool:
        await until(lambda: not pool.supply.everything)
        with node.full_connections():
            async with Lateness() as late:
                began = time.monotonic()
                with pytest.raises(TooManyConnections, match="max_connections"):
                    await pool.row(ONE, 1)
                took = time.monotonic() - began
            assert took <= 0.4 + GRACE + late.worst
            waiting = asyncio.create_task(_until_served(pool))
            await asyncio.sleep(2)
        async with Lateness() as late:
            freed = time.monotonic()
            after = await waiting - freed
    assert after <= 1.0 + 2 * late.worst
    record_property(
        "figure", f"refused in {took:.2f} s; first read {after:.3f} s after a slot was free"
    )


async def _until_served(pool: Pool) -> float:
    while True:
        try:
            await pool.row(ONE, 1)
        except TooManyConnections:
            await asyncio.sleep(0.01)
        else:
            return time.monotonic()


LIMITS = {
    "the login's CONNECTION LIMIT": "ALTER ROLE limited CONNECTION LIMIT 2",
    "the database's CONNECTION LIMIT": "ALTER DATABASE limited CONNECTION LIMIT 2",
    "reserved": "",
}


@pytest.mark.slow
@pytest.mark.fault("A15")
@pytest.mark.parametrize("limit", LIMITS)
async def test_an_error_says_which_limit_of_connections_is_reached(
    node: Node, limit: str, record_property: Figure
) -> None:
    node.sql("DROP DATABASE IF EXISTS limited")
    node.sql("DROP ROLE IF EXISTS limited; CREATE ROLE limited LOGIN")
    node.sql("CREATE DATABASE limited")
    if LIMITS[limit]:
        node.sql(LIMITS[limit])
    dsn = node.dsn("limited").replace("postgres@", "limited@")
    hogs = node.full_connections(leave=2) if limit == "reserved" else nullcontext()
    async with Pool.open(dsn, settings(pool_size=8)) as pool:
        rows = await asyncio.gather(*(pool.row(ONE, n) for n in range(40)))
        assert [row and row[0] for row in rows] == list(range(40)), "two sessions serve all"
        with hogs, pytest.raises(TooManyConnections, match=limit) as caught:
            async with Pool.open(dsn, settings()):
                raise AssertionError("there was a connection left")
    record_property("figure", str(caught.value))


# -- disks --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.fault("A16")
async def test_a_full_disk_refuses_writes_and_nothing_else_until_there_is_room(
    node: Node, record_property: Figure
) -> None:
    with disk_of(node, 16) as disk:
        async with at_work(node, place=f" TABLESPACE {disk.tablespace}") as work:
            await work.acknowledged(many(0.5))
            disk.fill()
            await until(lambda: "DiskFull" in work.ledger.failed.values(), 20)
            reads_before, began = work.reads, time.monotonic()
            await until(lambda: work.reads > reads_before + 50)
            took = time.monotonic() - began
            with pytest.raises(DiskFull):
                await _filling(work.pool)
            back = time.monotonic()
            disk.free()
            await work.acknowledged(many(0.5))
        assert work.refused == {}
        said = work.hold(back=back)
        node.sql("DROP TABLE public.kept")
    record_property("figure", f"{said}; 50 reads in {took:.2f} s while it was full")


async def _filling(pool: Pool) -> None:
    fill = "INSERT INTO public.kept SELECT -n FROM generate_series(1, 5000) AS n"
    await pool.execute(reads(fill))


@pytest.mark.slow
@pytest.mark.fault("A17")
async def test_a_server_whose_wal_has_no_room_ends_and_has_everything_once_there_is_some(
    node: Node, record_property: Figure
) -> None:
    with disk_of(node, 80) as disk:
        node.stop()
        wal, place = node.data / "pg_wal", node.root / "disk" / "wal"
        _move(wal, place)
        wal.symlink_to(place)
        try:
            node.start()
            async with at_work(node) as work:
                await work.acknowledged(many(0.5))
                disk.fill()
                switching = asyncio.create_task(asyncio.to_thread(_fill_wal, node))
                await switching
                assert work.ledger.failed or work.ledger.unknown
                await asyncio.to_thread(node.crash)
                disk.free()
                starting = asyncio.create_task(asyncio.to_thread(node.start))
                back = await work.answering()
                await starting
                await work.acknowledged(many(0.5))
            record_property("figure", work.hold(back=back))
        finally:
            node.stop()
            wal.unlink()
            _move(place, wal)
            node.start()


def _move(source: Path, target: Path) -> None:
    """Move a folder of the server to another disk."""
    shutil.move(source, target)
    for path in (target, *target.rglob("*")):
        _give(path)


def _give(path: Path) -> None:
    """Let a file be the server's."""
    if account := run_as():
        os.chown(path, account["user"], account["group"])


def _fill_wal(node: Node) -> None:
    """Begin new segments until there is no room for one, and the server has ended."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            node.sql("SELECT pg_switch_wal()")
        except EmbeddedServerError as error:
            if node.pid is None or "No space left" in str(error) or "connect" in str(error):
                return
    raise AssertionError("the server goes on without room for its WAL")


# -- one query ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.fault("A18")
async def test_a_query_beyond_its_limit_of_temporary_files_fails_alone(
    node: Node, record_property: Figure
) -> None:
    node.sql("ALTER DATABASE postgres SET temp_file_limit = '1MB'")
    node.sql("ALTER DATABASE postgres SET work_mem = '64kB'")
    try:
        async with at_work(node) as work:
            begin = time.monotonic()
            await asyncio.sleep(0.5)
            before, middle = work.rate(begin, time.monotonic()), time.monotonic()
            for _ in range(5):
                with pytest.raises(InternalError, match="temp_file_limit") as caught:
                    await work.pool.row(SORT)
                assert caught.value.sqlstate == "53400"
            meanwhile = work.rate(middle, time.monotonic())
        assert work.refused == {}
        assert work.ledger.failed == {}
        record_property(
            "figure", f"{meanwhile:.0f} writes/s beside it, {before:.0f} without; {work.hold()}"
        )
    finally:
        node.sql("ALTER DATABASE postgres RESET temp_file_limit")
        node.sql("ALTER DATABASE postgres RESET work_mem")


@pytest.mark.slow
@pytest.mark.fault("A20")
async def test_a_corrupt_page_is_an_error_and_never_a_row(
    node: Node, record_property: Figure
) -> None:
    node.sql("DROP TABLE IF EXISTS rotten; CREATE TABLE rotten (id bigint, note text)")
    node.sql("INSERT INTO rotten SELECT n, repeat('x', 100) FROM generate_series(1, 2000) AS n")
    (place,) = node.sql("SELECT pg_relation_filepath('rotten')")
    checked = node.sql("SHOW data_checksums") == ["on"]
    node.stop()
    if not checked:  # before PostgreSQL 18 they had to be asked for
        node.program("pg_checksums", "--enable", "-D", node.data)
    with (node.data / place).open("r+b") as file:
        file.seek(2 * 8192 + 5000)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    node.start()
    one = reads("SELECT id, note FROM rotten WHERE ctid = $1::text::tid", "text")
    async with at_work(node) as work:
        await work.acknowledged(50)
        outcomes: Counter[str] = Counter()
        for page in range(5):
            try:
                row = await work.pool.row(one, f"({page},1)")
            except InternalError as error:
                outcomes[f"{error.sqlstate} on page {page}"] += 1
            else:
                assert row is not None
                assert row[1] == "x" * 100
                outcomes["read"] += 1
        with pytest.raises(InternalError):
            await work.pool.rows(reads("SELECT id FROM rotten"))
        await work.acknowledged(50)
    assert outcomes == {"read": 4, "XX001 on page 2": 1}
    assert work.refused == {}
    node.sql("DROP TABLE rotten")
    record_property("figure", f"1 page of 5 refused; {work.hold()}")
