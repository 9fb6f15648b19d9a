"""RETURNING: the columns of the row that a statement wrote, or of the row that was there before."""

from dataclasses import replace

from slimy_dal.compiler.catalog.snapshot import FOREIGN_TABLE, Catalog, Relation
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.proofs import column_proof
from slimy_dal.compiler.scope import DELETE, INSERT, MERGE, UPDATE, Frame, Scope
from slimy_dal.compiler.verdict import Verdict, maybe, never

__all__ = ["written"]

CURRENT, OLD, NEW = range(3)
DO_UPDATE = 2
WHOLE_ROW = 0


def written(node: Node, frame: Frame) -> Verdict:
    """Say whether a column of the table that a statement writes to may be NULL in RETURNING."""
    scope, number = frame.scope, node["varattno"]
    relation = frame.prover.catalog.relation(scope.entry(node["varno"])["relid"])
    which = node.get("varreturningtype", CURRENT)
    missing = _may_be_missing(scope, which)
    if missing:
        return maybe(missing)
    if number == WHOLE_ROW:
        return never(f"a row of {relation}")
    if relation.kind == "v" or any(
        frame.prover.catalog.relation(oid).has_rules for oid in relation.family
    ):
        # Rules and INSTEAD OF triggers decide what RETURNING shows; a view's WHERE does not.
        return maybe(f"{relation} is written through rules or a view's triggers")
    if number < 0:
        return never(f"a system column of {relation}")
    entry = scope.entry(node["varno"])
    proof = column_proof(
        frame.prover, relation, number, family=entry["inh"] or relation.kind == "p"
    )
    if proof is not None:
        return never(proof)
    return _value(node, frame, relation, which)


def _may_be_missing(scope: Scope, which: int) -> str | None:
    """Return why there may be no old or new row, None where there is one."""
    command = scope.command
    if which == OLD and command in {INSERT, MERGE}:
        return "a row that is inserted has no OLD one"
    if which == NEW and command == DELETE:
        return "a row that is deleted has no NEW one"
    if which == NEW and command == MERGE:
        actions = scope.query["mergeActionList"] or ()
        if any(action["commandType"] == DELETE for action in actions):
            return "a row that is deleted has no NEW one"
    return None


def _value(  # noqa: PLR0911 -- one return per way in which the value came about
    node: Node, frame: Frame, relation: Relation, which: int
) -> Verdict:
    scope, number = frame.scope, node["varattno"]
    unknown = maybe(f"{relation}.{relation.columns[number].name} may hold NULL")
    if which == OLD or scope.command == DELETE:
        return _kept(node, frame, unknown)
    catalog = frame.prover.catalog
    if scope.command == MERGE or _has_triggers(catalog, relation):
        return unknown
    if _is_generated(catalog, relation, relation.columns[number].name):
        return unknown
    value = assigned(scope.query["targetList"], number)
    if scope.command == UPDATE:
        if value is None:
            return _kept(node, frame, unknown)
        return frame.prover.expression(value, replace(frame, before=True, facts=frozenset()))
    if value is None:
        return unknown
    verdict = frame.prover.expression(value, replace(frame, facts=frozenset()))
    if verdict.nullable or not _may_update(scope.query):
        return verdict
    value = assigned(scope.query["onConflict"]["onConflictSet"], number)
    if value is None:
        return unknown.because("ON CONFLICT may return the row that was there")
    return frame.prover.expression(value, replace(frame, before=True, facts=frozenset()))


def _is_generated(catalog: Catalog, relation: Relation, name: str) -> bool:
    """Say whether a column is generated; before 16 a child may do so where its parent does not."""
    found = (catalog.relation(oid).named(name) for oid in relation.family)
    return any(column is not None and column.generated is not None for column in found)


def _has_triggers(catalog: Catalog, relation: Relation) -> bool:
    """Say whether a trigger, or a foreign server, may change what is written."""
    members = (catalog.relation(oid) for oid in relation.family)
    return any(member.has_triggers or member.kind == FOREIGN_TABLE for member in members)


def _kept(node: Node, frame: Frame, unknown: Verdict) -> Verdict:
    """Answer for a column that the statement leaves as it was: WHERE speaks of that row."""
    scope = frame.scope
    key = (*scope.variable_key(node)[:-1], CURRENT)
    return never("a condition asks that it is not NULL") if scope.has(key) else unknown


def assigned(entries: list[Node] | None, number: int) -> Node | None:
    """Return the expression that a column is set to, None where it is not set."""
    for entry in entries or ():
        if entry["resno"] == number and not entry["resjunk"]:
            expression: Node = entry["expr"]
            return expression
    return None


def _may_update(query: Node) -> bool:
    conflict = query["onConflict"]
    return conflict is not None and bool(conflict["action"] == DO_UPDATE)
