"""Finds out what each role needs for the queries it runs: columns, functions, schemas, from the server's own analysis.

Functions that run as whoever calls them are looked into; those that run as their owner (SECURITY DEFINER) are not, and
neither are triggers: one that touches a table has to run as its owner.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.tree import Reader, rolled_back
from slimy_dal.compiler.variants.shapes import widest
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError
from slimy_dal.schema.grants.bodies import Body, Unreadable, statements
from slimy_dal.schema.grants.rights import ANY, Right, functions, rights
from slimy_dal.schema.grants.trees import tree_of
from slimy_dal.schema.migrationfiles import MigrationError

__all__ = ["GrantsError", "Need", "Needs", "needs"]

WRITES = frozenset({"INSERT", "UPDATE"})
FIRST_OWN = 16384
"""Objects with lower numbers are PostgreSQL's, and everybody's."""


class GrantsError(MigrationError):
    """What a query needs cannot be worked out; the message says why, and what would help."""


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """A privilege: `kind` is schema, table or function; `column` is empty where it has none."""

    kind: str
    object: str
    privilege: str
    column: str = ""


Needs = dict[Need, set[str]]
"""What is needed, each with the names of the queries that need it."""


@dataclass(slots=True)
class _Found:
    """What was read so far: of statements by the queries they are part of, of functions once."""

    rights: dict[Right, set[str]] = field(default_factory=lambda: defaultdict(set))
    called: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, tree: Any, users: Iterable[str]) -> None:
        for right in rights(tree):
            self.rights[right].update(users)
        for number in functions(tree):
            if number >= FIRST_OWN:
                self.called[number].update(users)


async def needs(connection: Connection, queries: Sequence[Query]) -> Needs:
    """Return what a role needs that runs these queries, in every shape they have; nothing is changed there.

    Raises GrantsError for a statement or a function that cannot be looked into.
    """
    found = _Found()
    async with rolled_back(connection):
        reader = Reader(connection, "function")
        for query in queries:
            for shape in (query, *(one.query for one in widest(query))):
                found.add(await _read(reader, query, shape.sql), {query.full_name})
        known = await _functions(connection, found)
        relations = await _relations(connection, found)
        # Writing calls what defaults, checks and indexes are made of.
        for right, users in list(found.rights.items()):
            if right.privilege in WRITES:
                for number in relations[right.relation]["called"]:
                    if number >= FIRST_OWN:
                        found.called[number].update(users)
        known |= await _functions(connection, found)
        relations = await _relations(connection, found)
    return _named(found, relations, known)


async def _read(reader: Reader, query: Query, sql: str) -> Any:
    try:
        analysed = await reader.read(sql)
    except SlimyError as error:
        message = error.server_message or error.message
        raise GrantsError(f"{query.location(0)}: {query.full_name}: {message}") from error
    if analysed.statement is None:
        raise GrantsError(
            f"{query.location(0)}: {query.full_name}: the server does not say what a utility statement needs; "
            "say who runs it: `-- role: NAME`"
        )
    return analysed.statement


async def _relations(connection: Connection, found: _Found) -> dict[int, Any]:
    wanted = sorted({right.relation for right in found.rights})
    rows = await connection.fetch(catalog_query("grants_relations"), wanted)
    return {row["oid"]: row for row in rows}


async def _functions(connection: Connection, found: _Found) -> dict[int, Any]:
    """Read the functions that are called, and those that these call, into what is found."""
    known: dict[int, Any] = {}
    while missing := sorted(found.called.keys() - known.keys()):
        rows = await connection.fetch(catalog_query("grants_functions"), missing)
        known |= dict.fromkeys(missing)
        for row in rows:
            known[row["oid"]] = row
            if not row["is_owners"]:
                await _look_into(connection, row, found)
    return {number: row for number, row in known.items() if row is not None}


async def _look_into(connection: Connection, row: Any, found: _Found) -> None:
    users = set(found.called[row["oid"]])
    try:
        body = Body(()) if row["tree"] else statements(row["language"], row["source"])
        for tree in await tree_of(connection, row, body):
            found.add(tree, users)
    except Unreadable as error:
        raise GrantsError(
            f"{row['signature']}: {error}, so that nobody can say what it needs: "
            "write it in SQL, or let it run as its owner (SECURITY DEFINER)"
        ) from error


def _named(found: _Found, relations: Mapping[int, Any], known: Mapping[int, Any]) -> Needs:
    made: Needs = defaultdict(set)
    certain = {(one.relation, one.privilege) for one in found.rights if one.column != ANY}
    for right, users in found.rights.items():
        row = relations[right.relation]
        loose = right.column == ANY and (right.relation, right.privilege) in certain
        if right.relation < FIRST_OWN or loose:
            continue
        made[Need("schema", row["schema"], "USAGE")].update(users)
        for column in _columns(right, row):
            made[Need("table", row["name"], right.privilege, column)].update(users)
    for number, users in found.called.items():
        if number in known:
            row = known[number]
            made[Need("schema", row["schema"], "USAGE")].update(users)
            made[Need("function", row["signature"], "EXECUTE")].update(users)
    return dict(sorted(made.items()))


def _columns(right: Right, row: Any) -> list[str]:
    """Return the columns of a right; where any will do, the table's first."""
    names = dict(zip(row["numbers"], row["columns"], strict=True))
    own = [name for number, name in names.items() if number > 0]
    if right.privilege == "DELETE":
        return [""]
    if right.column == ANY:
        return own[:1]
    return own if right.column == 0 else [names[right.column]]
