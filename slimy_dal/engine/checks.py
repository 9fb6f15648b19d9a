"""Refuses arguments that the driver would bend to fit: one check per PostgreSQL type, made once per statement.

The driver stores 1.5 as 1 in a bigint, shifts naive times by the host's zone and turns NaN inside
JSON into null. Here a value either has the parameter's type or is refused with the reason; the
reason never contains the value. NaN and the infinities are values of float columns and pass there;
they are refused for numeric and inside JSON. The first and last moments that Python knows are refused too:
the driver would store `-infinity` and `infinity` for them (which it reads as those moments, without a zone).
"""

import datetime as dt
import ipaddress as ip
import math
import re
import uuid
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

__all__ = ["JSON_DEPTH", "Check", "Refused", "compile_check", "plain_name"]

Check: TypeAlias = Callable[[Any], None]

JSON_DEPTH = 64
FLOAT_EXACT = 2**53
REAL_MAX = 3.4028235677973366e38
INT64_MIN, INT64_MAX, UINT64_MAX = -(2**63), 2**63 - 1, 2**64 - 1
INTEGERS = {"smallint": 15, "integer": 31, "bigint": 63}
TEXTS = frozenset({"text", "character varying", "character", "name", "citext", "bpchar", "xml"})
MODIFIER = re.compile(r"\([^)]*\)")


class Refused(ValueError):
    """Why a value does not fit, without the value; Statement makes an InvalidValue of it."""


def _mismatch(value: Any, expected: str) -> Refused:
    if value is None:
        return Refused("must not be null")
    return Refused(f"must be {expected}, not {type(value).__name__}")


def _integer(bits: int, type_name: str) -> Check:
    low, high = -(2**bits), 2**bits - 1

    def check(value: Any) -> None:
        if type(value) is not int and (not isinstance(value, int) or isinstance(value, bool)):
            raise _mismatch(value, "an integer")
        if not low <= value <= high:
            raise Refused(f"is out of range for {type_name} ({low} to {high})")

    return check


def _text(value: Any) -> None:
    if type(value) is not str and not isinstance(value, str):
        raise _mismatch(value, "a string")
    if "\x00" in value:
        raise Refused("must not contain the NUL character (U+0000)")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Refused("must not contain an unpaired surrogate (U+D800 to U+DFFF)") from None


def _exactly(expected: str, *kinds: type) -> Check:
    """Accept instances of the kinds; a bool passes only where bool is asked for."""
    first = kinds[0]

    def check(value: Any) -> None:
        if type(value) is first:
            return
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise _mismatch(value, expected)

    return check


def _float(limit: float | None) -> Check:
    def check(value: Any) -> None:
        if type(value) is not float:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise _mismatch(value, "a float")
            if isinstance(value, int) and not -FLOAT_EXACT <= value <= FLOAT_EXACT:
                raise Refused("is an integer that a float cannot hold exactly")
        if limit is not None and abs(value) > limit and not math.isinf(value):
            raise Refused("is out of range for real")

    return check


def _numeric(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise _mismatch(value, "a Decimal or an integer")
    if isinstance(value, Decimal) and not value.is_finite():
        raise Refused("must be a finite number")


def _bounded(value: Any, kind: type[dt.date]) -> None:
    if value in {kind.min, kind.max}:
        raise Refused("is the end of Python's calendar, which the driver stores as an infinity")


def _timestamptz(value: Any) -> None:
    if type(value) is not dt.datetime and not isinstance(value, dt.datetime):
        raise _mismatch(value, "a datetime with a time zone")
    if value.tzinfo is None or value.utcoffset() is None:
        raise Refused("must have a time zone: a naive datetime has no place in time")
    if 1 < value.year < dt.MAXYEAR:
        return
    try:
        _bounded(value.astimezone(dt.UTC).replace(tzinfo=None), dt.datetime)
    except OverflowError:
        raise Refused("is outside the years 1 to 9999 in UTC") from None


def _timestamp(value: Any) -> None:
    if not isinstance(value, dt.datetime):
        raise _mismatch(value, "a datetime without a time zone")
    if value.tzinfo is not None:
        raise Refused("must not have a time zone: the column stores wall time")
    _bounded(value, dt.datetime)


def _date(value: Any) -> None:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise _mismatch(value, "a date")
    _bounded(value, dt.date)


def _time(*, aware: bool) -> Check:
    expected = f"a time {'with' if aware else 'without'} a time zone"

    def check(value: Any) -> None:
        if not isinstance(value, dt.time):
            raise _mismatch(value, expected)
        if (value.tzinfo is not None) is not aware:
            raise Refused(f"must be {expected}")

    return check


def _json(value: Any) -> None:
    _json_node(value, JSON_DEPTH)


def _json_node(value: Any, room: int) -> None:
    kind = type(value)
    if kind is str:
        _text(value)
    elif kind is dict or kind is list or kind is tuple:
        if room == 0:
            raise Refused(f"is nested deeper than {JSON_DEPTH} levels")
        _json_members(value, room - 1)
    elif kind is int:
        if not INT64_MIN <= value <= UINT64_MAX:
            raise Refused("contains an integer of more than 64 bits; give it as a string")
    elif kind is float:
        if not math.isfinite(value):
            raise Refused("contains NaN or an infinity, which JSON does not have")
    elif value is not None and kind is not bool:
        raise Refused(f"contains {kind.__name__}, which is not a JSON type")


def _json_members(value: Any, room: int) -> None:
    members = value
    if type(value) is dict:
        members = value.values()
        for key in value:
            if type(key) is not str:
                raise Refused(f"has an object key that is not a string but {type(key).__name__}")
            if not key.isascii() or "\x00" in key:
                _text(key)
    # What most members are is seen here: in bulk, a call for each is most of what a check costs.
    for member in members:
        kind = type(member)
        if kind is str:
            if member.isascii() and "\x00" not in member:
                continue
        elif kind is bool or member is None or (kind is int and INT64_MIN <= member <= INT64_MAX):
            continue
        _json_node(member, room)


def _other(value: Any) -> None:
    """Types without a rule of their own (enums, ranges, composites): the driver decides, text is still checked."""
    if value is None:
        raise _mismatch(value, "a value")
    if isinstance(value, str):
        _text(value)


def _ends(values: Collection[Any]) -> Sequence[Any]:
    return (min(values), max(values))


def _joined(values: Collection[Any]) -> Sequence[Any]:
    return ("".join(values),)


def _first(values: Collection[Any]) -> Sequence[Any]:
    return (next(iter(values)),)


# Arrays of ten thousand ids are common: what holds for these holds for all elements of that type.
REPRESENTATIVES: dict[type, Callable[[Collection[Any]], Sequence[Any]]] = {
    int: _ends,
    str: _joined,
    bool: _first,
    uuid.UUID: _first,
    dt.date: _first,
}


def _array(element: Check, room: int = 6) -> Check:
    """Check each element; NULL elements pass, nested lists are further dimensions (PostgreSQL has 6)."""

    def check(value: Any) -> None:
        _array_node(value, element, room)

    return check


def _array_node(value: Any, element: Check, room: int) -> None:
    if not isinstance(value, list | tuple):
        raise _mismatch(value, "a list")
    if room == 0:
        raise Refused("has more than 6 dimensions")
    kinds = set(map(type, value))
    if len(kinds) == 1 and (representatives := REPRESENTATIVES.get(next(iter(kinds)))) is not None:
        for one in representatives(value):
            element(one)
        return
    for one in value:
        if isinstance(one, list | tuple):
            _array_node(one, element, room - 1)
        elif one is not None:
            element(one)


SINGLES: dict[str, Check] = {
    **{name: _integer(bits, name) for name, bits in INTEGERS.items()},
    **dict.fromkeys(TEXTS, _text),
    "oid": _exactly("an integer", int),
    "boolean": _exactly("a bool", bool),
    "double precision": _float(None),
    "real": _float(REAL_MAX),
    "numeric": _numeric,
    "uuid": _exactly("a UUID", uuid.UUID),
    "bytea": _exactly("bytes", bytes, bytearray, memoryview),
    "date": _date,
    "timestamp with time zone": _timestamptz,
    "timestamp without time zone": _timestamp,
    "time without time zone": _time(aware=False),
    "time with time zone": _time(aware=True),
    "interval": _exactly("a timedelta", dt.timedelta),
    "inet": _exactly("an IPv4 or IPv6 address", ip.IPv4Address, ip.IPv6Address),
    "cidr": _exactly("an IPv4 or IPv6 network", ip.IPv4Network, ip.IPv6Network),
    "json": _json,
    "jsonb": _json,
}


def plain_name(type_name: str) -> str:
    """Return a type's name without modifiers and quotes: `numeric(10,2)[]` is `numeric[]`."""
    return MODIFIER.sub("", type_name).replace('"', "").strip()


def compile_check(type_name: str, *, nullable: bool) -> Check:
    """Return the check of one parameter: it raises Refused, and costs some 100 ns for a scalar."""
    plain = plain_name(type_name)
    dimensions = 0
    while plain.endswith("[]"):
        plain, dimensions = plain[:-2].rstrip(), dimensions + 1
    check = SINGLES.get(plain, _other)
    if dimensions and check is _json:
        check = _json_list
    elif dimensions:
        check = _array(check)
    if not nullable:
        return check if check is not _json else _json_given
    return lambda value: None if value is None else check(value)


def _json_given(value: Any) -> None:
    # None at the top is SQL's NULL, not JSON's null: a NOT NULL column must refuse it here.
    if value is None:
        raise Refused("must not be null")
    _json_node(value, JSON_DEPTH)


def _json_list(value: Any) -> None:
    # A list inside the list would be a second dimension of the array for the driver, not a value.
    if not isinstance(value, list | tuple):
        raise _mismatch(value, "a list")
    for one in value:
        if isinstance(one, list | tuple):
            raise Refused("has a list as an element, which an array of JSON values cannot hold")
        _json_node(one, JSON_DEPTH)
