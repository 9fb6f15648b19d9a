"""Why a table's column can hold no NULL: NOT NULL, a CHECK, or what it is generated from."""

from slimy_dal.compiler.catalog.snapshot import FOREIGN_TABLE, PARTITIONED, Relation, TableColumn
from slimy_dal.compiler.checks import forbids_null
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.scope import RELATION, SELECT, Frame, Prover, Scope

__all__ = ["column_proof", "domain_refusal"]


def column_proof(prover: Prover, relation: Relation, number: int, *, family: bool) -> str | None:
    """Return the reason why a column is never NULL, None where it may be.

    `family` says that tables which inherit are read too: the column must be proven in each, because
    a child may be a foreign table, or (before 18) have dropped the NOT NULL of its parent.
    """
    if number not in relation.columns:
        return None
    catalog = prover.catalog
    if not family or len(relation.family) <= 1:
        return _own(prover, relation, number)
    if relation.columns[number].virtual:
        # The table that is named computes it for the rows of all; a child's constraints were
        # checked with the child's own expression.
        return _generated(prover, relation, relation.columns[number], family=True)
    name, first = relation.columns[number].name, None
    for oid in relation.family:
        member = catalog.relation(oid)
        if member.kind == PARTITIONED and oid != relation.oid:
            continue
        column = member.named(name)
        reason = None if column is None else _own(prover, member, column.number)
        if reason is None and member.kind != PARTITIONED:
            return None
        first = first or reason
    return first


def _own(prover: Prover, relation: Relation, number: int) -> str | None:
    catalog, known = prover.catalog, (relation.oid, number)
    if known not in catalog.proofs:
        # What a generated column is made from may not be made from that column again.
        catalog.proofs[known] = None
        catalog.proofs[known] = _find(prover, relation, relation.columns[number])
    return catalog.proofs[known]


def _find(prover: Prover, relation: Relation, column: TableColumn) -> str | None:
    catalog, name = prover.catalog, f"{relation}.{column.name}"
    if relation.kind == FOREIGN_TABLE:
        return None
    if column.notnull:
        return f"{name} is NOT NULL"
    for constraint, check in relation.checks:
        if forbids_null(catalog, check, column.number):
            return f"{name} is not NULL by CHECK {constraint}"
    # A domain proves nothing: a subquery without rows puts NULL into a column of a NOT NULL one.
    return _generated(prover, relation, column, family=False)


def _generated(
    prover: Prover, relation: Relation, column: TableColumn, *, family: bool
) -> str | None:
    if relation.kind == FOREIGN_TABLE or column.generated is None:
        return None
    if not _is_sound(prover, relation, column.generated, family=family):
        return None
    return f"{relation}.{column.name} is generated from what is not NULL"


def domain_refusal(prover: Prover, relation: Relation, number: int) -> str | None:
    """Return why a parameter that is written to a column is cast to a domain that forbids NULL."""
    types, column = prover.catalog.types, relation.columns[number]
    domain = types.notnull_domain(column.type)
    if domain is not None:
        return f"{relation}.{column.name} is of the NOT NULL domain {domain}"
    for domain, check in types.domain_checks(column.type):
        if forbids_null(prover.catalog, check):
            return f"{relation}.{column.name} is of the domain {domain}, whose CHECK forbids NULL"
    return None


def _is_sound(prover: Prover, relation: Relation, expression: Node, *, family: bool) -> bool:
    """Say whether an expression over the columns of one row of a table is never NULL."""
    entry, query = Node("RANGETBLENTRY"), Node("QUERY")
    entry.fields = {
        "rtekind": RELATION,
        "relid": relation.oid,
        "inh": family,
        "eref": Node("ALIAS"),
    }
    entry["eref"].fields = {"aliasname": relation.name, "colnames": []}
    query.fields = dict.fromkeys(
        ("jointree", "havingQual", "groupingSets", "groupClause", "setOperations", "targetList")
    )
    query.fields |= {"commandType": SELECT, "rtable": [entry], "hasTargetSRFs": False}
    scope = Scope(prover, query, origin=f"the definition of {relation}", stored=True)
    return not prover.expression(expression, Frame(scope)).nullable
