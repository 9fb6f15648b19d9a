"""Says which idle sessions are likely as dead as one that keeps silent."""

from collections.abc import Iterable
from typing import TypeVar

from slimy_dal.engine.session import Session

__all__ = ["unheard"]

S = TypeVar("S", bound=Session)


def unheard(silent: Session, idle: Iterable[S]) -> list[S]:
    """Return the idle sessions that were not heard of since one whose call does not even end by cancelling it.

    What forgot its line on the way forgot theirs too. None while its cancellation was not asked for.
    """
    if not silent.expired:
        return []
    return [session for session in idle if session.idle_since <= silent.idle_since]
