"""Cuts the text of a query file into sections, each from one `-- name:` header to the next."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from slimy_dal.compiler.lexer import LexError, Token, tokens
from slimy_dal.compiler.query import Location, QueryFileError

_RAW_HEADER = re.compile(r"^[ \t]*(?:--|/\*)[ \t]*name[ \t]*:", re.MULTILINE)


class Source:
    """The text of a query file, which knows the line and column of an offset."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def location(self, offset: int) -> Location:
        """Return the place of a 0-based character offset."""
        line = bisect_right(self._lines, offset)
        return Location(self.path, line, offset - self._lines[line - 1] + 1)

    def error(
        self, offset: int, message: str, hint: str | None = None, query: str | None = None
    ) -> QueryFileError:
        """Return the error of something at an offset."""
        return QueryFileError(self.location(offset), message, hint, query)

    def begins_line(self, token: Token) -> bool:
        """Whether only space stands before the token on its line."""
        line_start = self._lines[bisect_right(self._lines, token.start) - 1]
        return not self.text[line_start : token.start].strip()


@dataclass(frozen=True, slots=True)
class Section:
    """A header and what follows it; `problem` is where its text stops being SQL, if it does.

    `above` holds the comments between the end of the section before and the header.
    """

    header: Token
    above: tuple[Token, ...]
    tokens: tuple[Token, ...]
    problem: LexError | None

    def comments(self) -> list[Token]:
        """Return the comments between the header and the statement."""
        found = []
        for token in self.tokens:
            if not token.silent:
                break
            if token.kind != "space":
                found.append(token)
        return found

    def statements(self) -> list[list[Token]]:
        """Return the tokens of each statement, from its first to its last that is not silent."""
        cut: list[list[Token]] = [[]]
        for token in self.tokens:
            if token.kind == "punctuation" and token.text == ";":
                cut.append([])
            elif cut[-1] or not token.silent:
                cut[-1].append(token)
        for statement in cut:
            while statement and statement[-1].silent:
                statement.pop()
        return [statement for statement in cut if statement]


@dataclass(frozen=True, slots=True)
class Sections:
    """A file cut into sections; `before` is what stands before the first header."""

    before: tuple[Token, ...]
    problem: LexError | None
    found: tuple[Section, ...]


def sections(source: Source, header: re.Pattern[str]) -> Sections:
    """Cut a file at the comments that `header` matches where they are the first on their line.

    Text that is no SQL (an unclosed string) spoils only the section it begins in.
    """
    before: list[Token] = []
    first_problem: LexError | None = None
    found: list[Section] = []
    for piece, problem in _pieces(source.text):
        parts = list(_at_headers(source, header, piece))
        before += parts[0][1]
        if len(parts) == 1:
            first_problem = first_problem or problem
        for (_, previous), (name, following) in pairwise(parts):
            last = name is parts[-1][0]
            found.append(
                Section(
                    name, _comments_behind(previous), tuple(following), problem if last else None
                )
            )
    return Sections(tuple(before), first_problem, tuple(found))


def _at_headers(
    source: Source, header: re.Pattern[str], piece: list[Token]
) -> Iterator[tuple[Token, list[Token]]]:
    """Yield each header with the tokens that follow it; the first stands for the text before."""
    name, following = Token("space", "", 0), list[Token]()
    for token in piece:
        if token.silent and header.match(token.text) and source.begins_line(token):
            yield name, following
            name, following = token, []
        else:
            following.append(token)
    yield name, following


def _comments_behind(found: list[Token]) -> tuple[Token, ...]:
    """Return the comments that follow the last token that is not silent."""
    start = next((i for i in range(len(found), 0, -1) if not found[i - 1].silent), 0)
    return tuple(token for token in found[start:] if token.kind != "space")


def _pieces(text: str) -> Iterator[tuple[list[Token], LexError | None]]:
    """Yield the tokens of the whole text, or of each raw section where the whole cannot be read."""
    try:
        yield tokens(text), None
    except LexError:
        starts = sorted({0, *(match.start() for match in _RAW_HEADER.finditer(text)), len(text)})
        for start, end in pairwise(starts):
            yield _piece(text, start, end)


def _piece(text: str, start: int, end: int) -> tuple[list[Token], LexError | None]:
    try:
        return _shifted(tokens(text[start:end]), start), None
    except LexError as problem:
        moved = LexError(start + problem.start, problem.problem, problem.hint)
        return _shifted(problem.readable, start), moved


def _shifted(found: list[Token], by: int) -> list[Token]:
    return [replace(token, start=token.start + by) for token in found]
