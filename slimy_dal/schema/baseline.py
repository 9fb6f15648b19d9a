"""Looks whether a database has what migrations make, before they are recorded as applied without being run."""

from collections.abc import Sequence

from slimy_dal.schema.backend import Backend
from slimy_dal.schema.locks import understood
from slimy_dal.schema.lockwords import Words
from slimy_dal.schema.migrationfiles import MigrationFile, checked_statements

__all__ = ["missing"]

AT_MOST = 5


def missing(backend: Backend, files: Sequence[MigrationFile]) -> list[str]:
    """Return the tables, views, sequences and schemas that these files make and leave, and the database has not.

    What is made by code (DO, functions) is not seen.
    """
    left: dict[str, None] = {}
    schemas: dict[str, None] = {}
    for file in files:
        for statement in checked_statements(file, "apply"):
            words = Words.of(statement.text)
            one = understood(statement.text)
            if one.made:
                left[one.made] = None
            elif words.takes("create", "schema"):
                words.takes("if", "not", "exists")
                schemas[words.name()] = None
            elif words.takes("drop", "schema"):
                words.takes("if", "exists")
                for name in words.names():
                    schemas.pop(name, None)
            elif one.kind.startswith("DROP "):
                for lock in one.locks:
                    left.pop(lock.relation, None)
            else:
                _renamed(words, left)
    lacking = backend.rows(
        "SELECT u.name FROM unnest(%s::text[]) AS u (name) WHERE to_regclass(u.name) IS NULL"
        " UNION ALL"
        " SELECT u.name FROM unnest(%s::text[]) AS u (name) WHERE to_regnamespace(u.name) IS NULL",
        list(left),
        [name for name in schemas if name],
    )
    return [row[0] for row in lacking]


def _renamed(words: Words, left: dict[str, None]) -> None:
    """Follow a relation to another name or schema, and forget one that is moved out of sight."""
    if not (words.takes("alter", "table") or words.takes("alter", "view")):
        return
    words.takes("if", "exists")
    words.takes("only")
    name = words.name()
    if name not in left:
        return
    schema, dot, own = name.rpartition(".")
    if words.takes("rename", "to"):
        left.pop(name)
        left[f"{schema}{dot}{words.name()}"] = None
    elif words.takes("set", "schema"):
        left.pop(name)
        left[f"{words.name()}.{own}"] = None
