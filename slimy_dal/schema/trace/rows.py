"""Makes up rows for a table out of the catalog: values fit their type, CHECKs, keys and what they refer to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from slimy_dal.compiler.scale import partitions, samples
from slimy_dal.compiler.scale.declared import ColumnScale
from slimy_dal.compiler.scale.defaults import Shape, value_range
from slimy_dal.compiler.scale.schema import Column, Table
from slimy_dal.compiler.scale.values import Values, of_choices, of_type, plain
from slimy_dal.schema.trace.tables import Ground

__all__ = ["Maker", "RowMaker", "row_maker"]

Maker = Callable[[int], str | None]
"""Makes the text of a column's value for the row with a number."""

NULL_EVERY = 10
"""Of a column that may be NULL, one row in so many is; in all columns of a table the same ones."""

TEXTS = frozenset({"text", "character varying", "character", "citext"})

SPREAD = 997
"""Different values of a column that is no key."""


@dataclass(slots=True)
class RowMaker:
    """Makes the rows of a table, by column; those in `distinct` must not be the same in two rows.

    `at_most` is how many rows its keys allow.
    """

    table: Table
    columns: dict[str, Maker] = field(default_factory=dict)
    distinct: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    """Those that the database would number by itself."""
    at_most: int = 10**9

    def row(self, number: int) -> dict[str, str | None]:
        """Return the values of the row with a number."""
        return {name: make(number) for name, make in self.columns.items()}

    def settle(self) -> None:
        """Let all rows have the first one's values, where they may: it is known to be right."""
        for name, make in self.columns.items():
            if name not in self.distinct:
                first = make(0)
                self.columns[name] = lambda _number, first=first: first  # type: ignore[misc]


def row_maker(
    ground: Ground,
    table: Table,
    rows: int,
    parents: Mapping[int, Sequence[Mapping[int, str]]],
    *,
    nulls: bool,
) -> RowMaker:
    """Return what makes `rows` rows of a table and some more; `parents` are rows of the tables it refers to.

    Without `nulls` every column has a value, as far as there is one.
    """
    made = RowMaker(table)
    wanted = rows + rows // 2 + 1000
    carriers = _carriers(ground, table)
    shape = Shape(ground.schema, dict.fromkeys(ground.schema.tables, wanted), table)
    bounds = {one.column: one for one in partitions.bounds(ground.schema, table)}
    for column in table.columns.values():
        if (table.oid, column.number) in ground.computed:
            continue
        unique = column.number in carriers
        values = value_range(shape, column, ColumnScale(distinct=-1 if unique else SPREAD, nulls=0))
        if not column.choices and plain(column.type).name in TEXTS:
            # CHECKs of a text's length are no bounds of its value.
            values = of_type(column.type, count=wanted, longest=column.longest)
        bound = bounds.get(column.name)
        if bound is not None and bound.listed:
            values = of_choices(bound.listed)
        elif bound is not None and values is not None:
            values = values.within(bound.low, bound.high, before=True)
        if column.identity or "nextval(" in column.default:
            made.given.add(column.name)
        if unique:
            made.distinct.add(column.name)
            made.at_most = min(made.at_most, values.count if values else 1)
        made.columns[column.name] = _maker(
            column, values, wanted, unique=unique, nulls=nulls and not column.notnull
        )
    _refer(ground, made, parents)
    return made


def _carriers(ground: Ground, table: Table) -> set[int]:
    """Return a column of each key whose values make it unique: one with many values that refers to nothing."""
    referring = {n for one in ground.references.get(table.oid, ()) for n in one.columns}
    found: set[int] = set()
    for key in sorted(ground.keys(table), key=len):
        own = [number for number in key if number in table.columns and number not in referring]
        if own and not found & set(own):
            found.add(max(own, key=lambda number: _room(table.columns[number])))
    return found


def _room(column: Column) -> int:
    kind = plain(column.type)
    if column.choices or kind.kind == "enum" or kind.name == "boolean":
        return 0
    order = ("date", "smallint", "integer", "text", "character varying", "bigint", "uuid")
    return order.index(kind.name) + 2 if kind.name in order else 1


def _maker(
    column: Column, values: Values | None, wanted: int, *, unique: bool, nulls: bool
) -> Maker:
    if values is None:
        text = samples.sample(None, column.type, "common", 3)
        if plain(column.type).kind == "array" and column.choices:
            text = "{" + column.choices[0] + "}"
        # A type of an extension: its literals are not known.
        known = text != "" or plain(column.type).name in {"text", "bytea"}
        return lambda _number: text if known or column.notnull else None
    step = max(1, (values.count - 1) // max(1, wanted)) if unique else _step(values)

    def make(number: int) -> str | None:
        if nulls and not unique and number % NULL_EVERY == NULL_EVERY - 1:
            return None
        place = number if unique else number % SPREAD
        return values.form(values.low + place * step % values.count)

    return make


def _step(values: Values) -> int:
    return max(1, values.count // SPREAD)


def _refer(
    ground: Ground, made: RowMaker, parents: Mapping[int, Sequence[Mapping[int, str]]]
) -> None:
    """Let foreign keys point at rows that are there; a later one leaves alone what an earlier one has set."""
    table = made.table
    set_ = {number for oid, number in ground.computed if oid == table.oid}
    first = 1
    for place, reference in enumerate(ground.references.get(table.oid, ())):
        names = [table.columns[number].name for number in reference.columns]
        target = ground.root(reference.target)
        if target is not None and target.oid == table.oid:
            _refer_to_itself(made, reference.columns, reference.target_columns)
            continue
        known = parents.get(target.oid if target else reference.target, ())
        free = [number for number in reference.columns if number not in set_]
        nullable = [number for number in free if not table.columns[number].notnull]
        if not known or len(free) < len(names):
            for number in nullable:
                made.columns[table.columns[number].name] = lambda _number: None
            continue
        first = len(known) if place == 0 else first
        for number, there in zip(reference.columns, reference.target_columns, strict=True):
            values = [row[there] for row in known]
            made.columns[table.columns[number].name] = _pointer(values, place, first)
            made.distinct.add(table.columns[number].name)
            set_.add(number)


def _pointer(values: Sequence[str], place: int, first: int) -> Maker:
    """Point at one row after the other; at each new round another key is one further, so that pairs stay different."""
    return lambda number: values[(number + (number // first + 1) * place) % len(values)]


def _refer_to_itself(made: RowMaker, columns: Sequence[int], there: Sequence[int]) -> None:
    for number, target in zip(columns, there, strict=True):
        column, other = made.table.columns[number], made.table.columns[target]
        if not column.notnull:
            made.columns[column.name] = lambda _number: None
        elif number != target:
            made.columns[column.name] = made.columns[other.name]
            made.distinct.add(column.name)
