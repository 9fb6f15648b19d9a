"""Knows what comes with the queries beside them: where their proven plans are, and what the migrations leave behind."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import slimy_dal

__all__ = ["PLANS", "SERVICE", "Rule", "rules"]

_PACKAGE = Path(slimy_dal.__path__[0])

PLANS = (_PACKAGE if (_PACKAGE / "sql").is_dir() else _PACKAGE.parent) / "sql" / "plans"
"""In the installed package, or beside it in the repository."""

SERVICE = "slimy_app"
"""The role whose privileges whoever runs the queries must have."""


class Rule(NamedTuple):
    """Something that is to be there: a constraint, trigger, privilege, function or schema, by its kind."""

    kind: str
    of: str
    name: str
    """What it is called, or the privilege."""
    column: str = ""
    """Of a privilege that not the whole table has."""


@cache
def rules() -> tuple[Rule, ...]:
    """Return the names of what a migrated database has; none where the package came without them."""
    try:
        kept = json.loads((PLANS / "rules.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(_rules(kept))


def _rules(kept: dict[str, Any]) -> Iterator[Rule]:
    for kind in ("constraint", "trigger"):
        for table, names in kept.get(f"{kind}s", {}).items():
            yield from (Rule(kind, table, name) for name in names)
    for table, granted in kept.get("privileges", {}).get(SERVICE, {}).items():
        for privilege, columns in granted.items():
            yield from (Rule("privilege", table, privilege, column) for column in columns or [""])
    for names in kept.get("functions", {}).get(SERVICE, {}).values():
        yield from (Rule("function", name, "EXECUTE") for name in names)
    for schema, granted in kept.get("schemas", {}).get(SERVICE, {}).items():
        yield from (Rule("schema", schema, privilege) for privilege in granted)
