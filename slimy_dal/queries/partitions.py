"""Generated from sql/queries/partitions.sql by `slimy generate`; do not edit."""

from datetime import date, datetime
from itertools import starmap

import msgspec

from slimy_dal.engine.statement import Executor, Parameter, Statement, values


class ListEndsRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_ends`."""

    table_name: str
    made_until: datetime | None


class MakeRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `make`."""

    table_name: str
    made: int | None


LIST_ENDS = Statement(
    name="partitions.list_ends",
    sql="""\
WITH partitions AS (
    SELECT
        p.relname::text AS table_name,
        c.relname::text AS partition_name,
        substring(pg_get_expr(c.relpartbound, c.oid) FROM 'FROM \\(''([^'']+)''\\)')::timestamptz
            AS first_moment,
        substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''([^'']+)''\\)')::timestamptz
            AS end_moment
    FROM pg_catalog.pg_inherits AS i
    INNER JOIN pg_catalog.pg_class AS p ON i.inhparent = p.oid
    INNER JOIN pg_catalog.pg_class AS c ON i.inhrelid = c.oid
    INNER JOIN pg_catalog.pg_namespace AS n ON p.relnamespace = n.oid
    WHERE n.nspname = 'slimy' AND p.relkind = 'p'
)

SELECT
    t.relname::text AS table_name,
    (
        SELECT min(a.end_moment)
        FROM partitions AS a
        WHERE
            a.table_name = t.relname
            AND a.end_moment > now()
            AND NOT EXISTS (
                SELECT FROM partitions AS b
                WHERE b.table_name = a.table_name AND b.first_moment = a.end_moment
            )
            AND EXISTS (
                SELECT FROM partitions AS c
                WHERE
                    c.table_name = a.table_name
                    AND c.first_moment <= now()
                    AND c.end_moment > now()
            )
    ) AS made_until
FROM pg_catalog.pg_class AS t
INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid
WHERE n.nspname = 'slimy' AND t.relkind = 'p'
ORDER BY t.relname""",
    columns=("table_name", "made_until"),
)


async def list_ends(db: Executor, /, *, timeout: float | None = None) -> list[ListEndsRow]:
    """The partitioned tables, and how long each has a partition for every moment from now on; NULL
    where there is none for this one.
    """
    rows = await db.rows(LIST_ENDS, timeout=timeout)
    return list(starmap(ListEndsRow, map(values, rows)))


MAKE = Statement(
    name="partitions.make",
    sql="""\
SELECT
    t.relname::text AS table_name,
    slimy.make_partitions(t.oid::regclass, $1, $2) AS made
FROM pg_catalog.pg_class AS t
INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid
WHERE n.nspname = 'slimy' AND t.relkind = 'p'
ORDER BY t.relname""",
    parameters=(Parameter("first_month", "date"), Parameter("months", "integer")),
    columns=("table_name", "made"),
    writes=True,
)


async def make(
    db: Executor,
    /,
    *,
    first_month: date,
    months: int,
    timeout: float | None = None,
) -> list[MakeRow]:
    """Makes the partitions of so many months that are not there yet, of every partitioned table, and
    says how many those were.
    """
    rows = await db.rows(MAKE, first_month, months, timeout=timeout)
    return list(starmap(MakeRow, map(values, rows)))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("pg_catalog", "pg_class", "oid", "oid", True,
     ("list_ends", "make"), ()),
    ("pg_catalog", "pg_class", "relkind", "\"char\"", True,
     ("list_ends", "make"), ()),
    ("pg_catalog", "pg_class", "relname", "name", True,
     ("list_ends", "make"), ()),
    ("pg_catalog", "pg_class", "relnamespace", "oid", True,
     ("list_ends", "make"), ()),
    ("pg_catalog", "pg_class", "relpartbound", "pg_node_tree", False,
     ("list_ends",), ()),
    ("pg_catalog", "pg_inherits", "inhparent", "oid", True,
     ("list_ends",), ()),
    ("pg_catalog", "pg_inherits", "inhrelid", "oid", True,
     ("list_ends",), ()),
    ("pg_catalog", "pg_namespace", "nspname", "name", True,
     ("list_ends", "make"), ()),
    ("pg_catalog", "pg_namespace", "oid", "oid", True,
     ("list_ends", "make"), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("pg_catalog", "pg_class", "table",
     ("list_ends", "make"), (), ()),
    ("pg_catalog", "pg_inherits", "table",
     ("list_ends",), (), ()),
    ("pg_catalog", "pg_namespace", "table",
     ("list_ends", "make"), (), ()),
    ("slimy", "make_partitions", "function",
     ("make",), (), ()),
)
# fmt: on
