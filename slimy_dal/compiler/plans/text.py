"""Writes plans as EXPLAIN does, with the query's own parameter names: rounded for files, with costs for people."""

from collections.abc import Callable, Iterator

from slimy_dal.compiler.plans.plan import Node
from slimy_dal.compiler.plans.words import about
from slimy_dal.engine import explained
from slimy_dal.engine.explained import PARTITION, named

__all__ = ["PARTITION", "lines", "named", "shape", "title"]

APPENDS = frozenset({"Append", "Merge Append"})


def title(node: Node) -> str:
    """Return a node's first line as EXPLAIN writes it: `Index Scan using users_pkey on users u`."""
    return explained.title(node.raw)


def lines(
    node: Node,
    say: Callable[[str], str],
    figures: Callable[[Node], str] = lambda node: about(node.rows),
    depth: int = 0,
) -> Iterator[str]:
    """Return a plan's lines: `say` names the parameters in conditions, `figures` says a node's numbers."""
    name = node.raw.get("Subplan Name")
    indent = "    " * depth
    if name:
        yield f"{indent}{name}:"
    numbers = figures(node)
    yield f"{indent}{title(node)}{f'  ({numbers})' if numbers else ''}"
    for key, value in explained.details(node.raw):
        yield f"{indent}  - {key}: {say(value)}"
    # EXPLAIN puts subplans that run once first, and those of single rows last.
    for child, alike in _together(node, say):
        first, *rest = lines(child, say, figures, depth + 1)
        yield f"{first}, and {alike} partitions like it" if alike else first
        yield from rest


def _together(node: Node, say: Callable[[str], str]) -> Iterator[tuple[Node, int]]:
    """Return a node's children, each with the number of those behind it that differ by their partition alone."""
    found: list[tuple[str, Node, int]] = []
    for child in node.children:
        text = ""
        if node.kind in APPENDS:
            text = PARTITION.sub("", "\n".join(lines(child, say, lambda _: "")))
        if text and found and found[-1][0] == text:
            found[-1] = (text, found[-1][1], found[-1][2] + 1)
        else:
            found.append((text, child, 0))
    for _, child, alike in found:
        yield child, alike


def shape(node: Node, say: Callable[[str], str]) -> str:
    """Return a plan's nodes, indexes and conditions without any number."""
    return "\n".join(lines(node, say, lambda _: ""))
