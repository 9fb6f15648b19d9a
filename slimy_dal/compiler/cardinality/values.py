"""What is the same in all rows of a query: constants, and expressions that conditions equate with them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slimy_dal.compiler.cardinality.regions import own_variables
from slimy_dal.compiler.catalog.indexes import DEFAULT
from slimy_dal.compiler.facts import EXISTS, Key
from slimy_dal.compiler.nodetree import Node, walk
from slimy_dal.compiler.scope import Scope
from slimy_dal.compiler.signatures import signature

__all__ = ["Agreed", "Alike", "Equality", "Values", "bare", "collation_of", "is_renamed"]

EXTERN = 0
SCALAR_LINK, ARRAY_LINK = 4, 6
COMPUTED = frozenset(
    (
        *("FUNCEXPR", "OPEXPR", "DISTINCTEXPR", "NULLIFEXPR", "SCALARARRAYOPEXPR", "BOOLEXPR"),
        *("SUBSCRIPTINGREF", "FIELDSELECT", "RELABELTYPE", "COERCEVIAIO", "ARRAYCOERCEEXPR"),
        *("CONVERTROWTYPEEXPR", "COLLATEEXPR", "CASEEXPR", "CASEWHEN", "CASETESTEXPR", "CONST"),
        *("ARRAYEXPR", "ROWEXPR", "COALESCEEXPR", "MINMAXEXPR", "SQLVALUEFUNCTION", "NULLTEST"),
        *("BOOLEANTEST", "COERCETODOMAIN", "NAMEDARGEXPR"),
    )
)
"""Nodes whose value depends on nothing but their arguments, where their functions are not volatile."""

COLLATIONS = (
    *("varcollid", "constcollid", "paramcollid", "funccollid", "opcollid", "resultcollid"),
    *("aggcollid", "wincollid", "coalescecollid", "minmaxcollid", "casecollid", "array_collid"),
    *("collOid", "refcollid"),
)
"""Where nodes of different kinds keep the collation of their value."""


@dataclass(frozen=True, slots=True)
class Alike:
    """That the values of an expression in two rows are equal, and by which equality.

    `families` are B-tree families of operators; `collation` is 0 where equal strings are the same
    strings; `known` says that the values are not NULL.
    """

    families: frozenset[int]
    collation: int = 0
    known: bool = True

    def through(self, families: frozenset[int], collation: int) -> "Alike | None":
        """Return what holds for what an operator equates with this expression."""
        common = self.families & families
        if not common or (self.collation and collation and self.collation != collation):
            return None
        return Alike(common, self.collation or collation)


Agreed = Mapping[Key, frozenset[Alike]]
"""How expressions agree in any two rows."""


@dataclass(frozen=True, slots=True)
class Equality:
    """`left = right`, of which a row satisfies it; `constant` says that the right side is one anyway."""

    left: Node
    right: Node
    families: frozenset[int]
    collation: int
    constant: bool = False


def collation_of(node: Node) -> int | None:
    """Return the collation of an expression's value, None where the node does not tell."""
    return next((node[name] for name in COLLATIONS if name in node.fields), None)


def is_renamed(node: Node) -> bool:
    """Say whether an expression is taken for one of another type: what is equal there may differ here."""
    while node.kind == "COLLATEEXPR":
        node = node["arg"]
    return node.kind == "RELABELTYPE"


def bare(node: Node) -> Node:
    """Return an expression without what changes the name of its type or collation only."""
    while node.kind in {"RELABELTYPE", "COLLATEEXPR"}:
        node = node["arg"]
    return node


class Values:
    """The values of one query's rows. `fixed` are the tables that have the same row in all of them.

    Of `unsteady` ones not even that says that the values are the same: they may be computed anew.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._catalog = scope.prover.catalog
        self.fixed: set[int] = set()
        self.unsteady: set[int] = set()

    def key(self, node: Node) -> Key | None:
        """Return the name of a value: that of the column behind a merged or grouped one."""
        return signature(bare(node), self._variable, self._catalog.is_repeatable)

    def _variable(self, node: Node) -> Key:
        meaning = self._scope.meaning(node)
        if meaning is None:
            return self._scope.variable_key(node)
        key = self.key(meaning) or ("unnamed", id(node))
        return ("renamed", node["vartype"], key) if is_renamed(meaning) else key

    def indexed(self, node: Node, table: int) -> Key | None:
        """Return the name of an expression over a table's columns, as an index or a CHECK has it."""
        return signature(bare(node), lambda v: self.column(table, v["varattno"]), self._repeatable)

    def _repeatable(self, node: Node) -> bool:
        return self._catalog.is_repeatable(node)

    def column(self, table: int, number: int) -> Key:
        """Return the name of a table's column."""
        return ("column", self._scope.number, table, number, 0)

    # -- constants ------------------------------------------------------------------------------

    def is_constant(self, node: Node) -> bool:
        """Say whether an expression has the same value in all rows."""
        return all(self._holds(leaf) for leaf in _leaves(node))

    def _holds(self, node: Node) -> bool:
        if node.kind == "VAR":
            return self._is_fixed(node)
        if node.kind == "PARAM":
            return bool(node["paramkind"] == EXTERN)
        if node.kind == "SUBLINK":
            is_value = node["subLinkType"] in {EXISTS, SCALAR_LINK, ARRAY_LINK}
            return is_value and self.is_closed(node["subselect"])
        is_single = not node.get("funcretset")
        return node.kind in COMPUTED and is_single and self._catalog.is_repeatable(node)

    def _is_fixed(self, variable: Node) -> bool:
        if variable["varlevelsup"]:
            return True
        meaning = self._scope.meaning(variable)
        if meaning is not None:
            return self.is_constant(meaning)
        return variable["varno"] in self.fixed - self.unsteady

    def is_closed(self, query: Node) -> bool:
        """Say whether a subquery gives the same for all rows: it does not look at those around it."""
        return self.is_steady(query) and next(own_variables(query), None) is None

    def is_steady(self, value: Any) -> bool:
        """Say whether computing something again gives the same."""
        return all(self._catalog.is_repeatable(node) for node in walk(value))

    # -- equalities -----------------------------------------------------------------------------

    def equality(self, node: Node) -> Equality | None:
        """Return what a condition equates, None where it is no equality of a B-tree family."""
        if node.kind != "OPEXPR" or len(node["args"]) != len(("left", "right")):
            return None
        families = self._catalog.equalities.get(node["opno"])
        if not families or not self._catalog.is_strict(node):
            return None
        left, right = node["args"]
        if is_renamed(left) or is_renamed(right):
            families -= {DEFAULT}
        return Equality(left, right, families, self.collation(node["inputcollid"]))

    def collation(self, oid: int) -> int:
        """Return a collation that takes different strings for equal, 0 for every other."""
        return oid if oid in self._catalog.loose_collations else 0

    def agreed(self, equalities: Iterable[Equality], given: Agreed) -> Agreed:
        """Return how expressions agree in any two rows that satisfy the equalities."""
        found = dict(given)
        sides = [
            (self.key(a), b, one)
            for one in equalities
            for a, b in ((one.left, one.right), (one.right, one.left))
            if not (one.constant and a is one.right)
        ]
        growing = True
        while growing:
            growing = False
            for key, other, one in sides:
                if key is None:
                    continue
                fresh = self._alike(other, one, found) - found.get(key, frozenset())
                if fresh:
                    found[key] = found.get(key, frozenset()) | fresh
                    growing = True
        return found

    def _alike(self, other: Node, one: Equality, found: Agreed) -> frozenset[Alike]:
        if one.constant or self.is_constant(other):
            return frozenset({Alike(one.families, one.collation)})
        key = self.key(other)
        known = found.get(key, frozenset()) if key is not None else frozenset()
        through = (alike.through(one.families, one.collation) for alike in known)
        return frozenset(alike for alike in through if alike is not None)

    def agrees(self, node: Node, operator: int, agreed: Agreed) -> bool:
        """Say whether an expression is equal, by an operator, in all rows: NULLs count as equal."""
        key, families = self.key(node), self._catalog.equalities.get(operator, frozenset())
        families = families - {DEFAULT} if is_renamed(node) else families
        if self.is_constant(node):
            return True
        return key is not None and any(
            alike.families & families
            and alike.collation in {0, self.collation(collation_of(node) or 0)}
            for alike in agreed.get(key, frozenset())
        )


def _leaves(node: Node) -> Iterator[Node]:
    """Yield an expression's nodes; of subqueries the link alone."""
    stack: list[Any] = [node]
    while stack:
        top = stack.pop()
        if isinstance(top, list):
            stack.extend(top)
        elif isinstance(top, Node):
            yield top
            if top.kind not in {"SUBLINK", "VAR"}:
                stack.extend(top.fields.values())
