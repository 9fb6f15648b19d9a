"""Random contents for the tables of the cases: as many equal values as their constraints allow."""

import random
import re
from pathlib import Path
from typing import Any

from slimy_dal.compiler.catalog.snapshot import Catalog
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.nullability.prover import Nullability
from slimy_dal.compiler.places import Places
from slimy_dal.compiler.tree import Reader, rolled_back
from slimy_dal.compiler.verdict import never
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError

HERE = Path(__file__).parent
ROWS = {
    "a": (("id", "k", "v", "t"), "iiit"),
    "b": (("x", "y", "z"), "iii"),
    "c": (("n", "m", "live", "o"), "iibi"),
    "d": (("id", "email", "big"), "iti"),
    "later": (("id", "w"), "ii"),
    "parent": (("id", "w"), "ii"),
    "heir": (("id", "w"), "ii"),
    "parts": (("id", "r", "w"), "iii"),
    "nulls": (("u", "w"), "ii"),
    "floats": (("f", "n", "w"), "ffi"),
    "pattern": (("s", "w"), "ti"),
    "words": (("s", "w"), "ti"),
    "cities": (("c", "w"), "ti"),
    "heap": (("id", "w"), "ii"),
}
VALUES = {
    "i": ("0", "1", "2", "3", "NULL"),
    "t": ("'x'", "'x '", "'X'", "'y'", "NULL"),
    "b": ("true", "false"),
    "f": ("0", "-0", "1", "'NaN'", "1.50"),
}
PARAMETER = re.compile(r"(?<!:):(ints|i|t)\b")


def filling(chance: random.Random, tables: dict[str, tuple[tuple[str, ...], str]]) -> str:
    """SQL that fills tables; a row that a constraint refuses is left out."""
    statements = []
    for table, (columns, kinds) in tables.items():
        rows = {
            "(" + ", ".join(chance.choice(VALUES[kind]) for kind in kinds) + ")"
            for _ in range(chance.choice((2, 8, 14)))
        }
        skip = "" if table == "later" else " ON CONFLICT DO NOTHING"
        statements += [
            f"INSERT INTO deck.{table} ({', '.join(columns)}) VALUES {row}{skip};"
            for row in sorted(rows)
        ]
    return "\n".join(statements)


async def fill(
    connection: Connection, chance: random.Random, tables: dict[str, tuple[tuple[str, ...], str]]
) -> None:
    """Put other rows into the tables."""
    await connection.execute(f"TRUNCATE {', '.join(f'deck.{name}' for name in tables)}")
    for statement in filling(chance, tables).splitlines():
        await tried(connection, statement)


async def tried(connection: Connection, sql: str) -> list[Any] | None:
    """Run a statement inside the transaction; None where the server refuses it."""
    await connection.execute("SAVEPOINT attempt")
    try:
        rows = list(await connection.fetch(sql))
    except SlimyError:
        await connection.execute("ROLLBACK TO attempt")
        return None
    await connection.execute("RELEASE attempt")
    return rows


async def counted(connection: Connection, sql: str) -> list[Any] | None:
    """Return the rows that a statement gives, and leave nothing of what it did."""
    await connection.execute("SAVEPOINT counted")
    try:
        return await tried(connection, sql)
    finally:
        await connection.execute("ROLLBACK TO counted")


def bound(sql: str, chance: random.Random) -> str:
    """The statement with values for its parameters, which are named for their kind."""
    return PARAMETER.sub(lambda match: _value(match[1], chance), sql)


def _value(kind: str, chance: random.Random) -> str:
    if kind == "ints":
        numbers = (str(chance.randrange(4)) for _ in range(chance.randrange(4)))
        return f"ARRAY[{', '.join(numbers)}]::int[]"
    return str(chance.randrange(4)) if kind == "i" else chance.choice(("'x'", "'X'", "'y'"))


async def provers(connection: Connection, sqls: list[str]) -> list[tuple[Nullability, Node]]:
    """The proofs and trees of statements with numbered parameters, none of which is NULL."""
    catalog = Catalog()
    async with rolled_back(connection):
        reader = Reader(connection, "function")
        trees = [await reader.read(sql) for sql in sqls]
        await catalog.load(connection, [tree.statement for tree in trees])
        await catalog.load_types(connection, {o for tree in trees for _, o in tree.columns})
    given = {number: never("given") for number in range(1, 10)}
    found = []
    for sql, tree in zip(sqls, trees, strict=True):
        assert tree.statement is not None, sql
        places = Places(sql, tree.statement, tree.shift)
        found.append((Nullability(catalog, given, places), tree.statement))
    return found


def numbered(sql: str) -> str:
    """The statement as the server reads it: `$1` for the first parameter it mentions."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    return PARAMETER.sub(number, sql)
