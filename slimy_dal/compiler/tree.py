"""Gets PostgreSQL's analysed tree of a statement, by either of two ways that give the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from slimy_dal.compiler.nodetree import Node, is_node, parse
from slimy_dal.engine.driver import Connection, Notice
from slimy_dal.engine.errors import SlimyError

__all__ = ["Analysed", "Method", "Reader"]

Method = Literal["function", "log"]
UTILITY = 6
FUNCTION = "pg_temp.slimy_describe"
TYPE_NAMES = (
    "SELECT o.oid, pg_catalog.format_type(o.oid, -1) AS name FROM unnest($1::oid[]) AS o (oid)"
)
# By name: a regproc literal would keep the OID of the first function in the driver's cache of statements.
BODY = """\
SELECT p.prosqlbody::text AS body
FROM pg_catalog.pg_proc AS p
WHERE p.proname = 'slimy_describe' AND p.pronamespace = pg_catalog.pg_my_temp_schema()"""
LOG_ON = """\
SET LOCAL debug_print_parse = on;
SET LOCAL debug_pretty_print = off;
SET LOCAL client_min_messages = log"""


@dataclass(frozen=True, slots=True)
class Analysed:
    """A statement as the server understands it.

    `statement` is None for a utility statement, which has no tree; `shift` is how many bytes stood
    before the statement in the text that the positions of the tree count in.
    """

    statement: Node | None
    parameters: tuple[int, ...]
    columns: tuple[tuple[str, int], ...]
    shift: int = 0


@asynccontextmanager
async def rolled_back(connection: Connection) -> AsyncIterator[None]:
    """Run a block of which nothing stays, inside the caller's transaction or in an own one."""
    nested = connection.in_transaction
    await connection.execute("SAVEPOINT slimy_describe" if nested else "BEGIN")
    try:
        yield
    finally:
        if nested:
            await connection.execute("ROLLBACK TO slimy_describe; RELEASE slimy_describe")
        else:
            await connection.execute("ROLLBACK")


class Reader:
    """Reads the trees of statements on one connection, inside a transaction that is rolled back.

    `function` takes the body of a temporary function: it makes no noise in the server's log, needs
    the right to make temporary objects and knows no utility statements. `log` takes the tree that
    `debug_print_parse` sends to the client: it needs no rights, and writes the tree into the
    server's log as well. What the first cannot do is done by the second.
    """

    def __init__(self, connection: Connection, method: Method) -> None:
        self._connection = connection
        self._method = method
        self._names: dict[int, str] = {}
        self._trees: list[str] = []
        connection.add_log_listener(self._noticed)

    def _noticed(self, notice: Notice) -> None:
        if notice.severity == "LOG" and notice.detail and notice.detail.startswith("{QUERY"):
            self._trees.append(notice.detail)

    async def read(self, sql: str) -> Analysed:
        """Return what the server makes of a statement; raises its error as a SlimyError."""
        await self._connection.execute("SAVEPOINT slimy_statement")
        try:
            if self._method == "function":
                found = await self._by_function(sql)
                if found is not None:
                    return found
                await self._connection.execute("ROLLBACK TO slimy_statement")
            return await self._by_log(sql)
        finally:
            if self._connection.usable:
                await self._connection.execute(
                    "ROLLBACK TO slimy_statement; RELEASE slimy_statement"
                )

    async def _by_function(self, sql: str) -> Analysed | None:
        prepared = await self._connection.prepare(sql)
        types = await self._type_names(prepared.parameters)
        head = f"CREATE FUNCTION {FUNCTION} ({types}) RETURNS void LANGUAGE sql BEGIN ATOMIC "
        try:
            await self._connection.execute(f"{head}{sql}\n;\nEND")
            rows = await self._connection.fetch(BODY)
        except SlimyError:
            return None
        tree = parse(rows[0]["body"])
        while isinstance(tree, list):
            if len(tree) != 1:
                return None
            tree = tree[0]
        if not is_node(tree, "QUERY"):
            return None
        return Analysed(tree, prepared.parameters, prepared.columns, len(head.encode()))

    async def _type_names(self, oids: tuple[int, ...]) -> str:
        missing = sorted(set(oids) - self._names.keys())
        if missing:
            for row in await self._connection.fetch(TYPE_NAMES, missing):
                self._names[row["oid"]] = row["name"]
        return ", ".join(self._names[oid] for oid in oids)

    async def _by_log(self, sql: str) -> Analysed:
        await self._connection.execute(LOG_ON)
        await asyncio.sleep(0)
        self._trees.clear()
        prepared = await self._connection.prepare(sql)
        # The driver hands messages over in the loop's next round. What it asks about types that it
        # does not know comes after the statement itself.
        await asyncio.sleep(0)
        tree = parse(self._trees[0]) if self._trees else None
        if tree is None or tree["commandType"] == UTILITY:
            tree = None
        return Analysed(tree, prepared.parameters, prepared.columns)
