"""What GROUP BY does to values: which of them grouping sets null, and whether a group may be empty."""

from functools import cached_property
from typing import Any

from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.signatures import shape

__all__ = ["Grouping"]

EMPTY, SIMPLE, ROLLUP, CUBE, SETS = range(5)
JOIN, SUBQUERY = 2, "SUBLINK"


class Grouping:
    """The grouping of one query."""

    def __init__(self, query: Node) -> None:
        self._query = query

    @property
    def has_sets(self) -> bool:
        """Whether there are grouping sets, ROLLUP or CUBE."""
        return bool(self._query["groupingSets"])

    @property
    def is_grouped(self) -> bool:
        """Whether result rows are groups."""
        query = self._query
        return bool(
            query["groupClause"]
            or query["groupingSets"]
            or query.get("hasAggs")
            or query["havingQual"] is not None
        )

    @property
    def has_rows(self) -> bool:
        """Whether every group holds at least one row."""
        sets = self._query["groupingSets"]
        if sets:
            return not all(_may_be_empty(item) for item in sets)
        return bool(self._query["groupClause"])

    @cached_property
    def _kept(self) -> frozenset[int]:
        sets = self._query["groupingSets"] or ()
        return frozenset().union(*(_always(item) for item in sets))

    @cached_property
    def _nulled(self) -> frozenset[tuple[Any, ...]]:
        return frozenset(
            shape(entry["expr"], self._meaning)
            for entry in self._query["targetList"] or ()
            if entry["ressortgroupref"] in self._numbers - self._kept
        )

    @cached_property
    def _numbers(self) -> frozenset[int]:
        return frozenset(item["tleSortGroupRef"] for item in self._query["groupClause"] or ())

    def may_null(self, node: Node) -> bool:
        """Say whether an expression is a grouped value that some grouping set leaves out."""
        if not self.has_sets:
            return False
        found = shape(node, self._meaning)
        # What stands for what is not looked up inside subqueries: one may be any other.
        return found in self._nulled or (
            SUBQUERY in found and any(SUBQUERY in nulled for nulled in self._nulled)
        )

    def _meaning(self, variable: Node) -> Node | None:
        """Return what a column of a join stands for: it is grouped where that is."""
        if variable["varlevelsup"] or variable["varattno"] <= 0:
            return None
        entry = self._query["rtable"][variable["varno"] - 1]
        listed: Any = entry["joinaliasvars"] if entry["rtekind"] == JOIN else ()
        number = variable["varattno"] - 1
        return listed[number] if number < len(listed) else None


def _may_be_empty(item: Node) -> bool:
    if item["kind"] == SETS:
        return any(_may_be_empty(part) for part in item["content"])
    return bool(item["kind"] != SIMPLE)


def _always(item: Node) -> frozenset[int]:
    """Return the grouped expressions that are in every set."""
    if item["kind"] == SIMPLE:
        return frozenset(item["content"])
    if item["kind"] == SETS:
        return frozenset.intersection(*(_always(part) for part in item["content"]))
    return frozenset()
