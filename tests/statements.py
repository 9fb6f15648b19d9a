"""Queries made on the spot, for tests of the compiler that need no query file."""

from pathlib import Path

from slimy_dal.compiler import queryfile
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import DescribeError, Description
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.tree import Method
from slimy_dal.engine.driver import Connection


def query(folder: Path, sql: str, *header: str, shape: str = "many") -> Query:
    """A query of a file in a folder, with further lines in its header."""
    lines = "".join(f"-- {line}\n" for line in header)
    file = folder / "things.sql"
    file.write_text(f"-- name: find :{shape}\n-- Things.\n{lines}{sql};\n")
    loaded = queryfile.load(file)
    assert not loaded.errors, loaded.errors
    return loaded.queries[0]


async def described(
    connection: Connection,
    folder: Path,
    sql: str,
    *header: str,
    shape: str = "many",
    method: Method = "function",
) -> Description:
    """The description of a query that has one."""
    [answer] = await describe(connection, [query(folder, sql, *header, shape=shape)], method=method)
    assert isinstance(answer, Description), answer
    return answer


async def refused(connection: Connection, folder: Path, sql: str, *header: str) -> DescribeError:
    """The error of a query that has no description."""
    [answer] = await describe(connection, [query(folder, sql, *header)])
    assert isinstance(answer, DescribeError), answer
    return answer
