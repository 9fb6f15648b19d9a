"""The proxy that spoils a line: every fault is measured against the same line without it."""

import asyncio
import contextlib
import gc
import socket
import time
from collections.abc import AsyncIterator
from typing import Any, cast

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimy_dal.testing import (
    Bandwidth,
    Blackhole,
    Cut,
    FaultProxy,
    Latency,
    LimitData,
    Message,
    Reset,
    Slicer,
    SlowClose,
    Timeout,
    cut_points,
    random_cut,
)
from slimy_dal.testing.protocol import Framer
from tests.ad_hoc import until

BROKEN = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
LARGE = "SELECT repeat('x', 40000)"


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(database_url) as opened:
        yield opened


@contextlib.asynccontextmanager
async def client(proxy: FaultProxy) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(proxy.dsn, timeout=30)
    try:
        yield connection
    finally:
        connection.terminate()


async def seconds(work: Any) -> float:
    begin = time.monotonic()
    await work
    return time.monotonic() - begin


async def quickest(connection: asyncpg.Connection, sql: str = "SELECT 1") -> float:
    """The best of three: what a busy machine adds is no property of the line."""
    return min([await seconds(connection.fetchval(sql)) for _ in range(3)])


def named(messages: list[Message], side: str) -> list[str]:
    return [message.name for message in messages if message.side == side]


# -- messages -----------------------------------------------------------------------------------


async def test_every_message_of_a_statement_is_seen_in_its_order(proxy: FaultProxy) -> None:
    with proxy.recording() as seen:
        connection = await asyncpg.connect(proxy.dsn)
        await connection.execute("CREATE TEMP TABLE t (n integer)")
    assert named(seen, "client")[0] == "Startup"
    assert {"Authentication", "BackendKeyData", "ParameterStatus"} <= set(named(seen, "server"))
    queries = [message for message in seen if message.sql is not None]
    assert [message.sql for message in queries] == ["CREATE TEMP TABLE t (n integer)"]

    with proxy.recording() as seen:
        await connection.fetch("INSERT INTO t VALUES ($1) RETURNING n", 7)
    sent, answered = named(seen, "client"), named(seen, "server")
    assert sent == ["Parse", "Describe", "Flush", "Bind", "Execute", "Sync"]
    assert answered == [
        *("ParseComplete", "ParameterDescription", "RowDescription"),
        *("BindComplete", "DataRow", "CommandComplete", "ReadyForQuery"),
    ]
    assert [m.tag for m in seen if m.tag] == ["INSERT 0 1"]

    with proxy.recording() as seen:
        async with connection.transaction():
            await connection.copy_records_to_table("t", records=[(1,), (2,)])
            with pytest.raises(asyncpg.DivisionByZeroError):
                async with connection.transaction():
                    await connection.execute("SELECT 1/0")
    assert [m.status for m in seen if m.status] == ["T", "T", "T", "E", "T", "I"]
    assert [m.sqlstate for m in seen if m.sqlstate] == ["22012"]
    assert {"CopyInResponse"} <= set(named(seen, "server"))
    assert {"CopyData", "CopyDone"} <= set(named(seen, "client"))
    assert {m.line for m in seen} == {1}
    await connection.close()


async def test_a_wish_for_tls_is_refused_and_the_line_serves_without(proxy: FaultProxy) -> None:
    with proxy.recording() as seen:
        connection = await asyncpg.connect(proxy.dsn.replace("disable", "prefer"))
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        await asyncio.sleep(0.02)
    assert named(seen, "client")[:2] == ["SSLRequest", "Startup"]
    assert named(seen, "client")[-1] == "Terminate"


async def test_a_cancel_request_comes_through_on_a_line_of_its_own(proxy: FaultProxy) -> None:
    async with client(proxy) as connection:
        with proxy.recording() as seen:
            with pytest.raises(TimeoutError):
                await connection.execute("SELECT pg_sleep(10)", timeout=0.1)
            await until(lambda: "CancelRequest" in named(seen, "client"))
        assert await connection.fetchval("SELECT 1", timeout=2) == 1
    assert {m.line for m in seen} == {1, 2}


async def test_it_serves_on_a_unix_socket_too(database_url: str) -> None:
    async with FaultProxy(database_url, unix=True) as proxy:
        assert "127.0.0.1" not in proxy.dsn
        async with client(proxy) as connection:
            assert await connection.fetchval("SELECT 1") == 1
            proxy.cut()
            with pytest.raises(BROKEN):
                await connection.fetchval("SELECT 1")


@given(
    names=st.lists(st.sampled_from("BEHSQXdp"), max_size=8),
    size=st.integers(0, 40),
    pieces=st.lists(st.integers(1, 7), min_size=1),
)
def test_messages_do_not_depend_on_how_they_are_cut_up(
    names: list[str], size: int, pieces: list[int]
) -> None:
    greeting = (9).to_bytes(4, "big") + (196608).to_bytes(4, "big") + b"\0"
    whole = [
        greeting,
        *(n.encode() + (4 + size).to_bytes(4, "big") + b"x" * size for n in names),
    ]
    stream, framer = b"".join(whole), Framer(1, "client")
    got: list[Message] = []
    at = turn = 0
    while at < len(stream):
        step = pieces[turn % len(pieces)]
        got += framer.feed(stream[at : at + step])
        at, turn = at + step, turn + 1
    assert [message.data for message in got] == whole
    assert framer.remainder() == b""


def test_what_is_no_postgresql_goes_through_as_it_is() -> None:
    [message] = Framer(1, "client").feed(b"GET / HTTP/1.1\r\n")
    assert (message.name, message.data) == ("Unknown", b"GET / HTTP/1.1\r\n")


# -- cuts ---------------------------------------------------------------------------------------


async def test_each_cut_point_of_a_write_keeps_it_or_not_as_the_message_says(
    proxy: FaultProxy, database_url: str
) -> None:
    """Kept if and only if the server got the Sync; the client hears of it if the answer came through."""
    direct = await asyncpg.connect(database_url)
    await direct.execute("CREATE TABLE kept (n integer)")
    sql = "INSERT INTO kept VALUES ($1) RETURNING n"

    async def once(number: int, cut: Cut | None) -> tuple[bool, bool]:
        async with client(proxy) as connection:
            statement = await connection.prepare(sql)
            trap = proxy.arm(cut) if cut else None
            try:
                heard = await statement.fetchval(number) == number
            except BROKEN:
                heard = False
            assert trap is None or trap.sprung is not None, cut
        async with asyncio.timeout(10):
            while await direct.fetchval(OTHERS):  # noqa: ASYNC110 -- the server tells nobody
                await asyncio.sleep(0.005)
        kept = await direct.fetchval("SELECT EXISTS (SELECT FROM kept WHERE n = $1)", number)
        return heard, bool(kept)

    with proxy.recording() as seen:
        async with client(proxy) as connection:
            statement = await connection.prepare(sql)
            del seen[:]
            await statement.fetchval(0)
            points = cut_points(seen)
    assert len(points) == 14
    kept: dict[Cut, bool] = {}
    for number, cut in enumerate(points, 1):
        heard, kept[cut] = await once(number, cut)
        assert heard is (cut == Cut("server", 4, "after")), cut
    client_side = {cut: was for cut, was in kept.items() if cut.side == "client"}
    assert [cut for cut, was in client_side.items() if was] == [Cut("client", 3, "after")]
    assert all(was for cut, was in kept.items() if cut.side == "server")
    assert await once(100, None) == (True, True)
    await direct.close()


async def test_a_cut_counts_messages_of_one_kind_and_springs_once(proxy: FaultProxy) -> None:
    async with client(proxy) as connection:
        trap = proxy.arm(Cut("server", 3, "before", kind="DataRow"))
        rows = []
        with pytest.raises(BROKEN):
            async with connection.transaction():
                async for row in connection.cursor("SELECT generate_series(1, 9)", prefetch=1):
                    rows.append(row[0])  # noqa: PERF401 -- what came before the break is the point
        assert rows == [1, 2]
        assert trap.sprung is not None
        assert trap.sprung.name == "DataRow"
    async with client(proxy) as connection:
        assert len(await connection.fetch("SELECT generate_series(1, 9)")) == 9


def test_a_random_cut_is_the_same_for_the_same_seed() -> None:
    seen = [Message(1, "client", "Sync", b"") for _ in range(40)]
    assert len({random_cut(seen, seed) for seed in range(50)}) > 10
    assert random_cut(seen, 5) == random_cut(seen, 5)


# -- toxics -------------------------------------------------------------------------------------


async def test_latency_delays_each_way_and_does_not_add_up_for_what_comes_together(
    proxy: FaultProxy,
) -> None:
    async with client(proxy) as connection:
        assert await quickest(connection) < 0.05
        with proxy.toxic(Latency(0.1), "client"):
            assert 0.1 <= await quickest(connection) < 0.19
            assert await quickest(connection, "SELECT repeat('x', 1000000)") < 0.6
        with proxy.toxic(Latency(0.1)):
            assert 0.2 <= await quickest(connection) < 0.3
        assert await quickest(connection) < 0.05


async def test_jitter_spreads_the_delay_and_is_the_same_for_the_same_seed(
    database_url: str,
) -> None:
    async def once(seed: int) -> list[float]:
        async with FaultProxy(database_url, seed=seed) as proxy, client(proxy) as connection:
            await connection.fetchval("SELECT 1")
            with proxy.toxic(Latency(0.1, jitter=0.1), "client"):
                return [await seconds(connection.fetchval("SELECT 1")) for _ in range(5)]

    async def delays(seed: int) -> list[float]:
        """The best of two runs: what a busy machine adds is no property of the line."""
        return [min(pair) for pair in zip(await once(seed), await once(seed), strict=True)]

    def apart(one: list[float], other: list[float]) -> float:
        return max(abs(a - b) for a, b in zip(one, other, strict=True))

    one = await delays(1)
    assert max(one) - min(one) > 0.05
    assert apart(one, await delays(1)) < 0.05 < apart(one, await delays(2))


async def test_bandwidth_is_limited(proxy: FaultProxy) -> None:
    async with client(proxy) as connection:
        assert await quickest(connection, LARGE) < 0.2
        with proxy.toxic(Bandwidth(100_000), "client"):
            assert 0.35 < await seconds(connection.fetchval(LARGE)) < 3


async def test_a_sliced_answer_is_read_whole_and_arrives_in_pieces(proxy: FaultProxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    with proxy.toxic(Slicer(1, pause=0.002), "client"):
        writer.write((8).to_bytes(4, "big") + (196608).to_bytes(4, "big"))
        first = await reader.read(1000)
        assert len(first) == 1
    writer.close()
    async with client(proxy) as connection:
        with proxy.toxic(Slicer(1)):
            assert await connection.fetchval("SELECT $1::text", "sliced" * 20) == "sliced" * 20
            assert len(await connection.fetch("SELECT generate_series(1, 50)")) == 50


@pytest.mark.parametrize("turns", range(1, 7))
async def test_who_is_still_on_the_way_in_when_the_proxy_ends_is_hung_up_on(
    database_url: str, turns: int
) -> None:
    async with FaultProxy(database_url) as proxy:
        clients = [socket.create_connection(("127.0.0.1", proxy.port)) for _ in range(4)]
        for _ in range(turns):
            await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    for one in clients:
        one.settimeout(2)
        with contextlib.suppress(ConnectionResetError):
            assert one.recv(1) == b""
        one.close()
    gc.collect()  # what was forgotten warns now, and a warning fails the test


async def test_a_line_breaks_at_the_byte_it_was_limited_to(proxy: FaultProxy) -> None:
    for size in (1, 100, 39_000):
        async with client(proxy) as connection:
            with proxy.toxic(LimitData(size), "client"), pytest.raises(BROKEN):
                await connection.fetchval(LARGE)
    async with client(proxy) as connection:
        with proxy.toxic(LimitData(60_000), "client"):
            assert len(await connection.fetchval(LARGE)) == 40_000
            with pytest.raises(BROKEN):
                await connection.fetchval(LARGE)


async def test_a_slow_close_keeps_the_session_on_the_server(
    proxy: FaultProxy, database_url: str
) -> None:
    direct = await asyncpg.connect(database_url)
    there = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'slow close'"

    async def gone() -> None:
        while await direct.fetchval(there):  # noqa: ASYNC110 -- the server tells nobody
            await asyncio.sleep(0.01)

    async def leave() -> float:
        settings = {"application_name": "slow close"}
        connection = await asyncpg.connect(proxy.dsn, server_settings=settings)
        assert await direct.fetchval(there) == 1
        cast("Any", connection)._transport.abort()  # noqa: SLF001 -- no farewell: only the end tells
        return await seconds(gone())

    assert min([await leave() for _ in range(3)]) < 1
    with proxy.toxic(SlowClose(1.5), "server"):
        assert 1.4 < await leave() < 15
    await direct.close()


async def test_after_a_timeout_without_a_word_the_line_is_closed(proxy: FaultProxy) -> None:
    async with client(proxy) as connection:
        with proxy.toxic(Timeout(0.3)):
            begin = time.monotonic()
            with pytest.raises(BROKEN):
                await connection.fetchval("SELECT 1")
            assert 0.25 < time.monotonic() - begin < 15


async def test_a_black_hole_is_silent_and_its_lines_are_reset_when_it_is_gone(
    proxy: FaultProxy,
) -> None:
    async with client(proxy) as connection, client(proxy) as idle:
        with proxy.toxic(Blackhole()):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(connection.fetchval("SELECT 1")), 0.3)
            assert not connection.is_closed()
            with pytest.raises(TimeoutError):
                await asyncpg.connect(proxy.dsn, timeout=0.2)
        await until(connection.is_closed)
        assert await idle.fetchval("SELECT 1") == 1
    async with client(proxy) as connection:
        assert await connection.fetchval("SELECT 1") == 1


@pytest.mark.parametrize("reset", [True, False])
async def test_a_reset_is_not_an_orderly_end(proxy: FaultProxy, *, reset: bool) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    await until(lambda: len(proxy.lines) == 1)
    proxy.cut(reset=reset)
    if reset:
        with pytest.raises(ConnectionResetError):
            await reader.read()
    else:
        assert await reader.read() == b""
    writer.close()


async def test_a_line_is_reset_when_its_time_is_over(proxy: FaultProxy) -> None:
    async with client(proxy) as connection:
        with proxy.toxic(Reset(0.2)):
            begin = time.monotonic()
            assert await connection.fetchval("SELECT 1") == 1
            await until(connection.is_closed)
            assert 0.15 < time.monotonic() - begin < 15
    async with client(proxy) as connection:
        with proxy.toxic(Reset(0.1)):
            pass  # taken away in time
        await asyncio.sleep(0.15)
        assert await connection.fetchval("SELECT 1") == 1


async def test_toxics_work_one_after_the_other(proxy: FaultProxy) -> None:
    async with client(proxy) as connection:
        with proxy.toxic(Latency(0.1), "client"), proxy.toxic(Slicer(20_000), "client"):
            assert await seconds(connection.fetchval(LARGE)) > 0.1
        with proxy.toxic(Latency(0.1), "client"), proxy.toxic(LimitData(10), "client"):
            begin = time.monotonic()
            with pytest.raises(BROKEN):
                await connection.fetchval(LARGE)
            assert time.monotonic() - begin > 0.1


async def test_a_host_that_is_down_refuses_and_one_that_is_back_serves_at_the_same_address(
    proxy: FaultProxy,
) -> None:
    async with client(proxy) as connection:
        await proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await asyncpg.connect(proxy.dsn)
        assert await connection.fetchval("SELECT 1") == 1
        await proxy.listen()
        async with client(proxy) as other:
            assert await other.fetchval("SELECT 1") == 1


async def test_what_a_frozen_line_holds_back_comes_later(proxy: FaultProxy) -> None:
    async with client(proxy) as connection:
        proxy.freeze()
        waiting = asyncio.create_task(connection.fetchval("SELECT 1"))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        proxy.thaw()
        assert await asyncio.wait_for(waiting, 10) == 1


async def test_nothing_is_left_behind(database_url: str) -> None:
    before = asyncio.all_tasks()
    async with FaultProxy(database_url) as proxy:
        connections = [await asyncpg.connect(proxy.dsn) for _ in range(5)]
        proxy.add(Latency(5))
        waiting = asyncio.create_task(connections[0].fetchval("SELECT 1"))
        await asyncio.sleep(0.05)
    with pytest.raises(BROKEN):
        await waiting
    for connection in connections:
        connection.terminate()
    await until(lambda: asyncio.all_tasks() == before)
