"""Counts the rows of a query or of what a statement changes, from its analysed tree."""

from slimy_dal.compiler.cardinality.arrays import parameters_in
from slimy_dal.compiler.cardinality.count import Count, Factor, one, summed, unknown
from slimy_dal.compiler.cardinality.from_list import From, Given
from slimy_dal.compiler.cardinality.values import Agreed, Alike, Values, is_renamed
from slimy_dal.compiler.cardinality.written import returned, written_key
from slimy_dal.compiler.expression_types import result_type
from slimy_dal.compiler.facts import Key
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.nullability.subqueries import child
from slimy_dal.compiler.scope import DELETE, INSERT, SELECT, UPDATE, Frame, Scope
from slimy_dal.compiler.verdict import Link

__all__ = ["Counting"]

UNION, INTERSECT = 1, 2
EXACTLY = 0
"""LIMIT, as opposed to FETCH FIRST … WITH TIES."""
INT2, INT8 = 21, 20
INTEGERS = {INT2: 2, 23: 4, INT8: 8}
TO_INT8 = (481, 754)
"""The server's own conversions of int4 and int2."""


class Counting:
    """Counts the rows of the queries of one statement."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Count] = {}

    def rows(self, scope: Scope, given: Given, *, bounded: bool) -> Count:
        """Say how many rows of a query agree as given.

        For a statement that writes: how many it changes, which are those it returns. Without
        `bounded` the answer is one or unknown, and costs less.
        """
        place = (scope.number, frozenset(given.items()), bounded)
        if place not in self._known:
            self._known[place] = self._rows(scope, given, bounded=bounded)
        return self._known[place]

    def _rows(self, scope: Scope, given: Given, *, bounded: bool) -> Count:
        if scope.command == SELECT:
            return self._select(scope, given, bounded=bounded)
        if scope.command in {INSERT, UPDATE, DELETE}:
            return self._written(scope, given, bounded=bounded)
        return unknown("nothing is known of how many rows MERGE changes")

    # -- reading --------------------------------------------------------------------------------

    def _select(self, scope: Scope, given: Given, *, bounded: bool) -> Count:
        limit = _limit(scope)
        if limit is not None and limit.number is not None and limit.number <= 1:
            return one(f"LIMIT {limit.number}", offset=limit.link.offset)
        count = self._unlimited(scope, given, bounded=bounded and limit is None)
        if limit is None or count.is_one or not bounded:
            return count
        return Count((limit,), (limit.link,))

    def _unlimited(self, scope: Scope, given: Given, *, bounded: bool) -> Count:
        query = scope.query
        if query["setOperations"] is not None:
            return self._operation(scope, query["setOperations"], given, bounded=bounded)
        if query["hasTargetSRFs"]:
            return unknown("a function in the select list may return several rows")
        if query["groupingSets"]:
            return unknown("grouping sets give several rows")
        if not query["groupClause"] and (query["hasAggs"] or query["havingQual"] is not None):
            return one("an aggregate without GROUP BY is one row")
        source = From(self, scope, _agreed(scope, given))

        def is_reached(agreed: Agreed) -> bool:
            return source.tables <= source.values.fixed or any(
                clauses and all(_is_same(scope, source.values, one, agreed) for one in clauses)
                for clauses in (query["groupClause"], query["distinctClause"])
            )

        return source.count(is_reached, bounded=bounded)

    def _operation(self, scope: Scope, part: Node, given: Given, *, bounded: bool) -> Count:
        """Count the rows of UNION, INTERSECT or EXCEPT."""
        if part.kind == "RANGETBLREF":
            return self.rows(child(scope, part["rtindex"], whoever=True), given, bounded=bounded)
        clauses = part["groupClauses"] or ()
        if not part["all"] and clauses and _agree(scope, part, given):
            return one("a set operation without ALL gives different rows")
        sides = (
            self._operation(scope, part[arm], _kept(scope, part, part[arm], given), bounded=bounded)
            for arm in ("larg", "rarg")
        )
        if part["op"] == UNION and not bounded:
            return unknown("UNION may give a row of each side")
        if part["op"] == UNION:
            return summed(sides, "the rows of UNION are those of both sides")
        left, right = sides
        if part["op"] == INTERSECT and (left.factors is None or right.is_one):
            return right
        return left

    # -- writing --------------------------------------------------------------------------------

    def _written(self, scope: Scope, given: Given, *, bounded: bool) -> Count:
        query, catalog = scope.query, scope.prover.catalog
        number = query["resultRelation"]
        relation = catalog.relation(scope.entry(number)["relid"])
        if relation.kind == "v" or any(catalog.relation(o).has_rules for o in relation.family):
            return unknown(f"{relation} is written through rules or a view")
        if query["hasTargetSRFs"]:
            return unknown("a function in VALUES may return several rows")
        new = returned(scope, given)
        key = written_key(scope, relation, new.written)
        if key is not None:
            return one(f"{relation}: the whole of {key} is given")
        source = From(self, scope, _agreed(scope, new.read))

        def is_reached(_: Agreed) -> bool:
            wanted = source.tables if scope.command == INSERT else {number}
            return wanted <= source.values.fixed

        count = source.count(is_reached, bounded=bounded)
        if scope.command == INSERT and not source.tables:
            return one("one row is inserted")
        return count


def _agreed(scope: Scope, given: Given) -> Agreed:
    """Return how the expressions of a query agree where its result columns do."""
    values, found = Values(scope), dict[Key, frozenset[Alike]]()
    for number, alike in given.items():
        node = scope.columns[number - 1]["expr"]
        key = None if is_renamed(node) else values.key(node)
        if key is not None:
            found[key] = found.get(key, frozenset()) | alike
    return found


def _is_same(scope: Scope, values: Values, clause: Node, agreed: Agreed) -> bool:
    """Say whether what is grouped by is the same in all rows."""
    number = clause["tleSortGroupRef"]
    for entry in scope.query["targetList"]:
        if entry["ressortgroupref"] == number:
            return values.agrees(entry["expr"], clause["eqop"], agreed)
    return False


def _agree(scope: Scope, part: Node, given: Given) -> bool:
    """Say whether all columns of a set operation without ALL agree."""
    values, catalog = Values(scope), scope.prover.catalog
    return all(
        any(
            alike.families & catalog.equalities.get(clause["eqop"], frozenset())
            and alike.collation in {0, values.collation(collation)}
            for alike in given.get(number, ())
        )
        for number, (clause, collation) in enumerate(
            zip(part["groupClauses"], part["colCollations"], strict=True), start=1
        )
    )


def _kept(scope: Scope, part: Node, arm: Node, given: Given) -> Given:
    """Return what is given of columns that reach a set operation as its side has them."""
    kept: dict[int, frozenset[Alike]] = {}
    for number, alike in given.items():
        wanted = part["colTypes"][number - 1]
        if arm.kind == "RANGETBLREF":
            inner = child(scope, arm["rtindex"], whoever=True)
            found = result_type(inner.columns[number - 1]["expr"])
        else:
            found = arm["colTypes"][number - 1]
        if found == wanted:
            kept[number] = alike
    return kept


def _limit(scope: Scope) -> Factor | None:
    """Return the LIMIT of a query, None where there is none or it may be NULL, which is none."""
    limit: Node | None = scope.query["limitCount"]
    if limit is None or scope.query["limitOption"] != EXACTLY:
        return None
    offset = scope.prover.offset(limit, scope)
    number = _whole(limit)
    if number is not None:
        return Factor("limit", number, (), Link(f"LIMIT {number}", offset))
    parameters = parameters_in(limit)
    if not parameters or scope.prover.expression(limit, Frame(scope)).nullable:
        return None
    return Factor("limit", None, parameters, Link("LIMIT with a parameter", offset))


def _whole(limit: Node) -> int | None:
    cast = limit.kind == "FUNCEXPR" and limit["funcid"] in TO_INT8
    number: Node = limit["args"][0] if cast else limit
    if number.kind != "CONST" or number["constisnull"] or number["consttype"] not in INTEGERS:
        return None
    size = INTEGERS[number["consttype"]]
    return int.from_bytes(number["constvalue"][:size], "little", signed=True)
