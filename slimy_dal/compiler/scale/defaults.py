"""Decides what values are like where the model does not say: from type, keys, CHECKs and default."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from slimy_dal.compiler.description import PgType
from slimy_dal.compiler.scale.declared import ColumnScale
from slimy_dal.compiler.scale.schema import Column, Schema, Table
from slimy_dal.compiler.scale.values import Values, of_choices, of_type, plain

__all__ = ["Shape", "completed", "element_values", "value_range"]

NULLS = 0.1
"""The part of NULLs in a column that may be NULL."""

IN_ORDER = re.compile(
    r"\bnow\(\)|current_timestamp|clock_timestamp\(|statement_timestamp\(|transaction_timestamp\("
    r"|nextval\(|uuid_?v7|uuid_generate_v7|ulid|localtimestamp|current_date",
    re.IGNORECASE,
)
TIME_UUID = re.compile(r"uuid_?v7|uuid_generate_v7|ulid", re.IGNORECASE)

BOUND = re.compile(
    r"\(\(?(?P<name>\"[^\"]+\"|\w+)\)?(?:::[a-z ]+)? (?P<sign>>=|>|<=|<) "
    r"\(?(?P<value>'[^']*'|-?\d+(?:\.\d+)?)\)?(?:::[a-z ]+(?:\(\d+\))?)?\)"
)
LENGTH = re.compile(
    r"(?:char_length|length|octet_length)\(\(?(?P<name>\"[^\"]+\"|\w+)\)?(?:::text)?\)"
    r" (?P<sign><=|<|=) (?P<value>\d+)"
)

WIDTHS = {
    "text": 24,
    "character varying": 24,
    "character": 24,
    "bytea": 64,
    "jsonb": 200,
    "json": 200,
    "xml": 200,
    "numeric": 8,
    "inet": 7,
    "cidr": 7,
    "tsvector": 80,
    "bit varying": 8,
}
WIDTH = 24
"""Bytes of a value of varying length, where its type does not say."""

DIFFERENT: Mapping[str, float] = {
    "smallint": 100,
    "integer": 1000,
    "bigint": -0.1,
    "numeric": -0.1,
    "date": 1826,
    "interval": 1000,
    "time without time zone": 86_400,
    "time with time zone": 86_400,
    "text": -0.5,
    "character varying": -0.5,
    "character": -0.5,
    "jsonb": -0.5,
}
"""How many different values a column has that is no key: a count, or a negative fraction of the rows."""

ELEMENTS = 3.0
LEXEMES = 8.0
"""Elements of an array and words of a text, on average."""


class Shape:
    """What a table is to be: its rows, those of the tables it refers to, and its part of the model."""

    def __init__(self, schema: Schema, rows: Mapping[int, int], table: Table) -> None:
        self.schema = schema
        self.rows = rows
        self.table = table

    @property
    def total(self) -> int:
        """The rows of the table, at least one: nothing is divided by none."""
        return max(1, self.rows[self.table.oid])

    def referenced(self, column: Column) -> tuple["Shape", Column] | None:
        """Return the table and column that a foreign key points at."""
        oid, number = self.table.references.get(column.number, (0, 0))
        table = self.schema.tables.get(oid)
        if table is None or number not in table.columns or oid == self.table.oid:
            return None
        return Shape(self.schema, self.rows, table), table.columns[number]


def completed(shape: Shape, column: Column, told: ColumnScale) -> ColumnScale:
    """Return what the model says of a column, and for all it leaves open what its place in the schema suggests."""
    nulls = told.nulls
    if nulls is None:
        # With a list of frequencies there is room for fewer.
        room = 1.0 - sum(share for _, share in told.common or ())
        nulls = 0.0 if column.notnull else min(NULLS, max(0.0, room))
    told = replace(told, nulls=nulls)
    elements, length = _elements(column, told)
    told = replace(told, elements=elements, length=length)
    distinct = told.distinct if told.distinct is not None else _distinct(shape, column, nulls)
    common = told.common
    choices = _choices(column)
    if common is None and choices and elements is None:
        common = tuple((choice, (1 - nulls) / len(choices)) for choice in choices)
    return replace(
        told,
        distinct=max(distinct, len(common)) if common and distinct > 0 else distinct,
        common=common or (),
        width=told.width or _width(column, told),
        correlation=_correlation(column, common or (), nulls)
        if told.correlation is None
        else told.correlation,
    )


def _choices(column: Column) -> tuple[str, ...]:
    kind = plain(column.type)
    if kind.kind == "enum":
        return kind.labels
    return ("f", "t") if kind.name == "boolean" else column.choices


def _elements(
    column: Column, told: ColumnScale
) -> tuple[tuple[tuple[str | None, float], ...] | None, float | None]:
    """Return the frequencies of elements, and how many a value has; None for what has no elements."""
    kind = plain(column.type)
    if kind.name == "tsvector":
        # Words: few are in many texts, most in hardly any.
        usual = tuple((None, 0.02 / n) for n in range(1, 301))
        return told.elements or usual, told.length or LEXEMES
    if kind.kind != "array":
        return None, None
    if column.choices:
        length = told.length or 1.0
        share = min(1.0, length / len(column.choices))
        return told.elements or tuple((one, share) for one in column.choices), length
    length = told.length or ELEMENTS
    return told.elements or tuple((None, min(0.5, length / 10 / n)) for n in range(1, 51)), length


def _distinct(shape: Shape, column: Column, nulls: float) -> float:
    table = shape.table
    if table.is_unique(column.number):
        return -(1 - nulls)
    kind = plain(column.type)
    choices = _choices(column)
    if choices and kind.kind != "array":
        return len(choices)
    target = shape.referenced(column)
    if target is not None:
        # Drawn at random: some of those referred to are met again before others are met at all.
        there, here = target[0].total, shape.total * (1 - nulls)
        return max(1.0, there * -math.expm1(-here / there))
    if kind.kind == "array" and column.choices:
        return 2.0 * len(column.choices)
    usual = DIFFERENT.get(kind.name, -(1 - nulls))
    return usual * (1 - nulls) if usual < 0 else min(usual, shape.total)


def _width(column: Column, told: ColumnScale) -> int:
    if column.length > 0:
        return column.length
    if column.choices and told.elements is None:
        return 1 + sum(map(len, column.choices)) // len(column.choices)
    kind = plain(column.type)
    if kind.kind == "array" and kind.element is not None:
        inside = {"uuid": 16, "bigint": 8, "integer": 4}.get(plain(kind.element).name, 12)
        return 21 + math.ceil((told.length or 1) * inside)
    if kind.name == "character":
        return (column.longest or 1) + 1
    usual = WIDTHS.get(kind.name, WIDTH)
    if column.longest is not None:
        usual = min(usual, column.longest // 2 + 2)
    for sign, most in _lengths(column):
        usual = most + 1 if sign == "=" else min(usual, most + 1)
    return usual


def _lengths(column: Column) -> list[tuple[str, int]]:
    """Return what CHECKs say of how long a value is."""
    return [
        (found["sign"], int(found["value"]))
        for text in column.checks
        for found in LENGTH.finditer(text)
        if found["name"].strip('"') == column.name
    ]


def _correlation(column: Column, common: Sequence[tuple[str | None, float]], nulls: float) -> float:
    """Return how far the order on disk is that of the values.

    Rows of equal values are in order among themselves: ANALYZE finds the sum of the squares of their shares where
    everything else is random.
    """
    if column.identity or IN_ORDER.search(column.default):
        return 1.0
    known = max(1e-9, 1 - nulls)
    return min(1.0, sum((share / known) ** 2 for _, share in common))


def value_range(shape: Shape, column: Column, complete: ColumnScale) -> Values | None:
    """Return the values of a column in their order: of the column it refers to, else of its type within its CHECKs."""
    if column.choices and plain(column.type).kind != "array":
        return of_choices(sorted(column.choices))
    target = shape.referenced(column)
    if target is not None:
        return value_range(target[0], target[1], ColumnScale(distinct=-1))
    distinct = complete.distinct or -1
    count = round(-distinct * shape.total if distinct < 0 else distinct)
    values = of_type(
        column.type,
        count=max(count, 1),
        longest=column.longest,
        ordered=bool(TIME_UUID.search(column.default)),
    )
    if values is None:
        return None
    for text in column.checks:
        values = _bounded(values, text, column.name)
    return replace(values, future=complete.future or 0.0)


def _bounded(values: Values, check: str, name: str) -> Values:
    if " OR " in check or "NOT " in check:
        return values
    for found in BOUND.finditer(check):
        if found["name"].strip('"') != name:
            continue
        value, above = found["value"].strip("'"), found["sign"].startswith(">")
        values = values.narrowed(value if above else None, None if above else value)
    return values


def element_values(kind: PgType, choices: tuple[str, ...]) -> Values | None:
    """Return the values that elements of an array, or words of a text, have."""
    kind = plain(kind)
    if choices:
        return of_choices(sorted(choices))
    if kind.name == "tsvector":
        return of_type(PgType(25, "text"), count=1)
    return of_type(kind.element, count=10_000) if kind.element is not None else None
