"""Names values: the same name for the same expression over the same columns, wherever it is written."""

from collections.abc import Callable
from typing import Any

from slimy_dal.compiler.nodetree import Node

__all__ = ["shape", "signature"]

PLACES = frozenset(
    {
        "location",
        "varnosyn",
        "varattnosyn",
        "varnullingrels",
        "coerceformat",
        "funcformat",
        "relabelformat",
        "aggno",
        "aggtransno",
        "list_start",
        "list_end",
        "name_location",
    }
)
"""Fields that say where or how something is written, not what it is."""
UNREPEATABLE = frozenset(
    [
        "SUBLINK",
        "QUERY",
        "NEXTVALUEEXPR",
        "SETTODEFAULT",
        "CASETESTEXPR",
        "COERCETODOMAINVALUE",
        "CURRENTOFEXPR",
    ]
)
SUBLINK_VALUE = 2
LARGEST = 120
"""Nodes; longer expressions get no name, which only costs precision."""


def signature(
    node: Node,
    variable: Callable[[Node], tuple[Any, ...]],
    is_repeatable: Callable[[Node], bool],
) -> tuple[Any, ...] | None:
    """Return the name of a value, None where two evaluations may differ."""
    if node.kind == "VAR":
        return variable(node)
    parts = _parts(node, variable, is_repeatable)
    return None if parts is None else ("expression", *parts)


def shape(node: Node, meaning: Callable[[Node], Node | None]) -> tuple[Any, ...]:
    """Return what an expression looks like: equal where the server takes two for the same.

    `meaning` gives what a variable stands for, None for one that stands for itself.
    """
    return tuple(_parts(node, _variable, lambda _: True, None, meaning) or ())


def _variable(node: Node) -> tuple[Any, ...]:
    return ("column", node["varlevelsup"], node["varno"], node["varattno"])


def _itself(_: Node) -> Node | None:
    return None


def _parts(
    node: Node,
    variable: Callable[[Node], tuple[Any, ...]],
    is_repeatable: Callable[[Node], bool],
    largest: int | None = LARGEST,
    meaning: Callable[[Node], Node | None] = _itself,
) -> list[Any] | None:
    parts: list[Any] = []
    stack: list[Any] = [node]
    seen = 0
    while stack:
        top = stack.pop()
        if type(top) is list:
            parts.append(("list", len(top)))
            stack.extend(reversed(top))
        elif type(top) is not Node:
            parts.append(top)
        elif top.kind == "VAR":
            stands_for = meaning(top)
            if stands_for is None:
                parts.append(variable(top))
            else:
                stack.append(stands_for)
        else:
            seen += 1
            if largest is not None and (seen > largest or _differs(top) or not is_repeatable(top)):
                return None
            if top.kind == "QUERY":
                # Inside, the numbers of tables mean others.
                meaning = _itself
            parts.append(top.kind)
            stack.extend(value for name, value in top.fields.items() if name not in PLACES)
    return parts


def _differs(node: Node) -> bool:
    """Say whether a node means something else elsewhere, as the value a subquery is compared with."""
    return node.kind in UNREPEATABLE or (
        node.kind == "PARAM" and bool(node["paramkind"] == SUBLINK_VALUE)
    )
