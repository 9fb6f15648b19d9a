"""What a pool and a transaction have in common: the ways to run a statement, on top of two that differ."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, enforced by its one timer

import itertools
from abc import ABC, abstractmethod
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Sequence,
)
from typing import Any, TypeAlias, TypeVar

from slimy_dal.engine.driver import NO_TIMEOUT, Connection
from slimy_dal.engine.errors import InvalidValue, SlimyError
from slimy_dal.engine.feed import Source
from slimy_dal.engine.session import NOTHING
from slimy_dal.engine.statement import Row, Statement

__all__ = ["EXTRA", "Answer", "Operation", "Running"]

T = TypeVar("T")

Operation: TypeAlias = Callable[[Connection, Any], Awaitable[T]]
"""Something done with a connection and the statement prepared on it."""

Answer: TypeAlias = tuple[list[Any], bytes | None, bool]
"""What a statement gave: rows, the command's status, whether these are all."""

EXTRA = (True, NO_TIMEOUT)
"""The driver takes these by position only: the command's status is wanted, no timer of its own."""

_portals = itertools.count(1)


async def _prepared(connection: Connection, _state: Any) -> None:
    """Do nothing with the prepared statement but end its preparation.

    The driver leaves that to the next command: until then the server holds locks on the statement's tables, and an
    idle service would keep migrations waiting.
    """
    await connection.command(NOTHING)


def affected(status: bytes | None) -> int:
    """Return the number of rows in a command's status, such as b"UPDATE 3"."""
    if status is None:
        return 0
    last = status.rpartition(b" ")[2]
    return int(last) if last.isdigit() else 0


def count_rows(result: object) -> int:
    """Return how many rows an operation's result stands for."""
    if isinstance(result, tuple) and result and isinstance(result[0], list):
        return len(result[0])
    return result if isinstance(result, int) else 0


class Running(ABC):
    """The methods of the Executor protocol."""

    async def _call(
        self, statement: Statement, arguments: tuple[Any, ...], limit: int, timeout: float | None
    ) -> Answer:
        """Run a statement within its deadline: rows (at most `limit`, 0 for all), status, whether complete."""
        statement.verify(arguments)
        answer: Answer = await self._use(
            statement,
            lambda c, state: c.bind_execute(state, arguments, "", limit, *EXTRA),
            timeout,
            prepare=True,
        )
        return answer

    @abstractmethod
    async def _use(
        self, statement: Statement, operation: Operation[T], timeout: float | None, *, prepare: bool
    ) -> T:
        """Run an operation of another form within the statement's deadline, never twice."""

    async def rows(
        self, statement: Statement, /, *arguments: Any, timeout: float | None = None
    ) -> list[Any]:
        """Run the statement and return all its rows."""
        return (await self._call(statement, arguments, 0, timeout))[0]

    async def row(
        self, statement: Statement, /, *arguments: Any, timeout: float | None = None
    ) -> Any | None:
        """Run the statement and return its first row, or None where it gave none."""
        found = (await self._call(statement, arguments, 1, timeout))[0]
        return found[0] if found else None

    async def execute(
        self, statement: Statement, /, *arguments: Any, timeout: float | None = None
    ) -> int:
        """Run the statement and return how many rows it affected."""
        return affected((await self._call(statement, arguments, 0, timeout))[1])

    async def prepare(self, statement: Statement, /, *, timeout: float | None = None) -> None:
        """Let the server parse and analyse the statement without running it. Raises SchemaMismatch."""
        await self._use(statement, _prepared, timeout, prepare=True)

    async def batch(
        self,
        statement: Statement,
        arguments: Iterable[Sequence[Any]],
        /,
        *,
        timeout: float | None = None,
    ) -> None:
        """Run the statement once for each sequence of arguments: all of them or none.

        An InvalidValue names the parameter and the item's number, counted from 0.
        """
        # All are checked before the first is sent: an error in the middle would cost the connection.
        items = list(_verified(statement, arguments))
        if items:
            await self._use(
                statement, lambda c, state: c.bind_execute_many(state, items), timeout, prepare=True
            )

    async def copy(
        self,
        statement: Statement,
        table: tuple[str, str],
        columns: tuple[str, ...],
        records: Iterable[Sequence[Any]] | AsyncIterable[Sequence[Any]],
        /,
        *,
        timeout: float | None = None,
    ) -> int:
        """Load records into (schema, table) by COPY and return their number: all of them or none.

        What the records' own iterator raises is raised.
        """
        source = Source(records)
        items = source.records
        checked = (
            _verified_later(statement, items)
            if isinstance(items, AsyncIterable)
            else _verified(statement, items)
        )
        try:
            return await self._use(
                statement, lambda c, _: c.copy_in(table, columns, checked), timeout, prepare=False
            )
        except SlimyError:
            if source.failure is None:
                raise
        raise source.failure

    def stream(
        self,
        statement: Statement,
        /,
        *arguments: Any,
        prefetch: int = 500,
        timeout: float | None = None,
    ) -> AsyncIterator[Row]:
        """Iterate over rows through a server-side cursor, `prefetch` at a time.

        `timeout` is for each fetch; the server ends a reader that pauses for longer than the
        transaction timeout and half a minute. Leave the loop early only inside `contextlib.aclosing(...)`,
        or the connection stays taken until the iterator is collected.
        """
        statement.verify(arguments)
        return self._stream(statement, arguments, prefetch, timeout)

    def _stream(
        self, statement: Statement, arguments: tuple[Any, ...], prefetch: int, timeout: float | None
    ) -> AsyncIterator[Row]:
        return self._flattened(self.fetches(statement, arguments, prefetch, timeout))

    @staticmethod
    async def _flattened(fetches: AsyncIterator[list[Any]]) -> AsyncIterator[Row]:
        async for rows in fetches:
            for row in rows:
                yield row

    async def fetches(
        self, statement: Statement, arguments: tuple[Any, ...], prefetch: int, timeout: float | None
    ) -> AsyncIterator[list[Any]]:
        """Iterate over what each fetch from a cursor gave; only within a transaction."""
        portal = f"slimy_{next(_portals)}"
        rows, _, done = await self._use(
            statement,
            lambda c, state: c.bind_execute(state, arguments, portal, prefetch, *EXTRA),
            timeout,
            prepare=True,
        )
        yield rows
        while not done:
            rows, done = await self._use(
                statement,
                lambda c, state: c.fetch_more(state, portal, prefetch),
                timeout,
                prepare=True,
            )
            yield rows


def _check(statement: Statement, item: Sequence[Any], number: int) -> Sequence[Any]:
    try:
        statement.verify(item)
    except InvalidValue as error:
        problem = f"{error.problem}, item {number}"
        raise type(error)(error.field, problem, query=error.query) from None
    return item


def _verified(statement: Statement, items: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    return (_check(statement, item, number) for number, item in enumerate(items))


async def _verified_later(
    statement: Statement, items: AsyncIterable[Sequence[Any]]
) -> AsyncIterator[Sequence[Any]]:
    number = 0
    async for item in items:
        yield _check(statement, item, number)
        number += 1
