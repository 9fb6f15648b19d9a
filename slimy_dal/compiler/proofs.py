"""Why a table's column can hold no NULL: NOT NULL, a CHECK, a domain, or what it is generated from."""

from slimy_dal.compiler.catalog import FOREIGN_TABLE, PARTITIONED, Relation, TableColumn
from slimy_dal.compiler.checks import forbids_null
from slimy_dal.compiler.nodetree import Node
from slimy_dal.compiler.scope import RELATION, SELECT, Frame, Prover, Scope

__all__ = ["column_proof"]


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


def _find(  # noqa: PLR0911 -- one return per ground
    prover: Prover, relation: Relation, column: TableColumn
) -> str | None:
    catalog, name = prover.catalog, f"{relation}.{column.name}"
    if relation.kind == FOREIGN_TABLE:
        return None
    if column.notnull:
        return f"{name} is NOT NULL"
    for constraint, check in relation.checks:
        if forbids_null(catalog, check, column.number):
            return f"{name} is not NULL by CHECK {constraint}"
    domain = catalog.types.notnull_domain(column.type)
    if domain is not None:
        return f"{name} is of the NOT NULL domain {domain}"
    for domain, check in catalog.types.domain_checks(column.type):
        if forbids_null(catalog, check):
            return f"{name} is of the domain {domain}, whose CHECK forbids NULL"
    if column.generated is not None and _is_sound(prover, relation, column.generated):
        return f"{name} is generated from what is not NULL"
    return None


def _is_sound(prover: Prover, relation: Relation, expression: Node) -> bool:
    """Say whether an expression over the columns of one row of a table is never NULL."""
    entry, query = Node("RANGETBLENTRY"), Node("QUERY")
    entry.fields = {"rtekind": RELATION, "relid": relation.oid, "inh": False, "eref": Node("ALIAS")}
    entry["eref"].fields = {"aliasname": relation.name, "colnames": []}
    query.fields = dict.fromkeys(
        ("jointree", "havingQual", "groupingSets", "groupClause", "setOperations", "targetList")
    )
    query.fields |= {"commandType": SELECT, "rtable": [entry], "hasTargetSRFs": False}
    scope = Scope(prover, query, origin=f"the definition of {relation}")
    return not prover.expression(expression, Frame(scope)).nullable
