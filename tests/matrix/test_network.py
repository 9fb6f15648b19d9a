"""What a network does to lines between the pool and its server, and what callers see of it (rows B1 to B13)."""

import asyncio
import contextlib
import itertools
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from slimy_dal.engine import driver
from slimy_dal.engine.errors import (
    ConnectionLost,
    InvalidValue,
    LoginRefused,
    SlimyError,
)
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.testing import (
    Bandwidth,
    Blackhole,
    Cut,
    Databases,
    FaultProxy,
    Latency,
    LimitData,
    Node,
    Slicer,
    Toxic,
    silent_host,
)
from slimy_dal.testing.toxics import Broken, Flow, Write
from tests.ad_hoc import ONE, PID, SLEEP, reads, script, settings, until
from tests.matrix.chance import seeded
from tests.matrix.lateness import Lateness
from tests.matrix.ledger import ALL, INSERT, TABLE, Ledger, writes
from tests.two_addresses import two_addresses

Record = Callable[[str, object], None]

GRACE = 0.25
"""Seconds by which a call may be later than its deadline (G5)."""

PAGE = reads("SELECT n, repeat('x', 1000) FROM generate_series(1, 60) AS n")
"""A page of 60 kB."""

PUT = Statement("kept.put", INSERT.sql + " RETURNING id", INSERT.parameters, writes=True)
LOAD = Statement("kept.load", "", (Parameter("id", "bigint"),), writes=True)

KINDS = reads(
    "SELECT 1::bigint, 'Grüße ✓'::text, 1.5::float8, true, now(), 'a=>1'::text, '{1,2,NULL}'::int[],"
    " '[1, {\"a\": null}]'::jsonb, '00000000-0000-0000-0000-000000000001'::uuid, '\\x00ff'::bytea,"
    " '10.0.0.1'::inet, interval '1 day', NULL::text, repeat('y', 3000)"
)


@pytest.fixture
async def url(slimy_databases: Databases) -> AsyncIterator[str]:
    with slimy_databases.clone() as dsn:
        await script(dsn, TABLE)
        yield dsn


@pytest.fixture
async def proxy(url: str) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(url) as opened:
        yield opened


async def kept(url: str) -> list[int]:
    async with await driver.connect(url) as connection:
        return [row[0] for row in await connection.fetch(ALL.sql)]


async def outcome(call: Awaitable[object]) -> tuple[str, float]:
    """How a call ended, and how long it took."""
    began = time.monotonic()
    try:
        await call
    except SlimyError as error:
        return type(error).__name__, time.monotonic() - began
    return "done", time.monotonic() - began


# -- lines that break ---------------------------------------------------------------------------


async def storm(
    proxy: FaultProxy,
    add: Callable[[int], Awaitable[object]],
    read: Callable[[], Awaitable[object]],
    goal: int,
) -> tuple[Ledger, list[str]]:
    """Eight writers and two readers on lines that are all reset again and again, once each has read since the last."""
    ledger, failed = Ledger(), []
    dice, heard = seeded(1), [0, 0]

    def enough() -> bool:
        return len(ledger.done) + len(ledger.unknown) + len(ledger.failed) >= goal

    async def resets() -> None:
        while True:
            await asyncio.sleep(dice.uniform(0.01, 0.05))
            if all(heard):
                heard[:] = 0, 0
                proxy.cut(reset=True)

    async def reader(number: int) -> None:
        while not enough():
            before = sum(heard)
            try:
                await read()
            except SlimyError as error:
                failed.append(type(error).__name__)
            heard[number] += sum(heard) >= before  # what began before the last reset says nothing
            await asyncio.sleep(0.001)

    weather = asyncio.create_task(resets())
    try:
        await asyncio.gather(ledger.writers(add, count=8, until=enough), reader(0), reader(1))
    finally:
        weather.cancel()
    return ledger, failed


@pytest.mark.fault("B1")
async def test_resets_lose_no_write_and_fail_no_read(
    url: str, proxy: FaultProxy, record_property: Record
) -> None:
    async with Pool.open(proxy.dsn, settings(pool_size=8)) as pool:
        ledger, failed = await storm(
            proxy, lambda n: pool.execute(INSERT, n), lambda: pool.row(ONE, 1), writes(600)
        )
    verdict = ledger.verdict(await kept(url))
    assert verdict.clean, verdict
    assert ledger.unknown, "no write was hit: the test shows nothing"
    assert failed == []
    record_property("figure", verdict.summary)


async def test_the_drivers_own_pool_denies_writes_in_the_same_storm(
    url: str, proxy: FaultProxy
) -> None:
    """The control of the test above: an error is taken at its word there."""
    broken = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
    async with asyncpg.create_pool(proxy.dsn, min_size=1, max_size=8) as pool:

        async def add(number: int) -> None:
            try:
                async with pool.acquire() as connection:
                    await connection.execute(INSERT.sql, number)
            except broken as error:
                raise ConnectionLost(str(error)) from error

        async def read() -> None:
            await asyncio.sleep(0.01)

        ledger, _ = await storm(proxy, add, read, 600)
        pool.terminate()
    assert ledger.verdict(await kept(url)).lied


@pytest.mark.fault("B1")
async def test_a_read_under_way_survives_a_reset_of_all_lines_and_not_only_of_its_own(
    proxy: FaultProxy,
) -> None:
    async with Pool.open(proxy.dsn, settings(pool_size=6, pool_min=6)) as pool:
        await until(lambda: len(pool.supply.free) == 6)
        await asyncio.gather(*(pool.row(SLEEP, 0.01) for _ in range(6)))
        await asyncio.sleep(1.1)  # long enough for them to pass for old
        reading = [asyncio.create_task(outcome(pool.row(SLEEP, 0.2))) for _ in range(2)]
        await asyncio.sleep(0.1)
        proxy.cut(reset=True)
        assert [name for name, _ in await asyncio.gather(*reading)] == ["done", "done"]


@dataclass(frozen=True, eq=False)
class Once(LimitData):
    """Breaks the first line that it meets after so many bytes, and no other."""

    broken: list[Flow] = field(default_factory=list)

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Let through what is not the first line's."""
        if not self.broken:
            self.broken.append(flow)
        if self.broken[0] is flow:
            await super().carry(flow, data, onward)
        else:
            await onward(data)


@dataclass(frozen=True, eq=False)
class Silence(Once):
    """Says nothing more on the first line that it meets after so many bytes."""

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Lose what is beyond."""
        with contextlib.suppress(Broken):
            await super().carry(flow, data, onward)


@pytest.mark.slow
@pytest.mark.fault("B8")
async def test_a_line_that_breaks_at_any_byte_gives_no_wrong_row(
    url: str, proxy: FaultProxy, record_property: Record
) -> None:
    """From the first byte of a new connection on: greeting, preparing, rows."""
    step = max(1, 100_000 // writes(2_500))
    ledger, found = Ledger(), []
    cuts = 0
    async with Pool.open(proxy.dsn, settings(pool_size=1, pool_min=0)) as pool:
        expected = await pool.rows(PAGE)
        for size in range(1, 2_001, step):
            for write in (False, True):
                proxy.cut()
                await until(lambda: not pool.supply.everything)
                toxic = proxy.add(Once(size), "client")
                if write:
                    await ledger.write(lambda number: pool.row(PUT, number))
                else:
                    found.append(await pool.rows(PAGE) == expected)
                proxy.remove(toxic)
                cuts += 1
    assert all(found)
    verdict = ledger.verdict(await kept(url))
    assert verdict.clean, verdict
    assert ledger.failed == {}
    record_property("figure", f"{cuts:,} lines cut at a byte, 0 misread; writes: {verdict.summary}")


# -- lines that are silent ----------------------------------------------------------------------


@pytest.mark.fault("B2")
async def test_an_answer_that_stops_in_the_middle_ends_with_the_deadline_and_its_line(
    url: str, proxy: FaultProxy, record_property: Record
) -> None:
    long = Statement(
        "kept.many",
        "INSERT INTO public.kept SELECT n FROM generate_series(1, 20) AS n RETURNING repeat('x', 100000)",
        writes=True,
    )
    async with Pool.open(proxy.dsn, settings(pool_size=1)) as pool, Lateness() as late:
        worst = 0.0
        for statement, expected in ((PAGE, "DeadlineExceeded"), (long, "OutcomeUnknown")):
            before = await pool.row(PID)
            with proxy.toxic(Silence(20_000), "client"):
                name, took = await outcome(pool.rows(statement, timeout=0.5))
            assert name == expected
            assert took <= 0.5 + GRACE + late.worst
            worst = max(worst, took - 0.5)
            assert await pool.row(ONE, 7) == (7,)
            assert await pool.row(PID) != before
    record_property("figure", f"latest: {worst:.2f} s after the deadline")


@pytest.mark.fault("B3")
async def test_a_silent_first_host_is_left_for_the_next(
    url: str, proxy: FaultProxy, record_property: Record
) -> None:
    login, _, rest = proxy.dsn.partition("@")
    async with silent_host() as silent, Lateness() as late:
        began = time.monotonic()
        async with Pool.open(f"{login}@127.0.0.1:{silent},{rest}", settings()) as pool:
            assert await pool.row(ONE, 7) == (7,)
        took = time.monotonic() - began
    assert took <= 1.5 + late.worst
    record_property("figure", f"first row {took:.2f} s after opening")


@pytest.mark.fault("B4")
async def test_of_lines_that_were_forgotten_on_the_way_one_makes_a_call_late(
    proxy: FaultProxy, record_property: Record
) -> None:
    async with Pool.open(proxy.dsn, settings(pool_size=6)) as pool, Lateness() as late:
        await warm_all(pool, 6)
        lines = list(proxy.lines)
        dead = Forgotten(lines)
        proxy.add(dead)
        taken = [await outcome(pool.row(ONE, number, timeout=0.5)) for number in range(12)]
        failed = [(name, took) for name, took in taken if name != "done"]
        assert len(failed) <= 1, failed
        assert all(took <= 0.5 + GRACE + late.worst for _, took in taken)
        assert max(took for name, took in taken if name == "done") < 0.4 + late.worst
    record_property("figure", f"{len(failed)} of {len(taken)} calls late, on 6 dead lines")


async def warm_all(pool: Pool, size: int) -> None:
    """Open so many connections and prepare statements on each: opening one may take longer than using another."""
    for _ in range(2):
        await asyncio.gather(*(warm(pool) for _ in range(size)))
        await until(lambda: len(pool.supply.free) == size)


async def warm(pool: Pool) -> None:
    """Prepare statements on one more connection: what breaks before it was sent is another case."""
    with contextlib.suppress(InvalidValue):
        async with pool.transaction() as tx:
            await tx.row(ONE, 1)
            await tx.execute(INSERT, 0)
            await tx.row(SLEEP, 0.1)
            raise InvalidValue(None, "is not to be kept")


@pytest.mark.fault("B1", "B4")
async def test_of_lines_that_are_reset_when_they_are_used_one_makes_a_write_unknown(
    url: str, proxy: FaultProxy, record_property: Record
) -> None:
    """As behind a host that was started anew: it knows none of them, and says so when it is asked."""
    for read in (True, False):
        async with Pool.open(proxy.dsn, settings(pool_size=6)) as pool:
            await warm_all(pool, 6)
            toxic = proxy.add(Unknown(list(proxy.lines)))
            if read:
                assert [(await outcome(pool.row(ONE, n)))[0] for n in range(12)] == ["done"] * 12
            else:
                ledger = Ledger()
                for _ in range(12):
                    await ledger.write(lambda number: pool.execute(INSERT, number))
                assert ledger.failed == {}
                assert len(ledger.unknown) <= 1
                assert ledger.verdict(await kept(url)).clean
            proxy.remove(toxic)
    record_property("figure", f"6 dead lines: no read failed, {len(ledger.unknown)} write unknown")


@dataclass(frozen=True, eq=False)
class Forgotten(Toxic):
    """What goes over these lines is lost; others are not touched."""

    lines: list[Any]

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Lose what is of the lines."""
        if not any(flow in line._flows.values() for line in self.lines):  # noqa: SLF001
            await onward(data)


@dataclass(frozen=True, eq=False)
class Unknown(Forgotten):
    """These lines are reset when something comes over them."""

    async def carry(self, flow: Flow, data: bytes, onward: Write) -> None:
        """Reset what is of the lines."""
        if any(flow in line._flows.values() for line in self.lines):  # noqa: SLF001
            raise Broken(reset=True)
        await onward(data)


@pytest.mark.fault("B4")
async def test_an_idle_line_that_is_dead_is_noticed_before_it_is_used(proxy: FaultProxy) -> None:
    """The other host's kernel drops all that comes: no answer to anything, as behind a NAT that forgot the line."""
    async with Pool.open(proxy.dsn, settings(pool_size=1)) as pool:
        await pool.row(ONE, 1)
        [connection] = pool.supply.free
        ours = connection._raw._transport.get_extra_info("socket")  # noqa: SLF001
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        idle = {name: ours.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in PROBES}
        assert idle == {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
        for name in PROBES:  # or the test would take a minute
            ours.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), 1)
        [line] = proxy.lines
        deafen(line._ends["client"][1].get_extra_info("socket"))  # noqa: SLF001
        await until(lambda: connection not in pool.supply.everything, 6)
        assert await pool.row(ONE, 2) == (2,)


PROBES = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")


def deafen(endpoint: Any) -> None:
    """Have the kernel drop what comes for a socket, unseen and unacknowledged: a packet filter that takes nothing."""
    import ctypes  # noqa: PLC0415 -- for this alone

    program = ctypes.create_string_buffer(b"\x06\0\0\0\0\0\0\0")  # BPF: return 0
    address = ctypes.addressof(program)
    filter_ = (1).to_bytes(2, "little") + bytes(6) + address.to_bytes(8, "little")
    endpoint.setsockopt(socket.SOL_SOCKET, 26, filter_)  # SO_ATTACH_FILTER


async def transfer(pool: Pool) -> None:
    async with pool.transaction(timeout=0.3) as tx:
        await tx.execute(INSERT, 1)
        await tx.execute(INSERT, 2)


async def streamed(pool: Pool) -> None:
    async for _ in pool.stream(PAGE, prefetch=10, timeout=0.3):
        pass


NEW = itertools.count()
FORMS: dict[str, Callable[[Pool], Awaitable[object]]] = {
    "read": lambda pool: pool.row(ONE, 1, timeout=0.3),
    "page": lambda pool: pool.rows(PAGE, timeout=0.3),
    "write": lambda pool: pool.execute(INSERT, 1, timeout=0.3),
    "batch": lambda pool: pool.batch(INSERT, [(1,), (2,)], timeout=0.3),
    "load": lambda pool: pool.copy(LOAD, ("public", "kept"), ("id",), [(1,)], timeout=0.3),
    "repeated transaction": lambda pool: pool.run(lambda tx: tx.execute(INSERT, 1), timeout=0.3),
    "new statement": lambda pool: pool.row(reads(f"SELECT {next(NEW)}"), timeout=0.3),
}
FORMS |= {"transaction": transfer, "stream": streamed}
LATE = {"DeadlineExceeded", "OutcomeUnknown", "PoolTimeout", "Unavailable"}
SILENT: dict[str, Callable[[], Toxic]] = {
    "all is lost": Blackhole,
    "answers are lost": Blackhole,
    "ten bytes a second": lambda: Bandwidth(10),
    "five seconds late": lambda: Latency(5.0),
}


@pytest.mark.slow
@pytest.mark.fault("B2", "B5", "B7")
@pytest.mark.parametrize("fault", SILENT)
async def test_no_call_of_any_form_is_later_than_its_deadline_and_a_quarter_second(
    proxy: FaultProxy, fault: str, record_property: Record
) -> None:
    worst = ("", 0.0)
    bounds = settings(pool_size=len(FORMS), pool_min=len(FORMS), acquire_timeout=1.0)
    async with Pool.open(proxy.dsn, bounds) as pool, Lateness() as late:
        for warm in (True, False):  # on lines that served before; and with none to be had
            if warm:
                await until(lambda: len(pool.supply.free) == len(FORMS))
                await asyncio.gather(*(call(pool) for call in FORMS.values()))
            toward = "client" if fault == "answers are lost" else "both"
            toxic = proxy.add(SILENT[fault](), toward)  # type: ignore[arg-type]
            if not warm:
                proxy.cut()
            found = await asyncio.gather(*(outcome(call(pool)) for call in FORMS.values()))
            proxy.remove(toxic)
            proxy.cut()
            for form, (name, took) in zip(FORMS, found, strict=True):
                assert name in (LATE if warm else {*LATE, "ConnectionLost"}), (form, warm, name)
                assert took <= 0.3 + GRACE + late.worst, (form, warm, took)
                worst = max(worst, (form, took - 0.3), key=lambda one: one[1])
            assert await pool.row(ONE, 7) == (7,)
        await until(lambda: pool.snapshot()["pool"]["in_use"] == 0)
    record_property("figure", f"{fault}: latest {worst[1]:.2f} s after its deadline ({worst[0]})")


# -- lines that are slow ------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.fault("B5")
async def test_latency_makes_calls_late_and_nothing_else(
    proxy: FaultProxy, record_property: Record
) -> None:
    async with Pool.open(proxy.dsn, settings(pool_size=8, pool_min=8)) as pool:
        await until(lambda: len(pool.supply.free) == 8)
        await asyncio.gather(*(pool.row(ONE, 1) for _ in range(8)))
        opened = pool.snapshot()["events"]["connected"]
        with proxy.toxic(Latency(0.3, jitter=0.1), "client"):
            async with Lateness() as late:
                began = time.monotonic()
                found = await asyncio.gather(*(outcome(pool.row(ONE, n)) for n in range(64)))
                took = time.monotonic() - began
        assert {name for name, _ in found} == {"done"}
        assert took <= 64 / 8 * 0.4 + 0.5 + late.worst
        assert pool.snapshot()["events"] == {"connected": opened}
    record_property("figure", f"64 calls on 8 lines of 0.3 ± 0.1 s: {took:.1f} s, none failed")


@pytest.mark.fault("B6")
async def test_packets_of_one_byte_carry_the_same_rows(url: str, proxy: FaultProxy) -> None:
    async with Pool.open(url, settings()) as straight, Pool.open(proxy.dsn, settings()) as pool:
        with proxy.toxic(Slicer(1)):
            async with straight.transaction() as one, pool.transaction() as other:
                row, sliced = await one.row(KINDS), await other.row(KINDS)
            assert row is not None
            assert sliced is not None
            assert [*sliced][:4] + [*sliced][5:] == [*row][:4] + [*row][5:]  # the fifth is the time
            await pool.batch(INSERT, [(1,), (2,)])
            assert await pool.copy(LOAD, ("public", "kept"), ("id",), [(3,), (4,)]) == 2
            assert sorted([row[0] async for row in pool.stream(ALL, prefetch=3)]) == [1, 2, 3, 4]


@pytest.mark.slow
@pytest.mark.fault("B7")
async def test_a_page_over_a_thin_line_ends_in_time_and_others_go_on(
    proxy: FaultProxy, record_property: Record
) -> None:
    async with Pool.open(proxy.dsn, settings(pool_size=4, pool_min=4)) as pool:
        await until(lambda: len(pool.supply.free) == 4)
        await asyncio.gather(*(pool.row(ONE, 1) for _ in range(4)))
        with proxy.toxic(Bandwidth(10_000), "client"):
            async with Lateness() as late:
                pages = [
                    asyncio.create_task(outcome(pool.rows(PAGE, timeout=1.0))) for _ in range(2)
                ]
                await asyncio.sleep(0.05)
                small = [(await outcome(pool.row(ONE, n)))[1] for n in range(10)]
                for name, took in await asyncio.gather(*pages):
                    assert name == "DeadlineExceeded"
                    assert took <= 1.0 + GRACE + late.worst
            assert max(small) <= 0.2 + late.worst
    record_property("figure", f"others took {max(small):.2f} s at most")


# -- finding the server, and what is sent beside the line ----------------------------------------


@pytest.mark.slow
@pytest.mark.fault("B11")
@pytest.mark.parametrize("dead", ["silent", "refusing"])
async def test_of_a_name_with_a_dead_address_the_live_one_is_used(
    slimy_major: int, tmp_path: Path, dead: str, record_property: Record
) -> None:
    with socket.socket() as first:
        first.bind(("127.0.0.2", 0))
        port = first.getsockname()[1]
        if dead == "silent":
            first.listen(8)
        listens = {"listen_addresses": "'127.0.0.3'"}
        node = Node(major=slimy_major, settings={**listens, "port": str(port)})
        with node:
            took = await two_addresses(
                tmp_path,
                f"postgresql://postgres@two.addresses:{port}/postgres",
                *("127.0.0.2 two.addresses", "127.0.0.3 two.addresses"),
            )
    assert max(took) <= 1.5
    record_property("figure", f"{dead}: connected in {max(took):.2f} s")


@pytest.mark.slow
@pytest.mark.fault("B12")
async def test_a_change_of_password_ends_no_session_and_the_new_one_is_found_in_its_file(
    slimy_major: int, tmp_path: Path, record_property: Record
) -> None:
    secret = tmp_path / "passwords"

    def write(password: str) -> None:
        secret.write_text(f"*:*:*:app:{password}\n")
        secret.chmod(0o600)

    with Node(major=slimy_major, port=free_port()) as node:
        node.sql("CREATE ROLE app LOGIN PASSWORD 'one'")
        rules = node.data / "pg_hba.conf"
        rules.write_text("local all all trust\nhost all all all scram-sha-256\n")
        node.sql("SELECT pg_reload_conf()")
        write("one")
        address = node.dsn().replace("postgres@", "app@") + f"&passfile={secret}"
        bounds = settings(pool_size=4, acquire_timeout=2.0)
        async with Pool.open(address, bounds) as pool:
            await pool.row(ONE, 1)
            node.sql("ALTER ROLE app PASSWORD 'two'")
            # More at once than there are sessions: those that are open serve all.
            found = await asyncio.gather(*(outcome(pool.row(SLEEP, 0.01)) for _ in range(20)))
            assert {name for name, _ in found} == {"done"}
            assert len(pool.supply.everything) == 1
            node.terminate()
            await until(lambda: not pool.supply.everything)
            with pytest.raises(LoginRefused, match="DATABASE_URL"):
                await pool.row(ONE, 1)
            write("two")
            began = time.monotonic()
            assert await pool.row(ONE, 2) == (2,)
            took = time.monotonic() - began
    record_property("figure", f"first row {took:.2f} s after the new password was in its file")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.fault("B13")
async def test_a_request_to_cancel_that_is_lost_costs_the_connection_and_mixes_up_nothing(
    proxy: FaultProxy, record_property: Record
) -> None:
    async with Pool.open(proxy.dsn, settings(pool_size=2)) as pool, Lateness() as late:
        latest = 0.0
        for number in range(4):
            before = await pool.row(PID)
            trap = proxy.arm(Cut("client", 1, "before", kind="CancelRequest"))
            if number % 2:
                task = asyncio.create_task(pool.row(SLEEP, 30.0))
                await asyncio.sleep(0.05)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            else:
                name, took = await outcome(pool.row(SLEEP, 30.0, timeout=0.2))
                assert name == "DeadlineExceeded"
                latest = max(latest, took - 0.2)
            rows = await asyncio.gather(*(pool.row(ONE, 100 + n) for n in range(8)))
            assert rows == [(100 + n,) for n in range(8)]
            await until(lambda: pool.snapshot()["pool"]["in_use"] == 0)
            assert trap.sprung is not None
            assert before not in [await pool.row(PID) for _ in range(3)]
        assert latest <= GRACE + late.worst
    record_property("figure", f"latest: {latest:.2f} s after the deadline")


@pytest.mark.fault("B13")
async def test_a_request_to_cancel_that_is_late_hits_no_later_call(proxy: FaultProxy) -> None:
    async with Pool.open(proxy.dsn, settings(pool_size=1, cancel_grace=1.0)) as pool:
        await pool.row(ONE, 1)
        with proxy.toxic(Latency(0.1), "server"):
            for number in range(8):
                name, _ = await outcome(pool.row(SLEEP, 0.25, timeout=0.2))
                assert name in {"done", "DeadlineExceeded"}
                assert await pool.row(ONE, number) == (number,)
                assert await pool.row(SLEEP, 0.05) is not None
