"""What a named query is at run time, and what generated code may ask of whoever runs it."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, which asyncio.timeout cannot replace

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Protocol, TypeAlias

from slimy_dal.engine import checks
from slimy_dal.engine.acceptance import compile_acceptance
from slimy_dal.engine.errors import InvalidValue, MissingValue

__all__ = ["Executor", "Parameter", "Row", "Statement", "values"]

Row: TypeAlias = Sequence[Any]
"""A row as the driver gives it: values by position."""

values: Callable[[Row], tuple[Any, ...]] = itemgetter(slice(None))
"""The values of a row as a tuple. `starmap(UserRow, map(values, rows))` makes typed rows in half the
time of `UserRow(*row)`, because the driver copies a slice at once and an unpacked row value by value."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `$n` of a statement: its name, its type as format_type prints it, whether it may be null."""

    name: str
    type: str
    nullable: bool = False


# Statements are compared by identity: connections keep what they prepared in a dict keyed by them.
@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One named query, ready to run.

    `timeout` in seconds (None: the pool's default); `writes` forbids running it a second time after
    a lost connection, so it must be true for whatever may change data. `replica` says that it may
    run on a replica, which shows the past: not what decides about a write, or whether somebody may. `shape`
    tells the statements of one query apart that has variants: `role, newest, after`.
    """

    name: str
    sql: str
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[str, ...] = ()
    timeout: float | None = None
    writes: bool = False
    replica: bool = False
    shape: str = ""
    verify: Callable[[Sequence[Any]], None] = field(init=False, repr=False)
    """Raise InvalidValue, naming the parameter, unless every argument has its parameter's type."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "verify", self._compile())

    def _compile(self) -> Callable[[Sequence[Any]], None]:
        if not self.parameters:
            return self._none_expected
        singles = tuple(checks.compile_check(p.type, nullable=p.nullable) for p in self.parameters)
        return compile_acceptance(
            [(p.type, p.nullable) for p in self.parameters],
            singles,
            lambda arguments: self._examine(singles, arguments),
        )

    def _none_expected(self, arguments: Sequence[Any]) -> None:
        if arguments:
            self._count_differs(arguments)

    def _count_differs(self, arguments: Sequence[Any]) -> None:
        expected = ", ".join(p.name for p in self.parameters) or "none"
        raise InvalidValue(
            None,
            f"{self.name} takes {len(self.parameters)} parameters ({expected}), got {len(arguments)}",
            query=self.name,
        )

    def _examine(self, singles: Sequence[checks.Check], arguments: Sequence[Any]) -> None:
        """Check one by one, to accept what is right in a less usual way and to name what is not."""
        if len(arguments) != len(singles):
            self._count_differs(arguments)
        for parameter, single, value in zip(self.parameters, singles, arguments, strict=True):
            try:
                single(value)
            except checks.Refused as refused:
                kind = MissingValue if value is None else InvalidValue
                problem = f"{refused} (parameter of {self.name})"
                raise kind(parameter.name, problem, query=self.name) from None


class Executor(Protocol):
    """What runs statements: a pool, each call on a connection of its own, or a transaction.

    Every call ends within `timeout` seconds (default: the statement's, then the pool's), and within
    any `deadline(...)` around it. Errors are of the SlimyError tree.
    """

    async def rows(
        self, statement: Statement, /, *arguments: Any, timeout: float | None = None
    ) -> Sequence[Row]:
        """Run the statement and return all its rows."""
        ...

    async def row(
        self, statement: Statement, /, *arguments: Any, timeout: float | None = None
    ) -> Row | None:
        """Run the statement and return its first row, or None where it gave none."""
        ...

    async def execute(
        self, statement: Statement, /, *arguments: Any, timeout: float | None = None
    ) -> int:
        """Run the statement and return how many rows it affected."""
        ...

    async def batch(
        self,
        statement: Statement,
        arguments: Iterable[Sequence[Any]],
        /,
        *,
        timeout: float | None = None,
    ) -> None:
        """Run the statement once for each sequence of arguments: all of them or none."""
        ...

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
        """Load records into (schema, table) by COPY, checked by the statement's parameters; return their number."""
        ...

    def stream(
        self,
        statement: Statement,
        /,
        *arguments: Any,
        prefetch: int = 500,
        timeout: float | None = None,
    ) -> AsyncIterator[Row]:
        """Iterate over rows through a server-side cursor, `prefetch` at a time; `timeout` is for each fetch."""
        ...
