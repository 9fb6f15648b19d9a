"""Judges plans: what reads, sorts, loops over or returns more than a page is found, with the place and the plan."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from slimy_dal.compiler.plans import conditions
from slimy_dal.compiler.plans.explain import Plan, Plans
from slimy_dal.compiler.plans.judged import Judged
from slimy_dal.compiler.plans.plan import Node
from slimy_dal.compiler.plans.text import PARTITION, title
from slimy_dal.compiler.plans.words import about, count, plural
from slimy_dal.compiler.query import Location, Query

__all__ = ["Finding", "Limits", "examine"]

MOST_PARTITIONS = 3
MOST_LABELS = 3
ORDERED = re.compile(r"\border\s+by\b", re.IGNORECASE)
SLACK = 1.05
"""Estimates of a page come out a little above a page."""
WASTE = 4
"""Rows read for each row that is wanted, from which on a filter should be a condition of an index."""
INDEX_SCANS = frozenset({"Index Scan", "Index Only Scan"})
APPENDS = frozenset({"Append", "Merge Append"})
SORTS = frozenset({"Sort", "Incremental Sort"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much: rows at a time, entries of a list, and the rows a table is big from."""

    page: int
    array: int
    big: int


@dataclass(slots=True)
class Finding:
    """One thing that a plan must not do: the rule, the place, what it is, its plan, and what helps."""

    rule: str
    query: Query
    message: str
    help: str
    plan: Plan | None = None
    plans: Plans | None = None
    node: Node | None = None
    labels: list[str] = field(default_factory=list)

    @property
    def location(self) -> Location:
        """Where the query stands."""
        return Location(self.query.path, self.query.line, 1)

    def __str__(self) -> str:
        first = "; ".join(dict.fromkeys(self.labels[:MOST_LABELS]))
        more = len(self.labels) - MOST_LABELS
        cases = f" [{first}{f' and {more} more' if more > 0 else ''}]" if first else ""
        name = self.query.full_name
        return f"{self.location}: {name}: {self.rule}: {self.message}{cases}; {self.help}"


def examine(every: Iterable[Plans], judged: Judged, limits: Limits) -> list[Finding]:
    """Return what is found in the plans that the server may take, once for each query, rule and place."""
    found: dict[tuple[str, str, str], Finding] = {}
    for plans in every:
        query, examination = plans.description.query, _Examination(plans, judged, limits)
        for plan in plans.all:
            # Without values for it, a condition that NULL switches off is never what it costs at worst.
            some = examination.findings(plan) if plan.chosen else examination.switched(plan)
            for rule, node, message, helps in some:
                where = plan.label if not plans.label else f"{plans.label}, {plan.label}"
                finding = Finding(rule, query, message, helps, plan, plans, node)
                place = PARTITION.sub("", title(node).removeprefix("Parallel "))
                known = found.setdefault((query.full_name, rule, place), finding)
                known.labels.append(where)
    return list(found.values())


_Found = tuple[str, Node, str, str]


@dataclass(frozen=True, slots=True)
class _Examination:
    plans: Plans
    judged: Judged
    limits: Limits

    @property
    def most(self) -> int:
        """The rows this statement may handle at a time."""
        query, bound = self.plans.description.query, self.plans.description.bound
        declared = query.directive("page")
        if declared is not None:
            return int(declared.value)
        is_list = bound is not None and bound.kind == "array"
        lists = any(p.type.kind == "array" for p in self.plans.description.parameters)
        entries = self.limits.array if is_list or lists else 0
        return int(max(self.limits.page, entries) * SLACK)

    def findings(self, plan: Plan) -> Iterator[_Found]:
        """Return every finding of one plan."""
        for node in plan.root.walk():
            yield from self._reads(node)
            yield from self._walks(node)
            yield from self._sorts(node)
            yield from self._loops(node)
            yield from self._partitions(node)
            yield from self._filters(node, plan)
            yield from self._skips(node)
        yield from self._returns(plan.root)

    def switched(self, plan: Plan) -> Iterator[_Found]:
        """Return the conditions that a parameter switches off: calls that do so choose this plan for all."""
        for node in plan.root.walk():
            text = node.condition("Filter")
            if text is not None and self._is_big(node) and conditions.tells_null(text):
                yield _switch(node, text)

    def _is_big(self, node: Node) -> bool:
        """Say whether a node reads a big table; a partial index is as large as what it holds."""
        if node.table is None:
            return False
        part = self.judged.held(node.table, node.index) / max(self.judged.leaf_rows(node.table), 1)
        return self.judged.rows(node.table) * part >= self.limits.big

    def _reads(self, node: Node) -> Iterator[_Found]:
        whole = node.kind == "Seq Scan" or (
            node.kind in INDEX_SCANS
            and node.condition("Index Cond") is None
            and node.condition("Order By") is None
        )
        if node.table is None or not whole or not self._is_big(node):
            return
        runs = 1.0 if node.raw.get("Parallel Aware") else node.executions
        every = self.judged.held(node.table, node.index)
        # How soon a page is full is a guess where few rows pass: at worst none does before the end.
        kept = node.rows * (node.executions if node.raw.get("Parallel Aware") else 1.0)
        few = node.condition("Filter") is not None and kept * WASTE < every
        read = every * (1.0 if few else node.share * runs)
        if read <= max(self.most, WASTE * min(self.most, node.given)):
            return
        way = "it is read from end to end" if node.index is None else f"all of {node.index} is read"
        has = plural(self.judged.rows(node.table), "row")
        if every < self.judged.leaf_rows(node.table):
            way += f", which holds {plural(every, 'row')}"
        message = f"{'.'.join(node.table)} has {has}, and {way}"
        yield "seq-scan", node, message, "compare columns of an index, or page in the order of one"

    def _walks(self, node: Node) -> Iterator[_Found]:
        """Find indexes whose first column is not compared by =: a condition on a later one reads what is between."""
        if node.table is None or not self._is_big(node):
            return
        scans = [n for n in node.walk() if n.kind == "Bitmap Index Scan"]
        for scan in scans if node.kind == "Bitmap Heap Scan" else [node]:
            walked = self.judged.walked(scan, node)
            if (
                walked is None
                or walked[1] * node.share * node.executions <= WASTE * self.limits.big
            ):
                continue
            rows, first = plural(self.judged.rows(node.table), "row"), walked[0]
            most = "all" if walked[2] else f"a stretch of about {plural(walked[1], 'row')}"
            message = f"{'.'.join(node.table)} has {rows}, and {most} of {scan.index} is read"
            by = "" if walked[2] else " by ="
            helps = f"its first column, {first}, is not compared{by}: put those compared by = first"
            yield "seq-scan", node, message, helps

    def _sorts(self, node: Node) -> Iterator[_Found]:
        if node.kind not in SORTS:
            return
        rows = max((child.given for child in node.inputs()), default=0.0)
        if rows > self.most:
            key = ", ".join(map(str, node.raw.get("Sort Key", ())))
            message = f"{about(rows)} are sorted by {key}, a page has {self.limits.page}"
            yield (
                "sort",
                node,
                message,
                "let an index give the order: its columns behind those compared by =",
            )

    def _loops(self, node: Node) -> Iterator[_Found]:
        if node.kind != "Nested Loop":
            return
        outer = next((c for c in node.inputs() if c.role == "Outer"), None)
        inner = next((c for c in node.inputs() if c.role == "Inner"), None)
        if outer is None or inner is None or outer.given <= self.most:
            return
        touched = next((n for n in inner.walk() if self._is_big(n)), None)
        if touched is not None and touched.table is not None:
            message = (
                f"{'.'.join(touched.table)} is looked into once for each of {about(outer.given)}"
            )
            yield "nested-loop", node, message, "cut the outer side to a page first"

    def _partitions(self, node: Node) -> Iterator[_Found]:
        if node.kind not in APPENDS:
            return
        tables = [t for child in node.inputs() for n in child.walk() if (t := n.table)]
        roots = {self.judged.root(table) for table in tables}
        leaves = len({table for table in tables if self.judged.root(table) != table})
        # Only partitions that stand in the page's order are left unread when it is full.
        ordered = node.kind == "Append" and ORDERED.search(self.plans.description.query.sql)
        read = leaves * (node.share if ordered else 1.0)
        if len(roots) == 1 and read > MOST_PARTITIONS:
            root = roots.pop()
            key = self.judged.partition_key(root)
            message = f"{count(read)} partitions of {'.'.join(root)} are read"
            yield "partitions", node, message, f"compare its partition key with the time: {key}"

    def _returns(self, root: Node) -> Iterator[_Found]:
        rows = root.given
        if root.kind == "ModifyTable":
            rows = max([root.given, *(child.given for child in root.inputs())])
        if rows > self.most:
            doing = "changed" if root.kind == "ModifyTable" else "returned"
            message = f"{about(rows)} are {doing}, a page has {self.limits.page}"
            yield "rows", root, message, "add a LIMIT, or say how many are meant: `page: 1000`"

    def _skips(self, node: Node) -> Iterator[_Found]:
        if node.kind != "Limit":
            return
        read = max((child.given for child in node.inputs()), default=0.0)
        if read > max(self.most, WASTE * max(node.given, 1.0)):
            message = f"{about(read)} are read for {about(node.given)}: OFFSET skips the others"
            yield "filter", node, message, "page by the last row's key: `-- sort:` does"

    def _filters(self, node: Node, plan: Plan) -> Iterator[_Found]:
        text = node.condition("Filter")
        if text is None or node.table is None or not self._is_big(node):
            return
        if conditions.or_keyset(text):
            helps = "compare whole rows: `(a, b) < (:a, :b)`"
            yield "filter", node, f"a page's place is no condition of an index: {text}", helps
            return
        if conditions.tells_null(text):
            yield _switch(node, text)
            return
        matched = self.judged.matched(plan, node)
        if matched is None:
            return
        thrown = (matched - node.rows) * node.share * node.executions
        wanted = max(node.given, 1.0)
        if thrown > max(self.most, WASTE * wanted) and node.kind != "Seq Scan":
            message = f"{about(thrown)} of {'.'.join(node.table)} are read for nothing by {text}"
            yield (
                "filter",
                node,
                message,
                "an index that holds these columns reads only what is meant",
            )


def _switch(node: Node, text: str) -> _Found:
    message = f"a condition that a parameter switches off uses no index: {text}"
    return "filter", node, message, "declare it: `-- filter: column = :value`"
