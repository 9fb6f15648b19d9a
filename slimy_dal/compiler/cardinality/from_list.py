"""Which tables of a FROM clause have the same row in all result rows, and what bounds the others."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from slimy_dal.compiler.cardinality.arrays import array_equality, listing, members
from slimy_dal.compiler.cardinality.count import Count, Factor, one, summed, unknown
from slimy_dal.compiler.cardinality.keys import described, usable, whole_key
from slimy_dal.compiler.cardinality.regions import Region, Regions
from slimy_dal.compiler.cardinality.values import Agreed, Alike, Equality, Values
from slimy_dal.compiler.nodetree import Node, walk
from slimy_dal.compiler.nullability.subqueries import child, cte_scope, find_cte
from slimy_dal.compiler.scope import CTE, FUNCTION, RELATION, RESULT, SUBQUERY, VALUES, Scope
from slimy_dal.compiler.verdict import Link

__all__ = ["From", "Given", "Rows"]

Given = Mapping[int, frozenset[Alike]]
"""How result columns, by number, agree in any two rows that are asked about."""


class Rows(Protocol):
    """Counts the rows of a query."""

    def rows(self, scope: Scope, given: Given, *, bounded: bool) -> Count:
        """Say how many rows of a query agree as given."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """Taking one of a bounded number: of the values of an array, or of the rows of a table."""

    count: Count
    equalities: tuple[Equality, ...] = ()
    region: Region | None = None
    table: int = 0

    @property
    def factors(self) -> tuple[Factor, ...]:
        """What bounds the number."""
        return self.count.factors or ()


class From:
    """The FROM and WHERE clauses of one query."""

    def __init__(self, rows: Rows, scope: Scope, given: Agreed) -> None:
        self._rows = rows
        self._scope = scope
        self._given = given
        self._regions = Regions(scope)
        self.values = Values(scope)
        self.values.unsteady = {n for n in self._regions.of if not self._is_steady(n)}
        self._chain: list[Link] = []

    @property
    def tables(self) -> frozenset[int]:
        """The tables, as entries of the range table."""
        return frozenset(self._regions.of)

    def _is_steady(self, number: int) -> bool:
        """Say whether what an entry holds is the same however often it is looked at."""
        entry, catalog = self._scope.entry(number), self._scope.prover.catalog
        if entry["rtekind"] == RELATION:
            relation = catalog.relation(entry["relid"])
            return relation.kind != "v" or self._gives_the_same(relation.definition)
        names = ("subquery", "functions", "values_lists", "tablefunc")
        return self._gives_the_same([entry.get(name) for name in names])

    def _gives_the_same(self, value: Any) -> bool:
        locks = (node for node in walk(value) if node.kind == "QUERY" and node["rowMarks"])
        return self.values.is_steady(value) and next(locks, None) is None

    def count(self, is_reached: Callable[[Agreed], bool], *, bounded: bool) -> Count:
        """Count the rows that a goal is about; it is reached when all of them are the same one."""
        self._close(())
        if is_reached(self._agreed(self._regions.root, ())):
            return Count((), tuple(self._chain) or (Link("one row, as there is no FROM clause"),))
        if not bounded:
            return unknown(self._missing())
        chosen: list[Choice] = []
        for _ in range(len(self._regions.of) + 8):
            choice = next(self._choices(chosen), None)
            if choice is None:
                self._close(())
                return unknown(self._missing())
            chosen.append(choice)
            if self._reaches(is_reached, chosen):
                return self._product(is_reached, chosen)
        return unknown(self._missing())

    def _reaches(self, is_reached: Callable[[Agreed], bool], chosen: Iterable[Choice]) -> bool:
        self._close(tuple(chosen))
        return is_reached(self._agreed(self._regions.root, chosen))

    def _product(self, is_reached: Callable[[Agreed], bool], chosen: list[Choice]) -> Count:
        for choice in tuple(chosen):
            fewer = [other for other in chosen if other is not choice]
            if self._reaches(is_reached, fewer):
                chosen = fewer
        self._close(tuple(chosen))
        factors = tuple(factor for choice in chosen for factor in choice.factors)
        steps = (link for choice in chosen for link in choice.count.chain)
        return Count(factors, (*steps, *self._chain))

    # -- the closure ----------------------------------------------------------------------------

    def _close(self, chosen: tuple[Choice, ...]) -> None:
        """Find all tables that are fixed, given one of what was chosen."""
        self.values.fixed.clear()
        self._chain.clear()
        picked = {choice.table for choice in chosen}
        growing = True
        while growing:
            growing = False
            for number in self._open():
                if number in picked:
                    self.values.fixed.add(number)
                    growing = True
                    continue
                count = self._entry(
                    number, self._agreed(self._regions.of[number], chosen), bounded=False
                )
                if count.is_one:
                    self.values.fixed.add(number)
                    self._chain += count.chain
                    growing = True

    def _open(self) -> Iterator[int]:
        """Yield the tables that are not fixed, and whose region is decided."""
        for number, region in self._regions.of.items():
            steady = self.values.fixed - self.values.unsteady
            if number in self.values.fixed or not self._regions.lateral[number] <= steady:
                continue
            if all(not around.sealed and around.guard <= steady for around in region.around()):
                yield number

    def _agreed(self, region: Region, chosen: Iterable[Choice]) -> Agreed:
        around = list(region.around())
        equalities = [
            found
            for part in around
            for condition in part.conditions
            for found in self._equalities(condition)
        ]
        for choice in chosen:
            if choice.region in around:
                equalities += choice.equalities
        return self.values.agreed(equalities, self._given)

    def _equalities(self, condition: Node) -> Iterator[Equality]:
        found = self.values.equality(condition) or members(self.values, condition)
        if found is not None:
            yield found

    # -- the entries ----------------------------------------------------------------------------

    def _entry(  # noqa: PLR0911 -- one return per kind of entry
        self, number: int, agreed: Agreed, *, bounded: bool
    ) -> Count:
        """Count the rows of a table that the conditions leave."""
        entry = self._scope.entry(number)
        kind, name = entry["rtekind"], self._name(number)
        if entry.get("tablesample") is not None:
            return unknown(f"{name} is sampled")
        if kind == RELATION:
            return self._relation(number, agreed, bounded=bounded)
        if kind == SUBQUERY:
            return self._inner(
                number, child(self._scope, number, whoever=True), agreed, bounded=bounded
            )
        if kind == CTE:
            found = find_cte(self._scope, entry)
            if found is None or found[1]["cterecursive"]:
                return unknown(f"{name} is recursive")
            return self._inner(number, cte_scope(*found), agreed, bounded=bounded)
        if kind == FUNCTION:
            return listing(self._scope, self.values, entry, name)
        if kind == VALUES:
            rows = [one(name) for _ in entry["values_lists"]]
            text = f"{name} has {len(rows)} rows"
            return rows[0] if len(rows) == 1 else summed(rows, text)
        return one(name) if kind == RESULT else unknown(f"any number of rows in {name}")

    def _relation(self, number: int, agreed: Agreed, *, bounded: bool) -> Count:
        entry = self._scope.entry(number)
        relation, name = self._scope.prover.catalog.relation(entry["relid"]), self._name(number)
        if relation.kind == "v" and relation.definition is not None:
            inner = child(self._scope, number, whoever=True)
            return self._inner(number, inner, agreed, bounded=bounded)
        key = whole_key(self.values, self._scope, number, self._regions.of[number], agreed)
        if key is not None:
            return one(f"{name}: the whole of {key} is given")
        return unknown(f"{name}: no unique key is given whole")

    def _inner(self, number: int, inner: Scope, agreed: Agreed, *, bounded: bool) -> Count:
        given = {
            column: alike
            for column in range(1, len(inner.columns) + 1)
            if (alike := agreed.get(self.values.column(number, column)))
        }
        return self._rows.rows(inner, given, bounded=bounded).because(f"{self._name(number)}:")

    def _choices(self, chosen: list[Choice]) -> Iterator[Choice]:
        """Yield what could be chosen besides: values of arrays first, then rows of tables."""
        regions = dict.fromkeys(
            around for region in self._regions.of.values() for around in region.around()
        )
        taken = {id(one.left) for choice in chosen for one in choice.equalities}
        for region in regions:
            for condition in region.conditions:
                found = array_equality(self._rows, self._scope, self.values, condition)
                if found is not None and id(found[0][0].left) not in taken:
                    yield Choice(found[1], found[0], region)
        for number in list(self._open()):
            agreed = self._agreed(self._regions.of[number], chosen)
            count = self._entry(number, agreed, bounded=True)
            if count.factors:
                yield Choice(count, table=number)

    # -- words ----------------------------------------------------------------------------------

    def _name(self, number: int) -> str:
        entry = self._scope.entry(number)
        alias = str(entry["eref"].name("aliasname"))
        if entry["rtekind"] != RELATION:
            return alias
        relation = self._scope.prover.catalog.relation(entry["relid"])
        return str(relation) if alias == relation.name else f"{relation} AS {alias}"

    def _missing(self) -> str:
        """Say which table may have any number of rows, and which keys would change that."""
        number = next((n for n in self._regions.of if n not in self.values.fixed), None)
        if number is None:
            return "its groups are not fixed"
        entry = self._scope.entry(number)
        if entry["rtekind"] != RELATION:
            return f"{self._name(number)} may have any number of rows"
        relation = self._scope.prover.catalog.relation(entry["relid"])
        keys = ", ".join(described(relation, index) for index in usable(relation, entry))
        known = f"its unique keys: {keys}" if keys else "it has none that could prove it"
        return f"no unique key of {self._name(number)} is given whole ({known})"
