"""Tests of one session: connecting, codecs, what the compiler asks for, and the driver names relied upon."""

import asyncio
import datetime as dt
import secrets
import time
import traceback
from collections.abc import AsyncIterator
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from slimy_dal.engine import driver, embedded
from slimy_dal.engine.errors import (
    InternalError,
    InvalidValue,
    PermissionDenied,
    SchemaMismatch,
    SlimyError,
    Unavailable,
    UnreadableValue,
)
from slimy_dal.engine.hosts import Hosts, hosts_of
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.settings import PoolSettings
from tests.ad_hoc import ONE
from tests.faults import Proxy, silent_host
from tests.matrix.lateness import Lateness


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[driver.Connection]:
    async with await driver.connect(database_url) as opened:
        yield opened


async def test_a_prepared_statement_tells_its_types_without_being_run(
    connection: driver.Connection,
) -> None:
    prepared = await connection.prepare("SELECT $1::int AS a, 'x'::text AS b, $2::jsonb AS c")
    assert prepared.parameters == (23, 3802)
    assert prepared.columns == (("a", 23), ("b", 25), ("c", 3802))


async def test_an_error_in_a_statement_has_code_position_and_the_servers_words(
    connection: driver.Connection,
) -> None:
    with pytest.raises(SchemaMismatch) as caught:
        await connection.fetch("SELECT * FROM nowhere")
    assert (caught.value.sqlstate, caught.value.position) == ("42P01", 15)
    assert "nowhere" in (caught.value.server_message or "")
    assert "nowhere" not in str(caught.value)
    with pytest.raises(SchemaMismatch) as caught:
        await connection.prepare("SELECT 1 +")
    assert (caught.value.sqlstate, caught.value.position) == ("42601", 11)


async def test_a_session_that_cannot_be_made_ready_is_not_left_open(
    connection: driver.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "CODECS", (("nowhere", str, str),))
    with pytest.raises(SlimyError):
        await driver.connect(database_url, settings={"application_name": "left_open"})
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'left_open'"
    end = time.monotonic() + 10
    while await connection.line(left) != ["0"]:
        assert time.monotonic() < end, "it is there still"
        await asyncio.sleep(0.02)


async def test_messages_of_the_server_reach_the_listener(connection: driver.Connection) -> None:
    heard: list[driver.Notice] = []
    connection.add_log_listener(heard.append)
    await connection.execute(
        "DO $$ BEGIN RAISE NOTICE 'first' USING DETAIL = 'why', HINT = 'how'; END $$;"
        "DO $$ BEGIN RAISE WARNING 'second'; END $$"
    )
    assert [(n.severity, n.message, n.detail, n.hint) for n in heard] == [
        ("NOTICE", "first", "why", "how"),
        ("WARNING", "second", None, None),
    ]


async def test_json_goes_in_and_comes_out_as_it_was(connection: driver.Connection) -> None:
    value = {"a": [1, -2.5, None, True, "ä\u2028"], "b": {"c": 2**63 - 1}, "": []}
    (row,) = await connection.fetch(
        "SELECT $1::jsonb, $2::json, $3::jsonb[]", value, value, [value, "x", 1]
    )
    assert tuple(row) == (value, value, [value, "x", 1])


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("1e400", 10**400),
        ("1e5000", Decimal("1" + "0" * 5000)),
        ("1e-400", Decimal("1e-400")),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("0.1", 0.1),
    ],
)
@pytest.mark.fault("V7")
async def test_a_stored_json_number_of_any_size_is_read(
    connection: driver.Connection, stored: str, read: object
) -> None:
    for kind in ("json", "jsonb"):
        (row,) = await connection.fetch(f"SELECT ('[' || $1 || ', 7]')::{kind}", stored)
        number, seven = row[0]
        assert seven == 7
        # Below the range of floats the nearest one, zero, is right; above it an infinity is not.
        assert number == read or (stored == "1e-400" and number == 0.0)


@pytest.mark.fault("V6")
async def test_infinity_is_the_last_moment_of_the_calendar_without_a_zone(
    connection: driver.Connection,
) -> None:
    (row,) = await connection.fetch("SELECT 'infinity'::timestamptz, '-infinity'::date")
    assert tuple(row) == (dt.datetime.max, dt.date.min)  # noqa: DTZ901 -- what the driver gives


@pytest.mark.parametrize("kind", ["date", "timestamptz", "timestamp"])
@pytest.mark.fault("V6")
async def test_a_date_before_christ_is_an_error_and_the_session_lives_on(
    connection: driver.Connection, kind: str
) -> None:
    with pytest.raises(UnreadableValue, match="year 1"):
        await connection.fetch(f"SELECT '0044-03-15 BC'::{kind}")
    assert (await connection.fetch("SELECT 1"))[0][0] == 1


async def test_connecting_says_what_is_wrong(
    database_url: str, server: embedded.Server, tmp_path: object
) -> None:
    with pytest.raises(SchemaMismatch, match="database does not exist"):
        await driver.connect(server.dsn("no_such_database"))
    with pytest.raises(PermissionDenied, match="DATABASE_URL"):
        await driver.connect(server.dsn().replace("postgres@", "no_such_role@"))
    with pytest.raises(Unavailable, match="nothing listens"):
        await driver.connect("postgresql://postgres@127.0.0.1:1/x?sslmode=disable")
    with pytest.raises(Unavailable, match="nothing listens"):
        await driver.connect(f"postgresql://postgres@/x?host={tmp_path}")
    async with silent_host() as port:
        with pytest.raises(Unavailable, match="did not answer"):
            await driver.connect(f"postgresql://postgres@127.0.0.1:{port}/x", timeout=0.2)


async def test_the_names_that_are_private_to_the_driver_are_still_there(
    connection: driver.Connection,
) -> None:
    state = await connection.state_of(ONE)
    rows, status, complete = await connection.bind_execute(
        state, (7,), "", 0, *(True, driver.NO_TIMEOUT)
    )
    assert (rows[0][0], status, complete) == (7, b"SELECT 1", True)
    assert await connection.state_of(ONE) is state
    connection.forget(ONE)
    assert await connection.state_of(ONE) is not state
    assert await connection.command("BEGIN") == "BEGIN"
    began = connection.in_transaction
    assert await connection.settle(1.0)
    assert (began, connection.in_transaction, connection.busy) == (True, False, False)


@pytest.mark.parametrize(
    ("dsn", "hosts"),
    [
        ("postgresql://u:p%40@one:1,two:2/db", [("one", 1), ("two", 2)]),
        ("postgresql://u@one,two/db", [("one", 5432), ("two", 5432)]),
        ("postgresql://u@/db?host=/tmp/a,/tmp/b&port=5,6", [("/tmp/a", 5), ("/tmp/b", 6)]),  # noqa: S108
        ("postgresql://u@[::1]:7/db", [("::1", 7)]),
        ("postgresql://u@%2Ftmp%2Fa:5,two:6/db", [("/tmp/a", 5), ("two", 6)]),  # noqa: S108
        ("postgresql:///db", []),
    ],
)
def test_the_hosts_of_a_dsn_are_found(dsn: str, hosts: list[tuple[str, int]]) -> None:
    assert hosts_of(dsn) == hosts


@pytest.mark.parametrize(
    ("dsn", "hosts"),
    [
        ("postgresql:///db", [("one", 6), ("::1", 7), ("/tmp/a", 7)]),  # noqa: S108
        ("postgresql://u@two,three:4/db", [("two", 6), ("three", 4)]),
        ("postgresql:///db?host=two&port=9", [("two", 9)]),
    ],
)
def test_what_a_dsn_leaves_out_is_what_the_environment_says(
    dsn: str, hosts: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOST", "one,::1,/tmp/a")
    monkeypatch.setenv("PGPORT", "6,7")
    assert hosts_of(dsn) == hosts
    monkeypatch.setenv("PGHOST", "one")
    assert hosts_of("postgresql:///db") == [], "one host is the driver's to find"


async def test_hosts_that_only_the_environment_names_are_raced_as_others_are(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Proxy(database_url) as proxy, silent_host() as silent, Lateness() as late:
        ((host, port),) = hosts_of(proxy.dsn)
        monkeypatch.setenv("PGHOST", f"127.0.0.1,{host}")
        monkeypatch.setenv("PGPORT", f"{silent},{port}")
        parts = urlsplit(proxy.dsn)
        login = parts.netloc.rpartition("@")[0]
        unnamed = parts._replace(netloc=f"{login}@").geturl()
        begin = time.monotonic()
        async with Pool.open(unnamed, PoolSettings()) as pool:
            assert await pool.row(ONE, 1)
        assert time.monotonic() - begin < 1.0 + 3 * late.worst


@pytest.mark.parametrize("where", ["me@one:x,two/db", "me@/db?host=one,two&port=5433,x"])
def test_a_port_that_is_no_number_is_refused(where: str) -> None:
    with pytest.raises(InternalError, match="a port is no number"):
        hosts_of(f"postgresql://{where}")


@pytest.mark.parametrize("where", ["[half", "one℀two"])
async def test_an_address_that_cannot_be_read_is_refused_without_its_password(where: str) -> None:
    secret = secrets.token_hex(8)
    dsn = f"postgresql://me:{secret}@{where}/db"
    with pytest.raises(InternalError, match="DATABASE_URL") as refused:
        await driver.connect(dsn, timeout=1.0)
    said = [*traceback.format_exception(refused.value), str(refused.value.server_message)]
    with pytest.raises(InternalError, match="DATABASE_URL") as refused:
        await Pool.open(dsn).__aenter__()
    said += traceback.format_exception(refused.value)
    assert secret not in "".join(said)


def _hosts(dsn: str, *others: str) -> Hosts:
    """The proxied server, after hosts that are no good."""
    login, _, rest = dsn.partition("@")
    listed = ",".join([*others, rest])
    return Hosts(f"{login}@{listed}", target="read-write", settings={})


@pytest.mark.fault("B3")
async def test_a_hung_first_host_costs_a_tenth_of_a_second_and_is_remembered(
    database_url: str,
) -> None:
    async with Proxy(database_url) as proxy, silent_host() as silent, Lateness() as late:
        hosts = _hosts(proxy.dsn, f"127.0.0.1:{silent}")
        for allowed in (1.0, 0.5):
            begin = time.monotonic()
            async with await hosts.connect(total=5.0, each=3.0) as connection:
                assert (await connection.fetch("SELECT 1"))[0][0] == 1
            assert time.monotonic() - begin < allowed + 3 * late.worst
        async with silent_host() as other:
            hopeless = Hosts(
                f"postgresql://x@127.0.0.1:{silent},127.0.0.1:{other}/x?sslmode=disable",
                target=None,
                settings={},
            )
            begin = time.monotonic()
            with pytest.raises(Unavailable):
                await hopeless.connect(total=5.0, each=0.3)
            assert time.monotonic() - begin < 1.5 + 3 * late.worst


@pytest.mark.fault("C4")
async def test_a_host_that_failed_is_asked_again_while_another_one_hangs(database_url: str) -> None:
    async with Proxy(database_url) as proxy, silent_host() as silent:
        await proxy.refuse()
        hosts = _hosts(proxy.dsn, f"127.0.0.1:{silent}")
        connecting = asyncio.create_task(hosts.connect(total=5.0, each=3.0))
        await asyncio.sleep(0.3)
        await proxy.listen()  # as if it were promoted
        async with Lateness() as late:
            began = time.monotonic()
            async with await connecting as connection:
                assert (await connection.fetch("SELECT 1"))[0][0] == 1
            assert time.monotonic() - began < 1.5 + 3 * late.worst


async def test_a_host_that_accepts_no_writes_is_passed_over(database_url: str) -> None:
    name = database_url.partition("?")[0].rpartition("/")[2]
    async with Proxy(database_url) as proxy:
        async with await driver.connect(database_url) as admin:
            await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        with pytest.raises(Unavailable, match="accepts writes"):
            await _hosts(proxy.dsn).connect(total=5.0, each=2.0)
        async with await driver.connect(database_url) as admin:
            await admin.execute("SET default_transaction_read_only = off")
            await admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        async with await _hosts(proxy.dsn, "127.0.0.1:1").connect(total=5.0, each=2.0) as found:
            assert (await found.fetch("SHOW transaction_read_only"))[0][0] == "off"


async def test_an_argument_of_the_wrong_kind_is_not_quoted(connection: driver.Connection) -> None:
    with pytest.raises(InvalidValue) as caught:
        await connection.fetch("SELECT $1::int", "secret-4711")
    assert "4711" not in str(caught.value)
    assert isinstance(caught.value, SlimyError)
    assert caught.value.__suppress_context__
