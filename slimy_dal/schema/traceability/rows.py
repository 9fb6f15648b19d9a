"""Reads docs/traceability: what the source documents name, and what became of each of it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "DOCUMENTS",
    "KINDS",
    "OURS",
    "SPEC_IDS",
    "STATUSES",
    "Answer",
    "Item",
    "Trace",
    "TraceError",
    "read",
]

SOURCES = "sources.toml"
"""The inventory; every other file of the folder holds answers."""

OURS = "ours"
"""The group of answers for what no document names: tables and columns that we added."""

DOCUMENTS = {
    "S0": "database schema",
    "S1": "database layer",
    "S2": "data management",
    "S3": "schema design method, its checklist",
    "SPEC": "what the product must do",
}
KINDS = ("table", "fields", "unique", "indexes", "relations", "operations", "rules")
SPEC_IDS = frozenset(
    f"{letter}{number}"
    for letter, last in (("D", 14), ("L", 10), ("B", 7), ("H", 4), ("X", 7), ("A", 1), ("C", 1))
    for number in range(1, last + 1)
)
STATUSES = {
    "": "here",
    "instead": "left out; another index serves",
    "unasked": "left out; nobody asks",
    "replaced": "replaced",
    "refused": "refused",
    "later": "later",
}
ANSWER = re.compile(
    r"(?:(?P<status>instead|unasked|replaced|refused|later (?P<part>[A-Z]\d+)):\s*)?"
    r"(?P<where>.*?)(?:\s*--\s+(?P<note>.+))?",
    re.DOTALL,
)


class TraceError(Exception):
    """The traceability cannot be read; the message names the file and the place in it."""


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One thing that documents name: a field or an index of an entity, an operation, a rule."""

    group: str
    kind: str
    name: str

    def __str__(self) -> str:
        name = f" {self.name}" if self.name else ""
        return f"{self.group}: {self.kind}{name}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an item: `references` say where it is, `note` why it is so.

    `status` is "" for what is here, else a key of STATUSES; `part` is the part of the specification
    that a later one waits for.
    """

    status: str
    part: str
    references: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The items with the documents that name them, and the answers, each in the order of its file."""

    items: Mapping[Item, tuple[str, ...]]
    answers: Mapping[Item, Answer]

    @property
    def ours(self) -> Mapping[str, Answer]:
        """The answers about what no document names."""
        return {item.name: one for item, one in self.answers.items() if item.group == OURS}


def read(folder: Path) -> Trace:
    """Return the inventory and the answers of a folder. Raises TraceError."""
    if not (folder / SOURCES).is_file():
        raise TraceError(f"{folder}: there is no {SOURCES} in it")
    named: dict[Item, list[str]] = {}
    for document, groups in _load(folder / SOURCES).items():
        if document not in DOCUMENTS:
            raise TraceError(f"{SOURCES}: {document} is none of {', '.join(DOCUMENTS)}")
        for group, kinds in groups.items():
            for item in _items(group, kinds):
                _once(named.setdefault(item, []), document, item)
    answers: dict[Item, Answer] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name == SOURCES:
            continue
        for item, text in _answers(path):
            if item in answers:
                raise TraceError(f"{path.name}: {item} is answered twice")
            answers[item] = _parsed(path, item, text)
    return Trace({item: tuple(found) for item, found in named.items()}, answers)


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise TraceError(f"{path.name}: {error}") from error


def _once(documents: list[str], document: str, item: Item) -> None:
    if document in documents:
        raise TraceError(f"{SOURCES}: {document} names {item} twice")
    documents.append(document)


def _items(group: str, kinds: Mapping[str, Any]) -> Iterator[Item]:
    """Fields are words, indexes and keys are lists of fields between semicolons, all else is an array."""
    if "fields" in kinds:
        yield Item(group, "table", "")
    for kind, names in kinds.items():
        if kind not in KINDS[1:]:
            raise TraceError(f"{SOURCES}: {group} has {kind}, which is none of {', '.join(KINDS)}")
        if isinstance(names, str):
            names = names.split() if kind == "fields" else names.split(";")  # noqa: PLW2901
        for name in names:
            yield Item(group, kind, " ".join(name.split()))


def _answers(path: Path) -> Iterator[tuple[Item, str]]:
    for group, kinds in _load(path).items():
        if group == OURS:
            yield from ((Item(OURS, "table", name), text) for name, text in kinds.items())
            continue
        for kind, value in kinds.items():
            if kind not in KINDS:
                raise TraceError(f"{path.name}: {group} has {kind}, which is none of {KINDS}")
            if kind == "table":
                yield Item(group, kind, ""), value
            else:
                yield from ((Item(group, kind, name), text) for name, text in value.items())


def _parsed(path: Path, item: Item, text: object) -> Answer:
    found = ANSWER.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise TraceError(f"{path.name}: {item}: {text!r} is no answer")
    where = tuple(part for one in found["where"].split(",") if (part := " ".join(one.split())))
    status = (found["status"] or "").partition(" ")[0]
    return Answer(status, found["part"] or "", where, " ".join((found["note"] or "").split()))
