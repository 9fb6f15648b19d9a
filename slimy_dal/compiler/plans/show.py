"""Shows plans to people who ask: costs, rows, pages, and which plan the server will take."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from slimy_dal.compiler.plans.explain import Plan, Plans
from slimy_dal.compiler.plans.kept import say
from slimy_dal.compiler.plans.plan import Node
from slimy_dal.compiler.plans.text import lines, title
from slimy_dal.compiler.plans.words import about, count

__all__ = ["as_json", "shown"]

INDENT = "  "
DESCENT = 4
"""Pages from the root of an index to a leaf, of a table of a hundred million rows."""
ENTRIES = 200
"""Entries of an index on one page."""
TUPLE_COST = 0.01


def shown(plans: Iterable[Plans]) -> str:
    """Return the plans of statements with their costs, as a DBA reads them."""
    return "\n\n".join("\n".join(_statement(one)) for one in plans)


def _statement(plans: Plans) -> Iterator[str]:
    query = plans.description.query
    shape = f" [{plans.label}]" if plans.label else ""
    yield f"{query.full_name}{shape}  {query.path}:{query.line}"
    yield f"{INDENT}{_choice(plans)}"
    for same in _distinct(plans):
        first = same[0]
        figures = (
            f"cost {first.root.total:,.1f}, {about(first.root.rows)} of {first.root.width} bytes"
        )
        yield f"{INDENT}{'; '.join(plan.label for plan in same)}: {figures}"
        for line in lines(first.root, say(plans, first), _figures):
            yield f"{INDENT}{INDENT}{line}"


def _distinct(plans: Plans) -> list[list[Plan]]:
    """Return the plans, those of equal text and rows together."""
    found: dict[str, list[Plan]] = {}
    for plan in plans.all:
        found.setdefault("\n".join(lines(plan.root, say(plans, plan))), []).append(plan)
    return list(found.values())


def _choice(plans: Plans) -> str:
    """Say which plan the server will take, and why."""
    if not plans.customs:
        return "one plan for every call"
    cheapest, dearest = (f(plan.cost for plan in plans.customs) for f in (min, max))
    figures = f"{cheapest:,.1f}" if cheapest == dearest else f"{cheapest:,.1f} to {dearest:,.1f}"
    server = plans.generic.cost if plans.server_cost is None else plans.server_cost
    if not plans.generic.chosen:
        return (
            f"planned anew for each call: the plan without values looks dearer to the server"
            f" ({server:,.1f}) than those with values and their planning ({figures})"
        )
    if server < cheapest:
        return (
            f"the plan without values from the sixth call on: it costs {server:,.1f}, one with values"
            f" and its planning {figures}"
        )
    return f"either, by the values of the first calls: {server:,.1f} without values, {figures} with"


def _figures(node: Node) -> str:
    cost = f"cost {node.startup:,.1f}..{node.total:,.1f}"
    loops = f", {count(node.executions)} times" if node.executions > 1 else ""
    part = f", {count(node.given)} of them asked for" if node.share < 1 else ""
    return f"{cost}, {about(node.rows)} of {node.width} bytes{_buffers(node)}{part}{loops}"


def _buffers(node: Node) -> str:
    """Say how many pages of 8 kB a scan touches in one run, were no two of its rows in one; empty for others."""
    rows = max(1.0, node.rows * node.share)
    touched = {
        "Index Scan": DESCENT + rows,
        "Index Only Scan": DESCENT + rows / ENTRIES,
        "Bitmap Index Scan": DESCENT + rows / ENTRIES,
        "Bitmap Heap Scan": rows,
        "Seq Scan": max(1.0, (node.total - TUPLE_COST * node.rows) * node.share),
    }.get(node.kind)
    return "" if touched is None else f", up to {count(touched)} buffers"


def as_json(plans: Iterable[Plans]) -> str:
    """Return plans as data: for each statement its plans, which may be chosen, and their trees."""
    return json.dumps([_entry(one) for one in plans], indent=2, ensure_ascii=False)


def _entry(plans: Plans) -> dict[str, Any]:
    query = plans.description.query
    return {
        "query": query.full_name,
        "shape": plans.label or None,
        "file": query.path,
        "line": query.line,
        "plans": [_plan(plans, plan) for plan in plans.all],
    }


def _plan(plans: Plans, plan: Plan) -> dict[str, Any]:
    values: Sequence[str] = plan.texts or ()
    return {
        "values": plan.label,
        "parameters": dict(zip(plans.description.query.parameters, values, strict=False)),
        "chosen": plan.chosen,
        "cost": plan.cost,
        "tree": _node(plan.root),
    }


def _node(node: Node) -> dict[str, Any]:
    own = {key: value for key, value in node.raw.items() if key not in {"Plans", "Output"}}
    return {
        "title": title(node),
        "rows": node.rows,
        "executions": node.executions,
        "share": node.share,
        "explain": own,
        "children": [_node(child) for child in node.children],
    }
