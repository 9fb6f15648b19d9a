"""The tree of a plan: what EXPLAIN says of each node, and how much of it a statement really asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slimy_dal.compiler.plans.relations import Name
from slimy_dal.engine.explained import CONDITIONS

__all__ = ["CONDITIONS", "SCANS", "Node", "tree"]

SCANS = frozenset(
    {
        "Seq Scan",
        "Index Scan",
        "Index Only Scan",
        "Bitmap Heap Scan",
        "Bitmap Index Scan",
        "Tid Scan",
    }
)
BLOCKING = frozenset({"Sort", "Hash", "Bitmap Heap Scan", "BitmapAnd", "BitmapOr", "ModifyTable"})
"""Nodes that read all of their input before they give a row."""
LEADER = 0.3
"""The part of a worker's time that looking after each worker costs the leader, as the planner has it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a plan.

    `rows` is the planner's estimate for one run; `executions` how often the statement runs the
    node, and `share` the part of its rows that a run is asked for: below a LIMIT a node that
    streams gives only what the page needs, one that sorts or hashes reads everything.
    """

    kind: str
    raw: Mapping[str, Any]
    rows: float
    width: int
    startup: float
    total: float
    children: tuple["Node", ...]
    executions: float = 1.0
    share: float = 1.0

    @property
    def given(self) -> float:
        """The rows the node gives in all, in the whole statement."""
        return self.rows * self.share * self.executions

    @property
    def table(self) -> Name | None:
        """The table that is read or written."""
        name = self.raw.get("Relation Name")
        return None if name is None else (self.raw.get("Schema", ""), name)

    @property
    def alias(self) -> str:
        """The name that conditions call the table by."""
        return str(self.raw.get("Alias", ""))

    @property
    def index(self) -> str | None:
        """The index that is read."""
        return self.raw.get("Index Name")

    @property
    def role(self) -> str:
        """What the node is to its parent: Outer, Inner, Subquery, InitPlan, SubPlan, Member."""
        return str(self.raw.get("Parent Relationship", ""))

    def condition(self, key: str) -> str | None:
        """Return a condition as EXPLAIN writes it."""
        return self.raw.get(key)

    def inputs(self) -> list["Node"]:
        """Return the children that rows come from, subplans left out."""
        return [child for child in self.children if child.role not in {"InitPlan", "SubPlan"}]

    def walk(self) -> Iterator["Node"]:
        """Return the node and everything below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def tree(raw: Mapping[str, Any], page: float | None = None) -> Node:
    """Return the tree of EXPLAIN's JSON.

    `page` is for a generic plan of a statement that ends in `LIMIT $n`: there the planner takes a
    tenth of all rows for a page, which is replaced by this many rows.
    """
    return _Reading(page).node(raw, 1.0, 1.0)


class _Reading:
    """Reads one plan: estimates from the leaves up, what is asked for from the root down."""

    def __init__(self, page: float | None) -> None:
        self._page = page
        self._factors: dict[str, float] = {}

    def node(self, raw: Mapping[str, Any], executions: float, share: float) -> Node:
        rows = self._rows(raw)
        runs = executions
        children = [
            self.node(child, *self._asked(raw, child, runs, share))
            for child in raw.get("Plans", ())
        ]
        return Node(
            str(raw["Node Type"]),
            raw,
            rows,
            int(raw["Plan Width"]),
            float(raw["Startup Cost"]),
            float(raw["Total Cost"]),
            tuple(children),
            executions,
            share,
        )

    def _rows(self, raw: Mapping[str, Any]) -> float:
        return float(raw["Plan Rows"]) * self._factor(raw)

    def _factor(self, raw: Mapping[str, Any]) -> float:
        """Return what a page instead of a tenth makes of a node's estimate."""
        if self._page is None:
            return 1.0
        factor = 1.0
        for child in raw.get("Plans", ()):
            below = self._factor(child)
            if name := str(child.get("Subplan Name", "")):
                self._factors[name] = below
            else:
                factor *= below
        if raw["Node Type"] == "CTE Scan":
            return self._factors.get(f"CTE {raw['CTE Name']}", 1.0)
        if raw["Node Type"] == "Limit":
            return min(factor, self._page / max(float(raw["Plan Rows"]), 1.0))
        return factor

    def _asked(
        self, raw: Mapping[str, Any], child: Mapping[str, Any], runs: float, share: float
    ) -> tuple[float, float]:
        """Return how often a child runs, and the part of its rows a run is asked for."""
        kind, role = raw["Node Type"], child.get("Parent Relationship")
        if role in {"InitPlan", "SubPlan"}:
            once = role == "InitPlan" or _is_hashed(raw, child)
            return (1.0 if once else runs * max(self._rows(raw) * share, 1.0)), 1.0
        if kind == "Limit":
            return runs, share * self._limited(raw, child)
        if kind == "Nested Loop" and role == "Inner":
            outer = next(p for p in raw["Plans"] if p.get("Parent Relationship") == "Outer")
            return runs * max(self._rows(outer) * share, 1.0), _inner_share(raw, self._rows(child))
        if kind in {"Gather", "Gather Merge"}:
            return runs * _workers(raw), share
        blocks = kind in BLOCKING or (kind == "Aggregate" and raw.get("Strategy") != "Sorted")
        return runs, 1.0 if blocks else share

    def _limited(self, raw: Mapping[str, Any], child: Mapping[str, Any]) -> float:
        """Return the part of its input that a Limit reads: by its rows, or by its cost, which has OFFSET in it."""
        by_rows = self._rows(raw) / max(self._rows(child), 1.0)
        start = float(child["Startup Cost"])
        span = float(child["Total Cost"]) - start
        # What runs once before it, such as a WITH, is in its cost too.
        start += sum(
            float(one["Total Cost"])
            for one in raw["Plans"]
            if one.get("Parent Relationship") == "InitPlan"
        )
        if self._page is not None or span <= 0:
            return min(1.0, by_rows)
        return min(1.0, max(by_rows, (float(raw["Total Cost"]) - start) / span))


def _inner_share(raw: Mapping[str, Any], rows: float) -> float:
    """Return the part of its inner side that a loop reads: a semi join stops at the first match."""
    stops = raw.get("Join Type") in {"Semi", "Anti"} or raw.get("Inner Unique")
    return min(1.0, 1.0 / max(rows, 1.0)) if stops else 1.0


def _is_hashed(raw: Mapping[str, Any], child: Mapping[str, Any]) -> bool:
    name = f"hashed {child.get('Subplan Name', '')}"
    return any(name in str(raw.get(key, "")) for key in CONDITIONS)


def _workers(raw: Mapping[str, Any]) -> float:
    """Return by how much the planner divided the rows of a parallel part."""
    planned = float(raw.get("Workers Planned", 0))
    return planned + max(0.0, 1.0 - LEADER * planned)
