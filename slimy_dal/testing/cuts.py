"""Where to break a connection: at the n-th message of one side, and all such places of what was once recorded."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from slimy_dal.testing.protocol import Message, Side

__all__ = ["Cut", "Trap", "cut_points", "random_cut"]

WITHOUT_EFFECT = {"SSLRequest", "GSSENCRequest"}
"""The proxy answers these itself."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Break the line `when` the `number`-th message of a side (counted from 1) was to be forwarded, or after it was.

    With `kind` only messages of that name are counted: `Cut("server", 1, "before", kind="CommandComplete")`. `reset`
    breaks it as a crashed host does (RST), False as one that closes in order; that is for the client: the server gets
    all that was forwarded and then the end.
    """

    side: Side
    number: int
    when: Literal["before", "after"] = "after"
    kind: str | None = None
    reset: bool = True


class Trap:
    """A cut that waits: counts messages, and springs once."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut
        self.sprung: Message | None = None
        self._left = cut.number

    def springs_at(self, message: Message) -> bool:
        """Count a message; true when it is the one."""
        cut = self.cut
        if self.sprung is not None or message.side != cut.side or message.name in WITHOUT_EFFECT:
            return False
        if cut.kind is not None and message.name != cut.kind:
            return False
        self._left -= 1
        if self._left == 0:
            self.sprung = message
        return self._left == 0


def cut_points(messages: Iterable[Message], *, reset: bool = True) -> list[Cut]:
    """Return every cut that hits what was recorded: before and after each message of each side.

    In the order of the recording, so that a list index names a cut of a statement that sends the same again.
    """
    counts: Counter[Side] = Counter()
    found = []
    for message in messages:
        if message.name in WITHOUT_EFFECT:
            continue
        counts[message.side] += 1
        number = counts[message.side]
        found += [Cut(message.side, number, "before", reset=reset)]
        found += [Cut(message.side, number, "after", reset=reset)]
    return found


def random_cut(messages: Sequence[Message], seed: int | str) -> Cut:
    """Return one of the cut points, the same for the same seed. Raises IndexError where nothing was recorded."""
    return random.Random(seed).choice(cut_points(messages))  # noqa: S311 -- no secret
