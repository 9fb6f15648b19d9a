"""Makes up rows for a table out of the catalog: values fit their type, CHECKs, keys and what they refer to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from slimy_dal.compiler.scale import partitions, samples
from slimy_dal.compiler.scale.declared import ColumnScale
from slimy_dal.compiler.scale.defaults import Shape, value_range
from slimy_dal.compiler.scale.schema import Column, Table
from slimy_dal.compiler.scale.values import Values, of_choices, of_type, plain
from slimy_dal.schema.trace.tables import Ground

__all__ = ["Maker", "RowMaker", "row_maker"]

Maker = Callable[[int], str | None]
"""Makes the text of a column's value for the row with a number."""

Picker = Callable[[int], Mapping[int, str]]
"""Picks the row of another table that the row with a number refers to, by column."""

RUN = 4
"""Rows that refer to the same one, where no key forbids it."""

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
    referring: set[str] = field(default_factory=set)
    at_most: int = 10**9

    def row(self, number: int) -> dict[str, str | None]:
        """Return the values of the row with a number."""
        return {name: make(number) for name, make in self.columns.items()}

    def follow(self, other: "RowMaker") -> None:
        """Make values as another one does, but for what refers to rows that are there."""
        for name in (self.columns.keys() & other.columns.keys()) - self.referring:
            self.columns[name] = other.columns[name]
            self.distinct |= {name} & other.distinct

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
) -> RowMaker:
    """Return what makes `rows` rows of a table and some more; `parents` are rows of the tables it refers to."""
    made = RowMaker(table)
    wanted = rows + rows // 2 + 1000
    carriers = _carriers(ground, table)
    for column in table.columns.values():
        if (table.oid, column.number) in ground.computed:
            continue
        unique = column.number in carriers
        values = _values(ground, table, column, wanted, unique=unique)
        if column.identity or "nextval(" in column.default:
            made.given.add(column.name)
        if unique:
            made.distinct.add(column.name)
            made.at_most = min(made.at_most, values.count if values else 1)
        made.columns[column.name] = _maker(column, values, wanted, unique=unique)
    _refer(ground, made, parents)
    return made


def _values(
    ground: Ground, table: Table, column: Column, wanted: int, *, unique: bool
) -> Values | None:
    """Return the values of a column in their order, as its type, its CHECKs and its partitions bound them."""
    shape = Shape(ground.schema, dict.fromkeys(ground.schema.tables, wanted), table)
    values = value_range(shape, column, ColumnScale(distinct=-1 if unique else SPREAD, nulls=0))
    if not column.choices and plain(column.type).name in TEXTS:
        # CHECKs of a text's length are no bounds of its value.
        values = of_type(column.type, count=wanted, longest=column.longest)
    if values is not None and not unique and plain(column.type).name == "numeric":
        # Its precision is not known: less than one fits almost any.
        values = replace(values, high=min(values.high, values.low + 98))
    bounds = {one.column: one for one in partitions.bounds(ground.schema, table)}
    bound = bounds.get(column.name)
    if bound is not None and bound.listed:
        return of_choices(bound.listed)
    if bound is not None and values is not None:
        return values.within(bound.low, bound.high, before=True)
    return values


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


def _maker(column: Column, values: Values | None, wanted: int, *, unique: bool) -> Maker:
    if values is None:
        text = samples.sample(None, column.type, "common", 3)
        if plain(column.type).name == "bit":
            text = "0" * (column.longest or 1)
        if plain(column.type).kind == "array" and column.choices:
            text = "{" + column.choices[0] + "}"
        # A type of an extension: its literals are not known.
        known = text != "" or plain(column.type).name in {"text", "bytea"}
        return lambda _number: text if known or column.notnull else None
    nullable = not column.notnull and not unique
    step = max(1, (values.count - 1) // max(1, wanted)) if unique else _step(values)

    def make(number: int) -> str | None:
        if nullable and number % NULL_EVERY == NULL_EVERY - 1:
            return None
        place = number if unique else number % SPREAD
        return values.form(values.low + place * step % values.count)

    return make


def _step(values: Values) -> int:
    return max(1, values.count // SPREAD)


def _refer(
    ground: Ground, made: RowMaker, parents: Mapping[int, Sequence[Mapping[int, str]]]
) -> None:
    """Let foreign keys point at rows that are there; or at rows that fit an earlier one that shares columns."""
    table = made.table
    columns = table.columns
    set_: set[int] = set()
    for place, reference in enumerate(ground.references.get(table.oid, ())):
        pairs = [
            (number, there)
            for number, there in zip(reference.columns, reference.target_columns, strict=True)
            if (table.oid, number) not in ground.computed
        ]
        free = [pair for pair in pairs if pair[0] not in set_]
        shared = [(columns[number].name, there) for number, there in pairs if number in set_]
        target = ground.root(reference.target)
        if target is not None and target.oid == table.oid:
            _refer_to_itself(made, pairs)
            continue
        known = parents.get(target.oid if target else reference.target, ())
        if not known:
            for number, _ in free:
                if not columns[number].notnull:
                    made.columns[columns[number].name] = lambda _number: None
            continue
        run = 1 if _is_key(ground, table, reference.columns) else RUN
        pick = _sharing(made, known, shared, run) if shared else _pointer(known, place, run)
        for number, there in free:
            made.columns[columns[number].name] = _part(pick, there)
            made.distinct.add(columns[number].name)
            made.referring.add(columns[number].name)
            set_.add(number)


def _is_key(ground: Ground, table: Table, columns: Sequence[int]) -> bool:
    """Whether some key has nothing but columns that refer, these among them: they must make it unique."""
    referring = {n for one in ground.references.get(table.oid, ()) for n in one.columns}
    return any(set(key) <= referring and set(key) & set(columns) for key in ground.keys(table))


def _part(pick: Picker, column: int) -> Maker:
    return lambda number: pick(number)[column]


def _pointer(known: Sequence[Mapping[int, str]], place: int, run: int) -> Picker:
    """Point at one row after the other, at each `run` times.

    The second key of a table is one further at each new round, so that pairs stay different.
    """
    count = len(known)
    return lambda number: known[(number // run + (number // count + 1) * place) % count]


def _sharing(
    made: RowMaker,
    known: Sequence[Mapping[int, str]],
    shared: Sequence[tuple[str, int]],
    run: int,
) -> Picker:
    """Point at rows that have what an earlier key has in the columns of both, one further than that one."""
    groups: dict[tuple[str | None, ...], list[Mapping[int, str]]] = {}
    for row in known:
        groups.setdefault(tuple(row[there] for _, there in shared), []).append(row)
    makers = [made.columns[name] for name, _ in shared]

    def pick(number: int) -> Mapping[int, str]:
        group = groups.get(tuple(make(number) for make in makers), known)
        return group[(number // run + 1) % len(group)]

    return pick


def _refer_to_itself(made: RowMaker, pairs: Sequence[tuple[int, int]]) -> None:
    for number, target in pairs:
        column, other = made.table.columns[number], made.table.columns[target]
        if not column.notnull:
            made.columns[column.name] = lambda _number: None
        elif number != target:
            made.columns[column.name] = made.columns[other.name]
            made.distinct.add(column.name)
