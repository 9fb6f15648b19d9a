"""What a statement's grammar alone says: that it always gives a row, or is an INSERT fit for COPY."""

from typing import Any

import pglast
from pglast import ast
from pglast.visitors import Visitor

# PostgreSQL's own aggregates: without GROUP BY they give one row whatever there is.
_AGGREGATES = frozenset(
    {"any_value", "array_agg", "avg", "bit_and", "bit_or", "bit_xor", "bool_and", "bool_or"}
    | {"count", "every", "json_agg", "json_object_agg", "jsonb_agg", "jsonb_object_agg", "max"}
    | {"min", "range_agg", "range_intersect_agg", "stddev", "string_agg", "sum", "variance"}
)
# Functions known to return no set, so that they do not multiply or remove the row.
_SINGLE = frozenset(
    {"abs", "age", "array_length", "cardinality", "ceil", "char_length", "clock_timestamp"}
    | {"concat", "current_database", "current_setting", "date_trunc", "floor", "format"}
    | {"gen_random_uuid", "json_build_array", "json_build_object", "jsonb_build_array"}
    | {"jsonb_build_object", "length", "lower", "nextval", "now", "pg_advisory_lock"}
    | {"pg_advisory_unlock", "pg_advisory_xact_lock", "pg_is_in_recovery", "pg_notify"}
    | {"pg_try_advisory_lock", "pg_try_advisory_xact_lock", "round", "set_config", "setval"}
    | {"statement_timestamp", "to_char", "transaction_timestamp", "upper", "version"}
)


def _statement(sql: str) -> Any:
    try:
        parsed = pglast.parse_sql(sql)
    except pglast.parser.ParseError:
        return None
    return parsed[0].stmt if len(parsed) == 1 else None


class _Calls(Visitor):
    """Collects the functions an expression calls, and whether it looks into subqueries."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.windows = False

    def visit_FuncCall(self, _ancestors: Any, node: Any) -> None:  # noqa: N802 -- pglast's name
        parts = [part.sval for part in node.funcname]
        self.names.add(parts[-1] if parts[:-1] in ([], ["pg_catalog"]) else ".".join(parts))
        self.windows = self.windows or node.over is not None

    def visit_SubLink(self, _ancestors: Any, _node: Any) -> Any:  # noqa: N802 -- pglast's name
        # What a scalar subquery calls neither multiplies nor removes the outer row.
        return pglast.visitors.Skip


def always_a_row(sql: str) -> bool:
    """Whether a SELECT gives at least one row whatever the tables hold; False where unsure."""
    select = _statement(sql)
    if not isinstance(select, ast.SelectStmt) or select.op != pglast.enums.SetOperation.SETOP_NONE:
        return False
    bounds = (select.groupClause, select.havingClause, select.limitCount, select.limitOffset)
    if any(bounds) or select.valuesLists or not select.targetList:
        return False
    names: set[str] = set()
    for target in select.targetList:
        calls = _Calls()
        calls(target)
        if calls.windows:
            return False
        names |= calls.names
    if not names <= _AGGREGATES | _SINGLE:
        return False
    from_nothing = not select.fromClause and not select.whereClause
    return from_nothing or bool(names & _AGGREGATES)


def copy_columns(sql: str) -> tuple[str, ...] | str:
    """Return the columns that $1, $2 ... go to, or why an INSERT cannot be run as COPY."""
    insert = _statement(sql)
    if not isinstance(insert, ast.InsertStmt):
        return "it is no INSERT"
    returning = getattr(insert, "returningClause", None) or getattr(insert, "returningList", None)
    if insert.withClause or insert.onConflictClause or returning:
        return "COPY knows no WITH, ON CONFLICT or RETURNING"
    rows = list(getattr(insert.selectStmt, "valuesLists", None) or ())
    if len(rows) != 1 or not all(isinstance(value, ast.ParamRef) for value in rows[0]):
        return "COPY takes values as they come: VALUES must hold one row of nothing but parameters"
    if not insert.cols:
        return "its columns must be listed"
    numbers = [value.number for value in rows[0]]
    if len(set(numbers)) != len(numbers):
        return "each parameter may stand there once"
    by_number = dict(zip(numbers, (column.name for column in insert.cols), strict=True))
    return tuple(by_number[number] for number in sorted(by_number))
