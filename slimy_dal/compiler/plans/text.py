"""Writes plans as EXPLAIN does, with the query's own parameter names: rounded for files, with costs for people."""

import re
from collections.abc import Callable, Iterator, Mapping

from slimy_dal.compiler.plans.plan import CONDITIONS, Node
from slimy_dal.compiler.plans.words import about

__all__ = ["PARTITION", "lines", "named", "shape", "title"]

STRATEGIES = {"Hashed": "HashAggregate", "Sorted": "GroupAggregate", "Mixed": "MixedAggregate"}
SEVERAL = ("Group Key", "Sort Key", "Presorted Key", "Conflict Arbiter Indexes")
SINGLE = ("Conflict Resolution", "Conflict Filter", "Cache Key", "Subplans Removed")
APPENDS = frozenset({"Append", "Merge Append"})
PARTITION = re.compile(r"_\d{4}_\d{2}(?=_|\b)|_\d+\b")
"""What tells partitions apart: the month in their names, and the number behind their alias."""
NUMBERED = re.compile(r"\$(\d+)\b")
LITERAL = re.compile(
    r"'((?:[^']|'')*)'::"
    r"(?:(?:\w+|\"[^\"]+\")\.)?(?:\w+|\"[^\"]+\")"
    r"(?:\(\d+(?:,\d+)?\))?(?: (?:with(?:out)? time zone|varying|precision))?(?:\[\])?"
)


def title(node: Node) -> str:
    """Return a node's first line as EXPLAIN writes it: `Index Scan using users_pkey on users u`."""
    name, raw = _kind(node), node.raw
    backwards = " Backward" if raw.get("Scan Direction") == "Backward" else ""
    if node.kind == "Bitmap Index Scan":
        return f"{name} on {node.index}"
    if node.index:
        name = f"{name}{backwards} using {node.index}"
    target = raw.get("Relation Name") or raw.get("Function Name") or raw.get("CTE Name")
    if target is None:
        return f"{name} on {node.alias}" if node.alias and node.kind != "Result" else name
    alias = f" {node.alias}" if node.alias and node.alias != target else ""
    return f"{name} on {target}{alias}"


def _kind(node: Node) -> str:
    raw, name = node.raw, node.kind
    if node.kind == "ModifyTable":
        name = str(raw["Operation"])
    elif node.kind == "Aggregate":
        name = STRATEGIES.get(str(raw.get("Strategy")), "Aggregate")
        partial = raw.get("Partial Mode", "Simple")
        name = name if partial == "Simple" else f"{partial} {name}"
    elif node.kind == "SetOp":
        name = f"{raw.get('Strategy', '')} SetOp {raw.get('Command', '')}".replace(
            "Hashed ", "Hash"
        )
    join = raw.get("Join Type", "Inner")
    if join != "Inner":
        name = (
            f"{name} {join} Join"
            if node.kind == "Nested Loop"
            else name.replace("Join", f"{join} Join")
        )
    return f"Parallel {name}" if raw.get("Parallel Aware") else name


def named(text: str, parameters: tuple[str, ...], literals: Mapping[str, str]) -> str:
    """Return a condition with `:name` for `$n`, and for the values a custom plan was made with."""

    def literal(match: re.Match[str]) -> str:
        name = literals.get(match[1].replace("''", "'"))
        return match[0] if name is None else f":{name}"

    def number(match: re.Match[str]) -> str:
        place = int(match[1])
        return f":{parameters[place - 1]}" if 0 < place <= len(parameters) else match[0]

    return _bare(LITERAL.sub(literal, NUMBERED.sub(number, text)))


def _bare(text: str) -> str:
    """Take off the brackets around the whole."""
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for place, character in enumerate(text):
            depth += (character == "(") - (character == ")")
            if depth == 0 and place < len(text) - 1:
                return text
        text = text[1:-1]
    return text


def details(node: Node) -> Iterator[tuple[str, str]]:
    """Return what EXPLAIN writes below a node's first line."""
    for key in SEVERAL:
        if node.raw.get(key):
            yield key, ", ".join(map(str, node.raw[key]))
    for key in (*SINGLE, *CONDITIONS):
        if node.raw.get(key) and node.raw[key] != "NONE":
            yield key, str(node.raw[key])


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
    for key, value in details(node):
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
