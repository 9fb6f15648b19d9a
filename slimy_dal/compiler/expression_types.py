"""Says of which type an expression is, as far as its node tells, and whether conversion can lose it."""

from slimy_dal.compiler.catalog.types import Types
from slimy_dal.compiler.nodetree import Node

__all__ = ["keeps_known", "result_type"]

BOOLEAN, INTEGER = 16, 23
FIELDS = (
    "funcresulttype",
    "opresulttype",
    "resulttype",
    "aggtype",
    "wintype",
    "vartype",
    "consttype",
    "paramtype",
    "refrestype",
    "row_typeid",
    "array_typeid",
    "coalescetype",
    "minmaxtype",
    "casetype",
)
"""Where nodes of different kinds keep the type of their value."""
TRUTHS = (
    "BOOLEXPR",
    "NULLTEST",
    "BOOLEANTEST",
    "ROWCOMPAREEXPR",
    "SCALARARRAYOPEXPR",
    "JSONISPREDICATE",
)
SCALAR_LINK = 4
ALTERNATIVES = (
    frozenset({20, 21, 23, 700, 701, 1700}),
    frozenset({19, 25, 1042, 1043}),
    frozenset({1082, 1114, 1184}),
)
"""Numbers, texts, dates with times: the server's own casts among them never make NULL of a value."""


def result_type(node: Node) -> int | None:  # noqa: PLR0911 -- one return per kind
    """Return the OID of an expression's type, None where the node does not tell."""
    for name in FIELDS:
        if name in node.fields:
            return int(node[name])
    if node.kind in {"COLLATEEXPR", "NAMEDARGEXPR"}:
        return result_type(node["arg"])
    if node.kind in TRUTHS:
        return BOOLEAN
    if node.kind == "GROUPINGFUNC":
        return INTEGER
    if node.kind == "SQLVALUEFUNCTION":
        return int(node["type"])
    if node.kind == "SUBLINK" and node["subLinkType"] < SCALAR_LINK:
        return BOOLEAN
    if node.kind == "SUBLINK" and node["subLinkType"] == SCALAR_LINK:
        return result_type(node["subselect"]["targetList"][0]["expr"])
    return None


def keeps_known(types: Types, source: int | None, target: int) -> bool:
    """Say whether a value that is converted silently from one type to another stays known."""
    if source is None:
        return False
    source, target = types.without_domains(source), types.without_domains(target)
    return source == target or any(source in alike and target in alike for alike in ALTERNATIVES)
