"""Says which idle sessions are likely, or maybe, as dead as one that was lost in use or keeps silent."""

from collections.abc import Iterable
from typing import TypeVar

from slimy_dal.engine.session import Session

__all__ = ["taken_from", "unheard"]

S = TypeVar("S", bound=Session)


def unheard(lost: Session, idle: Iterable[S]) -> list[S]:
    """Return the idle sessions that nothing was heard of since a lost one's call began.

    What reset its line, or forgot it, did the same to theirs, and shows only when they are used: a read is repeated
    once, and a write is not to be sent over such a line.
    """
    return [session for session in idle if session.idle_since <= lost.idle_since]


def taken_from(idle: list[S], silent: Session) -> list[S]:
    """Take the sessions on the host of a silent one out of `idle`, so that no caller gets one, and return them.

    Its host may hang as a whole. They are to be asked, not ended: one that is only slow would be hit by a storm of new
    connections.
    """
    doubted = [session for session in idle if session.origin.host == silent.origin.host]
    for session in doubted:
        idle.remove(session)
    return doubted
