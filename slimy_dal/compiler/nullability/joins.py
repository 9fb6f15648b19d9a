"""Finds, for every table of a query, the outer joins that may null it, once conditions are read."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from slimy_dal.compiler.facts import Conditions, Facts
from slimy_dal.compiler.nodetree import Node

__all__ = ["Join", "Joins"]

INNER, LEFT, FULL, RIGHT = range(4)


@dataclass(slots=True)
class Join:
    """One join of the FROM clause. `number` is its entry in the range table.

    `nulls_left` and `nulls_right` say which sides may still be filled up with NULLs; `above` holds
    the joins around it with the side (True: right) on which it stands in them.
    """

    number: int
    quals: Node | None
    left: Node
    right: Node
    nulls_left: bool
    nulls_right: bool
    above: tuple[tuple["Join", bool], ...] = ()
    read: bool = field(default=False, repr=False)

    def nulls(self, *, right: bool) -> bool:
        """Say whether rows of one side may be missing in a result row."""
        return self.nulls_right if right else self.nulls_left

    @property
    def is_matched(self) -> bool:
        """Whether every result row satisfies the ON condition."""
        return not (self.nulls_left or self.nulls_right or any(_nulling(self.above)))


class Joins:
    """The joins of one query, reduced by what its conditions exclude.

    An outer join whose nullable side must hold a row, because WHERE asks something of it that NULLs
    cannot satisfy, is no outer join any more: then its ON condition holds too, and so on.
    """

    def __init__(self, jointree: Node | None, facts: Facts, scope: int) -> None:
        self._above: dict[int, tuple[tuple[Join, bool], ...]] = {}
        self.joins: list[Join] = []
        for item in (jointree["fromlist"] or ()) if jointree is not None else ():
            self._enter(item, ())
        self._scope = scope
        self.facts = facts

    def _enter(self, item: Node, above: tuple[tuple[Join, bool], ...]) -> None:
        stack = [(item, above)]
        while stack:
            node, around = stack.pop()
            if node.kind != "JOINEXPR":
                self._above[node["rtindex"]] = around
                continue
            kind = node["jointype"]
            join = Join(
                node["rtindex"],
                node["quals"],
                node["larg"],
                node["rarg"],
                nulls_left=kind in {RIGHT, FULL},
                nulls_right=kind in {LEFT, FULL},
                above=around,
            )
            self.joins.append(join)
            self._above[join.number] = around
            stack.append((node["rarg"], (*around, (join, True))))
            stack.append((node["larg"], (*around, (join, False))))

    def reduce(self, conditions: Conditions) -> None:
        """Read the conditions that every result row satisfies, until they say nothing new."""
        growing = True
        while growing:
            growing = False
            for key in self.facts:
                if key[0] == "column" and key[1] == self._scope:
                    self._holds_row(key[2])
            for join in self.joins:
                if join.is_matched and not join.read:
                    join.read = growing = True
                    self.facts |= conditions.true(join.quals)

    def _holds_row(self, number: int) -> None:
        for join, right in self._above.get(number, ()):
            if right:
                join.nulls_right = False
            else:
                join.nulls_left = False

    def nulling(self, number: int) -> tuple[Join, ...]:
        """Return the joins that may null an entry of the range table, outermost first."""
        return tuple(_nulling(self._above.get(number, ())))

    def nulling_sides(self, number: int) -> frozenset[tuple[int, bool]]:
        """Return the same joins by number, with the side the entry stands on: a FULL JOIN nulls each alone."""
        above = self._above.get(number, ())
        return frozenset((join.number, right) for join, right in above if join.nulls(right=right))

    def find(self, number: int) -> Join | None:
        """Return the join that has this entry in the range table."""
        return next((join for join in self.joins if join.number == number), None)


def _nulling(above: tuple[tuple[Join, bool], ...]) -> Iterator[Join]:
    return (join for join, right in above if join.nulls(right=right))
