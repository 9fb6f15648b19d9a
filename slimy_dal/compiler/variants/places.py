"""Leads each part of a composed statement back to the line of the query file that it was written in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from slimy_dal.compiler.query import Location, Query
from slimy_dal.compiler.variants.patch import patch
from slimy_dal.compiler.variants.split import selection
from slimy_dal.engine.listing import Listing
from slimy_dal.engine.variants import Filtered, Patched, Variants

__all__ = ["ShapedQuery", "Stretch", "stretches"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text of a shape from `start` on: an offset of the base statement, or a place in the file.

    `copied` says that places go along with the text, else the whole stretch is of one place.
    """

    start: int
    origin: int | Location
    copied: bool = True


@dataclass(frozen=True, slots=True)
class ShapedQuery(Query):
    """A shape of a query: `sql` and `parameters` are its own, and its text leads back to directives too."""

    stretches: tuple[Stretch, ...] = ()

    def location(self, offset: int) -> Location:
        """Return the place in the file of a 0-based character offset in `sql`."""
        stretch = next(s for s in reversed(self.stretches) if s.start <= max(offset, 0))
        by = offset - stretch.start if stretch.copied else 0
        if isinstance(stretch.origin, int):
            return Query.location(self, stretch.origin + by)
        return replace(stretch.origin, column=stretch.origin.column + by)


def stretches(
    query: Query, made: Variants, mask: int, text: str, sort: str | None
) -> tuple[Stretch, ...]:
    """Return where the text of a shape comes from, in its order."""
    found = _of_patch(query, made, mask, text) if isinstance(made, Patched) else ()
    if isinstance(made, Filtered):
        found = _of_selection(query, made, mask, text, sort)
    return tuple(sorted([Stretch(0, 0), *found], key=lambda stretch: stretch.start))


def _of_selection(
    query: Query, made: Filtered, mask: int, text: str, sort: str | None
) -> Iterator[Stretch]:
    found = selection(query)
    if found is None:  # pragma: no cover -- what is filtered has been selected
        return
    at, ends = len(made.head), len(text) - len(made.tail)
    yield Stretch(at, found.inserted, copied=False)
    for bit, condition in enumerate(found.filters):
        if not mask & 1 << bit:
            continue
        for part in condition.parts:
            at = text.index(part.text, at)
            yield Stretch(at, condition.directive.place(part.offset))
            at += len(part.text)
            behind = condition.directive.place(part.offset + len(part.text))
            yield Stretch(at, behind, copied=False)
    order = next((s for s in found.sorts if s.name == sort), None)
    if order is None or found.ordered is None or not isinstance(made, Listing):
        yield Stretch(ends, found.inserted)
        return
    key = order.directive.place(order.directive.value.index(":") + 2)
    begins = text.rindex(made.middle, 0, ends)
    # Behind the conditions, its comparison with a cursor's key.
    yield Stretch(min(at + 1, begins), key, copied=False)
    yield Stretch(begins, found.inserted)
    yield Stretch(begins + len(made.middle), key, copied=False)
    yield Stretch(ends, found.ordered[1])


def _of_patch(query: Query, made: Patched, mask: int, text: str) -> Iterator[Stretch]:
    found = patch(query)
    if found is None:  # pragma: no cover -- what is patched has one
        return
    at = len(made.head)
    parts = [*found.always]
    parts += [(a.text, a.offset) for bit, a in enumerate(found.optional) if mask & 1 << bit]
    yield Stretch(at, found.optional[0].offset, copied=False)
    for written, offset in parts:
        at = text.index(written, at)
        yield Stretch(at, offset)
        at += len(written)
    yield Stretch(len(text) - len(made.tail), found.ends)
