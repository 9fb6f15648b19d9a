"""Finds where migrations make an index: by CREATE INDEX, as a constraint, or with its table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from slimy_dal.compiler import schemafiles
from slimy_dal.compiler.lexer import LexError, Token, tokens
from slimy_dal.compiler.plans.relations import Index, Name
from slimy_dal.compiler.query import Location
from slimy_dal.compiler.schemafiles import SchemaStatement

__all__ = ["Definitions"]

OPTIONAL = frozenset({"concurrently", "if", "not", "exists", "only", "unlogged", "global", "local"})
TEMPORARY = frozenset({"temp", "temporary"})


@dataclass(slots=True)
class Definitions:
    """Where indexes, constraints and tables are made; of several places the last counts."""

    _indexes: dict[tuple[str | None, str], Location] = field(default_factory=dict)
    _tables: dict[tuple[str | None, str], Location] = field(default_factory=dict)

    @classmethod
    def read(cls, migrations: Path | None) -> "Definitions":
        """Read a file, or the files of a folder in the order of their numbers; those that undo are left out."""
        found = cls()
        if migrations is not None:
            for statement in schemafiles.read((migrations,))[0]:
                found._take(statement)
        return found

    def of(self, index: Index) -> Location | None:
        """Return where an index is made; where its name stands nowhere, where its table is."""
        places = ((self._indexes, index.key), (self._tables, index.table))
        for known, (schema, name) in places:
            for key in ((schema, name), (None, name)):
                if key in known:
                    return known[key]
        return None

    def _take(self, statement: SchemaStatement) -> None:
        try:
            found = [token for token in tokens(statement.text) if not token.silent]
        except LexError:
            return
        words = [_name(token) for token in found]
        if not words or words[0] not in {"create", "alter"}:
            return
        for kind, (schema, name), place in _made(words):
            location = _location(statement, found[place])
            known = self._tables if kind == "table" else self._indexes
            known[schema, name] = location


def _made(words: Sequence[str]) -> Iterator[tuple[str, tuple[str | None, str], int]]:
    """Yield what a statement makes: `table` or `index`, its name, and the place of the word."""
    kind = _kind(words)
    schema: str | None = None
    if kind is not None:
        (schema, name), place = _called(words, words.index(kind) + 1)
        if kind == "index" and words[0] == "create" and "on" in words:
            (schema, _), _ = _called(words, words.index("on") + 1)
        if words[0] == "create" and name != "on":
            yield kind, (schema, name), place
        if kind == "index" and words[place + 1 : place + 3] == ["rename", "to"]:
            yield kind, (schema, words[place + 3]), place + 3
    for place, word in enumerate(words[:-1]):
        if word == "constraint" and words[place - 1] not in {"drop", "validate", "alter"}:
            yield "index", (schema, words[place + 1]), place + 1


def _kind(words: Sequence[str]) -> str | None:
    """Return `table` or `index` for CREATE and ALTER of one."""
    leading = (word for word in words[1:] if word not in {"unique", "unlogged", *TEMPORARY})
    first = next(leading, "")
    return first if first in {"table", "index"} else None


def _called(words: Sequence[str], place: int) -> tuple[Name | tuple[None, str], int]:
    """Return the name that begins at a place, and the place of its last part."""
    while place < len(words) - 1 and words[place] in OPTIONAL:
        place += 1
    if words[place + 1 : place + 2] == ["."] and place + 2 < len(words):
        return (words[place], words[place + 2]), place + 2
    return (None, words[min(place, len(words) - 1)]), place


def _name(token: Token) -> str:
    if token.kind == "quoted_word":
        return token.text[1:-1].replace('""', '"')
    return token.text.lower() if token.kind == "word" else token.text


def _location(statement: SchemaStatement, token: Token) -> Location:
    before = statement.text[: token.start]
    line = statement.line + before.count("\n")
    return Location(statement.path, line, token.start - (before.rfind("\n") + 1) + 1)
