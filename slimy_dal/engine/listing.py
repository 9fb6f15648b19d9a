"""The only place that pages through a list: its orders, its cursors, and what stands before and behind a page.

A position in a list is a row's sort key and a direction: `after` the key or `before` it, both without
the row itself, so that a page never repeats a row and rows deleted or added in between move nothing.
Where a page has no row to name, because all that followed were deleted, its neighbour is the list's
`last` page, or the `first`: there is nothing beyond it just then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import GenericAlias
from typing import Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine import checks
from slimy_dal.engine.cursors import Cursors, not_of_this_list
from slimy_dal.engine.errors import InvalidValue, UnreadableValue
from slimy_dal.engine.rows import checked_limit
from slimy_dal.engine.statement import Parameter, Row, Statement
from slimy_dal.engine.variants import Filtered, beyond, conjunction, ordered

__all__ = ["KEY_TYPES", "POSITIONS", "Asked", "Listing", "Position", "Sort"]

Position: TypeAlias = Literal["first", "after", "before", "last"]
POSITIONS: Final[tuple[Position, ...]] = ("first", "after", "before", "last")
_BY_LETTER: Final[dict[bytes, Position]] = {p[0].encode(): p for p in POSITIONS}

KEY_TYPES: Final[dict[str, Any]] = {
    **dict.fromkeys(checks.INTEGERS, int),
    **dict.fromkeys(checks.TEXTS - {"xml"}, str),
    "boolean": bool,
    "date": date,
    "numeric": Decimal,
    "timestamp with time zone": Annotated[datetime, msgspec.Meta(tz=True)],
    "timestamp without time zone": Annotated[datetime, msgspec.Meta(tz=False)],
    "uuid": UUID,
}
"""What a sort key is read from a cursor as. Floats are missing: NaN has no place in a cursor."""


def _in_words(value: Any) -> Any:
    # Ranges, addresses and the like: their repr is the same for equal values.
    return [type(value).__name__, repr(value)]


_canonical = msgspec.json.Encoder(enc_hook=_in_words, order="deterministic")
_key = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Sort:
    """A named order: its columns as the text has them, where they stand in a row, and what they are.

    Each key is a Parameter named `cursor`, which is what the caller gave it in.
    """

    name: str
    columns: tuple[str, ...]
    places: tuple[int, ...]
    keys: tuple[Parameter, ...] = ()
    descending: bool = False
    decoder: msgspec.json.Decoder[tuple[Any, ...]] = field(init=False, repr=False, compare=False)
    verified: tuple[checks.Check, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # An enum's labels are text, and so is whatever else has no type of its own here.
        kinds = tuple(KEY_TYPES.get(checks.plain_name(key.type), str) for key in self.keys)
        decoder = msgspec.json.Decoder(GenericAlias(tuple, kinds), strict=True)
        object.__setattr__(self, "decoder", decoder)
        every = (checks.compile_check(key.type, nullable=False) for key in self.keys)
        object.__setattr__(self, "verified", tuple(every))

    def key_of(self, row: Row) -> list[Any]:
        """Return a row's key. Raises UnreadableValue where no cursor can hold it, as an infinity."""
        key = [row[place] for place in self.places]
        try:
            for check, value in zip(self.verified, key, strict=True):
                check(value)
        except checks.Refused as refused:
            raise UnreadableValue(
                f"a row cannot be found again by the order `{self.name}`: its sort key {refused}"
            ) from None
        return key


@dataclass(slots=True)
class Asked:
    """One call of a list: its statement, its arguments and, when its rows are there, its neighbours."""

    listing: "Listing"
    place: "_Place"
    sort: Sort
    position: Position
    limit: int
    arguments: tuple[Any, ...]
    cursors: tuple[str | None, str | None] = (None, None)

    @property
    def statement(self) -> Statement:
        """The statement to run with `arguments`."""
        return self.listing.page(self.place.mask, self.sort, self.position)

    def cut(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the page's rows in the list's order, and keep the cursors to its neighbours, next and previous.

        One row more than the page's has been asked for: it says that the list goes on in the
        direction of reading. Where the caller came from, the row of the cursor stood.
        """
        more = len(rows) > self.limit
        found = rows[: self.limit]
        if self.position in {"before", "last"}:
            found = found[::-1]
            ahead, behind = self.position == "before", more
        else:
            ahead, behind = more, self.position == "after"
        self.cursors = (
            self._cursor("after", found[-1] if found else None) if ahead else None,
            self._cursor("before", found[0] if found else None) if behind else None,
        )
        return found

    def _cursor(self, direction: Literal["after", "before"], row: Row | None) -> str:
        if row is not None:
            return self.place.seal(direction, _key.encode(self.sort.key_of(row)))
        return self.place.seal("first" if direction == "after" else "last", b"")


@dataclass(slots=True)
class _Place:
    """Where a cursor is good: the list, its order, its arguments and its filters."""

    cursors: Cursors
    listing: "Listing"
    sort: Sort
    mask: int
    fixed: tuple[Any, ...]
    values: Sequence[Any]
    name: str = ""

    def named(self) -> str:
        """Return the place as text. Raises what msgspec does for a value that cannot be written."""
        if not self.name:
            filters = [choice.name for bit, choice in self.listing.bits if self.mask & bit]
            sort = self.sort
            # The columns too: another release may have given the order's name to others.
            order = (sort.name, sort.columns, sort.descending)
            parts = (self.listing.name, order, self.fixed, filters, self.values)
            self.name = _canonical.encode(parts).decode()
        return self.name

    def seal(self, position: Position, key: bytes) -> str:
        return self.cursors.seal(self.named(), position[0].encode() + key)

    def open(self, cursor: str) -> bytes:
        return self.cursors.open(self.named(), cursor)


class Listing(Filtered):
    """A query that gives a list page by page: filtered, in one of its orders, forwards and backwards.

    Its last fixed parameter is the one of LIMIT; `middle` stands between its conditions and the
    items of ORDER BY, `order` is those of the query file, the first of `sorts`.
    """

    def __init__(
        self, name: str, *, middle: str, order: str, sorts: tuple[Sort, ...], **more: Any
    ) -> None:
        super().__init__(name, **more)
        self.middle = middle
        self.order = order
        self.sorts = {sort.name: sort for sort in sorts}
        self.default = sorts[0]

    def ask(
        self,
        cursors: Cursors,
        fixed: tuple[Any, ...],
        *,
        given: Sequence[Any] = (),
        sort: str,
        cursor: str | None,
        limit: int,
    ) -> Asked:
        """Return what to run for one page. Raises InvalidValue (limit, sort, cursor, or a flag of `given`)."""
        row_limit = checked_limit(limit)
        order = self.sorts.get(sort) if type(sort) is str else None
        if order is None:
            problem = f"is not one of {', '.join(self.sorts)}"
            raise InvalidValue("sort", problem, query=self.name)
        mask, values = self.included(given)
        place = _Place(cursors, self, order, mask, fixed, values)
        arguments = (*fixed, row_limit, *values)
        if cursor is None:
            return Asked(self, place, order, "first", limit, arguments)
        position, key = self._read(place, order, cursor, arguments)
        return Asked(self, place, order, position, limit, (*arguments, *key))

    def _read(
        self, place: _Place, order: Sort, cursor: str, arguments: tuple[Any, ...]
    ) -> tuple[Position, tuple[Any, ...]]:
        """Return the position that a cursor holds."""
        try:
            payload = place.open(cursor)
        except (InvalidValue, ValueError, TypeError, OverflowError, RecursionError):
            # A filter that is no value at all says more than the cursor that does not fit it.
            self.page(place.mask, order, "first").verify(arguments)
            raise not_of_this_list() from None
        position = _BY_LETTER.get(payload[:1])
        try:
            if position in {"first", "last"} and len(payload) == 1:
                return position, ()
            if position in {"after", "before"}:
                return position, order.decoder.decode(payload[1:])
        except (ValueError, msgspec.MsgspecError):
            pass
        # Signed, and yet of another form: made by another release, whose columns had other types.
        raise not_of_this_list()

    def page(self, mask: int, sort: Sort, position: Position) -> Statement:
        """Return the statement of a shape: always the same object."""
        shape = (mask, sort.name, position)
        made = self._made.get(shape)
        if made is None:
            keys = sort.keys if position in {"after", "before"} else ()
            parameters = (*self.parameters, *self.chosen(mask)[1], *keys)
            label = ", ".join(filter(None, (self.label(mask), sort.name, position)))
            made = self.keep(shape, self.page_text(mask, sort, position), parameters, label)
        return made

    def statement(self, mask: int) -> Statement:
        """Return the statement of the first page in the default order."""
        return self.page(mask, self.default, "first")

    def text(self, mask: int) -> str:
        """Return the text of the first page in the default order."""
        return self.page_text(mask, self.default, "first")

    def page_text(self, mask: int, sort: Sort, position: Position) -> str:
        """Return the text of a shape."""
        texts, parameters = self.chosen(mask)
        descending = sort.descending is not (position in {"before", "last"})
        keyset = []
        if position in {"after", "before"}:
            number = len(self.parameters) + len(parameters) + 1
            keyset = [beyond(sort.columns, number, less=descending)]
        as_written = sort is self.default and descending is sort.descending
        order = self.order if as_written else ordered(sort.columns, descending=descending)
        added = self.added(conjunction(texts, *keyset))
        return f"{self.head}{added}{self.middle}{order}{self.tail}"
