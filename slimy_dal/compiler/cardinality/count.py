"""An answer to "how many rows can this be?": at most one, bounded by something, or nobody knows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from slimy_dal.compiler.verdict import Link

__all__ = ["Count", "Factor", "one", "summed", "unknown"]


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that bounds a number of rows: a LIMIT, or the length of what is passed.

    `number` is the bound where it is written in the text, `parameters` are the numbers of the
    parameters that decide it elsewhere.
    """

    kind: Literal["limit", "array"]
    number: int | None
    parameters: tuple[int, ...]
    link: Link


@dataclass(frozen=True, slots=True)
class Count:
    """At most the product of the factors: one row where there are none, any number where it is None."""

    factors: tuple[Factor, ...] | None
    chain: tuple[Link, ...]

    @property
    def is_one(self) -> bool:
        """Whether there is at most one row."""
        return self.factors == ()

    def because(self, text: str, offset: int | None = None) -> "Count":
        """Return the same answer with a reason put before those it has."""
        return Count(self.factors, (Link(text, offset), *self.chain))


def one(text: str, *chain: Link, offset: int | None = None) -> Count:
    """Return the answer "at most one row"."""
    return Count((), (Link(text, offset), *chain))


def unknown(text: str, *chain: Link, offset: int | None = None) -> Count:
    """Return the answer "any number of rows"."""
    return Count(None, (Link(text, offset), *chain))


def summed(parts: Iterable[Count], text: str) -> Count:
    """Return the count of rows that come from several places, one after the other."""
    counts = list(parts)
    factors: list[Factor] = []
    total: int | None = 0
    for count in counts:
        if count.factors is None:
            return count
        size: int | None = 1
        for factor in count.factors:
            factors.append(factor)
            size = None if size is None or factor.number is None else size * factor.number
        total = None if total is None or size is None else total + size
    is_array = any(factor.kind == "array" for factor in factors)
    numbers = dict.fromkeys(number for factor in factors for number in factor.parameters)
    link = Link(text)
    whole = Factor("array" if is_array else "limit", total, tuple(numbers), link)
    return Count((whole,), (link, *(step for count in counts for step in count.chain)))
