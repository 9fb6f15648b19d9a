"""Makes up values: for every type with an order, literals at any place between two ends, always the same ones."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from slimy_dal.compiler.description import PgType

__all__ = ["PAST", "Values", "of_choices", "of_type", "plain", "random_order"]

PAST = (datetime(2021, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
"""Between these all moments lie: fixed, because a plan's text must be the same tomorrow."""

FUTURE = (datetime(2099, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC))
"""Where moments lie that are still to come; far off, so that the share stays what it is for decades."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORD = 8
BYTES = 16
ZONE = re.compile(r"([+-]\d\d)$")

MOMENTS = frozenset({"timestamp with time zone", "timestamp without time zone", "date"})


def plain(kind: PgType) -> PgType:
    """Return the type under domains."""
    while kind.base is not None:
        kind = kind.base
    return kind


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a column, in order: whole numbers from `low` to `high`, each written by `form`.

    `parse` reads a literal back, None where that is not possible. `future` is the part that lies ahead.
    """

    low: int
    high: int
    form: Callable[[int], str]
    parse: Callable[[str], int | None]
    future: float = 0.0

    @property
    def count(self) -> int:
        """How many different ones there are."""
        return self.high - self.low + 1

    def at(self, place: float) -> str:
        """Return the value at a place between 0, the first, and 1, the last."""
        low, high = self.low, self.high
        past = 1 - self.future
        if self.future and (place > past or not past):
            low, high = (_microseconds(moment) for moment in FUTURE)
            place = (place - past) / self.future
        elif self.future:
            place = place / past
        # In whole numbers: a float has too few digits for a uuid.
        return self.form(low + (high - low) * round(place * 10**9) // 10**9)

    def spread(self, count: int) -> list[str]:
        """Return up to `count` different values at equal distances, both ends included."""
        count = min(count, self.count)
        if count <= 1:
            return [self.at(0)]
        return list(dict.fromkeys(self.at(n / (count - 1)) for n in range(count)))

    def scattered(self, count: int) -> list[str]:
        """Return up to `count` different values that lie between those of `spread`, in no order."""
        found: dict[str, None] = {}
        for n in range(min(count, self.count) * 4):
            if len(found) == min(count, self.count):
                break
            found[self.at((0.5 + n * 0.6180339887) % 1)] = None
        return list(found)

    def within(self, low: str | None, high: str | None, *, before: bool = False) -> "Values":
        """Return those from `low` to `high`, or `before` it; what cannot be read bounds nothing."""
        first = self.parse(low) if low is not None else None
        last = self.parse(high) if high is not None else None
        if last is not None and before:
            last -= 1
        start = self.low if first is None else first
        end = self.high if last is None else last
        if first is not None and last is None:
            end = max(end, start + self.high - self.low)
        if last is not None and first is None and start > end:
            start = end - (self.high - self.low)
        future = self.future if low is None and high is None else 0.0
        return replace(self, low=start, high=max(start, end), future=future)

    def narrowed(self, low: str | None, high: str | None) -> "Values":
        """Return those that CHECKs allow; ends that lie outside already change nothing."""
        first = self.parse(low) if low is not None else None
        last = self.parse(high) if high is not None else None
        moved = self.within(
            low if first is not None and first > self.low else None,
            high if last is not None and last < self.high else None,
        )
        return moved if last is None or moved.high <= last else replace(moved, high=last)


def random_order(values: Sequence[str]) -> list[str]:
    """Return the values in an order that has nothing to do with theirs, always the same."""
    return [values[n] for n in sorted(range(len(values)), key=lambda n: (n * 2654435761) % 2**32)]


def of_choices(choices: Sequence[str]) -> Values:
    """Return the values of a column that has only these, in the order of the type."""
    listed = list(choices)
    return Values(0, len(listed) - 1, lambda n: listed[n], lambda text: _place(listed, text))


def _place(listed: list[str], text: str) -> int | None:
    return listed.index(text) if text in listed else None


def of_type(
    kind: PgType, *, count: int, longest: int | None = None, ordered: bool = False
) -> Values | None:
    """Return values of a type, about `count` of them where they are counted, None for one without an order.

    `ordered` asks for uuids that begin with the time (version 7). `longest` bounds the characters of a text.
    """
    kind = plain(kind)
    if kind.kind == "enum" or kind.name == "boolean":
        return of_choices(kind.labels or ("f", "t"))
    if kind.name in MOMENTS:
        return _moments(kind.name)
    if kind.name == "uuid":
        return _uuids(ordered=ordered)
    if kind.name in {"text", "character varying", "character", "name", "citext"}:
        return _texts(min(WORD, longest or WORD))
    if kind.name in WHOLE:
        return Values(1, max(2, min(count, WHOLE[kind.name])), str, _whole)
    return OTHERS.get(kind.name)


def _whole(text: str) -> int | None:
    try:
        return round(float(text)) if "." in text else int(text)
    except (ValueError, OverflowError):
        return None


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _moments(name: str) -> Values:
    low, high = (_microseconds(moment) for moment in PAST)

    def form(number: int) -> str:
        moment = EPOCH + timedelta(microseconds=number)
        if name == "date":
            return moment.date().isoformat()
        moment = moment.replace(microsecond=0)
        zone = "+00" if name.endswith("with time zone") else ""
        return f"{moment:%Y-%m-%d %H:%M:%S}{zone}"

    return Values(low, high, form, _moment)


def _moment(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(ZONE.sub(r"\1:00", text.strip()))
    except ValueError:
        return None
    return _microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _uuids(*, ordered: bool) -> Values:
    if not ordered:
        return Values(2**96, 2**128 - 2**96, lambda n: str(UUID(int=n)), _uuid)
    low, high = (_microseconds(moment) // 1000 << 80 for moment in PAST)

    def form(number: int) -> str:
        version = number & ~(0xF << 76) | 7 << 76
        return str(UUID(int=version & ~(0x3 << 62) | 2 << 62))

    return Values(low, high, form, _uuid)


def _uuid(text: str) -> int | None:
    try:
        return UUID(text).int
    except ValueError:
        return None


def _texts(length: int) -> Values:
    def form(number: int) -> str:
        letters = []
        for _ in range(length):
            number, letter = divmod(number, len(LETTERS))
            letters.append(LETTERS[letter])
        return "".join(reversed(letters))

    def parse(text: str) -> int | None:
        number = 0
        for letter in text[:length].lower().ljust(length, "a"):
            # What is no letter lies at the nearer end of them.
            place = LETTERS.find(letter)
            number = number * len(LETTERS) + (place if place >= 0 else 25 * (letter > "z"))
        return number

    return Values(0, len(LETTERS) ** length - 1, form, parse)


def _bytes(number: int) -> str:
    return "\\x" + number.to_bytes(BYTES, "big").hex()


def _address(number: int) -> str:
    return str(ipaddress.IPv4Address(number))


def _time(number: int) -> str:
    minutes, seconds = divmod(number, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def _hardware(number: int) -> str:
    return number.to_bytes(6, "big").hex(":")


def _hundredths(number: int) -> str:
    return f"{number // 100}.{number % 100:02d}"


def _from_hundredths(text: str) -> int | None:
    try:
        return round(float(text) * 100)
    except (ValueError, OverflowError):
        return None


def _unread(_text: str) -> int | None:
    return None


WHOLE = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**62, "oid": 2**31 - 1}
OTHERS = {
    "numeric": Values(0, 10**8, _hundredths, _from_hundredths),
    "double precision": Values(0, 10**8, _hundredths, _from_hundredths),
    "real": Values(0, 10**8, _hundredths, _from_hundredths),
    "money": Values(0, 10**8, _hundredths, _from_hundredths),
    "bytea": Values(2**64, 2 ** (8 * BYTES) - 2**64, _bytes, _unread),
    "inet": Values(10 << 24, (11 << 24) - 1, _address, _unread),
    "cidr": Values(10 << 24, (11 << 24) - 1, lambda n: f"{_address(n)}/32", _unread),
    "macaddr": Values(2**41, 2**42, _hardware, _unread),
    "time without time zone": Values(0, 86_399, _time, _unread),
    "time with time zone": Values(0, 86_399, lambda n: f"{_time(n)}+00", _unread),
    "interval": Values(
        0, 365 * 86_400, lambda n: f"{n // 86_400} days {_time(n % 86_400)}", _unread
    ),
    "bit varying": Values(0, 2**16 - 1, lambda n: f"{n:016b}", _unread),
}
"""Types whose values need no telling how many; bit strings of a fixed length are not among them."""
