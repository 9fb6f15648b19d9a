"""Keeps the names of what a release's migrations leave behind: constraints, triggers, and what roles were granted."""

import json
from typing import Any

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.engine.driver import Connection

__all__ = ["read", "to_json"]

Rules = tuple[tuple[str, str, str, str, str, str], ...]
"""Kind, role, schema, table, name or privilege, column: what does not apply is empty."""


async def read(connection: Connection) -> Rules:
    """Return what a migrated database has, in order."""
    return tuple(tuple(row) for row in await connection.fetch(catalog_query("rules")))


def to_json(rules: Rules) -> str:
    """Return the same as it is kept: by kind, role and table, so that a change is a line in a review."""
    found: dict[str, Any] = {}
    for kind, role, schema, table, item, column in rules:
        place = f"{schema}.{table}" if table else schema
        if kind == "privilege":
            of_table = found.setdefault("privileges", {}).setdefault(role, {})
            columns = of_table.setdefault(place, {}).setdefault(item, [])
            columns += [column] if column else []
        elif kind in {"schema", "function"}:
            found.setdefault(f"{kind}s", {}).setdefault(role, {}).setdefault(place, []).append(item)
        else:
            found.setdefault(f"{kind}s", {}).setdefault(place, []).append(item)
    return json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
