"""Finds out what must hold when a condition is true, false or known: which expressions are not NULL."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from slimy_dal.compiler.constants import array_length
from slimy_dal.compiler.nodetree import Node, is_node

__all__ = ["Conditions", "Facts", "Key", "Names"]

Key = tuple[Any, ...]
Facts = frozenset[Key]
"""Keys of expressions that are not NULL."""

NOTHING: Facts = frozenset()
TRANSPARENT = ("RELABELTYPE", "COERCEVIAIO", "COERCETODOMAIN", "COLLATEEXPR", "CONVERTROWTYPEEXPR")
"""Nodes that are NULL exactly where their argument is."""
NEVER_NULL = ("NULLTEST", "BOOLEANTEST")
IS_NULL, IS_NOT_NULL = 0, 1
AND, OR, NOT = "and", "or", "not"
EXISTS, ANY = 0, 2
WHOLE_ROW = 0


class Names(Protocol):
    """What conditions need to know of the query that they stand in."""

    def key(self, node: Node, /) -> Key | None:
        """Return a name for the value of an expression that is the same wherever it is written."""
        ...

    def is_strict(self, node: Node, /) -> bool:
        """Say whether a function or operator node is NULL whenever an argument is."""
        ...

    def meaning(self, variable: Node, /) -> Node | None:
        """Return the expression that a variable stands for, None where it is a column of its own."""
        ...

    def row_keys(self, variable: Node, /) -> Iterable[Key]:
        """Return the keys of a whole-row variable and of its columns."""
        ...

    def inside(self, sublink: Node, /) -> Facts:
        """Return what holds for outer columns where EXISTS of a subquery is true."""
        ...


class Conditions:
    """Reads the conditions of one query."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def true(self, node: Node | None) -> Facts:  # noqa: PLR0911 -- one return per kind of node
        """Return what is not NULL where the condition is true."""
        if node is None:
            return NOTHING
        if node.kind == "BOOLEXPR":
            return self._boolean(node, AND, self.true, self.false)
        if node.kind == "NULLTEST":
            return self._null_test(node) if node["nulltesttype"] == IS_NOT_NULL else NOTHING
        if node.kind == "BOOLEANTEST":
            return self._boolean_test(node, true=True)
        if node.kind == "COALESCEEXPR":
            return _common(self.true(arg) for arg in node["args"] if not _is_never_true(arg))
        if node.kind == "SUBLINK" and node["subLinkType"] == ANY:
            return self.true(node["testexpr"])
        if node.kind == "SUBLINK" and node["subLinkType"] == EXISTS:
            return self._names.inside(node)
        if node.kind == "SCALARARRAYOPEXPR" and self._names.is_strict(node):
            array, scalar = self.known(node["args"][1]), self.known(node["args"][0])
            # `NULL = ALL ('{}')` is true.
            return array | scalar if node["useOr"] or _has_elements(node["args"][1]) else array
        return self.known(node)

    def false(self, node: Node) -> Facts:  # noqa: PLR0911 -- likewise
        """Return what is not NULL where the condition is false."""
        if node.kind == "BOOLEXPR":
            return self._boolean(node, OR, self.false, self.true)
        if node.kind == "NULLTEST":
            if node["nulltesttype"] == IS_NULL:
                return self._row_exists(node) if node["argisrow"] else self._null_test(node)
            return NOTHING
        if node.kind == "BOOLEANTEST":
            return self._boolean_test(node, true=False)
        if node.kind == "SCALARARRAYOPEXPR" and self._names.is_strict(node):
            array, scalar = self.known(node["args"][1]), self.known(node["args"][0])
            is_known = not node["useOr"] or _has_elements(node["args"][1])
            return array | scalar if is_known else array
        if node.kind == "SUBLINK":
            return NOTHING
        return self.known(node)

    def not_true(self, node: Node) -> Facts:
        """Return what is not NULL where the condition is false or NULL."""
        if node.kind == "BOOLEXPR":
            return self._boolean(node, OR, self.not_true, self.not_false)
        if node.kind in NEVER_NULL:
            return self.false(node)
        return NOTHING

    def not_false(self, node: Node) -> Facts:
        """Return what is not NULL where the condition is true or NULL: all that a CHECK says."""
        if node.kind == "BOOLEXPR":
            return self._boolean(node, AND, self.not_false, self.not_true)
        if node.kind in NEVER_NULL or (node.kind == "SUBLINK" and node["subLinkType"] == EXISTS):
            return self.true(node)
        return NOTHING

    def known(self, node: Node) -> Facts:
        """Return what is not NULL where the expression is not NULL, itself included."""
        key, parts = self._names.key(node), self._parts(node)
        if key is None:
            return parts
        if node.kind == "VAR":
            # A column that is known belongs to a row that is there.
            return parts | {key, (*key[:3], WHOLE_ROW, *key[4:])}
        return parts | {key}

    def _parts(self, node: Node) -> Facts:  # noqa: C901, PLR0911 -- likewise
        kind = node.kind
        if kind == "VAR":
            meaning = self._names.meaning(node)
            return NOTHING if meaning is None else self.known(meaning)
        if kind in {"OPEXPR", "FUNCEXPR"}:
            return self._all(node["args"]) if self._names.is_strict(node) else NOTHING
        if kind in TRANSPARENT:
            return self.known(node["arg"])
        if kind == "ARRAYCOERCEEXPR":
            return self.known(node["arg"])
        if kind == "BOOLEXPR":
            if node["boolop"] == NOT:
                return self.known(node["args"][0])
            return _common(self.known(arg) for arg in node["args"])
        if kind in {"COALESCEEXPR", "MINMAXEXPR"}:
            return _common(self.known(arg) for arg in node["args"] if not _is_null(arg))
        if kind == "NULLIFEXPR":
            return self.known(node["args"][0])
        if kind == "SUBSCRIPTINGREF" and node["refassgnexpr"] is None:
            bounds = [*(node["refupperindexpr"] or ()), *(node["reflowerindexpr"] or ())]
            return self._all([node["refexpr"], *(bound for bound in bounds if bound is not None)])
        if kind == "FIELDSELECT":
            return self.known(node["arg"])
        if kind == "ROWCOMPAREEXPR" and self._names.is_strict(node):
            return self._all((node["largs"][0], node["rargs"][0]))
        if kind == "SCALARARRAYOPEXPR":
            return self.known(node["args"][1]) if self._names.is_strict(node) else NOTHING
        return NOTHING

    def _all(self, nodes: Iterable[Node] | None) -> Facts:
        return NOTHING.union(*(self.known(node) for node in nodes or ()))

    def _boolean(
        self,
        node: Node,
        union: str,
        same: Callable[[Node], Facts],
        opposite: Callable[[Node], Facts],
    ) -> Facts:
        if node["boolop"] == NOT:
            return opposite(node["args"][0])
        found = (same(arg) for arg in node["args"])
        return NOTHING.union(*found) if node["boolop"] == union else _common(found)

    def _null_test(self, node: Node) -> Facts:
        arg = node["arg"]
        if not node["argisrow"]:
            return self.known(arg)
        if arg.kind == "ROWEXPR":
            return self._all(arg["args"])
        if arg.kind == "VAR":
            return self.known(arg).union(self._names.row_keys(arg))
        return self.known(arg)

    def _row_exists(self, node: Node) -> Facts:
        """`NOT (row IS NULL)`: at least one field is known, so there is a row."""
        arg = node["arg"]
        if arg.kind != "VAR":
            return NOTHING
        own = (key for key in self._names.row_keys(arg) if key[3] == WHOLE_ROW)
        return self.known(arg).union(own)

    def _boolean_test(self, node: Node, *, true: bool) -> Facts:
        is_true, is_not_true, is_false, is_not_false, is_unknown, is_not_unknown = range(6)
        kind = node["booltesttype"]
        if kind == (is_true if true else is_not_true):
            return self.true(node["arg"])
        if kind == (is_false if true else is_not_false):
            return self.false(node["arg"])
        if kind == (is_not_unknown if true else is_unknown):
            return self.known(node["arg"])
        return NOTHING


def _common(found: Iterable[Facts]) -> Facts:
    sets = list(found)
    return frozenset.intersection(*sets) if sets else NOTHING


def _has_elements(array: Node) -> bool:
    while array.kind in {"RELABELTYPE", "ARRAYCOERCEEXPR"}:
        array = array["arg"]
    if array.kind == "CONST":
        return not array["constisnull"] and bool(array_length(array["constvalue"]))
    return array.kind == "ARRAYEXPR" and bool(array["elements"]) and not array["multidims"]


def _is_null(node: Node) -> bool:
    return is_node(node, "CONST") and bool(node["constisnull"])


def _is_never_true(node: Node) -> bool:
    return is_node(node, "CONST") and (bool(node["constisnull"]) or not any(node["constvalue"]))
