"""Describes the query files of any project: its schema goes into a database that nothing stays in."""

import json
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from slimy_dal.compiler import queryfile, schemafiles
from slimy_dal.compiler.catalog.files import stand_in
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Column, DescribeError, Description, Parameter
from slimy_dal.compiler.query import Location, Query, QueryFileError
from slimy_dal.compiler.schemafiles import SchemaStatement
from slimy_dal.compiler.tree import Method, rolled_back
from slimy_dal.engine import embedded
from slimy_dal.engine.driver import Connection, connect
from slimy_dal.engine.errors import SlimyError

__all__ = ["Method", "Report", "describe_project", "load_schema"]

UNKNOWN_ROLE = re.compile(r'role "(?P<name>[^"]+)" does not exist')
EXTENSION = re.compile(
    r'create\s+extension\s+(if\s+not\s+exists\s+)?"?(?P<name>[\w-]+)"?', re.IGNORECASE
)
EMPTY_PATH = re.compile(r"set_config\(\s*'search_path'\s*,\s*''", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found out about every query, in the order of the files; `notes` are about the schema."""

    entries: tuple[dict[str, Any], ...]
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether some query has no description."""
        return any(entry["error"] is not None for entry in self.entries)

    def to_json(self) -> str:
        """Return the queries as JSON."""
        return json.dumps({"queries": self.entries}, indent=2, ensure_ascii=False)

    def to_table(self) -> str:
        """Return one row per query, for people; `?` marks what can be null."""
        table = Table(box=None, pad_edge=False)
        for head in ("query", "shape", "parameters", "columns"):
            table.add_column(head, overflow="fold")
        for entry in self.entries:
            error = entry["error"]
            told = (
                ""
                if error is None
                else f"{error['file']}:{error['line']}:{error['column']}: {error['message']}"
            )
            table.add_row(
                entry["name"],
                entry["shape"] or "",
                _listed(entry["params"]),
                told or _listed(entry["columns"]),
            )
        console = Console(width=160, color_system=None, markup=False, highlight=False)
        with console.capture() as capture:
            console.print(table)
        failed = sum(entry["error"] is not None for entry in self.entries)
        return f"{capture.get().rstrip()}\n\n{len(self.entries)} queries, {failed} failed"


def _listed(parts: Sequence[dict[str, Any]]) -> str:
    return "\n".join(f"{p['name']} {p['type']}{'?' if p['nullable'] else ''}" for p in parts)


async def describe_project(
    queries: Path,
    schema: Sequence[Path] = (),
    dsn: str | None = None,
    dialect: queryfile.Dialect = "slimy",
) -> Report:
    """Describe every query below a folder, or of a file, against a schema.

    Without `dsn` the schema is loaded into an embedded PostgreSQL 18 that is gone afterwards; with it, into a
    transaction that is rolled back. Bad input is reported, query by query, never raised. Raises SlimyError or
    EmbeddedServerError where there is no database.
    """
    loaded = queryfile.load(queries, dialect=dialect)
    statements, notes = schemafiles.read(tuple(schema))
    async with AsyncExitStack() as stack:
        if dsn is None:
            server = stack.enter_context(embedded.temporary())
            connection = await stack.enter_async_context(await connect(server.dsn()))
            await connection.execute("SET check_function_bodies = off")
        else:
            connection = await stack.enter_async_context(await connect(dsn))
            await stack.enter_async_context(rolled_back(connection))
        notes += await _Loader(connection, own=dsn is None).load(statements)
        found = [*loaded.errors, *await _describe(connection, loaded.queries)]
    entries = sorted(
        (_entry(one) for one in found), key=lambda entry: (entry["file"], entry["line"] or 0)
    )
    return Report(tuple(entries), tuple(notes))


async def load_schema(connection: Connection, schema: Sequence[Path]) -> list[str]:
    """Load schema files into an empty database of ours, and return what could not be loaded."""
    statements, notes = schemafiles.read(tuple(schema))
    await connection.execute("SET check_function_bodies = off")
    return [*notes, *await _Loader(connection, own=True).load(statements)]


async def _describe(
    connection: Connection, queries: Sequence[Query]
) -> Sequence[Description | DescribeError]:
    """Describe all at once; where one of them defeats the analysis, each alone, so that it costs itself only."""
    try:
        return await describe(connection, queries)
    except SlimyError:
        raise
    except Exception:  # noqa: BLE001 -- a foreign project's report must not end with its oddest query
        if len(queries) == 1:
            only = queries[0]
            return [DescribeError(only, only.location(0), "the analysis of this statement failed")]
        return [one for query in queries for one in await _describe(connection, [query])]


class _Loader:
    """Runs schema statements one by one; what fails is tried again once the others are in."""

    def __init__(self, connection: Connection, *, own: bool) -> None:
        self._connection = connection
        self._own = own
        self._notes: list[str] = []

    async def load(self, statements: Sequence[SchemaStatement]) -> list[str]:
        """Return what could not be loaded, each with its place."""
        waiting = [one for one in statements if not EMPTY_PATH.search(one.text)]
        while waiting:
            failed = [(one, error) for one in waiting if (error := await self._run(one))]
            if len(failed) == len(waiting):
                self._notes += [
                    f"{one.path}:{one.line}: {error.server_message or error.message}"
                    for one, error in failed
                ]
                break
            waiting = [one for one, _ in failed]
        return self._notes

    async def _run(self, statement: SchemaStatement, *, again: bool = False) -> SlimyError | None:
        extension = EXTENSION.match(statement.text)
        try:
            await self._execute(statement.text)
        except SlimyError as error:
            if not self._connection.usable:
                raise
            if extension is not None and await self._stand_in(extension["name"].lower()):
                return None
            role = UNKNOWN_ROLE.search(error.server_message or "")
            if role is None or again or not self._own:
                return error
            await self._execute(f'CREATE ROLE "{role["name"]}"')
            return await self._run(statement, again=True)
        return None

    async def _stand_in(self, extension: str) -> bool:
        text = stand_in(extension)
        if text is None:
            return False
        try:
            await self._execute(text)
        except SlimyError:
            return False
        self._notes.append(
            f"extension {extension} is not installed here: a stand-in has the names and types of its functions"
        )
        return True

    async def _execute(self, text: str) -> None:
        """Run one statement; in somebody's database, so that its failure leaves the transaction alive."""
        if self._own:
            await self._connection.execute(text)
            return
        await self._connection.execute("SAVEPOINT slimy_schema")
        try:
            await self._connection.execute(text)
        except SlimyError:
            if self._connection.usable:
                await self._connection.execute("ROLLBACK TO slimy_schema")
            raise


def _entry(one: Description | DescribeError | QueryFileError) -> dict[str, Any]:
    if isinstance(one, QueryFileError):
        empty = {"name": one.query or "", "file": one.location.path, "line": one.location.line}
        error = _error(one.location, one.message, one.hint)
        return {**empty, "shape": None, "params": [], "columns": [], "error": error}
    query = one.query
    entry = {"name": query.name, "file": query.path, "line": query.line, "shape": query.shape}
    if isinstance(one, DescribeError):
        error = _error(one.location, one.message, one.hint)
        return {**entry, "params": [], "columns": [], "error": error}
    return {
        **entry,
        "params": [_part(parameter) for parameter in one.parameters],
        "columns": [_part(column) for column in one.columns],
        "error": None,
    }


def _part(part: Parameter | Column) -> dict[str, Any]:
    return {"name": part.name, "type": part.type.name, "nullable": part.nullable}


def _error(location: Location, message: str, hint: str | None) -> dict[str, Any]:
    return {
        "file": location.path,
        "line": location.line,
        "column": location.column,
        "message": f"{message} ({hint})" if hint else message,
    }
