"""Names, types and expressions of the parser's tree, as plain words."""

import re
from collections.abc import Iterator
from typing import Any

__all__ = [
    "calls",
    "columns_of",
    "dotted",
    "marks_of",
    "nodes",
    "not_null_columns",
    "object_kind",
    "option",
    "plain",
    "relation",
    "strings",
    "type_name",
]

HOME = "public"
"""Names of this schema are written without it, as most projects do."""


def dotted(names: Any) -> str:
    """Return a name of one or more parts, `public` and `pg_catalog` left out."""
    if names is None:
        return ""
    parts = getattr(names, "names", None) or getattr(names, "objname", None) or names
    if not isinstance(parts, tuple | list):
        parts = (parts,)
    words = [getattr(part, "sval", None) or str(part) for part in parts]
    return ".".join(words[1:] if len(words) > 1 and words[0] in {HOME, "pg_catalog"} else words)


def plain(written: str) -> str:
    """Return a name as it is written in SQL, as these rules know it: without quotes, without `public`."""
    parts = [
        one[1:-1].replace('""', '"') if one.startswith('"') else one.lower()
        for one in re.findall(r'"(?:[^"]|"")*"|[^.]+', written)
    ]
    return ".".join(parts[1:] if len(parts) > 1 and parts[0] == HOME else parts)


def relation(node: Any) -> str:
    """Return the name of a RangeVar."""
    if node is None:
        return ""
    schema = getattr(node, "schemaname", None)
    return f"{schema}.{node.relname}" if schema and schema != HOME else str(node.relname)


def type_name(node: Any) -> str:
    """Return a type as it is written: `varchar(20)`, `int4[]`."""
    if node is None or not getattr(node, "names", None):
        return ""
    numbers = [
        str(value.ival)
        for mod in node.typmods or ()
        if (value := getattr(mod, "val", None)) is not None and hasattr(value, "ival")
    ]
    given = f"({','.join(numbers)})" if numbers else ""
    return dotted(node.names) + given + "[]" * len(node.arrayBounds or ())


def nodes(node: Any) -> Iterator[Any]:
    """Yield a tree's nodes, the outermost first."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple | list):
            waiting.extend(reversed(one))
        elif isinstance(getattr(type(one), "__slots__", None), dict):
            yield one
            waiting.extend(value for name in one if (value := getattr(one, name, None)) is not None)


def calls(node: Any) -> tuple[str, ...]:
    """Return the functions that an expression calls."""
    return tuple(dotted(one.funcname) for one in nodes(node) if type(one).__name__ == "FuncCall")


def strings(node: Any) -> frozenset[str]:
    """Return the string constants in a tree."""
    values: list[Any] = [one.val for one in nodes(node) if type(one).__name__ == "A_Const"]
    return frozenset(one.sval for one in values if type(one).__name__ == "String")


def columns_of(node: Any) -> tuple[str, ...]:
    """Return the last parts of the columns that an expression names."""
    return tuple(
        last.sval
        for one in nodes(node)
        if type(one).__name__ == "ColumnRef" and hasattr(last := one.fields[-1], "sval")
    )


def not_null_columns(node: Any) -> tuple[str, ...]:
    """Return the columns that a CHECK proves to be not null: `a IS NOT NULL AND ...`."""
    if node is None:
        return ()
    kind = type(node).__name__
    if kind == "BoolExpr" and node.boolop.name == "AND_EXPR":
        return tuple(name for part in node.args for name in not_null_columns(part))
    if kind == "NullTest" and node.nulltesttype.name == "IS_NOT_NULL":
        return columns_of(node.arg)
    return ()


def object_kind(value: Any) -> str:
    """Return the word for a kind of object: `table`, `matview`, `function`."""
    return str(value.name).removeprefix("OBJECT_").lower()


def marks_of(**said: object) -> frozenset[str]:
    """Return the names of what is true."""
    return frozenset(name for name, value in said.items() if value)


def option(options: Any, name: str) -> bool:
    """Say whether an option is given and not switched off."""
    for one in options or ():
        if one.defname == name:
            value = getattr(one.arg, "sval", getattr(one.arg, "boolval", True))
            return value not in {"off", "false", False, "0"}
    return False
