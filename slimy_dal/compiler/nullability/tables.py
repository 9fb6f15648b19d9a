"""Variables: whether a column of a table, view, subquery, function or join may be NULL."""

from dataclasses import replace

from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.nullability.functions import function_column
from slimy_dal.compiler.nullability.joins import Join
from slimy_dal.compiler.nullability.json import table_function_column
from slimy_dal.compiler.nullability.returning import written
from slimy_dal.compiler.nullability.subqueries import child, cte_column
from slimy_dal.compiler.proofs import column_proof
from slimy_dal.compiler.scope import (
    CTE,
    FUNCTION,
    GROUP,
    JOIN,
    MERGE,
    RELATION,
    SELECT,
    SUBQUERY,
    TABLEFUNC,
    VALUES,
    Frame,
    Scope,
)
from slimy_dal.compiler.verdict import Verdict, any_of, maybe, never

__all__ = ["after_grouping", "variable"]

WHOLE_ROW = 0
NOT_MATCHED_BY_SOURCE = 1


def variable(node: Node, frame: Frame) -> Verdict:  # noqa: PLR0911 -- one per ground, strongest first
    """Say whether a variable may be NULL."""
    if node["varlevelsup"]:
        return _outer(node, frame)
    scope = frame.scope
    if node["varno"] < 1 or node["varno"] > len(scope.query["rtable"]):
        return maybe("a variable outside the range table")
    key = scope.variable_key(node)
    number = node["varno"]
    if scope.command != SELECT and number == scope.query["resultRelation"] and not frame.before:
        answer = written(node, frame)
        if key in frame.facts:
            return never("the branch asks that it is not NULL")
        return answer
    if scope.command == MERGE and number != scope.query["resultRelation"] and _is_unmatched(scope):
        return maybe("WHEN NOT MATCHED BY SOURCE there is no source row")
    if frame.has(key) or key in scope.having:
        return never(f"a condition asks that {label(scope, node)} is not NULL")
    joins = [join for join in scope.joins.nulling(number) if join.number not in frame.ignored]
    if joins:
        return _filled_up(node, scope, joins[0])
    return table_column(node, frame)


def _is_unmatched(scope: Scope) -> bool:
    actions = scope.query["mergeActionList"] or ()
    return any(action.get("matchKind") == NOT_MATCHED_BY_SOURCE for action in actions)


def _outer(node: Node, frame: Frame) -> Verdict:
    """Answer for a column of a query further out: with what all queries between know of it."""
    owner = frame.scope.up(node["varlevelsup"])
    facts, before = frame.facts, frame.before
    scope: Scope | None = frame.scope
    while scope is not None and scope is not owner:
        facts |= scope.facts | scope.inherited
        before = before or scope.before
        scope = scope.parent
    here = Node("VAR")
    here.fields = {**node.fields, "varlevelsup": 0}
    return frame.prover.expression(here, Frame(owner, facts=facts, before=before))


def _filled_up(node: Node, scope: Scope, join: Join) -> Verdict:
    what = label(scope, node)
    place = scope.prover.join_offset(join, scope)
    return maybe(f"the outer join may find no row for {what}", place)


def after_grouping(node: Node, frame: Frame) -> Verdict:
    """Answer for a grouped value that some grouping sets leave out."""
    scope = frame.scope
    key = scope.key(node)
    if key is not None and (key in frame.facts or key in scope.having):
        return never("a condition on the groups asks that it is not NULL")
    return maybe("a grouping set leaves it out", scope.prover.offset(node, scope))


def label(scope: Scope, node: Node) -> str:
    """Return how a reader would write a variable."""
    names = scope.entry(node["varno"])["eref"]
    number = node["varattno"]
    columns = names["colnames"] or ()
    if 0 < number <= len(columns):
        return f"{names.name('aliasname')}.{columns[number - 1]}"
    return str(names.name("aliasname"))


def table_column(node: Node, frame: Frame) -> Verdict:  # noqa: PLR0911 -- one per kind of entry
    """Answer for a column by the entry of the range table that it belongs to."""
    scope = frame.scope
    entry, number = scope.entry(node["varno"]), node["varattno"]
    kind = entry["rtekind"]
    if kind == RELATION:
        return _relation(entry, node, frame)
    if kind == JOIN:
        return _join_column(entry, node, frame)
    if kind == FUNCTION:
        return function_column(entry, number, frame)
    if number == WHOLE_ROW:
        return never(f"a row of {label(scope, node)}")
    if kind == SUBQUERY:
        return frame.prover.column(child(scope, node["varno"]), number)
    if kind == CTE:
        return cte_column(scope, node["varno"], number)
    if kind == VALUES:
        inside = replace(frame, grouped=False)
        listed = (row[number - 1] for row in entry["values_lists"])
        otherwise = never("no row of VALUES holds NULL")
        return any_of((frame.prover.expression(value, inside) for value in listed), otherwise)
    if kind == TABLEFUNC:
        return table_function_column(entry["tablefunc"], number)
    if kind == GROUP:
        expression = entry["groupexprs"][number - 1]
        return frame.prover.expression(expression, replace(frame, grouped=False))
    return maybe(f"nothing is known about {label(scope, node)}")


def _relation(entry: Node, node: Node, frame: Frame) -> Verdict:  # noqa: PLR0911 -- likewise
    scope, number = frame.scope, node["varattno"]
    relation = frame.prover.catalog.relation(entry["relid"])
    if number == WHOLE_ROW:
        return never(f"a row of {relation}")
    if number < 0:
        if relation.kind in {"r", "p", "m", "S", "t"}:
            return never(f"a system column of {relation}")
        return maybe(f"a system column of {relation}, which is no table")
    if relation.kind == "v" and scope.stale:
        return maybe(f"a materialized view may be older than {relation}")
    if relation.kind in {"v", "m"} and relation.definition is not None:
        name = relation.columns[number].name if number in relation.columns else str(number)
        verdict = frame.prover.column(child(scope, node["varno"]), number)
        return verdict.because(f"column {name} of view {relation}")
    proof = None
    if not scope.stale:
        proof = column_proof(frame.prover, relation, number, family=entry["inh"])
    if proof is not None:
        return never(proof)
    offset = frame.prover.offset(node, scope)
    if scope.stale:
        return maybe("a materialized view may be older than its tables' constraints", offset)
    return maybe(f"{relation}.{relation.columns[number].name} may hold NULL", offset)


def _join_column(entry: Node, node: Node, frame: Frame) -> Verdict:
    scope, number = frame.scope, node["varattno"]
    join = scope.joins.find(node["varno"])
    if number == WHOLE_ROW or join is None:
        # The planner builds the row from columns, so nothing but a join around it can null it.
        return never(f"a row of {label(scope, node)}")
    expression = entry["joinaliasvars"][number - 1]
    if expression is None:
        return maybe(f"{label(scope, node)} was dropped")
    # Of a merged column of a FULL JOIN at least one side is there: both must be sound on their own.
    if expression.kind == "COALESCEEXPR" and join.nulls_left and join.nulls_right:
        inside = replace(frame, ignored=frame.ignored | {join.number})
        sides = (frame.prover.expression(side, inside) for side in expression["args"])
        return any_of(sides, never(f"{label(scope, node)} is on both sides of the FULL JOIN"))
    return frame.prover.expression(expression, frame)
