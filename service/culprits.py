"""Which entry it was: where the database refuses many at once, they are tried again in parts, and none is kept."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from service import faults
from service.problems import FieldError, Refusal, in_body
from service.routes import Call
from slimy_dal.domain.database import Nouns
from slimy_dal.engine import errors

E = TypeVar("E", bound=BaseModel)
T = TypeVar("T")

ABOUT_ENTRIES: Final = (errors.ConstraintError, errors.InvalidValue, errors.NotFound)
"""What an entry can be to blame for."""


class Refused(Exception):
    """The database refused some entries, one of which is to blame."""

    def __init__(
        self, error: errors.SlimyError, find: Callable[[], Awaitable[Refusal | None]]
    ) -> None:
        super().__init__()
        self.error, self._find = error, find

    async def find(self) -> Refusal | None:
        """Return the refusal that names the entry; None where no single one fails by itself."""
        found = await self._find()
        if found is not None:
            self.error.with_traceback(None)  # nobody raises it any more, and its frames hold it
        return found


class _Enough(Exception):
    pass


async def all_or_none(
    call: Call, field: str, entries: Sequence[E], work: Callable[[Nouns, Sequence[E]], Awaitable[T]]
) -> T:
    """Return what `work` makes of all entries, which the body has in `field`.

    Raises Refused, which says how the entry is found once the transaction is over; `work` is then done again with
    parts of the entries, in a transaction that keeps nothing: all in all with as many entries as there were.
    """
    try:
        return await work(call.db, entries)
    except ABOUT_ENTRIES as error:
        kind = type(error)

        async def find() -> Refusal | None:
            return await _find(call, field, entries, work, kind)

        raise Refused(error, find) from error


async def _find(
    call: Call,
    field: str,
    entries: Sequence[E],
    work: Callable[..., Any],
    kind: type[errors.SlimyError],
) -> Refusal | None:
    """Return the refusal that names the entry; None where no single one fails by itself."""
    low, high = 0, len(entries)
    found: errors.SlimyError | None = None
    try:
        async with call.state.db.transaction() as db:
            while high - low > 1:
                middle = (low + high) // 2
                if await _failure(db, entries[low:middle], work, kind) is None:
                    low = middle
                else:
                    high = middle
            found = await _failure(db, entries[low:high], work, kind)
            raise _Enough
    except _Enough:
        return None if found is None else _named(call, field, low, entries[low], found)


async def _failure(
    db: Nouns, part: Sequence[Any], work: Callable[..., Any], kind: type[errors.SlimyError]
) -> errors.SlimyError | None:
    try:
        async with db.transaction() as tried:
            await work(tried, part)
            raise _Enough
    except _Enough:
        return None
    except kind as error:
        return error.with_traceback(None)


def _named(
    call: Call, field: str, index: int, entry: BaseModel, error: errors.SlimyError
) -> Refusal:
    """Return the refusal of one entry, with pointers that begin with its place."""
    places: dict[str, tuple[faults.Place, str]] = {
        name: ("body", info.alias or name) for name, info in type(entry).model_fields.items()
    }
    refusal = faults.refusal(error, places)
    base = f"/{index}" if call.by_line else f"/{field}/{index}"
    made = [
        FieldError(one.code, one.detail, one.place, f"{base}{one.pointer or ''}")
        for one in refusal.errors
    ] or [in_body(base, refusal.code, refusal.detail)]
    code = "missing_reference" if refusal.code == "not_found" else refusal.code
    return Refusal(code, f"{made[0].pointer} {made[0].detail}", made)
