"""Knows what rules ask about a plan's surroundings: sizes of tables, and how many rows an index condition leaves."""

import re
from dataclasses import dataclass, field

from slimy_dal.compiler.plans.conditions import ANY_COLUMN, column_of, comparisons
from slimy_dal.compiler.plans.explain import Plan, Plans, explained
from slimy_dal.compiler.plans.plan import Node
from slimy_dal.compiler.plans.relations import Name, Relations
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError

__all__ = ["Judged"]

NUMBERED = re.compile(r"\$\d+")
SUBPLAN = re.compile(r"\((?:hashed )?(?:InitPlan|SubPlan) \w+\)(?:\.col\d+)?")
TUPLE_COST = 0.02
ENTRY_COST = 0.0075
"""What the planner takes an entry of an index for, with one comparison."""


@dataclass(slots=True)
class Judged:
    """The relations of a database, and the rows that conditions of its plans leave."""

    relations: Relations
    page_cost: float = 4.0
    _matched: dict[int, float] = field(default_factory=dict)
    _asked: dict[str, float | None] = field(default_factory=dict)
    _kept: list[Plans] = field(default_factory=list)

    def rows(self, table: Name) -> float:
        """Return the rows of a table; of a partition those of the whole partitioned table."""
        return self.relations.rows(self.relations.root(table))

    def leaf_rows(self, table: Name) -> float:
        """Return the rows of a table itself, of a partition its own."""
        return sum(leaf.rows for leaf in self.relations.leaves(table))

    def held(self, table: Name, index: str | None) -> float:
        """Return the rows that reading the whole of a table, or of that index of it, comes to.

        A partial index holds the rows of its condition only.
        """
        rows = self.leaf_rows(table)
        found = self.relations.indexes.get((table[0], index or ""))
        if found is None or found.predicate is None or found.entries < 0:
            return rows
        return min(rows, found.entries)

    def root(self, table: Name) -> Name:
        """Return the partitioned table of a partition, else the table itself."""
        return self.relations.root(table)

    def partition_key(self, table: Name) -> str:
        """Return the key of a partitioned table as its definition has it."""
        found = self.relations.tables.get(table)
        return (found.partition_key if found is not None else None) or "its partition key"

    def matched(self, _plan: Plan, node: Node) -> float | None:
        """Return the rows that a scan's index leaves, before its filter; None where nobody knows."""
        return self._matched.get(id(node))

    def walked(self, scan: Node, heap: Node) -> tuple[str, float, bool] | None:
        """Return the first column of a scan's B-tree and the entries that are read, where it is not compared by =.

        Only where a later column is; a range that no such column follows reads what it means. The entries
        are those that the planner's cost pays for: skipping from value to value is cheap where the first
        column has few. At last stands whether the first column is not compared at all.
        """
        table, condition = heap.table, scan.condition("Index Cond")
        index = self.relations.indexes.get(((table or ("", ""))[0], scan.index or ""))
        if table is None or condition is None or index is None or index.method != "btree":
            return None
        compared = [
            (column_of(one.left), one.operator) for one in comparisons(condition, heap.alias)
        ]
        first = index.keys[0].strip('"')
        of_first = {operator for column, operator in compared if column and column[1] == first}
        later = {operator for column, operator in compared if column and column[1] != first}
        if not compared or None in {column for column, _ in compared}:
            return None
        if not of_first.isdisjoint({"=", "IS NULL"}) or (of_first and "=" not in later):
            return None
        rows = self.held(table, scan.index)
        full = index.pages * self.page_cost + rows * ENTRY_COST
        of_table = scan.rows * (self.page_cost + TUPLE_COST) if scan.kind == "Index Scan" else 0.0
        cost = max(scan.total - scan.startup - of_table, 0.0)
        if scan.kind == "Bitmap Index Scan":
            cost = scan.total
        return first, rows * min(1.0, cost / full), not of_first

    async def look(self, connection: Connection, plans: Plans) -> None:
        """Find out what `matched` answers about a statement's plans."""
        self._kept.append(plans)  # nodes are known by identity, so they must stay
        for plan in plans.possible:
            for node in plan.root.walk():
                if node.condition("Filter") is not None and node.table is not None:
                    rows = await self._find(connection, node)
                    if rows is not None:
                        self._matched[id(node)] = rows

    async def _find(self, connection: Connection, node: Node) -> float | None:
        assert node.table is not None  # noqa: S101 -- asked by the caller
        if node.kind == "Bitmap Heap Scan":
            return max((child.rows for child in node.inputs()), default=None)
        condition = node.condition("Index Cond")
        if condition is None:
            return self.held(node.table, node.index)
        index = self.relations.indexes.get((node.table[0], node.index or ""))
        predicate = index.predicate if index is not None else None
        known = await self._ask(connection, node.table, node.alias, condition, predicate)
        if known is None:
            # At least so many rows cost what the scan costs, were each on a page of its own.
            return (node.total - node.startup) / (self.page_cost + TUPLE_COST)
        return known

    async def _ask(
        self,
        connection: Connection,
        table: Name,
        alias: str,
        condition: str,
        predicate: str | None,
    ) -> float | None:
        schema, name = (part.replace('"', '""') for part in table)
        alone = _alone(condition, alias)
        sql = f'SELECT FROM "{schema}"."{name}" AS "{alias}" WHERE {alone}'
        if predicate is not None:
            sql += f" AND ({predicate})"
        if sql not in self._asked:
            count = len(set(NUMBERED.findall(alone)))
            self._asked[sql] = await _estimate(connection, sql, count)
        return self._asked[sql]


def _alone(condition: str, alias: str) -> str:
    """Return a condition with a parameter for whatever is not of the table itself, numbered from 1."""

    def outer(match: re.Match[str]) -> str:
        return match[0] if match["alias"].strip('"') == alias else f"$0{match[0]}$0"

    text = SUBPLAN.sub(lambda match: f"$0{match[0]}$0", ANY_COLUMN.sub(outer, condition))
    places: dict[str, str] = {}
    return re.sub(
        r"\$0.*?\$0|\$\d+", lambda m: places.setdefault(m[0], f"${len(places) + 1}"), text
    )


async def _estimate(connection: Connection, sql: str, count: int) -> float | None:
    nulls = f"({', '.join(['NULL'] * count)})" if count else ""
    try:
        await connection.execute(f"PREPARE slimy_matched AS {sql}")
    except SlimyError:
        if not connection.usable:
            raise
        return None
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    try:
        plan = await explained(connection, f"EXECUTE slimy_matched{nulls}")
    finally:
        await connection.execute("DEALLOCATE slimy_matched; SET plan_cache_mode = auto")
    return float(plan["Plan Rows"])
