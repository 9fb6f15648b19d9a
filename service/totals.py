"""How long a whole list is, for callers who prefer to know: counted up to a bound, estimated beyond it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from service import prefer

if TYPE_CHECKING:
    from service.routes import Call

TOTAL: Final = "X-Total-Count"
TOTAL_IS: Final = "X-Total-Count-Is"

BOUNDS: Final[Mapping[str, int]] = {"exact": 100_000, "estimated": 10_000}
"""How far is counted: what a caller waits for is bounded, however long the list (some milliseconds for the longer)."""

Count = Callable[..., Awaitable[tuple[int, int]]]
"""Takes the call, `at_most` and the route's arguments. Returns what was counted, and the estimate of the whole; -1:
there is none."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How the list of a route is counted."""

    count: Count
    but_with: Mapping[str, str | None]
    """Query parameters with which it cannot be counted: with any value, or with this one."""


async def headers(call: "Call", counts: Counts, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that tell the length of a list; none where it cannot be counted this time.

    Raises Refusal("invalid_header") where the caller is strict about that.
    """
    for name, value in counts.but_with.items():
        if arguments[name] is not None and value in {None, arguments[name]}:
            call.prefer.cannot(prefer.COUNT, f"cannot be told together with {name}")
            return {}
    bound = BOUNDS[call.prefer.asked[prefer.COUNT]]
    counted, estimate = await counts.count(call, at_most=bound + 1, **arguments)
    if counted <= bound:
        return {TOTAL: str(counted), TOTAL_IS: "exact"}
    if call.prefer.asked[prefer.COUNT] == "estimated" and estimate > bound:
        return {TOTAL: str(estimate), TOTAL_IS: "estimate"}
    return {TOTAL: str(bound), TOTAL_IS: "at-least"}
