"""What analysis finds out about a query, as plain data between proofs and products."""

from dataclasses import dataclass
from typing import Literal

from slimy_dal.compiler.query import Location, Query

Kind = Literal["base", "array", "enum", "domain", "composite", "range", "multirange", "pseudo"]


@dataclass(frozen=True, slots=True)
class PgType:
    """A PostgreSQL type; `name` is format_type's without modifiers: `bigint`, `text[]`."""

    oid: int
    name: str
    kind: Kind = "base"
    element: "PgType | None" = None
    base: "PgType | None" = None
    labels: tuple[str, ...] = ()
    fields: tuple[tuple[str, "PgType"], ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """A column of a table."""

    schema: str
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class Reason:
    """One link of the chain that explains an answer, with its place in the query file."""

    text: str
    location: Location | None = None

    def __str__(self) -> str:
        return self.text if self.location is None else f"{self.location}: {self.text}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query.

    `target` is the column it is written to or compared with; `choices` are the strings an
    enum-like CHECK of that column allows (of the elements where the type is an array).
    """

    name: str
    type: PgType
    nullable: bool
    reasons: tuple[Reason, ...] = ()
    target: Origin | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A result column of a query.

    `origin` is the table column it is a plain copy of; `identifier` says that it holds ids: it
    is an int8, or several, in a primary, unique or foreign key or named `id`, `..._id` or
    `..._ids`. `nulled_by` names the outer joins that may null its table, and `solid` says that
    nothing else makes it null: nested rows become optional by these.
    A FULL JOIN counts as two, one for each side, because it never nulls both.
    """

    name: str
    type: PgType
    nullable: bool
    reasons: tuple[Reason, ...] = ()
    origin: Origin | None = None
    choices: tuple[str, ...] = ()
    identifier: bool = False
    nulled_by: frozenset[int] = frozenset()
    solid: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """A table column that a statement touches, with the NOT NULL that proofs may rely on.

    `read` and `written` say how it is touched; a column that is deleted with its row is neither.
    """

    schema: str
    table: str
    column: str
    type: str
    notnull: bool
    read: bool = True
    written: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Touched:
    """A table, view or function that a statement names itself or reaches through a view.

    `kind` is `table`, `view`, `materialized view`, `foreign table` or `function`; a function is
    `read` where it is called.
    """

    schema: str
    name: str
    kind: str
    read: bool = False
    written: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """The most rows that a query returns or, where it writes itself, changes.

    `one row`; `limit`: that of a LIMIT; `array`: the number of elements that are passed (one, where
    none is). `number` is the bound where the text has it, `parameters` decide it elsewhere.
    """

    kind: Literal["one row", "limit", "array"]
    number: int | None = None
    parameters: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """Everything known about a query.

    `reads` and `writes` hold (schema, table) pairs; `effects` says that it may change something
    else, as a volatile function does; `always_a_row` says that the statement is proven
    to give at least one row, as an aggregate without GROUP BY does. `hints` are directives of the
    query that say what the analysis says, or say less than it. `at_most_one` is proven for all data,
    and `rows_because` says why it is, or is not; `bound` is None where there can be any number of
    rows. `unfiltered` are the UPDATEs and DELETEs without a condition on their table, `ambiguous`
    the `sort` directives whose columns do not tell all rows apart.
    """

    query: Query
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    reads: frozenset[tuple[str, str]] = frozenset()
    writes: frozenset[tuple[str, str]] = frozenset()
    uses: tuple[Use, ...] = ()
    touches: tuple[Touched, ...] = ()
    always_a_row: bool = False
    effects: bool = False
    hints: tuple[Reason, ...] = ()
    at_most_one: bool = False
    rows_because: tuple[Reason, ...] = ()
    bound: Bound | None = None
    unfiltered: tuple[Reason, ...] = ()
    ambiguous: tuple[Reason, ...] = ()


class DescribeError(Exception):
    """A query that cannot be described: the server refused it, or a directive contradicts it."""

    def __init__(
        self, query: Query, location: Location, message: str, hint: str | None = None
    ) -> None:
        super().__init__(query, location, message, hint)
        self.query = query
        self.location = location
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.location}: {self.query.full_name}: {self.message}{hint}"
