"""What CHECK constraints say of a column: that it is not NULL, and which strings it may hold."""

from collections.abc import Iterable, Iterator

from slimy_dal.compiler.catalog.snapshot import Catalog
from slimy_dal.compiler.constants import text_array, text_value
from slimy_dal.compiler.facts import NOTHING, Conditions, Facts, Key
from slimy_dal.compiler.nodetree import Node

__all__ = ["allowed", "forbids_null"]

DOMAIN_VALUE = 0
WRAPPERS = ("RELABELTYPE", "COERCEVIAIO", "COERCETODOMAIN", "COLLATEEXPR", "ARRAYCOERCEEXPR")
AND, OR = "and", "or"


class _TableNames:
    """Names of values in an expression over the columns of one table, or over a domain's value."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def key(self, node: Node) -> Key | None:
        number = _number(node)
        return None if number is None else ("column", number)

    def is_strict(self, node: Node) -> bool:
        return self._catalog.is_strict(node)

    def meaning(self, _: Node) -> Node | None:
        return None

    def row_keys(self, _: Node) -> Iterable[Key]:
        return ()

    def inside(self, _: Node) -> Facts:
        return NOTHING


def _number(node: Node) -> int | None:
    if node.kind == "VAR" and node["varattno"] > 0:
        return int(node["varattno"])
    return DOMAIN_VALUE if node.kind == "COERCETODOMAINVALUE" else None


def forbids_null(catalog: Catalog, check: Node, number: int = DOMAIN_VALUE) -> bool:
    """Say whether a CHECK is false for every row in which the column is NULL."""
    return ("column", number) in Conditions(_TableNames(catalog)).not_false(check)


def allowed(catalog: Catalog, check: Node, number: int = DOMAIN_VALUE) -> tuple[str, ...]:
    """Return the strings a CHECK allows for the column, or for its elements; () where any."""
    for part in _conjuncts(check):
        found = _listed(catalog, part, number)
        if found:
            return found
    return ()


def _conjuncts(check: Node) -> Iterator[Node]:
    if check.kind == "BOOLEXPR" and check["boolop"] == AND:
        for part in check["args"]:
            yield from _conjuncts(part)
    else:
        yield check


def _listed(catalog: Catalog, part: Node, number: int) -> tuple[str, ...]:
    if part.kind == "BOOLEXPR" and part["boolop"] == OR:
        choices = [
            _listed(catalog, arm, number) for arm in part["args"] if not _is_null(arm, number)
        ]
        return tuple(dict.fromkeys(sum(choices, ()))) if choices and all(choices) else ()
    if part.kind not in {"OPEXPR", "SCALARARRAYOPEXPR"} or _of(part["args"][0]) != number:
        return ()
    name, right = catalog.operator_name(part), _bare(part["args"][1])
    if part.kind == "OPEXPR":
        one = text_value(right)
        if name == "=" and one is not None:
            return (one,)
        return _texts(right) if name == "<@" else ()
    return _texts(right) if name == "=" and part["useOr"] else ()


def _is_null(arm: Node, number: int) -> bool:
    """`c IS NULL OR c IN (…)` lists as much as `c IN (…)`."""
    return arm.kind == "NULLTEST" and arm["nulltesttype"] == 0 and _of(arm["arg"]) == number


def _of(node: Node) -> int | None:
    return _number(_bare(node))


def _bare(node: Node) -> Node:
    while node.kind in WRAPPERS:
        node = node["arg"]
    return node


def _texts(node: Node) -> tuple[str, ...]:
    if node.kind == "CONST":
        return text_array(node) or ()
    if node.kind != "ARRAYEXPR" or node["multidims"]:
        return ()
    found = [text_value(_bare(element)) for element in node["elements"] or ()]
    return (
        tuple(text for text in found if text is not None)
        if all(text is not None for text in found)
        else ()
    )
