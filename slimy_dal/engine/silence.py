"""Says which idle sessions are likely, or maybe, as dead as one that keeps silent."""

from collections.abc import Iterable
from typing import TypeVar

from slimy_dal.engine.session import Session

__all__ = ["taken_from", "unheard"]

S = TypeVar("S", bound=Session)


def unheard(silent: Session, idle: Iterable[S]) -> list[S]:
    """Return the idle sessions that were not heard of since one whose call does not even end by cancelling it.

    What forgot its line on the way forgot theirs too. None while its cancellation was not asked for.
    """
    if not silent.expired:
        return []
    return [session for session in idle if session.idle_since <= silent.idle_since]


def taken_from(idle: list[S], silent: Session) -> list[S]:
    """Take the sessions on the host of a silent one out of `idle`, so that no caller gets one, and return them.

    Its host may hang as a whole. They are to be asked, not ended: one that is only slow would be hit by a storm of new
    connections.
    """
    doubted = [session for session in idle if session.origin.host == silent.origin.host]
    for session in doubted:
        idle.remove(session)
    return doubted
