"""Says the difference of two schemas in sentences that a DBA can act on."""

import difflib
from dataclasses import dataclass

from slimy_dal.schema.catalog.differences import COLUMN_ORDER, Difference
from slimy_dal.schema.catalog.things import Fact, Thing

__all__ = ["DRIFT", "ROUND_TRIP", "Sides", "noun", "sentence"]

NOUNS = {
    "foreign": "foreign",
    "text_search": "text search",
    "policies": "policy",
    "statistics": "statistics object",
    "operator_classes": "operator class",
    "indexes": "index",
    "event_triggers": "event trigger",
    "default_privileges": "default privilege",
    "grants": "privilege",
    "comments": "comment on",
}

FLAGS = {
    "not_null": ("NOT NULL", "nullable"),
    "row_security": ("under row level security", "without row level security"),
    "forced_row_security": (
        "under row level security for its owner too",
        "not under row level security for its owner",
    ),
    "unlogged": ("unlogged", "logged"),
    "valid": ("valid", "INVALID"),
    "ready": ("ready", "not ready"),
    "clustered": ("what CLUSTER goes by", "not what CLUSTER goes by"),
    "strict": ("STRICT", "called on NULL input"),
    "security_definer": ("SECURITY DEFINER", "SECURITY INVOKER"),
    "leakproof": ("LEAKPROOF", "not leakproof"),
    "cycle": ("cycling", "not cycling"),
    "inherited": ("inherited", "the table's own"),
    "populated": ("populated", "not populated"),
    "trusted": ("trusted", "untrusted"),
    "deterministic": ("deterministic", "nondeterministic"),
    "grantable": ("given with grant option", "given without grant option"),
    "is_default": ("the default of its type", "not the default of its type"),
    "atomic": ("parsed when made", "parsed when called"),
}
"""What a thing is by a fact that is true, and by one that is false."""

NAMES = {
    "default_value": "default",
    "check_expression": "WITH CHECK",
    "using_expression": "USING",
    "not_null_is": "kind of NOT NULL",
    "not_null_name": "name of NOT NULL",
    "generated": "expression",
    "generated_is": "kind of generation",
    "kind_of": "kind",
    "domain_of": "type",
    "range_of": "definition",
    "triggers": "state of its triggers",
    "enabled": "firing",
    "text": "text",
    "owned_by": "owning column",
    "via_root": "publish_via_partition_root",
}

FIRING = {"O": "enabled", "D": "disabled", "R": "for replicas only", "A": "always"}

LINE = 160
"""A longer value is shown as a difference of lines instead."""


@dataclass(frozen=True, slots=True)
class Sides:
    """How the two schemas are called: what is gone, what is too much, who says otherwise."""

    missing: str
    extra: str
    says: str


DRIFT = Sides("is missing", "is not in the migrations", "the migrations say")
ROUND_TRIP = Sides("is gone", "is left over", "before it was")


def noun(thing: Thing) -> str:
    """Return what kind of thing it is, in words."""
    if thing.kind == "foreign":
        return thing.text("what")
    if thing.kind == "text_search":
        return f"text search {thing.text('what')}"
    if thing.kind == "types" and thing.facts["what"] in {"enum", "domain"}:
        return thing.text("what")
    if thing.kind in {"tables", "views", "constraints", "functions"}:
        return thing.text("what")
    return NOUNS.get(thing.kind, thing.kind.removesuffix("s").replace("_", " "))


def sentence(difference: Difference, sides: Sides) -> str:
    """Return one line, and further ones with the lines that differ where a value is a text of several."""
    thing = difference.thing
    subject = f"{noun(thing)} {thing.name}"
    if difference.what == "missing":
        return f"{subject} {sides.missing}"
    if difference.what == "extra":
        return f"{subject} {sides.extra}"
    return _changed(subject, difference, sides)


def _changed(subject: str, difference: Difference, sides: Sides) -> str:
    fact, should, found = difference.fact, difference.should, difference.found
    if fact in FLAGS:
        yes, no = FLAGS[fact]
        return f"{subject} is {yes if found else no}, {sides.says} {yes if should else no}"
    if fact == COLUMN_ORDER:
        return f"{subject} has columns in another order: {_shown(found)}; {sides.says} {_shown(should)}"
    if difference.thing.kind == "comments":
        return f"{subject} says {_quoted(found)}, {sides.says} {_quoted(should)}"
    name = NAMES.get(fact, fact.replace("_", " "))
    if fact in {"enabled", "triggers"}:
        found, should = FIRING.get(str(found or "O"), found), FIRING.get(str(should or "O"), should)
        return f"{subject} fires: {found}, {sides.says} {should}"
    if _is_long(should) or _is_long(found):
        return f"{subject} has another {name}:\n{_lines(should, found)}"
    has = f"has the {name} {_shown(found)}"
    if found in (None, (), ""):
        has = f"has no {name}"
    elif fact == "definition" and difference.thing.kind == "constraints":
        has = f"is {_shown(found)}"
    return f"{subject} {has}, {sides.says} {_shown(should)}"


def _quoted(value: Fact) -> str:
    return f'"{_shown(value)}"'


def _shown(value: Fact) -> str:
    if value in (None, (), ""):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _is_long(value: Fact) -> bool:
    return isinstance(value, str) and ("\n" in value.strip() or len(value) > LINE)


def _lines(should: Fact, found: Fact) -> str:
    lines = difflib.unified_diff(
        _shown(should).splitlines(), _shown(found).splitlines(), lineterm="", n=1
    )
    return "\n".join(f"    {line}" for line in list(lines)[2:])
