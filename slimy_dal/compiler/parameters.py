"""Finds out for every parameter whether NULL may be passed, and which table column it is for.

A parameter is nullable where NULL means something: it is written to a column that may hold NULL, or
stands under IS NULL, IS DISTINCT FROM, COALESCE or in a branch of CASE. One that is written to a
NOT NULL column is not, whatever else is done with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.nullability.subqueries import child, cte_scope, find_cte
from slimy_dal.compiler.origins import Source, source_of
from slimy_dal.compiler.proofs import column_proof, domain_refusal
from slimy_dal.compiler.scope import (
    CTE,
    FUNCTION,
    INSERT,
    MERGE,
    SELECT,
    SUBQUERY,
    UPDATE,
    VALUES,
    Scope,
)
from slimy_dal.compiler.verdict import Verdict, maybe, never

__all__ = ["Found", "Parameters"]

EXTERNAL = 0
CASTS = ("RELABELTYPE", "COERCEVIAIO", "COERCETODOMAIN", "COLLATEEXPR", "ARRAYCOERCEEXPR")
EXPLICIT_CAST, IMPLICIT_CAST = 1, 2
EQUALITY = frozenset({"=", "<>"})


@dataclass(slots=True)
class Found:
    """What was found out about one parameter."""

    refused: Verdict | None = None
    accepted: Verdict | None = None
    target: Source | None = None
    compared: Source | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether NULL may be passed, and why."""
        if self.refused is not None:
            return self.refused
        return self.accepted or never("nothing in the statement gives NULL a meaning")


@dataclass(slots=True)
class Parameters:
    """The parameters of one statement, by number."""

    found: dict[int, Found] = field(default_factory=dict)

    def read(self, scope: Scope) -> None:
        """Look through a statement and everything inside it."""
        query = scope.query
        for cte in query["cteList"] or ():
            self.read(cte_scope(scope, cte))
        self._writes(scope)
        for number, entry in enumerate(query["rtable"] or (), start=1):
            if entry["rtekind"] == SUBQUERY:
                self.read(child(scope, number))
            else:
                self._look(
                    scope,
                    [
                        entry.get(n)
                        for n in ("functions", "values_lists", "tablefunc", "tablesample")
                    ],
                )
        jointree = query["jointree"]
        self._look(scope, [] if jointree is None else [jointree])
        rest = ("targetList", "returningList", "havingQual", "limitCount", "limitOffset")
        self._look(scope, [query[name] for name in rest])
        self._look(scope, [query["onConflict"], query["mergeActionList"]])
        self._look(scope, [query.get("mergeJoinCondition"), query["windowClause"]])

    # -- what is written ------------------------------------------------------------------------

    def _writes(self, scope: Scope) -> None:
        query = scope.query
        if scope.command == MERGE:
            for action in query["mergeActionList"] or ():
                if action["commandType"] in {INSERT, UPDATE}:
                    self._assign(scope, action["targetList"])
        elif scope.command in {INSERT, UPDATE}:
            self._assign(scope, query["targetList"])
            if query["onConflict"] is not None:
                self._assign(scope, query["onConflict"]["onConflictSet"])

    def _assign(self, scope: Scope, entries: Iterable[Node] | None) -> None:
        table = scope.entry(scope.query["resultRelation"])["relid"]
        for entry in entries or ():
            if not entry["resjunk"]:
                self._flow(scope, entry["expr"], _base(scope, (table, entry["resno"])), set())

    def _flow(  # noqa: C901 -- one arm per kind of node
        self, scope: Scope, node: Node, target: Source, seen: set[int]
    ) -> None:
        """Follow a value that is written to a column back to parameters."""
        node = _bare(node)
        if id(node) in seen:
            return
        seen.add(id(node))
        if node.kind == "PARAM" and node["paramkind"] == EXTERNAL:
            self._write(scope, node, target)
        elif node.kind == "CASEEXPR":
            for arm in (*(a["result"] for a in node["args"]), node["defresult"]):
                if arm is not None and not self._optional(arm, target, "a branch of CASE"):
                    self._flow(scope, arm, target, seen)
        elif node.kind == "COALESCEEXPR":
            for arg in node["args"][:-1]:
                if not self._optional(arg, target, "COALESCE replaces NULL"):
                    self._flow(scope, arg, target, seen)
            self._flow(scope, node["args"][-1], target, seen)
        elif node.kind == "NULLIFEXPR":
            self._flow(scope, node["args"][0], target, seen)
        elif node.kind == "VAR" and not node["varlevelsup"] and node["varattno"] > 0:
            self._flow_from(scope, node, target, seen)

    def _flow_from(self, scope: Scope, node: Node, target: Source, seen: set[int]) -> None:
        entry, number = scope.entry(node["varno"]), node["varattno"]
        if entry["rtekind"] == VALUES:
            for row in entry["values_lists"]:
                self._flow(scope, row[number - 1], target, seen)
        elif entry["rtekind"] == SUBQUERY:
            self._flow_column(child(scope, node["varno"]), number, target, seen)
        elif entry["rtekind"] == CTE:
            found = find_cte(scope, entry)
            if found is not None:
                self._flow_column(cte_scope(*found), number, target, seen)
        elif entry["rtekind"] == FUNCTION:
            self._flow_elements(entry["functions"], number, target)

    def _flow_column(self, scope: Scope, number: int, target: Source, seen: set[int]) -> None:
        if not 0 < number <= len(scope.columns):
            return
        if scope.query["setOperations"] is not None and scope.command == SELECT:
            for place, entry in enumerate(scope.query["rtable"], start=1):
                if entry["rtekind"] == SUBQUERY:
                    self._flow_column(child(scope, place), number, target, seen)
        else:
            self._flow(scope, scope.columns[number - 1]["expr"], target, seen)

    def _flow_elements(self, functions: list[Node], number: int, target: Source) -> None:
        """`INSERT … SELECT … FROM unnest($1)`: the column holds the elements of the parameter."""
        for function in functions:
            if number > function["funccolcount"]:
                number -= function["funccolcount"]
                continue
            args = function["funcexpr"].get("args") or []
            if function["funccolcount"] == 1 and len(args) == 1:
                parameter = _parameter(args[0])
                if parameter is not None:
                    self._of(parameter).target = target
            return

    def _write(self, scope: Scope, node: Node, target: Source) -> None:
        known = self._of(node["paramid"])
        known.target = known.target or target
        relation = scope.prover.catalog.relation(target[0])
        column = relation.columns[target[1]]
        name = f"{relation}.{column.name}"
        offset = scope.prover.offset(node, scope)
        proof = column_proof(scope.prover, relation, target[1], family=True) or domain_refusal(
            scope.prover, relation, target[1]
        )
        if relation.kind != "v" and (proof is not None or column.notnull):
            known.refused = known.refused or never(f"it is written to {name}", offset).because(
                proof or f"{name} is NOT NULL"
            )
        else:
            known.accepted = maybe(f"it is written to {name}, which may hold NULL", offset)

    def _optional(self, node: Node, target: Source | None, why: str) -> bool:
        """Note that NULL means something for a parameter; False where the node is none."""
        parameter = _parameter(node)
        if parameter is None:
            return False
        known = self._of(parameter)
        known.accepted = known.accepted or maybe(why)
        known.target = known.target or target
        return True

    # -- what is compared -----------------------------------------------------------------------

    def _look(self, scope: Scope, values: list[object]) -> None:
        """Look through expressions for places where NULL means something."""
        stack = list(values)
        while stack:
            top = stack.pop()
            if isinstance(top, list):
                stack.extend(top)
            elif isinstance(top, Node):
                if top.kind == "SUBLINK":
                    self.read(Scope(scope.prover, top["subselect"], scope))
                    stack.append(top["testexpr"])
                    continue
                self._node(scope, top)
                stack.extend(top.fields.values())

    def _node(self, scope: Scope, node: Node) -> None:
        kind = node.kind
        if kind == "PARAM" and node["paramkind"] == EXTERNAL:
            self._of(node["paramid"])
        elif kind == "NULLTEST":
            self._optional(node["arg"], None, "it is compared with IS NULL")
        elif kind == "DISTINCTEXPR":
            for arg in node["args"]:
                self._optional(arg, None, "IS DISTINCT FROM compares NULL too")
            self._compare(scope, *node["args"])
        elif kind == "COALESCEEXPR":
            for arg in node["args"][:-1]:
                self._optional(arg, None, "COALESCE replaces NULL")
        elif (
            kind in {"OPEXPR", "SCALARARRAYOPEXPR"}
            and len(node["args"]) > 1
            and scope.prover.catalog.operator_name(node) in EQUALITY
        ):
            self._compare(scope, *node["args"])

    def _compare(self, scope: Scope, left: Node, right: Node) -> None:
        for column, other in ((left, right), (right, left)):
            source = source_of(scope, _bare(column))
            if source is None:
                continue
            elements = other["elements"] or () if other.kind == "ARRAYEXPR" else (other,)
            for element in elements:
                parameter = _parameter(element)
                if parameter is not None:
                    known = self._of(parameter)
                    known.compared = known.compared or source

    def _of(self, number: int) -> Found:
        return self.found.setdefault(number, Found())


def _base(scope: Scope, target: Source) -> Source:
    """Return the table column behind a column of a view that can be written to."""
    relation = scope.prover.catalog.relation(target[0])
    if relation.kind != "v" or relation.definition is None:
        return target
    view = Scope(scope.prover, relation.definition, origin=f"view {relation}")
    if not 0 < target[1] <= len(view.columns):
        return target
    return source_of(view, view.columns[target[1] - 1]["expr"]) or target


def _bare(node: Node) -> Node:
    while True:
        if node.kind in CASTS:
            node = node["arg"]
        elif node.kind == "FUNCEXPR" and node["funcformat"] in {EXPLICIT_CAST, IMPLICIT_CAST}:
            node = node["args"][0]
        else:
            return node


def _parameter(node: Node | None) -> int | None:
    if node is None:
        return None
    node = _bare(node)
    if node.kind == "PARAM" and node["paramkind"] == EXTERNAL:
        return int(node["paramid"])
    return None
