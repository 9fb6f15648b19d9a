"""Follows a result column back to the table column that it is a plain copy of, and to the joins that may null it."""

import re
from collections.abc import Iterable
from typing import Any

from slimy_dal.compiler.catalog.snapshot import Catalog
from slimy_dal.compiler.checks import allowed
from slimy_dal.compiler.description import Origin, PgType
from slimy_dal.compiler.facts import Conditions
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.nullability.subqueries import child, cte_scope, find_cte
from slimy_dal.compiler.scope import (
    CTE,
    GROUP,
    JOIN,
    RELATION,
    SELECT,
    SUBQUERY,
    Frame,
    Scope,
)

__all__ = ["choices", "is_identifier", "name_of", "nulled", "source_column", "source_of"]

Source = tuple[int, int]
"""OID of a table and number of a column."""
TEXTS = frozenset({"text", "character varying", "character", "citext"})
BIGINT = 20
BIGINTS = 1016
IDS = re.compile(r"(^|_)ids?\Z")
VIEWS = frozenset({"v", "m"})


def source_column(scope: Scope, number: int) -> Source | None:
    """Return the table column that a result column copies; None where it is computed."""
    found = _column(scope, number, frozenset())
    return next(iter(found)) if found is not None and len(found) == 1 else None


def source_of(scope: Scope, node: Node) -> Source | None:
    """Return the table column that an expression copies."""
    found = _expression(scope, node, frozenset())
    return next(iter(found)) if found is not None and len(found) == 1 else None


def _column(scope: Scope, number: int, around: frozenset[tuple[int, int]]) -> set[Source] | None:
    """Return all table columns that a result column may copy; None where it holds something else."""
    if not 0 < number <= len(scope.columns):
        return None
    place = (id(scope.query), number)
    if place in around:
        return set()
    operations = scope.query["setOperations"] if scope.command == SELECT else None
    if operations is not None:
        return _branches(scope, operations, number, around | {place})
    return _expression(scope, scope.columns[number - 1]["expr"], around | {place})


def _branches(
    scope: Scope, part: Node, number: int, around: frozenset[tuple[int, int]]
) -> set[Source] | None:
    if part.kind == "RANGETBLREF":
        return _column(child(scope, part["rtindex"]), number, around)
    left = _branches(scope, part["larg"], number, around)
    right = _branches(scope, part["rarg"], number, around)
    return None if left is None or right is None else left | right


def _expression(  # noqa: PLR0911 -- one return per kind of range table entry
    scope: Scope, node: Node, around: frozenset[tuple[int, int]]
) -> set[Source] | None:
    if node.kind != "VAR" or node["varattno"] <= 0:
        return None
    scope, number = scope.up(node["varlevelsup"]), node["varattno"]
    entry = scope.entry(node["varno"])
    kind = entry["rtekind"]
    if kind == RELATION:
        relation = scope.prover.catalog.relation(entry["relid"])
        if relation.kind in VIEWS and relation.definition is not None:
            return _column(child(scope, node["varno"]), number, around)
        return {(relation.oid, number)} if number in relation.columns else None
    if kind == SUBQUERY:
        return _column(child(scope, node["varno"]), number, around)
    if kind == CTE:
        found = find_cte(scope, entry)
        return None if found is None else _column(cte_scope(*found), number, around)
    listed = entry["joinaliasvars"] if kind == JOIN else entry.get("groupexprs")
    if kind in {JOIN, GROUP} and listed and listed[number - 1] is not None:
        return _expression(scope, listed[number - 1], around)
    return None


def name_of(catalog: Catalog, source: Source) -> Origin:
    """Return the name of a table column."""
    relation = catalog.relation(source[0])
    return Origin(relation.schema, relation.name, relation.columns[source[1]].name)


def is_identifier(catalog: Catalog, source: Source) -> bool:
    """Say whether a column holds ids: int8, in a primary, unique or foreign key, or named for it (also several)."""
    relation = catalog.relation(source[0])
    column = relation.columns[source[1]]
    if column.type not in {BIGINT, BIGINTS}:
        return False
    return source[1] in relation.keys or IDS.search(column.name) is not None


def choices(catalog: Catalog, source: Source) -> tuple[str, ...]:
    """Return the strings that CHECKs allow for a column of text, or for the elements of an array."""
    relation = catalog.relation(source[0])
    column = relation.columns[source[1]]
    if _plain(catalog.types.get(column.type)) not in TEXTS:
        return ()
    for _, check in relation.checks:
        found = allowed(catalog, check, source[1])
        if found:
            return found
    return domain_choices(catalog, column.type)


def domain_choices(catalog: Catalog, oid: int) -> tuple[str, ...]:
    """Return the strings that the CHECKs of a domain over text allow."""
    if _plain(catalog.types.get(oid)) not in TEXTS:
        return ()
    for _, check in catalog.types.domain_checks(oid):
        found = allowed(catalog, check)
        if found:
            return found
    return ()


def _plain(kind: PgType) -> str:
    """Return the name of the type under domains and arrays."""
    while kind.base is not None or kind.element is not None:
        kind = kind.base or kind.element  # type: ignore[assignment]
    return kind.name


Nulled = tuple[frozenset[tuple[int, int]], bool]
"""The outer joins (scope and number) that may null a value, and whether nothing else does."""


def nulled(scope: Scope, number: int) -> Nulled:
    """Return the outer joins that null a result column, and whether it is NULL just where they do."""
    if scope.query["setOperations"] is not None and scope.command == SELECT:
        return frozenset(), not scope.prover.column(scope, number).nullable
    node = scope.columns[number - 1]["expr"]
    if not scope.prover.column(scope, number).nullable:
        return frozenset(), True
    own = _joins(scope, node)
    inner = _inner(scope, node)
    if inner is not None:
        below, solid = nulled(*inner)
        return own | below, solid
    refuted = {
        join.number
        for key in Conditions(scope).known(node)
        if key[0] == "column" and key[1] == scope.number
        for join in scope.joins.nulling(key[2])
    }
    numbers = frozenset(join // 2 for _, join in own)
    solid = (
        numbers <= refuted
        and not scope.prover.expression(node, Frame(scope, ignored=numbers)).nullable
    )
    return own, solid


def _joins(scope: Scope, node: Node) -> frozenset[tuple[int, int]]:
    """Return the joins that null an expression's columns, each side of a FULL JOIN as one of its own."""
    return frozenset(
        (scope.number, number * 2 + right)
        for variable in _variables(scope, node)
        for number, right in scope.joins.nulling_sides(variable["varno"])
    )


def _variables(scope: Scope, node: Node) -> Iterable[Node]:
    """Yield the columns of a query's own that an expression is made of."""
    stack: list[Any] = [node]
    while stack:
        top = stack.pop()
        if isinstance(top, list):
            stack.extend(top)
        elif isinstance(top, Node) and top.kind == "VAR":
            meaning = scope.meaning(top)
            if top["varlevelsup"] == 0:
                yield top
            if meaning is not None:
                stack.append(meaning)
        elif isinstance(top, Node) and top.kind != "QUERY":
            stack.extend(top.fields.values())


def _inner(scope: Scope, node: Node) -> tuple[Scope, int] | None:
    """Return the column of a subquery, view or WITH query that an expression copies."""
    if node.kind != "VAR" or node["varlevelsup"] or node["varattno"] <= 0:
        return None
    entry, number = scope.entry(node["varno"]), node["varattno"]
    if scope.command != SELECT and node["varno"] == scope.query["resultRelation"]:
        return None
    if entry["rtekind"] == SUBQUERY:
        return child(scope, node["varno"]), number
    if entry["rtekind"] == RELATION:
        relation = scope.prover.catalog.relation(entry["relid"])
        is_view = relation.kind in VIEWS and relation.definition is not None
        return (child(scope, node["varno"]), number) if is_view else None
    if entry["rtekind"] == CTE:
        found = find_cte(scope, entry)
        if found is not None and not found[1]["cterecursive"]:
            inner = cte_scope(*found)
            return (inner, number) if number <= len(inner.columns) else None
    return None
