"""Enumerates the shapes of a query, as the engine composes them: each is a query of its own to prove."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from slimy_dal.compiler.query import Directive, Query
from slimy_dal.compiler.variants.patch import Patch, patch
from slimy_dal.compiler.variants.places import ShapedQuery, stretches
from slimy_dal.compiler.variants.read import Condition
from slimy_dal.compiler.variants.split import Selection, selection
from slimy_dal.engine.listing import POSITIONS, Listing, Position, Sort
from slimy_dal.engine.statement import Parameter
from slimy_dal.engine.variants import Choice, Filtered, Patched, Variants

__all__ = ["MOST_SHAPES", "ShapeOf", "composer", "omitted", "reachable", "shapes", "widest"]

MOST_SHAPES = 300
OF_VARIANTS = frozenset({"filter", "sort", "patch"})
OF_NAMES = frozenset({"nullable", "notnull"})
UNTYPED = ""
"""Stands for the types of parameters where texts are made: only the server knows those."""


@dataclass(frozen=True, slots=True)
class ShapeOf:
    """One shape of `base`: which filters or columns it has, its order, and where its page begins.

    `label` names it among the shapes of its query, as in `role|oldest|after`.
    """

    label: str
    query: Query
    base: Query
    chosen: tuple[str, ...] = ()
    sort: str | None = None
    position: Position | None = None


def composer(query: Query) -> Variants | None:
    """Return what composes the texts of a query at run time, without types; None for a plain query."""
    patched = patch(query)
    if patched is not None:
        return _patched(query, patched)
    found = selection(query)
    return None if found is None else _selected(query, found)


def _patched(query: Query, found: Patch) -> Patched:
    return Patched(
        query.full_name,
        head=query.sql[: found.begins],
        tail=query.sql[found.ends :],
        nothing=found.nothing,
        always=tuple(text for text, _ in found.always),
        parameters=_untyped(query.parameters[: -len(found.optional)]),
        choices=tuple(
            Choice(a.parameter, (a.text, ""), Parameter(a.parameter, UNTYPED))
            for a in found.optional
        ),
    )


def _selected(query: Query, found: Selection) -> Filtered:
    sql, choices = query.sql, tuple(_choice(condition) for condition in found.filters)
    head, parameters = sql[: found.inserted], _untyped(query.parameters)
    if found.ordered is None:
        tail = sql[found.inserted :]
        return Filtered(
            query.full_name,
            head=head,
            joint=found.joint,
            tail=tail,
            parameters=parameters,
            choices=choices,
        )
    begins, ends = found.ordered
    return Listing(
        query.full_name,
        head=head,
        joint=found.joint,
        middle=sql[found.inserted : begins],
        order=sql[begins:ends],
        tail=sql[ends:],
        sorts=tuple(
            Sort(s.name, s.columns, s.places, descending=s.descending) for s in found.sorts
        ),
        parameters=parameters,
        choices=choices,
    )


def _untyped(names: Iterable[str]) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, UNTYPED) for name in names)


def _choice(condition: Condition) -> Choice:
    texts = tuple(part.text for part in condition.parts)
    parameter = None if condition.flag else Parameter(condition.name, UNTYPED)
    return Choice(condition.name, texts, parameter)


def reachable(query: Query) -> int:
    """Return how many shapes a query has: 1 for a plain one."""
    made = composer(query)
    if made is None:
        return 1
    pages = len(made.sorts) * len(POSITIONS) if isinstance(made, Listing) else 1
    return int(2 ** len(made.choices)) * pages


def shapes(query: Query) -> list[ShapeOf]:
    """Return the shapes of a query, those with nothing chosen first; a plain query is its only shape.

    Up to MOST_SHAPES all that are reachable; of more, those with nothing chosen, with each choice
    alone, with each pair, and with all: `omitted` says how many that leaves out. Of shapes with one
    text, as one order backwards and its opposite, the first stands for all.
    """
    made = composer(query)
    if made is None:
        return [ShapeOf("", query, query)]
    found: dict[str, ShapeOf] = {}
    for mask in _masks(query, made):
        for shape in _of(query, made, mask):
            found.setdefault(shape.query.sql, shape)
    return list(found.values())


def omitted(query: Query) -> int:
    """Return how many of the reachable shapes are not among `shapes`."""
    made = composer(query)
    if made is None:
        return 0
    every = int(2 ** len(made.choices))
    return (every - len(_masks(query, made))) * (reachable(query) // every)


def _masks(query: Query, made: Variants) -> list[int]:
    """Return the sets of choices that are looked at, as bits."""
    count = len(made.choices)
    sizes = range(count + 1) if reachable(query) <= MOST_SHAPES else sorted({0, 1, 2, count})
    return [
        sum(1 << bit for bit in bits)
        for size in sizes
        if size <= count
        for bits in combinations(range(count), size)
    ]


def widest(query: Query) -> list[ShapeOf]:
    """Return the shapes with everything on, one for each sort: they have all parameters there are."""
    made = composer(query)
    if made is None:
        return []
    every = _of(query, made, (1 << len(made.choices)) - 1)
    return [shape for shape in every if shape.position in {None, "after"}]


def _of(query: Query, made: Variants, mask: int) -> Iterator[ShapeOf]:
    """Yield the shapes with the choices of these bits."""
    chosen = tuple(choice.name for bit, choice in made.bits if mask & bit)
    if not isinstance(made, Listing):
        names = tuple(p.name for p in (*made.parameters, *made.chosen(mask)[1]))
        label = "+".join(chosen) or "nothing"
        yield ShapeOf(
            label, _shaped(query, made, mask, text=made.text(mask), names=names), query, chosen
        )
        return
    for sort in made.sorts.values():
        for position in POSITIONS:
            text = made.page_text(mask, sort, position)
            keys = sort.columns if position in {"after", "before"} else ()
            names = tuple(p.name for p in (*made.parameters, *made.chosen(mask)[1]))
            names += tuple(f"cursor.{column}" for column in keys)
            label = "|".join(["+".join(chosen), sort.name, position])
            shaped = _shaped(query, made, mask, text=text, names=names, sort=sort.name)
            yield ShapeOf(label, shaped, query, chosen, sort.name, position)


def _shaped(
    query: Query,
    made: Variants,
    mask: int,
    *,
    text: str,
    names: tuple[str, ...],
    sort: str | None = None,
) -> ShapedQuery:
    return ShapedQuery(
        name=query.name,
        path=query.path,
        line=query.line,
        shape=query.shape,
        doc=query.doc,
        directives=tuple(_directives(query, names)),
        source=query.source,
        sql=text,
        parameters=names,
        start=query.start,
        pieces=query.pieces,
        stretches=stretches(query, made, mask, text, sort),
    )


def _directives(query: Query, names: Sequence[str]) -> Iterator[Directive]:
    """Yield the directives that hold for a shape: it has no variants, and only some of the parameters."""
    known = {f":{name}" for name in names}
    for directive in query.directives:
        if directive.key in OF_VARIANTS:
            continue
        kept = [n for n in directive.names if not n.startswith(":") or n in known]
        if directive.key not in OF_NAMES:
            yield directive
        elif kept:
            yield replace(directive, value=", ".join(kept))
