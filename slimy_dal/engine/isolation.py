"""The properties a transaction may be asked for, and the BEGIN that asks PostgreSQL for them."""

from typing import Literal, TypeAlias

__all__ = ["Isolation", "begin"]

Isolation: TypeAlias = Literal["read committed", "repeatable read", "serializable"]


def begin(isolation: Isolation | None, *, readonly: bool, deferrable: bool) -> str:
    """Return the BEGIN of a transaction with these properties."""
    words = ["BEGIN"]
    if isolation is not None:
        words.append(f"ISOLATION LEVEL {isolation.upper()}")
    if readonly:
        words.append("READ ONLY")
    if deferrable:
        words.append("DEFERRABLE")
    return " ".join(words)
