"""Chooses the values that custom plans are made with: common ones, rare ones, the first page, the last page."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from slimy_dal.compiler.description import Description, Origin, Parameter, PgType
from slimy_dal.compiler.lexer import tokens
from slimy_dal.compiler.plans.conditions import column_of, comparisons
from slimy_dal.compiler.plans.plan import Node
from slimy_dal.compiler.query import Query

__all__ = ["Sampler", "Values", "choose", "limit_parameters"]

Which = Literal["common", "rare", "first", "late", "last"]
UPWARDS = frozenset({">", ">="})
RANGES = frozenset({"<", ">", "<=", ">="})
PAGES_ON = 50
"""How far readers page with OFFSET, which reads and throws away all pages before."""
WORDS = "to_tsvector"
NUMBERED = re.compile(r"\$(\d+)")
CONDITIONS = ("Index Cond", "Filter", "Recheck Cond", "Join Filter")


class Sampler(Protocol):
    """What knows values of columns; scale.pretend has one."""

    def sample(self, origin: Origin | None, type: PgType, which: Which) -> str:
        """Return a literal's text."""
        ...


@dataclass(frozen=True, slots=True)
class Values:
    """What a custom plan is made with: a text for each parameter, and what to call such a call."""

    label: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """What a parameter is compared with, as the generic plan shows it."""

    origin: Origin
    operator: str
    listed: bool


def limit_parameters(query: Query) -> dict[int, int]:
    """Return the numbers of parameters in LIMIT, OFFSET and FETCH, each with its pages: far on for OFFSET."""
    return dict(_limits(query.sql))


@lru_cache(1 << 12)
def _limits(sql: str) -> tuple[tuple[int, int], ...]:
    found: dict[int, int] = {}
    pages = 0
    for token in tokens(sql):
        if token.kind == "word":
            word = token.text.lower()
            if word in {"limit", "fetch"}:
                pages = 1
            elif word == "offset":
                pages = PAGES_ON
            elif word in {"for", "returning", "union", "select", "from"}:
                pages = 0
        elif token.text in {")", ";"}:
            pages = 0
        elif pages and token.kind == "positional":
            found[int(token.text[1:])] = pages
    return tuple(found.items())


def choose(description: Description, generic: Node, sampler: Sampler, page: int) -> list[Values]:
    """Return the calls that custom plans are made for, one where nothing depends on the values."""
    if not description.parameters:
        return []
    work = _Choice(description, _places(generic), sampler, page)
    calls = [
        Values("common values", work.texts("common", near=False)),
        Values("rare values", work.texts("rare", near=False)),
    ]
    if work.has_range:
        end = "last page" if work.has_page else "short period"
        calls.append(Values(f"common values, {end}", work.texts("common", near=True)))
    different: dict[tuple[str, ...], Values] = {}
    for call in calls:
        different.setdefault(call.texts, call)
    found = list(different.values())
    return [Values("any value", found[0].texts)] if len(found) == 1 else found


def _places(generic: Node) -> dict[int, _Place]:
    """Return what each parameter is compared with, out of the conditions of the generic plan."""
    found: dict[int, _Place] = {}
    for node in generic.walk():
        table = node.table
        if table is None:
            continue
        for index in (
            child for child in node.inputs() if "@@" in str(child.condition("Index Cond"))
        ):
            # Words have their statistics at the index, in a column named for its function.
            words = _Place(Origin(table[0], str(index.index), WORDS), "@@", listed=False)
            for number in NUMBERED.findall(str(index.condition("Index Cond"))):
                found.setdefault(int(number), words)
        for key in CONDITIONS:
            for one in comparisons(node.condition(key), node.alias):
                column, number = column_of(one.left), one.right.removeprefix("$")
                if column is not None and one.right.startswith("$") and number.isdigit():
                    origin = Origin(*table, column[1])
                    found.setdefault(int(number), _Place(origin, one.operator, one.listed))
    return found


@dataclass(frozen=True, slots=True)
class _Choice:
    description: Description
    places: dict[int, _Place]
    sampler: Sampler
    page: int

    @property
    def has_range(self) -> bool:
        """Whether some parameter says where a page begins."""
        return any(place.operator in RANGES for place in self.places.values())

    @property
    def has_page(self) -> bool:
        """Whether it is a page's beginning that some range is about, and not a period alone."""
        return any(
            place.operator in RANGES and not self._is_of_period(number, place)
            for number, place in self.places.items()
        )

    def texts(self, which: Which, *, near: bool) -> tuple[str, ...]:
        """Return a text for each parameter; `near` is for a page close to the end of the list."""
        limits = limit_parameters(self.description.query)
        return tuple(
            str(self.page * limits[number])
            if number in limits
            else self._text(number, parameter, which, near=near)
            for number, parameter in enumerate(self.description.parameters, start=1)
        )

    def _text(self, number: int, parameter: Parameter, which: Which, *, near: bool) -> str:
        place = self.places.get(number)
        origin = parameter.target if place is None else place.origin
        if place is not None and place.operator in RANGES:
            which = self._end(number, place, near=near)
        return self.sampler.sample(origin, parameter.type, which)

    def _end(self, number: int, place: _Place, *, near: bool) -> Which:
        """Return where a range ends: one with both ends is everything, or, where it is the last, a hundredth."""
        upwards = place.operator in UPWARDS
        if not self._is_of_period(number, place):
            return "last" if upwards == near else "first"
        if upwards:
            return "late" if near and not self.has_page else "first"
        return "last"

    def _is_of_period(self, number: int, place: _Place) -> bool:
        """Say whether a parameter is an end of a period: its column is compared with another end, too."""
        if self._is_of_cursor(number) or place.operator not in RANGES:
            return False
        return any(
            other.origin == place.origin
            and other.operator in RANGES
            and (other.operator in UPWARDS) != (place.operator in UPWARDS)
            and not self._is_of_cursor(another)
            for another, other in self.places.items()
        )

    def _is_of_cursor(self, number: int) -> bool:
        return self.description.query.parameters[number - 1].startswith("cursor.")
