"""What the catalogues say of a schema, as plain data: things with stable names, and facts about each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["KINDS", "Fact", "Snapshot", "Thing"]

Fact: TypeAlias = str | int | float | bool | tuple[str, ...] | None

KINDS = (
    "schemas",
    "extensions",
    "languages",
    "collations",
    "types",
    "sequences",
    "tables",
    "columns",
    "constraints",
    "indexes",
    "functions",
    "views",
    "rules",
    "triggers",
    "policies",
    "statistics",
    "publications",
    "event_triggers",
    "casts",
    "operators",
    "operator_classes",
    "text_search",
    "foreign",
    "default_privileges",
    "grants",
    "comments",
)
"""Each is a query in `sql/catalog/snapshot/`; what a thing needs stands before it, roughly."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of a schema; `parent` names what it is a part of and goes away with."""

    kind: str
    name: str
    parent: str | None
    oid: int = field(compare=False)
    """Of use for the order in which things were made only."""
    facts: Mapping[str, Fact]

    def text(self, fact: str) -> str:
        """Return a fact that is a text; empty for none."""
        value = self.facts[fact]
        return value if isinstance(value, str) else ""

    def texts(self, fact: str) -> tuple[str, ...]:
        """Return a fact that is a list; empty for none."""
        value = self.facts[fact]
        return value if isinstance(value, tuple) else ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A schema: its things by kind and name."""

    major: int
    things: Mapping[tuple[str, str], Thing]

    def __iter__(self) -> Iterator[Thing]:
        return iter(self.things.values())

    def get(self, kind: str, name: str | None) -> Thing | None:
        """Return a thing, None where there is none of that name."""
        return self.things.get((kind, name)) if name is not None else None

    def of(self, kind: str) -> Iterator[Thing]:
        """Yield the things of a kind in the order in which they were made."""
        return (thing for thing in self.things.values() if thing.kind == kind)

    def parts(self, kind: str, parent: str) -> Iterator[Thing]:
        """Yield the things of a kind that are parts of another."""
        return (thing for thing in self.of(kind) if thing.parent == parent)
