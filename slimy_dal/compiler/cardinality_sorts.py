"""The columns that `sort` directives name, found among the result columns of the analysed tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slimy_dal.compiler.query import Location, Query
from slimy_dal.compiler.scope import Scope

if TYPE_CHECKING:
    from slimy_dal.compiler.nodetree import Node

__all__ = ["Sort", "sorts"]

ITEM = re.compile(r"(?P<alias>\w+)\.(?P<column>\w+)(\s+(asc|desc))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sort:
    """A named order of a query: (alias, column) pairs."""

    name: str
    columns: tuple[tuple[str, str], ...]
    location: Location

    @staticmethod
    def find(scope: Scope, item: tuple[str, str]) -> int | None:
        """Return the result column, by number from 1, that a column is selected as."""
        for number, entry in enumerate(scope.columns, start=1):
            node: Node = entry["expr"]
            if node.kind != "VAR" or node["varlevelsup"] or node["varattno"] <= 0:
                continue
            names = scope.entry(node["varno"])["eref"]
            listed = names["colnames"] or ()
            found = (names.name("aliasname"), str(listed[node["varattno"] - 1]))
            if found == item:
                return number
        return None


def sorts(query: Query) -> Iterator[Sort]:
    """Yield the orders of a query that can be read; what cannot is for others to complain of."""
    for directive in query.directives:
        if directive.key != "sort":
            continue
        name, _, keys = directive.value.partition(":")
        items = [ITEM.fullmatch(part.strip()) for part in keys.split(",")]
        columns = tuple((item["alias"], item["column"]) for item in items if item is not None)
        if len(columns) == len(items):
            yield Sort(name.strip(), columns, directive.location)
