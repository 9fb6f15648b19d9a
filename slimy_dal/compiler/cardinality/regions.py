"""The FROM clause as regions: where a table's rows and the conditions about them stand together."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from slimy_dal.compiler.nodetree import Node, walk
from slimy_dal.compiler.nullability.joins import Join
from slimy_dal.compiler.scope import Scope

__all__ = ["Region", "Regions", "conjuncts", "own_variables"]


@dataclass(eq=False, slots=True)
class Region:
    """A part of the FROM clause whose rows are all there or all missing in a result row.

    Its conditions hold wherever its rows are there. Whether they are is decided by the tables in
    `guard`: with the same rows of those, it is the same. In a `sealed` region nothing is decided.
    """

    parent: "Region | None" = None
    conditions: list[Node] = field(default_factory=list)
    guard: set[int] = field(default_factory=set)
    sealed: bool = False

    def around(self) -> "Iterator[Region]":
        """Yield the region and those that it stands in."""
        region: Region | None = self
        while region is not None:
            yield region
            region = region.parent


class Regions:
    """The regions of one query; `of` holds the region of each table by its range table entry."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.root = Region()
        self.of: dict[int, Region] = {}
        self.lateral: dict[int, set[int]] = {}
        jointree = scope.query["jointree"]
        if jointree is None:
            return
        self._add(self.root, jointree["quals"])
        for item in jointree["fromlist"] or ():
            self._enter(item, self.root)

    def _add(self, region: Region, quals: Node | None) -> None:
        if quals is not None:
            region.conditions += conjuncts(quals)

    def _enter(self, item: Node, region: Region) -> set[int]:
        """Put the tables of an item of FROM into regions and return them."""
        if item.kind == "RANGETBLREF":
            number = item["rtindex"]
            self.of[number] = region
            entry = self._scope.entry(number)
            self.lateral[number] = set() if not entry["lateral"] else self._lateral(entry)
            return {number}
        join = self._scope.joins.find(item["rtindex"])
        if join is None or (join.nulls_left and join.nulls_right):
            apart = [Region(region, sealed=True), Region(region, sealed=True)]
            return self._enter(item["larg"], apart[0]) | self._enter(item["rarg"], apart[1])
        if not (join.nulls_left or join.nulls_right):
            self._add(region, item["quals"])
            return self._enter(item["larg"], region) | self._enter(item["rarg"], region)
        return self._outer(item, join, region)

    def _outer(self, item: Node, join: Join, region: Region) -> set[int]:
        kept, other = ("rarg", "larg") if join.nulls_left else ("larg", "rarg")
        around = self._enter(item[kept], region)
        inner = Region(region, sealed=self._is_volatile(item["quals"]))
        self._add(inner, item["quals"])
        inside = self._enter(item[other], inner)
        lateral = set().union(*(self.lateral[number] for number in inside))
        inner.guard = around | (lateral - inside)
        return around | inside

    def _is_volatile(self, quals: Node | None) -> bool:
        catalog = self._scope.prover.catalog
        return quals is not None and not all(catalog.is_repeatable(node) for node in walk(quals))

    def _lateral(self, entry: Node) -> set[int]:
        """Return the tables of this query that an entry of its range table looks at."""
        parts = [entry.get(name) for name in ("subquery", "functions", "values_lists", "tablefunc")]
        found: set[int] = set()
        for variable in own_variables(parts):
            found |= self.leaves(variable)
        return found

    def leaves(self, variable: Node) -> set[int]:
        """Return the tables behind a variable: of a merged join column, those that it is made of."""
        here = Node("VAR")
        here.fields = {**variable.fields, "varlevelsup": 0}
        meaning = self._scope.meaning(here)
        if meaning is None:
            return {variable["varno"]}
        return set().union(*(self.leaves(inner) for inner in own_variables(meaning)))


def conjuncts(condition: Node) -> list[Node]:
    """Return the conditions that an AND is made of."""
    if condition.kind == "BOOLEXPR" and condition["boolop"] == "and":
        return [part for arm in condition["args"] for part in conjuncts(arm)]
    return [condition]


def own_variables(value: Any) -> Iterator[Node]:
    """Yield the variables of a query that stand in a part of it, or in subqueries of that."""
    stack: list[tuple[Any, int]] = [(value, 0)]
    while stack:
        top, depth = stack.pop()
        if isinstance(top, list):
            stack.extend((part, depth) for part in top)
        elif isinstance(top, Node):
            if top.kind == "VAR" and top["varlevelsup"] == depth:
                yield top
            inside = depth + (top.kind == "QUERY")
            stack.extend((part, inside) for part in top.fields.values())
