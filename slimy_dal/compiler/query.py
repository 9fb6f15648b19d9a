"""What a query file holds, as plain data: places, errors, directives and queries."""

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal, get_args

Shape = Literal["one", "opt", "many", "scalar", "exec", "execrows", "batch", "copyfrom", "script"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s)")


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file; lines and columns count from 1, columns in characters."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class QueryFileError(Exception):
    """One thing wrong in a query file: where, what, and where possible the way out.

    `query` is the name of the query it hides, None where the text belongs to no query.
    """

    def __init__(
        self, location: Location, message: str, hint: str | None = None, query: str | None = None
    ) -> None:
        super().__init__(location, message, hint, query)
        self.location = location
        self.message = message
        self.hint = hint
        self.query = query

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.location}: {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Directive:
    """A `-- key: value` line of a query's header; `begins` is where its value does, where that is known."""

    key: str
    value: str
    location: Location
    begins: Location | None = None

    def place(self, offset: int) -> Location:
        """Return the place in the file of a 0-based offset in the value."""
        if self.begins is None:
            return self.location
        return Location(self.begins.path, self.begins.line, self.begins.column + offset)

    @property
    def names(self) -> tuple[str, ...]:
        """The value as a comma-separated list; names of parameters keep their colon."""
        return tuple(name for name in (part.strip() for part in self.value.split(",")) if name)


def seconds(duration: str) -> float | None:
    """Return `2s` or `500ms` as seconds, None where the text is no duration above zero."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        return None
    return float(match["number"]) / (1000 if match["unit"] == "ms" else 1) or None


@dataclass(frozen=True, slots=True)
class Query:
    """A named statement of a query file.

    `source` is the statement as written, `sql` the same with $1..$n, and `pieces` holds for every
    stretch of `sql` its offset there, its offset in `source`, and whether it is copied text (else
    the whole stretch stands for one placeholder of the source).
    """

    name: str
    path: str
    line: int
    shape: Shape
    doc: str
    directives: tuple[Directive, ...]
    source: str
    sql: str
    parameters: tuple[str, ...]
    start: Location
    pieces: tuple[tuple[int, int, bool], ...]

    @property
    def noun(self) -> str:
        """The stem of the file: the module the query is generated into."""
        return PurePath(self.path).stem

    @property
    def full_name(self) -> str:
        """The name that logs, metrics and messages use: `users.get_by_id`."""
        return f"{self.noun}.{self.name}"

    @property
    def timeout(self) -> float | None:
        """The seconds of the `timeout` directive."""
        value = self.directive("timeout")
        return None if value is None else seconds(value.value)

    def directive(self, key: str) -> Directive | None:
        """Return the first directive of that key."""
        return next((d for d in self.directives if d.key == key), None)

    def location(self, offset: int) -> Location:
        """Return the place in the file of a 0-based character offset in `sql`."""
        at = 0
        for in_sql, in_source, copied in self.pieces:
            if in_sql > offset:
                break
            at = in_source + (offset - in_sql if copied else 0)
        before = self.source[: min(at, len(self.source))]
        newlines = before.count("\n")
        if newlines == 0:
            return Location(self.path, self.start.line, self.start.column + len(before))
        column = len(before) - before.rfind("\n")
        return Location(self.path, self.start.line + newlines, column)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading query files gave: a query with an error stands in `errors`, not in `queries`."""

    queries: tuple[Query, ...]
    errors: tuple[QueryFileError, ...]
