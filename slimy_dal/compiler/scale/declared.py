"""What a scale model declares, as plain data: how many rows there are and how their values are spread."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

__all__ = [
    "DEFAULT_SETTINGS",
    "ColumnScale",
    "Dump",
    "Scale",
    "ScaleError",
    "TableKey",
    "TableScale",
]

TableKey = tuple[str, str]
"""Schema and name of a table."""

DEFAULT_SETTINGS: Mapping[str, str] = {
    "seq_page_cost": "1",
    "random_page_cost": "1.1",
    "cpu_tuple_cost": "0.01",
    "cpu_index_tuple_cost": "0.005",
    "cpu_operator_cost": "0.0025",
    "effective_cache_size": "32GB",
    "work_mem": "16MB",
    "hash_mem_multiplier": "2",
    "max_parallel_workers_per_gather": "2",
    "min_parallel_table_scan_size": "8MB",
    "min_parallel_index_scan_size": "512kB",
    "parallel_setup_cost": "1000",
    "parallel_tuple_cost": "0.1",
    "cursor_tuple_fraction": "0.1",
    "from_collapse_limit": "8",
    "join_collapse_limit": "8",
    "geqo": "off",
    "jit": "off",
}
"""All that the planner's choice hangs on, said: a plan must not depend on the machine that made it.

An SSD's random page costs hardly more than the next one; the cache is that of a server with 48 GB.
"""


class ScaleError(Exception):
    """A scale model that cannot be used.

    `file` is where it stands, `table` and `field` say which part; the message names the problem and the way out.
    """

    def __init__(
        self,
        problem: str,
        hint: str,
        *,
        file: str = "",
        table: str = "",
        field: str = "",
    ) -> None:
        place = ": ".join(part for part in (file, table, field) if part)
        super().__init__(f"{place}: {problem}; {hint}" if place else f"{problem}; {hint}")
        self.file = file
        self.table = table
        self.field = field
        self.problem = problem
        self.hint = hint


def nearest(word: str, known: Sequence[str], otherwise: str) -> str:
    """Return `did you mean ...?` for the known word that is closest, else the given way out."""
    close = get_close_matches(word, known, n=1)
    return f"did you mean `{close[0]}`?" if close else otherwise


@dataclass(frozen=True, slots=True)
class ColumnScale:
    """How the values of a column, or of an index's expression, are spread; None is "not said".

    `distinct` is a count, or a negative fraction of the rows, as in pg_stats. `common` and
    `elements` hold (value, frequency), most frequent first; a value that is None is made up.
    `length` is the average number of elements; `future` the part of moments that lie ahead.
    """

    distinct: float | None = None
    nulls: float | None = None
    common: tuple[tuple[str | None, float], ...] | None = None
    width: int | None = None
    correlation: float | None = None
    elements: tuple[tuple[str | None, float], ...] | None = None
    length: float | None = None
    future: float | None = None


@dataclass(frozen=True, slots=True)
class TableScale:
    """The rows of a table and what they grow by in a month; `visible` is the part of its pages vacuum has seen.

    `columns` by name; `indexes` says of an index by name what its expression's values are like.
    """

    rows: int | None = None
    growth: int = 0
    visible: float = 0.9
    columns: Mapping[str, ColumnScale] = field(default_factory=dict)
    indexes: Mapping[str, ColumnScale] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restore:
    """A call that restores statistics of a relation, or of one of its columns; it was checked to be nothing else."""

    relation: TableKey
    column: str | None
    sql: str


@dataclass(frozen=True, slots=True)
class Dump:
    """PostgreSQL 18's own statistics, and the sizes in them."""

    statements: tuple[Restore, ...]
    sizes: Mapping[TableKey, tuple[int, float]]
    """Pages and rows of every relation that the dump speaks of, tables and indexes alike."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale model: what production is like, or shall be like `months` from now.

    `page` is the most rows a query may give without saying so; `array` the entries of an array
    parameter; `big` the rows from which on a table must not be read as a whole; `settings` the
    planner's; `setup` SQL that runs first. Tables that are not named have `default_rows`.
    """

    tables: Mapping[TableKey, TableScale] = field(default_factory=dict)
    page: int = 201
    array: int = 100
    big: int = 10_000
    months: int = 12
    default_rows: int = 10_000
    settings: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_SETTINGS))
    setup: tuple[str, ...] = ()
    file: str = ""
    dump: Dump | None = None

    def planned(self, table: TableKey) -> int:
        """Return the rows a table is planned with: those it has, and what `months` add."""
        known = self.tables.get(table)
        if known is None or known.rows is None:
            return self.default_rows
        return known.rows + known.growth * self.months

    def scaled_to(self, rows: int) -> "Scale":
        """Return the same model with all tables in proportion, the largest of them with `rows`.

        Raises ScaleError for a statistics dump: its numbers belong together as they are.
        """
        if self.dump is not None:
            raise ScaleError(
                "a statistics dump cannot be scaled",
                "take the model from the database instead: `slimy scale --dsn DSN`",
                file=self.file,
            )
        largest = max([self.planned(key) for key in self.tables] or [self.default_rows])
        factor = rows / max(largest, 1)
        tables = {
            key: replace(table, rows=math.ceil(self.planned(key) * factor), growth=0)
            for key, table in self.tables.items()
        }
        default = max(1, math.ceil(self.default_rows * factor))
        return replace(self, tables=tables, default_rows=default)
