"""RETURNING read as a list of columns that agree: those of rows as they are written, those of rows read."""

from collections.abc import Mapping
from dataclasses import dataclass

from slimy_dal.compiler.cardinality.from_list import Given
from slimy_dal.compiler.cardinality.keys import described, key_agrees, usable
from slimy_dal.compiler.cardinality.values import Alike, Values
from slimy_dal.compiler.catalog.indexes import UniqueIndex
from slimy_dal.compiler.catalog.snapshot import Relation
from slimy_dal.compiler.proofs import column_proof
from slimy_dal.compiler.scope import DELETE, UPDATE, Scope

__all__ = ["Returned", "returned", "written_key"]

CURRENT = 0


@dataclass(frozen=True, slots=True)
class Returned:
    """What is given of result columns, apart: of the columns of written rows, and of what was read."""

    written: Mapping[int, frozenset[Alike]]
    read: Given


def returned(scope: Scope, given: Given) -> Returned:
    """Return what is given of RETURNING: a row that is updated is not the one that WHERE has seen."""
    target = scope.query["resultRelation"]
    written: dict[int, frozenset[Alike]] = {}
    read: dict[int, frozenset[Alike]] = {}
    for number, alike in given.items():
        node = scope.columns[number - 1]["expr"]
        if node.kind != "VAR" or node["varlevelsup"]:
            continue
        if node["varno"] != target:
            read[number] = alike
        elif node.get("varreturningtype", CURRENT) == CURRENT:
            if scope.command == DELETE or _is_kept(scope, node["varattno"]):
                read[number] = alike
            if scope.command != DELETE:
                written[node["varattno"]] = alike
    return Returned(written, read)


def _is_kept(scope: Scope, column: int) -> bool:
    """Say whether UPDATE leaves a column as it was: nothing but the statement could change it."""
    relation = scope.prover.catalog.relation(scope.entry(scope.query["resultRelation"])["relid"])
    if scope.command != UPDATE or column not in relation.columns:
        return False
    changed = {entry["resno"] for entry in scope.query["targetList"] if not entry["resjunk"]}
    has_triggers = any(scope.prover.catalog.relation(o).has_triggers for o in relation.family)
    is_stored = relation.columns[column].generated is None
    return is_stored and column not in changed and not has_triggers


def written_key(
    scope: Scope, relation: Relation, written: Mapping[int, frozenset[Alike]]
) -> str | None:
    """Return the unique index that tells written rows apart by the columns that agree.

    A trigger could take a row away again that was written before, and make room for its like.
    """
    entry, values = scope.entry(scope.query["resultRelation"]), Values(scope)
    if any(scope.prover.catalog.relation(oid).has_triggers for oid in relation.family):
        return None
    for index in usable(relation, entry):
        if index.predicate is None and all(
            key_agrees(values, key, _known(scope, relation, index, key.column, written))
            for key in index.keys
        ):
            return described(relation, index)
    return None


def _known(
    scope: Scope,
    relation: Relation,
    index: UniqueIndex,
    column: int,
    written: Mapping[int, frozenset[Alike]],
) -> frozenset[Alike]:
    """Return how a column agrees where it is not NULL, which a unique index takes for different."""
    alike, inherited = written.get(column, frozenset[Alike]()), bool(relation.family[1:])
    if index.null_is_a_value or column_proof(scope.prover, relation, column, family=inherited):
        return alike
    return frozenset(one for one in alike if one.known)
