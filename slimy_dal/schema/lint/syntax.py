"""Parses SQL with PostgreSQL's own grammar (pglast), and stands in for it where a file holds more than SQL."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from slimy_dal.compiler import schemafiles
from slimy_dal.compiler.lexer import LexError, Token, tokens
from slimy_dal.schema.backfill import masked
from slimy_dal.schema.lint.acts import Statement

__all__ = ["NotInstalled", "Unreadable", "parse", "readable", "silent_tokens"]


TEMPLATE = re.compile(r"\{\{[^{}\n]*\}\}|\$\{\w+\}")


class NotInstalled(Exception):
    """Something that only reviewers need is not installed; the message says how to install it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not installed: pip install 'slimy_dal[review]'")


class Unreadable(Exception):
    """A statement that PostgreSQL's grammar refuses: `start` is where, in characters."""

    def __init__(self, problem: str, start: int) -> None:
        super().__init__(problem)
        self.start = start


@cache
def _pglast() -> Any:
    try:
        import pglast.parser  # noqa: PLC0415 -- GPL: an extra, so it may be missing
    except ImportError:
        raise NotInstalled("pglast (the parser that the rules read SQL with)") from None
    return pglast


def readable(text: str) -> str:
    """Return a file's text with psql's commands, COPY data and ends of batches blanked; lines keep their numbers.

    What a tool fills in before it runs the file (`{{ .Schema }}`, `${schema}`) is taken to be a schema's name.
    """
    text = text.removeprefix("\ufeff").replace("\x00", "\ufffd")
    text = TEMPLATE.sub(lambda found: f"{'public':<{len(found[0])}}"[: len(found[0])], text)
    text = schemafiles.COPY.sub(lambda found: "\n" * found[0].count("\n"), text)
    return masked(schemafiles.META_COMMAND.sub("", text))


def silent_tokens(text: str) -> list[Token]:
    """Return the comments of a text, up to where it stops being SQL."""
    return [token for token in _lexed(text) if token.kind in {"line_comment", "block_comment"}]


@lru_cache(maxsize=2)
def _lexed(text: str) -> list[Token]:
    try:
        return tokens(text)
    except LexError as error:
        return error.readable


def parse(text: str) -> tuple[list[Statement], list[Unreadable]]:
    """Return the statements of a text, and those that the grammar refuses.

    The text is parsed as a whole; where that fails, statement by statement, so that one slip does
    not hide the rest. Raises NotInstalled without pglast.
    """
    starts = [token.start for token in _lexed(text) if not token.silent]
    try:
        return list(_placed(text, starts, 0, _parsed(text))), []
    except Unreadable as error:
        whole = error
    found: list[Statement] = []
    problems: list[Unreadable] = []
    place = 0
    for one in schemafiles.split(text, ""):
        place = max(text.find(one.text, place), 0)
        try:
            found += _placed(text, starts, place, _parsed(one.text))
        except Unreadable as error:
            problems.append(Unreadable(str(error), place + error.start))
        place += len(one.text)
    return found, problems or [whole]


def _parsed(text: str) -> Any:
    pglast = _pglast()
    try:
        return pglast.parser.parse_sql(text)
    except pglast.parser.ParseError as error:
        place = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) else 0
        raise Unreadable(str(error.args[0]), max(place, 0)) from None
    except RecursionError:
        raise Unreadable("nested too deeply to be read", 0) from None


def _placed(text: str, starts: list[int], base: int, found: Any) -> Iterator[Statement]:
    """Give each parsed statement its place in the file; comments before it belong to it."""
    begin = 0 if base == 0 else text.rfind("\n", 0, base) + 1
    length = len(text)
    for raw in found:
        first = base + (raw.stmt_location or 0)
        end = first + raw.stmt_len if raw.stmt_len else length
        index = bisect_left(starts, first)
        start = starts[index] if index < len(starts) else first
        line_end = text.find("\n", end)
        tail = length if line_end < 0 else line_end
        line = text.count("\n", 0, start) + 1
        body = text[start:end].rstrip().rstrip(";")
        yield Statement(body, start, tail, begin, line, base, raw.stmt)
        begin = tail
