"""Reads the scale model that people write, and says of every mistake where it stands and what to do."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from slimy_dal.compiler.scale.declared import (
    DEFAULT_SETTINGS,
    ColumnScale,
    Scale,
    ScaleError,
    TableKey,
    TableScale,
    nearest,
)

__all__ = ["parse"]

GLOBAL = (
    "page",
    "array",
    "big",
    "months",
    "default_rows",
    "settings",
    "setup",
    "tables",
)
TABLE = ("rows", "growth", "visible", "columns", "indexes")
COLUMN = (
    "distinct",
    "nulls",
    "common",
    "width",
    "correlation",
    "elements",
    "length",
    "future",
)
MOST_ROWS = 10**13
MOST = 1.0005
"""Frequencies are given with a few digits; their sum may be above 1 by what rounding adds."""


class _Part:
    """A table of the file and where it stands."""

    def __init__(self, file: str, values: Any, table: str = "", field: str = "") -> None:
        self.file, self.table, self.field = file, table, field
        if not isinstance(values, dict):
            raise self.error("", f"{values!r} is no table", "write `name = { key = value }`")
        self.values: Mapping[str, Any] = values

    def error(self, key: str, problem: str, hint: str) -> ScaleError:
        place = ".".join(part for part in (self.field, key) if part)
        return ScaleError(problem, hint, file=self.file, table=self.table, field=place)

    def knows_only(self, known: tuple[str, ...]) -> None:
        for key in self.values:
            if key not in known:
                hint = nearest(key, known, "known are " + ", ".join(known))
                raise self.error(key, f"unknown key `{key}`", hint)

    def number(self, key: str, low: float, high: float, hint: str, *, whole: bool = False) -> Any:
        """Return a number within bounds, None where the key is not there."""
        value = self.values.get(key)
        if value is None:
            return None
        kinds = int if whole else (int, float)
        fits = isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or not low <= value <= high:
            raise self.error(key, f"{value!r} is not possible", hint)
        return value

    def count(self, key: str, low: int = 0) -> int | None:
        hint = f"give a whole number from {low} on"
        found: int | None = self.number(key, low, MOST_ROWS, hint, whole=True)
        return found

    def fraction(self, key: str) -> float | None:
        return self._float(self.number(key, 0, 1, "give a fraction between 0 and 1"))

    def correlation(self) -> float | None:
        return self._float(self.number("correlation", -1, 1, "give a number between -1 and 1"))

    @staticmethod
    def _float(found: Any) -> float | None:
        return None if found is None else float(found)


def parse(text: str, file: str) -> Scale:
    """Return the model that a text declares. Raises ScaleError."""
    try:
        part = _Part(file, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ScaleError(
            f"this is no TOML: {error}", "mend the line it names", file=file
        ) from error
    part.knows_only(GLOBAL)
    usual = Scale()

    def count(key: str, low: int = 1) -> int:
        found = part.count(key, low)
        return getattr(usual, key) if found is None else found

    return Scale(
        tables=dict(_tables(part)),
        page=count("page"),
        array=count("array"),
        big=count("big"),
        months=count("months", 0),
        default_rows=count("default_rows"),
        settings={**DEFAULT_SETTINGS, **_settings(part)},
        setup=_setup(part),
        file=file,
    )


def _settings(part: _Part) -> dict[str, str]:
    inner = _Part(part.file, part.values.get("settings", {}), "", "settings")
    for key, value in inner.values.items():
        if isinstance(value, (dict, list)):
            raise inner.error(key, f"{value!r} is no setting", 'write it as in `work_mem = "16MB"`')
    return {
        key: ("on" if value else "off") if isinstance(value, bool) else str(value)
        for key, value in inner.values.items()
    }


def _setup(part: _Part) -> tuple[str, ...]:
    found = part.values.get("setup", [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise part.error("setup", f"{found!r} is no list of SQL", 'write `setup = ["CREATE ..."]`')
    return tuple(found)


def _tables(part: _Part) -> Iterable[tuple[TableKey, TableScale]]:
    inner = _Part(part.file, part.values.get("tables", {}), "", "tables")
    for name, values in inner.values.items():
        schema, dot, table = name.rpartition(".")
        if not dot or not schema or not table:
            hint = f'write its schema too, in quotes: [tables."public.{name}"]'
            raise inner.error("", f"`{name}` is no table", hint)
        yield (schema, table), _table(_Part(part.file, values, name))


def _table(part: _Part) -> TableScale:
    part.knows_only(TABLE)
    visible = part.fraction("visible")
    return TableScale(
        rows=part.count("rows"),
        growth=part.number("growth", -MOST_ROWS, MOST_ROWS, "give whole rows a month", whole=True)
        or 0,
        visible=0.9 if visible is None else visible,
        columns=_columns(part, "columns"),
        indexes=_columns(part, "indexes"),
    )


def _columns(part: _Part, key: str) -> dict[str, ColumnScale]:
    inner = _Part(part.file, part.values.get(key, {}), part.table, key)
    return {
        name: _column(_Part(part.file, values, part.table, name))
        for name, values in inner.values.items()
    }


def _column(part: _Part) -> ColumnScale:
    part.knows_only(COLUMN)
    distinct = part.number(
        "distinct", -1, MOST_ROWS, "give a count, or a negative fraction of the rows: -1 is unique"
    )
    width = part.number("width", 1, 1_000_000, "give bytes", whole=True)
    length = part.number("length", 0, 1_000_000, "give the average number of elements")
    column = ColumnScale(
        distinct=None if distinct is None else float(distinct),
        nulls=part.fraction("nulls"),
        common=_frequencies(part, "common"),
        width=width,
        correlation=part.correlation(),
        elements=_frequencies(part, "elements"),
        length=None if length is None else float(length),
        future=part.fraction("future"),
    )
    total = sum(share for _, share in column.common or ()) + (column.nulls or 0.0)
    if total > MOST:
        problem = f"the frequencies and the nulls are {total:.4g} together"
        raise part.error("common", problem, "together they cannot be above 1")
    return column


def _frequencies(part: _Part, key: str) -> tuple[tuple[str | None, float], ...] | None:
    given = part.values.get(key)
    if given is None:
        return None
    hint = 'write `[0.2, 0.1]`, or by value `{ "open" = 0.9 }`'
    if isinstance(given, dict):
        pairs: list[tuple[str | None, Any]] = list(given.items())
    elif isinstance(given, list):
        pairs = [(None, share) for share in given]
    else:
        raise part.error(key, f"{given!r} is no list of frequencies", hint)
    for value, share in pairs:
        is_number = isinstance(share, (int, float)) and not isinstance(share, bool)
        if not is_number or not 0 < share <= 1:
            named = "" if value is None else f" of `{value}`"
            raise part.error(
                key, f"{share!r}{named} is no frequency", f"above 0, at most 1: {hint}"
            )
    total = sum(share for _, share in pairs)
    if key == "common" and total > MOST:
        raise part.error(key, f"the frequencies are {total:.4g} together", "make them at most 1")
    return tuple(sorted(((v, float(s)) for v, s in pairs), key=lambda pair: -pair[1]))
