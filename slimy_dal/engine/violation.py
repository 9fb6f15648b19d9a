"""Reads from a constraint's error which rule was broken by which columns, and never by which values."""

import re
from typing import Any

from slimy_dal.engine import errors
from slimy_dal.engine.errors import Details, SlimyError

__all__ = ["key_fields", "violation"]

KEY = re.compile(r'^[^("]*\((.*?)\)=\(')
PARTITION_KEY = re.compile(r"\((\w+)\) = \(")
"""In the DETAIL of a row without a partition, in every language; a partition's own constraint has `Failing row`."""

SEARCHING = "ExecFindPartition"
"""Where the server says it: under row level security there is no DETAIL."""

TAIL = re.compile(r"[^)]*$")
NAME = re.compile(r'"((?:[^"]|"")*)"|([^\W\d][\w$]*)')


def violation(error: Any, state: str, details: Details) -> SlimyError:
    """Return the error for SQLSTATE class 23; `error` is the driver's, only its names are used."""
    table = getattr(error, "table_name", None)
    constraint = getattr(error, "constraint_name", None) or ""
    fields = key_fields(getattr(error, "detail", None))
    found: dict[str, Any] = {"constraint": constraint, "table": table, "fields": fields, **details}
    query = details.get("query")
    where = f"{query}: " if query else ""
    if state == "23502":
        column = getattr(error, "column_name", None)
        return errors.MissingValue(column, "must be given (it may not be null)", **details)
    if state in {"23505", "23P01"}:
        same = ", ".join(fields) or "values"
        return errors.AlreadyExists(
            f"{where}another row has the same {same} ({constraint})", **found
        )
    if state == "23001" or (
        state == "23503" and _is_parent(error, table, details.get("server_message") or "")
    ):
        return errors.StillReferenced(
            f"{where}rows of {table} still refer to this row ({constraint}); remove them first",
            **found,
        )
    if state == "23503":
        return errors.InvalidReference(
            f"{where}the row referred to does not exist ({constraint})", **found
        )
    if state == "23514" and not constraint and table:
        key = PARTITION_KEY.search(getattr(error, "detail", None) or "")
        if key is not None or getattr(error, "server_source_function", None) == SEARCHING:
            missing = errors.MissingPartition(
                key[1] if key else None,
                f"{table} has no partition for this time; correct it, or run `slimy partitions make`",
                **details,
            )
            missing.table = table
            return missing
    subject = constraint or getattr(error, "data_type_name", None) or "a check"
    return errors.CheckViolated(None, f"{where}the values are not allowed ({subject})", **found)


def key_fields(detail: str | None) -> tuple[str, ...]:
    """Return the column names of DETAIL's `Key (a, b)=(...)`, never what stands after them.

    Expressions are left out: `lower(email)` is no column.
    """
    found = KEY.match(detail) if detail else None
    if found is None:
        return ()
    names = []
    for part in found.group(1).split(", "):
        name = NAME.fullmatch(part)
        if name is not None:
            names.append(name[1].replace('""', '"') if name[1] is not None else name[2])
    return tuple(names)


def _is_parent(error: Any, table: str | None, message: str) -> bool:
    """Tell a parent row that is still referenced from a child row whose parent is missing.

    Both are 23503 with the child's table. Without reading translated words: the DETAIL ends with
    the other table, which is the child only for a parent; where a table refers to itself the
    message names it twice for a parent.
    """
    if table is None:
        return False
    name = re.compile(rf"(?<!\w){re.escape(table)}(?!\w)")
    tail = TAIL.search(getattr(error, "detail", None) or "")
    if tail is None or not name.search(tail.group()):
        return False
    key = name.findall(message)
    return len(key) != 1 or "update or delete" in message
