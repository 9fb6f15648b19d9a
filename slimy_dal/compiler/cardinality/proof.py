"""Says how many rows a statement gives or changes: what it proves lands on the description of a query."""

from collections.abc import Iterable, Sequence
from typing import TypedDict

from slimy_dal.compiler.cardinality.count import Count
from slimy_dal.compiler.cardinality.rows import Counting
from slimy_dal.compiler.cardinality.unfiltered import unfiltered
from slimy_dal.compiler.cardinality.values import Alike, collation_of
from slimy_dal.compiler.catalog.indexes import DEFAULT
from slimy_dal.compiler.description import Bound, Reason
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.places import first_mention
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.scope import SELECT, Prover, Scope
from slimy_dal.compiler.variants.read import Order
from slimy_dal.compiler.variants.split import selection
from slimy_dal.compiler.verdict import Link

__all__ = ["at_most_one", "bounded", "counted", "unfiltered", "unique_by"]


class Counted(TypedDict):
    """The fields of a description that are decided here."""

    at_most_one: bool
    rows_because: tuple[Reason, ...]
    bound: Bound | None
    unfiltered: tuple[Reason, ...]
    ambiguous: tuple[Reason, ...]


def at_most_one(prover: Prover, statement: Node) -> Count:
    """Say whether a statement returns, or where it writes changes, at most one row, whatever there is."""
    return Counting().rows(Scope(prover, statement), {}, bounded=False)


def bounded(prover: Prover, statement: Node) -> Count:
    """Say what bounds the number of rows: factors, or None."""
    return Counting().rows(Scope(prover, statement), {}, bounded=True)


def unique_by(prover: Prover, statement: Node, columns: Iterable[int]) -> Count:
    """Say whether result columns, by number from 1, tell the rows of a result apart.

    The answer is one where any two rows that are equal in them, as ORDER BY of these columns sees
    it, are one and the same.
    """
    scope = Scope(prover, statement)
    given = {}
    for number in columns:
        alike = _equal(scope, number)
        if alike is not None:
            given[number] = frozenset({alike})
    return Counting().rows(scope, given, bounded=False)


def _equal(scope: Scope, number: int) -> Alike | None:
    loose = scope.prover.catalog.loose_collations
    operations = scope.query["setOperations"] if scope.command == SELECT else None
    collation: int | None
    if operations is not None:
        collation = operations["colCollations"][number - 1]
    else:
        collation = collation_of(scope.columns[number - 1]["expr"])
    if collation is None and loose:
        return None
    known = not scope.prover.column(scope, number).nullable
    place = collation if collation in loose else 0
    return Alike(frozenset({DEFAULT}), place or 0, known=known)


def counted(prover: Prover, query: Query, statement: Node) -> Counted:
    """Return what a description says of the number of rows."""
    single = at_most_one(prover, statement)
    found = selection(query)
    return {
        "at_most_one": single.is_one,
        "rows_because": _reasons(query, single.chain),
        "bound": _bound(prover, query, statement, single),
        "unfiltered": tuple(unfiltered(query, statement)),
        "ambiguous": tuple(
            Reason(problem, sort.directive.location)
            for sort in (found.sorts if found else ())
            if (problem := _ambiguity(prover, statement, sort)) is not None
        ),
    }


def _bound(prover: Prover, query: Query, statement: Node, single: Count) -> Bound | None:
    if single.is_one:
        return Bound("one row", 1, (), _reasons(query, single.chain))
    count = bounded(prover, statement)
    if count.factors is None:
        return None
    number: int | None = 1
    for factor in count.factors:
        number = None if number is None or factor.number is None else number * factor.number
    numbers = dict.fromkeys(n for factor in count.factors for n in factor.parameters)
    is_array = any(factor.kind == "array" for factor in count.factors)
    return Bound(
        "array" if is_array else "limit",
        number,
        tuple(query.parameters[n - 1] for n in numbers),
        _reasons(query, count.chain) + _mentions(query, numbers),
    )


def _reasons(query: Query, chain: Sequence[Link]) -> tuple[Reason, ...]:
    return tuple(
        Reason(link.text, None if link.offset is None else query.location(link.offset))
        for link in chain
    )


def _mentions(query: Query, numbers: Iterable[int]) -> tuple[Reason, ...]:
    """Return where the parameters stand that decide a bound."""
    return tuple(
        Reason(f"the parameter {query.parameters[number - 1]}", query.location(place))
        for number in numbers
        if (place := first_mention(query.sql, number)) is not None
    )


def _ambiguity(prover: Prover, statement: Node, sort: Order) -> str | None:
    """Return what is wrong with an order of rows, None where its columns tell all rows apart."""
    count = unique_by(prover, statement, [place + 1 for place in sort.places])
    if count.is_one:
        return None
    why = count.chain[0].text if count.chain else "nothing is known of them"
    return f"`{sort.name}` does not tell all rows apart: {why}"
