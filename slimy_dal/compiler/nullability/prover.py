"""Proves, for the result columns of a statement, that they are never NULL, from its analysed tree."""

from slimy_dal.compiler.catalog.snapshot import Catalog
from slimy_dal.compiler.expression_types import keeps_known, result_type
from slimy_dal.compiler.facts import Key
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.nullability import (
    aggregates,
    expressions,
    functions,
    rows,
    subqueries,
    tables,
)
from slimy_dal.compiler.nullability import json as documents
from slimy_dal.compiler.nullability.joins import Join
from slimy_dal.compiler.places import Places
from slimy_dal.compiler.scope import SELECT, Frame, Scope
from slimy_dal.compiler.verdict import Verdict, maybe, never

__all__ = ["Nullability"]

UNION, INTERSECT, EXCEPT = 1, 2, 3

RULES = {
    **expressions.RULES,
    **functions.RULES,
    **aggregates.RULES,
    **documents.RULES,
    **subqueries.RULES,
}


class Nullability:
    """The proof for one statement. `parameters` says which parameters may be NULL, by number."""

    def __init__(self, catalog: Catalog, parameters: dict[int, Verdict], places: Places) -> None:
        self.catalog = catalog
        self.parameters = parameters
        self._places = places

    def columns(self, query: Node) -> tuple[Scope, list[Verdict]]:
        """Return the answers for the result columns of a statement, in order, and its scope."""
        scope = Scope(self, query)
        return scope, [self.column(scope, number + 1) for number in range(len(scope.columns))]

    def column(self, scope: Scope, number: int) -> Verdict:
        """Say whether a result column of a query may be NULL."""
        if number not in scope.answers:
            scope.answers[number] = self._column(scope, number)
        return scope.answers[number]

    def _column(self, scope: Scope, number: int) -> Verdict:
        if not 0 < number <= len(scope.columns):
            return maybe("a column that the query does not have")
        operations = scope.query["setOperations"]
        if operations is not None and scope.command == SELECT:
            return self._branch(scope, operations, number)
        return self.expression(scope.columns[number - 1]["expr"], Frame(scope))

    def _branch(self, scope: Scope, part: Node, number: int) -> Verdict:
        """Answer for a column of UNION, INTERSECT or EXCEPT."""
        if part.kind == "RANGETBLREF":
            return self.column(subqueries.child(scope, part["rtindex"]), number)
        left = self._converted(scope, part, part["larg"], number)
        if part["op"] == EXCEPT:
            return left
        right = self._converted(scope, part, part["rarg"], number)
        if part["op"] == INTERSECT:
            return right if left.nullable else left
        if left.nullable:
            return left.because("one branch of the UNION")
        return right.because("one branch of the UNION") if right.nullable else left

    def _converted(self, scope: Scope, operation: Node, part: Node, number: int) -> Verdict:
        """Answer for a branch whose values become those of the operation, by a user's cast perhaps."""
        wanted = operation["colTypes"][number - 1]
        if part.kind == "RANGETBLREF":
            place = subqueries.child(scope, part["rtindex"])
            found = result_type(place.columns[number - 1]["expr"])
        else:
            found = part["colTypes"][number - 1]
        if not keeps_known(self.catalog.types, found, wanted):
            return maybe("the conversion of a branch to the type of the others may return NULL")
        return self._branch(scope, part, number)

    def expression(self, node: Node, frame: Frame) -> Verdict:
        """Say whether an expression may be NULL."""
        scope = frame.scope
        if frame.grouped and scope.grouping.may_null(node):
            return tables.after_grouping(node, frame)
        if node.kind == "VAR":
            return self.variable(node, frame)
        rule = RULES.get(node.kind)
        if rule is None:
            return maybe(f"nothing is known about {node.kind.lower()}", self.offset(node, scope))
        verdict = rule(node, frame)
        if verdict.nullable:
            key = scope.key(node)
            if key is not None and self._is_known(key, frame):
                return never("a condition asks that it is not NULL", self.offset(node, scope))
        return verdict

    @staticmethod
    def _is_known(key: Key, frame: Frame) -> bool:
        """Say whether conditions ask for an expression; WHERE knows nothing of grouping sets."""
        scope = frame.scope
        if frame.grouped and scope.grouping.has_sets:
            return key in frame.facts or key in scope.having
        return frame.has(key) or (frame.grouped and key in scope.having)

    def variable(self, node: Node, frame: Frame) -> Verdict:
        """Say whether a variable may be NULL."""
        return tables.variable(node, frame)

    def has_row(self, scope: Scope) -> bool:
        """Say whether a query certainly returns a row."""
        return rows.has_row(scope)

    def settle(self, join: Join, scope: Scope) -> None:
        """Note of an outer join on true that it always finds a row: that of an aggregate, for example."""
        if rows.is_true(join.quals):
            join.nulls_right = join.nulls_right and not rows.item_has_row(scope, join.right)
            join.nulls_left = join.nulls_left and not rows.item_has_row(scope, join.left)

    def offset(self, node: Node, scope: Scope) -> int | None:
        """Return the place of a node in the statement."""
        return None if scope.origin else self._places.node(node)

    def join_offset(self, join: Join, scope: Scope) -> int | None:
        """Return the place of a join in the statement."""
        return None if scope.origin else self._places.join(scope.query, join.number)
