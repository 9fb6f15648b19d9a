from collections.abc import AsyncIterator

import pytest

from slimy_dal.compiler.tree import Method, Reader, rolled_back
from slimy_dal.engine.driver import Connection, connect
from slimy_dal.engine.errors import SlimyError

METHODS: tuple[Method, ...] = ("function", "log")


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    async with await connect(database_url) as opened:
        await opened.execute(
            "CREATE TYPE pair AS (x int, y text); CREATE TABLE t (a int NOT NULL, p pair, s text)"
        )
        yield opened


@pytest.mark.parametrize("method", METHODS)
async def test_a_statement_is_read_with_its_types(connection: Connection, method: Method) -> None:
    async with rolled_back(connection):
        found = await Reader(connection, method).read("SELECT a, p FROM t WHERE s = $1 AND a = $2")
    assert found.statement is not None
    assert found.statement["commandType"] == 1
    assert found.parameters == (25, 23)
    assert [name for name, _ in found.columns] == ["a", "p"]


@pytest.mark.parametrize("method", METHODS)
async def test_types_the_driver_does_not_know_do_not_disturb(
    connection: Connection, method: Method
) -> None:
    async with rolled_back(connection):
        reader = Reader(connection, method)
        for sql in (
            "SELECT p AS first FROM t",
            "SELECT ARRAY[p] AS second FROM t",
            "SELECT $1::pair AS third",
        ):
            found = await reader.read(sql)
            assert found.statement is not None
            [entry] = found.statement["targetList"]
            assert entry["resname"] == found.columns[0][0]


@pytest.mark.parametrize("method", METHODS)
async def test_an_error_leaves_the_transaction_alive(
    connection: Connection, method: Method
) -> None:
    async with rolled_back(connection):
        reader = Reader(connection, method)
        with pytest.raises(SlimyError) as caught:
            await reader.read("SELECT nope FROM t")
        assert caught.value.position == 8
        assert (await reader.read("SELECT a FROM t")).statement is not None


@pytest.mark.parametrize("method", METHODS)
async def test_utility_statements_have_no_tree(connection: Connection, method: Method) -> None:
    async with rolled_back(connection):
        reader = Reader(connection, method)
        assert (await reader.read("SHOW search_path")).statement is None
        assert (await reader.read("VACUUM")).columns == ()


async def test_a_comment_at_the_end_of_a_statement_does_not_swallow_the_function(
    connection: Connection,
) -> None:
    async with rolled_back(connection):
        found = await Reader(connection, "function").read("SELECT a FROM t -- the end")
    assert found.shift > 0


async def test_several_statements_are_refused(connection: Connection) -> None:
    async with rolled_back(connection):
        with pytest.raises(SlimyError):
            await Reader(connection, "function").read("SELECT 1; SELECT 2")


async def test_a_statement_that_ends_the_function_early_is_refused(connection: Connection) -> None:
    async with rolled_back(connection):
        with pytest.raises(SlimyError):
            await Reader(connection, "function").read("SELECT 1; END; DROP TABLE t; --")
    assert len(await connection.fetch("SELECT 1 FROM pg_class WHERE relname = 't'")) == 1
