"""An answer to "can this be NULL?" together with the chain of reasons that led to it."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Link", "Verdict", "all_of", "any_of", "maybe", "never"]


@dataclass(frozen=True, slots=True)
class Link:
    """One reason; `offset` is its place in the statement, in characters, where that is known."""

    text: str
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a value may be NULL, and why."""

    nullable: bool
    chain: tuple[Link, ...] = ()

    def because(self, text: str, offset: int | None = None) -> "Verdict":
        """Return the same answer with a reason put before those it has."""
        return Verdict(self.nullable, (Link(text, offset), *self.chain))


def never(text: str, offset: int | None = None) -> Verdict:
    """Return the answer "never NULL"."""
    return Verdict(nullable=False, chain=(Link(text, offset),))


def maybe(text: str, offset: int | None = None) -> Verdict:
    """Return the answer "may be NULL", which is also the answer where nothing is known."""
    return Verdict(nullable=True, chain=(Link(text, offset),))


def any_of(verdicts: Iterable[Verdict], otherwise: Verdict) -> Verdict:
    """Return the first that may be NULL, `otherwise` where none may: a strict function's answer."""
    return next((verdict for verdict in verdicts if verdict.nullable), otherwise)


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the first that is never NULL, else the last: COALESCE's answer."""
    last = maybe("no argument")
    for last in verdicts:
        if not last.nullable:
            break
    return last
