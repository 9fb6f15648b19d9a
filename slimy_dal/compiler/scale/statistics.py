"""Turns what a column is like into what the planner keeps of it: common values, a histogram, elements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slimy_dal.compiler.scale.declared import ColumnScale
from slimy_dal.compiler.scale.defaults import Shape, completed, element_values, value_range
from slimy_dal.compiler.scale.partitions import Bound
from slimy_dal.compiler.scale.schema import Column
from slimy_dal.compiler.scale.sizes import Width
from slimy_dal.compiler.scale.values import Values, plain

__all__ = ["Statistics", "arguments", "array", "statistics_of"]

BOUNDS = 101
"""Ends of a histogram's parts, as ANALYZE takes by default."""

LENGTHS = 11
TEXTS = frozenset({"text", "character varying", "character", "name"})


@dataclass(frozen=True, slots=True)
class Statistics:
    """What pg_restore_attribute_stats takes, and the widths that sizes are made of."""

    nulls: float
    width: int
    distinct: float
    correlation: float | None
    common: tuple[tuple[str, float], ...] = ()
    histogram: tuple[str, ...] = ()
    elements: tuple[tuple[str, float], ...] = ()
    element_extremes: tuple[float, ...] = ()
    length: float | None = None
    counted: float = 1.0

    def measure(self) -> Width:
        """Return what sizes need of it."""
        return Width(
            self.width,
            self.nulls,
            self.counted,
            self.correlation or 0.0,
            self.length or 0.0,
            100.0 * len(self.elements) if self.elements else 0.0,
        )


def statistics_of(
    shape: Shape, column: Column, told: ColumnScale, bounds: Sequence[Bound] = ()
) -> Statistics:
    """Return the statistics of a column of a table, or of a partition within its bounds."""
    complete = completed(shape, column, told)
    values = value_range(shape, column, complete)
    distinct = complete.distinct if complete.distinct is not None else -1.0
    for bound in bounds:
        if bound.column != column.name:
            continue
        if bound.listed:
            complete = _listed(complete, told, bound.listed)
            distinct = float(len(bound.listed))
        elif values is not None:
            values = values.within(bound.low, bound.high, before=bound.high is not None)
    counted = -distinct * shape.total if distinct < 0 else min(distinct, shape.total)
    common = _named(complete.common or (), values)
    # Frequencies are of all rows; where everything is common, there is no other value.
    rest = 1 - (complete.nulls or 0.0) - sum(share for _, share in common)
    histogram: Sequence[str] = ()
    if values is not None and counted > len(common) and rest > 0:
        taken = {value for value, _ in common}
        histogram = [
            one for one in values.spread(min(BOUNDS, round(counted) + 1)) if one not in taken
        ]
    found = Statistics(
        complete.nulls or 0.0,
        complete.width or 1,
        distinct if distinct < 0 or not shape.rows[shape.table.oid] else counted,
        complete.correlation if values is not None else None,
        common,
        tuple(histogram) if len(histogram) > 1 else (),
        counted=max(1.0, counted),
    )
    return _with_elements(found, column, complete)


def _listed(complete: ColumnScale, told: ColumnScale, listed: tuple[str, ...]) -> ColumnScale:
    """Leave of the common values those that a partition holds, in proportion."""
    known = {value: share for value, share in told.common or () if value is not None}
    weights = {value: known.get(value, 1e-9 if known else 1.0) for value in listed}
    total = sum(weights.values())
    nulls = complete.nulls or 0.0
    common = tuple((value, weight / total * (1 - nulls)) for value, weight in weights.items())
    return replace(complete, common=tuple(sorted(common, key=lambda pair: -pair[1])))


def _named(
    pairs: Sequence[tuple[str | None, float]], values: Values | None
) -> tuple[tuple[str, float], ...]:
    """Give a value to every frequency that has none."""
    taken = {value for value, _ in pairs if value is not None}
    wanted = sum(value is None for value, _ in pairs)
    made = [] if values is None else values.scattered(min(values.count, wanted + len(taken)))
    fresh = iter([value for value in made if value not in taken])
    named = [(value if value is not None else next(fresh, None), share) for value, share in pairs]
    return tuple((value, share) for value, share in named if value is not None)


def _with_elements(found: Statistics, column: Column, complete: ColumnScale) -> Statistics:
    values = element_values(column.type, column.choices)
    if complete.elements is None or values is None:
        return found
    named = _named(complete.elements, values)
    if not named:
        return found
    words = plain(column.type).name == "tsvector"
    ordered = sorted(named, key=lambda pair: _place(pair[0], column, values))
    shares = [share for _, share in named]
    extremes = (min(shares), max(shares)) if words else (min(shares), max(shares), 0.0)
    return replace(
        found,
        elements=tuple(ordered),
        element_extremes=extremes,
        length=complete.length,
    )


def _place(value: str, column: Column, values: Values) -> tuple[int, bytes]:
    """Return where an element stands: the planner looks them up by halves, words the short ones first."""
    kind = plain(column.type)
    if kind.name == "tsvector":
        return len(value.encode()), value.encode()
    element = plain(kind.element) if kind.element is not None else kind
    if element.kind != "enum" and element.name in TEXTS:
        return 0, value.encode()
    return values.parse(value) or 0, value.encode()


def array(values: Sequence[str]) -> str:
    """Return the literal of an array, as text."""
    quoted = ("".join(("\\" + c if c in '\\"' else c) for c in value) for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def _numbers(values: Sequence[float]) -> str:
    return "{" + ",".join(f"{value:.7g}" for value in values) + "}"


def arguments(found: Statistics, column: Column) -> tuple[object, ...]:
    """Return them as the catalogue query `scale_restore_columns` takes them, from `nulls` on."""
    is_array = plain(column.type).kind == "array"
    lengths = None
    if found.elements and is_array and found.length:
        # From one element to as many above the average, and the average itself.
        spread = [1 + (2 * found.length - 2) * n / (LENGTHS - 1) for n in range(LENGTHS)]
        lengths = _numbers([*(max(0, round(one)) for one in spread), found.length])
    return (
        found.nulls,
        found.width,
        found.distinct,
        array([value for value, _ in found.common]) if found.common else None,
        _numbers([share for _, share in found.common]) if found.common else None,
        array(found.histogram) if found.histogram else None,
        found.correlation,
        array([value for value, _ in found.elements]) if found.elements else None,
        _numbers([s for _, s in found.elements] + list(found.element_extremes))
        if found.elements
        else None,
        lengths,
    )
