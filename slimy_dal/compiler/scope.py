"""One query inside a statement while its columns are examined: range table, conditions, names of values."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from slimy_dal.compiler.catalog.snapshot import Catalog
from slimy_dal.compiler.facts import NOTHING, Conditions, Facts, Key
from slimy_dal.compiler.grouping import Grouping
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.nullability.joins import Join, Joins
from slimy_dal.compiler.signatures import signature
from slimy_dal.compiler.verdict import Verdict

__all__ = [
    "CTE",
    "DELETE",
    "FUNCTION",
    "GROUP",
    "INSERT",
    "JOIN",
    "MERGE",
    "RELATION",
    "SELECT",
    "SUBQUERY",
    "TABLEFUNC",
    "UPDATE",
    "VALUES",
    "Frame",
    "Prover",
    "Scope",
    "targets",
]

SELECT, UPDATE, INSERT, DELETE, MERGE = range(1, 6)
RELATION, SUBQUERY, JOIN, FUNCTION, TABLEFUNC, VALUES, CTE = range(7)
RESULT, GROUP = 8, 9

_numbers = itertools.count(1)


class Prover(Protocol):
    """The parts of the proof that need each other."""

    catalog: Catalog
    parameters: dict[int, Verdict]

    def expression(self, node: Node, frame: "Frame") -> Verdict:
        """Say whether an expression may be NULL."""
        ...

    def variable(self, node: Node, frame: "Frame") -> Verdict:
        """Say whether a variable may be NULL."""
        ...

    def column(self, scope: "Scope", number: int) -> Verdict:
        """Say whether a result column of a query may be NULL."""
        ...

    def has_row(self, scope: "Scope") -> bool:
        """Say whether a query certainly returns a row."""
        ...

    def settle(self, join: Join, scope: "Scope") -> None:
        """Note of an outer join that it always finds a row."""

    def offset(self, node: Node, scope: "Scope") -> int | None:
        """Return the place of a node in the statement."""
        ...

    def join_offset(self, join: Join, scope: "Scope") -> int | None:
        """Return the place of a join in the statement."""
        ...


@dataclass(eq=False, slots=False)
class Scope:
    """A query, the scope around it, and what is known to hold for its result rows.

    `inherited` holds what is known of columns outside (inside a CASE branch, for example), `known`
    the result columns of which the reader of this query asks that they are not NULL. `origin` says
    in words where the query stands when it is not in the statement's text; in a `stale` one
    (a materialized view) rows may be older than the constraints of the tables. `before` says that
    for it the columns of a row that is written are those before the change, `stored` that its
    values were computed when a row was written.
    """

    prover: Prover
    query: Node
    parent: "Scope | None" = None
    inherited: Facts = NOTHING
    known: frozenset[int] = frozenset()
    origin: str | None = None
    stale: bool = False
    before: bool = False
    stored: bool = False
    number: int = field(default_factory=lambda: next(_numbers))
    has_row: bool | None = None
    answers: dict[int, Verdict] = field(default_factory=dict)
    children: dict[Any, "Scope"] = field(default_factory=dict)
    assumed: dict[str, dict[int, Verdict]] = field(default_factory=dict)

    @property
    def command(self) -> int:
        """The kind of statement: SELECT, INSERT and so on."""
        return int(self.query["commandType"])

    def entry(self, number: int) -> Node:
        """Return an entry of the range table."""
        entry: Node = self.query["rtable"][number - 1]
        return entry

    def up(self, levels: int) -> "Scope":
        """Return the scope that many levels out."""
        scope = self
        for _ in range(levels):
            if scope.parent is None:
                raise LookupError(f"no query {levels} levels out")
            scope = scope.parent
        return scope

    @cached_property
    def columns(self) -> tuple[Node, ...]:
        """The entries of the target list that are result columns."""
        return targets(self.query)

    @cached_property
    def grouping(self) -> Grouping:
        """What GROUP BY does to the values of this query."""
        return Grouping(self.query)

    @cached_property
    def joins(self) -> Joins:
        """The joins, reduced by the conditions that every result row satisfies."""
        conditions = Conditions(self)
        jointree = self.query["jointree"]
        facts = conditions.true(jointree["quals"]) if jointree is not None else NOTHING
        if not self.grouping.has_sets:
            facts |= self.having
        for number in self.known:
            facts |= conditions.known(self.columns[number - 1]["expr"])
        joins = Joins(jointree, facts, self.number)
        for join in joins.joins:
            self.prover.settle(join, self)
        joins.reduce(conditions)
        return joins

    @cached_property
    def facts(self) -> Facts:
        """What holds for every result row.

        Where the only group may be empty, there is a result row although no row has satisfied WHERE:
        then WHERE speaks of what aggregates see, the query's own columns, and of nothing else.
        """
        facts = self.joins.facts
        if not self.grouping.is_grouped or self.grouping.has_rows:
            return facts
        return self.having.union(
            key for key in facts if key[0] == "column" and key[1] == self.number
        )

    @cached_property
    def having(self) -> Facts:
        """What holds for every group that is left."""
        return Conditions(self).true(self.query["havingQual"])

    def has(self, key: Key, *, before: bool = False) -> bool:
        """Say whether a value is not NULL by the conditions of this query or of one around it.

        What WHERE says of an expression over the columns of a row that is written holds for the row
        `before` the change only.
        """
        scope: Scope | None = self
        while scope is not None:
            if key in scope.inherited:
                return True
            is_kept = before or key[0] == "column" or scope.command in {SELECT, DELETE}
            if is_kept and key in scope.facts:
                return True
            before = before or scope.before
            scope = scope.parent
        return False

    # -- what conditions ask --------------------------------------------------------------------

    def key(self, node: Node) -> Key | None:
        """Return the name of a value."""
        if self._is_join_row(node):
            return None
        return signature(node, self.variable_key, self.prover.catalog.is_repeatable)

    def _is_join_row(self, node: Node) -> bool:
        """Say whether a node is a whole row of a join: before 16 one of NULLs, where there is none."""
        if node.kind != "VAR" or node["varattno"]:
            return False
        return bool(self.up(node["varlevelsup"]).entry(node["varno"])["rtekind"] == JOIN)

    def variable_key(self, node: Node) -> Key:
        """Return the name of a column's value."""
        owner = self.up(node["varlevelsup"])
        return (
            "column",
            owner.number,
            node["varno"],
            node["varattno"],
            node.get("varreturningtype", 0),
        )

    def is_strict(self, node: Node) -> bool:
        """Say whether a function or operator is NULL whenever an argument is."""
        return self.prover.catalog.is_strict(node)

    def meaning(self, variable: Node) -> Node | None:
        """Return the expression behind a merged join column or a grouped value of this query."""
        if variable["varlevelsup"] or variable["varattno"] <= 0:
            return None
        entry, number = self.entry(variable["varno"]), variable["varattno"] - 1
        listed: Any = ()
        if entry["rtekind"] == JOIN:
            listed = entry["joinaliasvars"] or ()
        elif entry["rtekind"] == GROUP and not self.grouping.has_sets:
            listed = entry["groupexprs"] or ()
        found: Node | None = listed[number] if number < len(listed) else None
        return found

    def row_keys(self, variable: Node) -> Iterable[Key]:
        """Return the keys of a whole row and, where it is one of a table, of its columns."""
        if variable["varattno"] or variable["varlevelsup"]:
            return
        yield self.variable_key(variable)
        entry = self.entry(variable["varno"])
        if entry["rtekind"] == RELATION:
            for number in self.prover.catalog.relation(entry["relid"]).columns:
                yield (*self.variable_key(variable)[:3], number, 0)

    def inside(self, sublink: Node) -> Facts:
        """Return what EXISTS says of columns outside it."""
        query = sublink["subselect"]
        if (
            query["hasAggs"]
            or query["setOperations"]
            or query["groupingSets"]
            or query["havingQual"]
        ):
            return NOTHING
        child = Scope(self.prover, query, self)
        return frozenset(
            key for key in child.facts if key[0] == "column" and key[1] != child.number
        )


def targets(query: Node) -> tuple[Node, ...]:
    """Return the entries that a query returns: its target list, or RETURNING of one that writes."""
    field_name = "targetList" if query["commandType"] == SELECT else "returningList"
    return tuple(entry for entry in query[field_name] or () if not entry["resjunk"])


@dataclass(frozen=True, slots=True)
class Frame:
    """Where in a query an expression stands.

    `facts` is what this place adds to the query's conditions, `ignored` the joins taken as matched,
    `grouped` whether the value is looked at after grouping, `before` whether target columns of an
    UPDATE are those of the row before it, `case` the operand of the CASE around the expression.
    """

    scope: Scope
    facts: Facts = NOTHING
    ignored: frozenset[int] = frozenset()
    grouped: bool = True
    before: bool = False
    case: Node | None = None

    @property
    def prover(self) -> Prover:
        """The proof this belongs to."""
        return self.scope.prover

    def assuming(self, facts: Facts) -> "Frame":
        """Return the same place with more that is known there."""
        return replace(self, facts=self.facts | facts) if facts else self

    def has(self, key: Key) -> bool:
        """Say whether a value is known not to be NULL here."""
        return key in self.facts or self.scope.has(key, before=self.before)
