"""Values at and beyond every edge, each sent as every type of parameter: back exactly as it was, or refused by name."""

# ruff: noqa: DTZ001, DTZ901, RUF001 -- times without a zone and digits of Arabia are among the values

import datetime as dt
import json
import math
import struct
import uuid
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slimy_dal.engine.errors import InvalidValue, SlimyError
from slimy_dal.engine.pool import Pool
from slimy_dal.testing import FaultProxy
from tests.ad_hoc import ONE, reads, settings

BERLIN = ZoneInfo("Europe/Berlin")
FOLD = dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
EDGES = [edge + step for edge in (0, 2**15, 2**31, 2**53, 2**63, 10**30) for step in (-1, 0, 1)]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


CORPUS: list[Any] = [
    *(sign * edge for edge in EDGES for sign in (1, -1)),
    *(
        True,
        False,
        0.0,
        -0.0,
        1.5,
        -0.5,
        2.0**53 + 2,
        5e-324,
        1.7e308,
        math.nan,
        math.inf,
        -math.inf,
    ),
    *(Decimal(text) for text in ("0", "-0", "1.70", "NaN", "Infinity", "1E+400", "1E-400")),
    *(
        "",
        "a",
        "\x00",
        "a\x00b",
        "\ud800",
        "\udfff a",
        "😀" * 3,
        "\u202eabc",
        "ß" * 1000,
        "1",
        "١٠",
    ),
    *("'; DROP TABLE x; --", "x" * 2**20, "e\u0301", "\u00e9", "NaN", "infinity", "\\x00", "{}"),
    *(b"", b"\x00", b"\xff" * 3, bytearray(b"a"), memoryview(b"a")),
    *(uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)),
    *(
        dt.datetime(2026, 3, 1, 12),
        dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
        FOLD,
        FOLD.replace(fold=1),
    ),
    *(dt.datetime.min, dt.datetime.max, dt.datetime.max.replace(tzinfo=dt.UTC)),
    dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=14))),
    dt.datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=dt.timezone(-dt.timedelta(hours=11))),
    *(dt.date.min, dt.date.max, dt.date(2024, 2, 29), dt.time.max, dt.time(1, tzinfo=dt.UTC)),
    *(dt.timedelta(0), dt.timedelta.max, dt.timedelta.min, dt.timedelta(days=-1, microseconds=1)),
    *(
        [],
        [1],
        [None],
        [[1]],
        [[1], []],
        (1, 2),
        {},
        {"a": 1},
        {1: 2},
        {"\x00": 1},
        {"a": math.nan},
    ),
    *(
        nested(64),
        nested(65),
        nested(5000),
        {"a": "\ud800"},
        {"a": 10**400},
        {"a": 1e308},
        {"": None},
    ),
    *(IPv4Address("127.0.0.1"), IPv4Network("10.0.0.0/8"), object(), 1j, range(3), {1}, None),
]
KINDS = (
    *("smallint", "integer", "bigint", "real", "double precision", "numeric", "text", "bytea"),
    *(
        "character varying",
        "boolean",
        "uuid",
        "date",
        "timestamp without time zone",
        "interval",
    ),
    *("timestamp with time zone", "time without time zone", "jsonb", "json", "inet", "bigint[]"),
    *("text[]", "double precision[]", "timestamp with time zone[]", "jsonb[]"),
)
WIDENED = {(int, float), (int, Decimal), (float, Decimal), (tuple, list), (bytearray, bytes)}
"""What is another type when it comes back, and the same value."""


def as_kept(kind: str, value: Any) -> Any:
    """The value as its type has it: `real` the nearest that it can hold, jsonb all numbers as decimals."""
    if kind == "real":
        return struct.unpack("f", struct.pack("f", value))[0]
    if kind == "jsonb" and isinstance(value, float):
        return json.loads(format(Decimal(repr(value)) + 0, "f"))
    if kind == "jsonb" and isinstance(value, dict):
        return {key: as_kept(kind, one) for key, one in value.items()}
    return value


def told(value: Any) -> str:
    """The beginning of a value, for a message."""
    try:
        return ascii(value)[:60]
    except RecursionError:
        return f"a deep {type(value).__name__}"


def same(sent: Any, got: Any) -> bool:
    """Whether a value came back to the last bit; 0.0 and -0.0 differ, as do 1 and True."""
    if isinstance(sent, list | tuple) and isinstance(got, list):
        return len(sent) == len(got) and all(map(same, sent, got))
    if isinstance(sent, float) and isinstance(got, float):
        return struct.pack("d", sent) == struct.pack("d", got)
    if isinstance(sent, memoryview):
        return bool(bytes(sent) == got)
    if isinstance(sent, dt.datetime):
        # One moment, whatever zone it was told in: `fold` says which of two it is.
        moment = sent.astimezone(dt.UTC) if sent.tzinfo else sent
        return bool(sent.tzinfo) == bool(got.tzinfo) and bool(moment == got)
    if isinstance(sent, uuid.UUID):  # the driver has a quicker kind of them
        return bool(sent == got)
    kinds = (type(sent), type(got))
    return (kinds[0] is kinds[1] or kinds in WIDENED) and bool(sent == got)


@pytest.mark.fault("V1", "V2", "V3", "V4", "V5", "V7")
async def test_every_value_as_every_type_comes_back_exactly_or_is_refused_before_it_is_sent(
    database_url: str, record_property: Callable[[str, object], None]
) -> None:
    outcomes: Counter[str] = Counter()
    wrong = []
    async with (
        FaultProxy(database_url) as proxy,
        Pool.open(proxy.dsn, settings(pool_size=1, look_around=3600)) as pool,
    ):
        for kind in KINDS:
            echo = reads(f"SELECT $1::{kind}", kind)
            for value in CORPUS:
                label = f"{kind} <- {told(value)}"
                sent = proxy.sent
                try:
                    rows = await pool.rows(echo, value)
                except InvalidValue as error:
                    outcomes["refused"] += 1
                    # PostgreSQL's own refusal is as good where its rule is its own: a length, a range.
                    if error.sqlstate is None and proxy.sent != sent:
                        wrong.append(f"{label}: sent before it was refused")
                except SlimyError as error:
                    wrong.append(f"{label}: {type(error).__name__}")
                else:
                    outcomes["the same"] += 1
                    if not same(as_kept(kind, value), rows[0][0]):
                        wrong.append(f"{label}: came back as {told(rows[0][0])}")
        assert await pool.row(ONE, 1) == (1,)
    assert wrong == []
    assert outcomes["the same"] > 150
    record_property("figure", ", ".join(f"{n:,} {what}" for what, n in outcomes.items()))


@pytest.mark.fault("V15")
async def test_32768_ids_are_one_array_in_one_statement(database_url: str) -> None:
    count = reads("SELECT count(*), sum(id) FROM unnest($1::bigint[]) AS id", "bigint[]")
    ids = list(range(2**53, 2**53 + 32_768))
    async with (
        FaultProxy(database_url) as proxy,
        Pool.open(proxy.dsn, settings(pool_size=1, look_around=3600)) as pool,
    ):
        await pool.row(count, [])
        with proxy.recording() as seen:
            row = await pool.row(count, ids)
    assert [one.name for one in seen if one.side == "client"] == ["Bind", "Execute", "Sync"]
    assert row is not None
    assert tuple(row) == (32_768, sum(ids))
