"""Unique keys: whether the conditions about a table leave one row of it, by one of its unique indexes."""

from collections.abc import Iterable
from dataclasses import replace

from slimy_dal.compiler.cardinality.regions import Region, conjuncts
from slimy_dal.compiler.cardinality.values import Agreed, Alike, Values, is_renamed
from slimy_dal.compiler.catalog.indexes import DEFAULT, IndexKey, UniqueIndex
from slimy_dal.compiler.catalog.snapshot import PARTITIONED, Relation
from slimy_dal.compiler.facts import Conditions, Key
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.proofs import column_proof
from slimy_dal.compiler.scope import Scope

__all__ = ["described", "is_alone", "key_agrees", "usable", "whole_key"]

IS_NOT_NULL = 1


def is_alone(relation: Relation, entry: Node) -> bool:
    """Say whether an index of a table covers all rows that a read of it returns."""
    return relation.kind == PARTITIONED or not entry["inh"] or len(relation.family) <= 1


def usable(relation: Relation, entry: Node) -> list[UniqueIndex]:
    """Return the unique indexes that say something of all rows that a read of a table returns."""
    if not is_alone(relation, entry):
        return []
    return [index for index in relation.uniques if index.immediate]


def whole_key(
    values: Values, scope: Scope, number: int, region: Region, agreed: Agreed
) -> str | None:
    """Return the unique index whose every key agrees in all rows, None where there is none."""
    entry = scope.entry(number)
    relation = scope.prover.catalog.relation(entry["relid"])
    table = _Table(values, scope, number, relation)
    for index in usable(relation, entry):
        if all(table.agrees(index, key, agreed) for key in index.keys) and table.covers(
            index, region
        ):
            return described(relation, index)
    return None


def described(relation: Relation, index: UniqueIndex) -> str:
    """Return how a reader knows an index: its name and its columns."""
    names = (
        relation.columns[key.column].name if key.column in relation.columns else "an expression"
        for key in index.keys
    )
    return f"{index.name} ({', '.join(names)})"


def key_agrees(values: Values, key: IndexKey, alike: Iterable[Alike]) -> bool:
    """Say whether values that agree somehow are equal by a key of an index."""
    collation = values.collation(key.collation)
    return any(
        one.collation in {0, collation}
        and (key.family in one.families or (key.is_default and DEFAULT in one.families))
        for one in alike
    )


class _Table:
    """One table of a query."""

    def __init__(self, values: Values, scope: Scope, number: int, relation: Relation) -> None:
        self._values = values
        self._scope = scope
        self._number = number
        self._relation = relation

    def agrees(self, index: UniqueIndex, key: IndexKey, agreed: Agreed) -> bool:
        """Say whether a key of an index is equal, by the index, in all rows, and not NULL."""
        name = self._name(key)
        if name is None:
            return False
        alike = agreed.get(name, frozenset[Alike]())
        if not index.null_is_a_value and not self._is_known(key):
            alike = frozenset(one for one in alike if one.known)
        if key.expression is not None and is_renamed(key.expression):
            key = replace(key, is_default=False)
        return key_agrees(self._values, key, alike)

    def _name(self, key: IndexKey) -> Key | None:
        if key.expression is None:
            return self._values.column(self._number, key.column)
        return self._values.indexed(key.expression, self._number)

    def _is_known(self, key: IndexKey) -> bool:
        return key.column > 0 and self._is_not_null(key.column)

    def _is_not_null(self, column: int) -> bool:
        prover, family = self._scope.prover, bool(self._scope.entry(self._number)["inh"])
        if self._scope.stale:
            return False
        return column_proof(prover, self._relation, column, family=family) is not None

    def covers(self, index: UniqueIndex, region: Region) -> bool:
        """Say whether conditions ask for all that a partial index asks of its rows."""
        if index.predicate is None:
            return True
        conditions = [part for around in region.around() for part in around.conditions]
        written = {self._values.key(part) for part in conditions} - {None}
        return all(
            self._values.indexed(part, self._number) in written
            or self._is_presence(part, conditions)
            for part in conjuncts(index.predicate)
        )

    def _is_presence(self, part: Node, conditions: Iterable[Node]) -> bool:
        """Say whether a predicate asks for a column that conditions, or the table, keep from NULL."""
        if part.kind != "NULLTEST" or part["nulltesttype"] != IS_NOT_NULL or part["argisrow"]:
            return False
        if part["arg"].kind != "VAR":
            return False
        column = part["arg"]["varattno"]
        known = Conditions(self._scope)
        asked = frozenset[Key]().union(*(known.true(one) for one in conditions))
        return self._values.column(self._number, column) in asked or self._is_not_null(column)
