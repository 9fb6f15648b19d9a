"""Bounds how many connections a process holds: the one that has rested longest makes room for who comes."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Protocol

from service import metrics


class Member(Protocol):
    """A connection, as far as the crowd knows it."""

    @property
    def rests(self) -> bool:
        """Whether no request of it is under way: nothing is lost when it is closed."""
        ...

    def force_close(self) -> None:
        """Close it."""


class Crowd:
    """The connections of a process, those whose last request is the oldest first.

    Who connects and says nothing, or half a request, is among the first to go: thousands of them keep nobody out.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._members: OrderedDict[Member, None] = OrderedDict()
        self.on_change: Callable[[], None] | None = None
        """Called when there is one more or one less."""
        self.displaced = 0
        self.refused = 0

    def __len__(self) -> int:
        return len(self._members)

    def enter(self, member: Member) -> bool:
        """Count a new connection, closing one that rests where there are enough; say whether it may stay."""
        if len(self._members) >= self._most:
            resting = next((one for one in self._members if one.rests), None)
            if resting is None:
                self.refused += 1
                return False
            self.displaced += 1
            del self._members[resting]
            resting.force_close()
        self._members[member] = None
        self._changed()
        return True

    def asked(self, member: Member) -> None:
        """Note that a whole request has come."""
        if member in self._members:
            self._members.move_to_end(member)

    def leave(self, member: Member) -> None:
        """Count a connection no more."""
        self._members.pop(member, None)
        self._changed()

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()

    def lines(self) -> Iterator[str]:
        """Yield what Prometheus reads."""
        yield from metrics.gauge("slimy_http_connections", "Connections held.", len(self))
        for name, text, count in (
            ("displaced", "Connections that rested and made room for others.", self.displaced),
            ("refused", "Connections refused because all others were at work.", self.refused),
        ):
            whole = f"slimy_http_connections_{name}_total"
            yield from metrics.family(whole, "counter", text)
            yield metrics.sample(whole, {}, count)
