"""Tests of the argument checks: what fits passes unchanged, what the driver would bend is refused by name."""

import datetime as dt
import enum
import math
import timeit
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimy_dal.engine.checks import JSON_DEPTH, SINGLES, Refused, compile_check
from slimy_dal.engine.errors import InvalidValue, MissingValue
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Parameter, Statement
from tests.ad_hoc import reads, settings

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
NAIVE = NOW.replace(tzinfo=None)
ID = uuid.UUID(int=7)


class Colour(enum.StrEnum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


ACCEPTED: list[tuple[Any, ...]] = [
    ("smallint", -(2**15), 2**15 - 1, Level.HIGH),
    ("integer", -(2**31), 2**31 - 1, 0),
    ("bigint", -(2**63), 2**63 - 1, Level.HIGH),
    ("text", "", "plain", "ümläut 🎉", Colour.RED),
    ("character varying(20)", "x"),
    ("boolean", True, False),
    ("double precision", 1.5, 1, -math.inf, math.inf, math.nan, 2**53),
    ("real", 1.5, 2, math.inf),
    ("numeric(10,2)", Decimal("1.25"), 3),
    ("numeric", Decimal("1e50")),
    ("uuid", ID),
    ("bytea", b"\x00\xff", bytearray(b"x"), memoryview(b"y")),
    ("date", dt.date(2026, 1, 1), dt.date(1, 1, 2)),
    ("timestamp with time zone", NOW, NOW.astimezone(dt.timezone(dt.timedelta(hours=5)))),
    ("timestamp without time zone", NAIVE),
    ("time without time zone", dt.time(1, 2)),
    ("time with time zone", dt.time(1, 2, tzinfo=dt.UTC)),
    ("interval", dt.timedelta(days=1)),
    ("jsonb", {"a": [1, 2.5, None, True, "x", {}]}, [], "x", 5, nested(JSON_DEPTH), (1, 2)),
    ("json", {"ä": "🎉"}, 2**64 - 1),
    ("bigint[]", [], [1, None, 2**63 - 1], (1, 2), [[1], [2]]),
    ("text[]", ["a", "ä"], [None]),
    ("uuid[]", [ID, ID]),
    ("jsonb[]", [{"a": 1}, "x", None]),
    ("timestamp with time zone[]", [NOW, None]),
    ("character varying(3)[]", ["abc"]),
    ("some_schema.mood", "happy"),
]

REFUSED: list[tuple[Any, ...]] = [
    ("smallint", 2**15, -(2**15) - 1, 1.0, True, "1"),
    ("integer", 2**31, Decimal(1), False),
    ("bigint", 2**63, -(2**63) - 1, 1.5, -0.5, Decimal("1.7"), True, "5", ID, b"1"),
    ("text", 5, b"bytes", "a\x00b", "\ud800", "ok\udfff", ["a"], ID),
    ("character varying(20)", "\x00"),
    ("boolean", 1, 0, "true", None),
    ("double precision", True, "1.5", Decimal("1.5"), 2**53 + 1),
    ("real", 1e39, "x", True),
    ("numeric(10,2)", 1.5, Decimal("NaN"), Decimal("Infinity"), True, "1"),
    ("uuid", str(ID), 7, ID.bytes),
    ("bytea", "text", 5),
    ("date", NOW, "2026-01-01", dt.date.max, dt.date.min),
    ("timestamp with time zone", NAIVE, dt.date(2026, 1, 1), "now"),
    ("timestamp with time zone", dt.datetime.max.replace(tzinfo=dt.UTC)),
    (
        "timestamp with time zone",
        dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=3))),
    ),
    ("timestamp without time zone", NOW, dt.datetime.max, dt.datetime.min),  # noqa: DTZ901 -- naive on purpose
    ("time without time zone", dt.time(1, 2, tzinfo=dt.UTC), "01:02"),
    ("time with time zone", dt.time(1, 2)),
    ("interval", 5, "1 day"),
    ("jsonb", {"a": math.nan}, [math.inf], {1: 2}, "a\x00", ["\ud800"], {"\x00": 1}),
    ("jsonb", nested(JSON_DEPTH + 1), {"a": NOW}, {"a": Decimal(1)}, 2**64, {"a": {1, 2}}, b"x"),
    ("json", [ID], -(2**63) - 1),
    ("bigint[]", [1, 2.0], 5, "12", {1, 2}, [2**63], [True], ["1"], [[1], [1.5]]),
    ("text[]", ["a", "b\x00"], ["\ud800"], "abc", [5]),
    ("uuid[]", [str(ID)]),
    ("jsonb[]", [[1]], [math.nan], {"a": 1}),
    ("some_schema.mood", "a\x00"),
]


def one(kind: str, *, nullable: bool = False) -> Statement:
    return Statement("things.put", "SELECT 1", (Parameter("thing", kind, nullable=nullable),))


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, *values in ACCEPTED for value in values]
)
def test_a_value_of_the_parameters_type_passes(kind: str, value: object) -> None:
    one(kind).verify((value,))
    one(kind, nullable=True).verify((value,))


@pytest.mark.parametrize(
    ("kind", "value"),
    [(kind, value) for kind, *values in REFUSED for value in values],
    ids=lambda value: ascii(value)[:40],
)
@pytest.mark.fault("V1", "V2", "V4", "V5")
def test_a_value_the_driver_would_bend_is_refused(kind: str, value: object) -> None:
    for nullable in (False, value is not None):
        with pytest.raises(InvalidValue) as caught:
            one(kind, nullable=nullable).verify((value,))
        assert caught.value.field == "thing"
        assert str(caught.value).startswith("thing: ")
        assert "things.put" in str(caught.value)


def test_the_error_never_holds_the_value() -> None:
    for kind, value in (
        ("bigint", "secret-4711"),
        ("bigint", 47114711471147114711),
        ("text", "secret-4711\x00"),
        ("jsonb", {"secret-4711": math.nan}),
        ("bigint[]", ["secret-4711"]),
        ("uuid", "secret-4711"),
    ):
        with pytest.raises(InvalidValue) as caught:
            one(kind).verify((value,))
        assert "4711" not in str(caught.value)
        assert caught.value.__suppress_context__


@pytest.mark.parametrize("kind", [*sorted(SINGLES), "bigint[]", "jsonb[]", "mood"])
def test_null_needs_a_nullable_parameter(kind: str) -> None:
    with pytest.raises(MissingValue, match="must not be null"):
        one(kind).verify((None,))
    one(kind, nullable=True).verify((None,))


def test_the_number_of_arguments_is_checked_and_the_parameters_are_named() -> None:
    statement = Statement("a.b", "", (Parameter("left", "text"), Parameter("right", "text")))
    for arguments in ((), ("a",), ("a", "b", "c")):
        with pytest.raises(InvalidValue, match=r"takes 2 parameters \(left, right\), got"):
            statement.verify(arguments)
    with pytest.raises(InvalidValue, match=r"takes 0 parameters \(none\), got 1"):
        Statement("a.b", "").verify((1,))


def test_the_second_of_two_arguments_is_named() -> None:
    statement = Statement("a.b", "", (Parameter("left", "text"), Parameter("right", "text")))
    with pytest.raises(InvalidValue) as caught:
        statement.verify(("fine", 5))
    assert caught.value.field == "right"


ANYTHING: st.SearchStrategy[object] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(st.characters(exclude_categories=())),
    st.binary(),
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.times(timezones=st.none() | st.just(dt.UTC)),
    st.timedeltas(),
    st.sampled_from([dt.datetime.max, dt.datetime.min.replace(tzinfo=dt.UTC), dt.date.max]),  # noqa: DTZ901
    st.lists(st.integers() | st.text() | st.none()),
)


@given(
    kind=st.sampled_from([*SINGLES, "bigint[]", "text[]"]), value=ANYTHING, nullable=st.booleans()
)
@pytest.mark.fault("V3")
def test_the_quick_acceptance_never_takes_what_the_exact_check_refuses(
    kind: str, value: object, *, nullable: bool
) -> None:
    exact = compile_check(kind, nullable=nullable)
    try:
        exact(value)
    except Refused:
        with pytest.raises(InvalidValue):
            one(kind, nullable=nullable).verify((value,))
    else:
        one(kind, nullable=nullable).verify((value,))


@pytest.mark.fault("V3")
async def test_what_passes_is_stored_as_it_was(database_url: str) -> None:
    same = {"uuid", "bytea", "date", "boolean", "interval", "jsonb", "json", "text"}
    async with Pool.open(database_url, settings()) as pool:
        for kind, *values in ACCEPTED:
            if "mood" in kind:
                continue
            statement = reads(f"SELECT $1::{kind}", kind)
            for value in values:
                row = await pool.row(statement, value)
                assert row is not None
                if kind in same or kind.endswith("int") or kind.startswith("timestamp"):
                    wanted = list(value) if isinstance(value, tuple) else value
                    assert row[0] == wanted, (kind, value)


def test_checking_a_point_lookup_costs_well_under_a_microsecond() -> None:
    statement = one("bigint")
    verify, arguments = statement.verify, (123456789012345678,)
    best = min(timeit.repeat(lambda: verify(arguments), number=2000, repeat=20)) / 2000
    assert best < 0.8e-6


def test_an_array_of_ten_thousand_ids_is_checked_in_a_millisecond() -> None:
    statement, ids = one("bigint[]"), list(range(10_000))
    assert min(timeit.repeat(lambda: statement.verify((ids,)), number=1, repeat=10)) < 0.002
