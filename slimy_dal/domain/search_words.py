"""The only place that says how much may be typed into a search."""

from typing import Final

from slimy_dal.engine.errors import InvalidValue

__all__ = ["MAX_CHARACTERS", "checked_words"]

MAX_CHARACTERS: Final = 200
"""Longer than every name; each word more makes the index read another list of rows."""


def checked_words(words: str, field: str = "search") -> str:
    """Return what was typed. Raises InvalidValue for more than 200 characters."""
    # What is no text at all is told by the statement's own check.
    if isinstance(words, str) and len(words) > MAX_CHARACTERS:
        raise InvalidValue(field, f"holds more than {MAX_CHARACTERS} characters")
    return words
