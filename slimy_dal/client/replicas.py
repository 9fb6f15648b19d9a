"""What a client has to be shown: whatever it wrote itself, so that replicas may answer the rest of its reads."""

from collections.abc import Mapping
from typing import Final

__all__ = ["HEADER", "Shown"]

HEADER: Final = "X-Read-After"
ANY: Final = "any"


class Shown:
    """How far a replica must have come to answer this client, after all of its writes so far."""

    def __init__(self) -> None:
        self._after: str | None = ANY

    def asked(self) -> Mapping[str, str]:
        """Return what a read sends: nothing, so that the primary answers, where it is not known what a write did."""
        return {} if self._after is None else {HEADER: self._after}

    def wrote(self, answered: str | None) -> None:
        """Take in the end of a write: what its answer said, None where it said nothing or did not come."""
        if answered is None or self._after is None or _key(answered) > _key(self._after):
            self._after = answered


def _key(after: str) -> tuple[int, ...]:
    """Return what orders positions: answers may come in another order than their writes were done."""
    return () if after == ANY else tuple(int(part, 16) for part in after.split("-")[1:])
