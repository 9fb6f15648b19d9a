"""Writes what EXPLAIN says of a node in the words of kept plans: titles, conditions, parameters by their names."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["CONDITIONS", "PARTITION", "details", "named", "title"]

CONDITIONS = (
    "Index Cond",
    "Recheck Cond",
    "TID Cond",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "Order By",
    "Filter",
    "One-Time Filter",
)
"""Where EXPLAIN says conditions, in its own order."""

STRATEGIES = {"Hashed": "HashAggregate", "Sorted": "GroupAggregate", "Mixed": "MixedAggregate"}
SEVERAL = ("Group Key", "Sort Key", "Presorted Key", "Conflict Arbiter Indexes")
SINGLE = ("Conflict Resolution", "Conflict Filter", "Cache Key", "Subplans Removed")
PARTITION = re.compile(r"_\d{4}_\d{2}(?=_|\b)|_\d+\b")
"""What tells partitions apart: the month in their names, and the number behind their alias."""
NUMBERED = re.compile(r"\$(\d+)\b")
LITERAL = re.compile(
    r"'((?:[^']|'')*)'::"
    r"(?:(?:\w+|\"[^\"]+\")\.)?(?:\w+|\"[^\"]+\")"
    r"(?:\(\d+(?:,\d+)?\))?(?: (?:with(?:out)? time zone|varying|precision))?(?:\[\])?"
)


def title(raw: Mapping[str, Any]) -> str:
    """Return a node's first line as EXPLAIN writes it: `Index Scan using users_pkey on users u`."""
    name, kind, index = _kind(raw), raw["Node Type"], raw.get("Index Name")
    alias = str(raw.get("Alias", ""))
    backwards = " Backward" if raw.get("Scan Direction") == "Backward" else ""
    if kind == "Bitmap Index Scan":
        return f"{name} on {index}"
    if index:
        name = f"{name}{backwards} using {index}"
    target = raw.get("Relation Name") or raw.get("Function Name") or raw.get("CTE Name")
    if target is None:
        return f"{name} on {alias}" if alias and kind != "Result" else name
    return f"{name} on {target}{f' {alias}' if alias and alias != target else ''}"


def _kind(raw: Mapping[str, Any]) -> str:
    kind = name = str(raw["Node Type"])
    if kind == "ModifyTable":
        name = str(raw["Operation"])
    elif kind == "Aggregate":
        name = STRATEGIES.get(str(raw.get("Strategy")), "Aggregate")
        partial = raw.get("Partial Mode", "Simple")
        name = name if partial == "Simple" else f"{partial} {name}"
    elif kind == "SetOp":
        name = f"{raw.get('Strategy', '')} SetOp {raw.get('Command', '')}".replace(
            "Hashed ", "Hash"
        )
    join = raw.get("Join Type", "Inner")
    if join != "Inner":
        name = (
            f"{name} {join} Join" if kind == "Nested Loop" else name.replace("Join", f"{join} Join")
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


def details(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return what EXPLAIN writes below a node's first line."""
    for key in SEVERAL:
        if raw.get(key):
            yield key, ", ".join(map(str, raw[key]))
    for key in (*SINGLE, *CONDITIONS):
        if raw.get(key) and raw[key] != "NONE":
            yield key, str(raw[key])
