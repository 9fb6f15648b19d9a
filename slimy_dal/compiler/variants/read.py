"""Reads what the directives filter, sort and patch say, each by itself, and what is wrong with it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from keyword import iskeyword

from slimy_dal.compiler.clauses import comma_list, word_of
from slimy_dal.compiler.lexer import LexError, Token, tokens
from slimy_dal.compiler.query import Directive, QueryFileError

__all__ = ["Condition", "Order", "Part", "Wrong", "order_items", "read_filter", "read_sort"]

NAME = re.compile(r"[a-z][a-z0-9_]*")
_FLAG = re.compile(r"(?P<name>[a-z][a-z0-9_]*):[ \t]+(?P<condition>.+)")
_WORDS = frozenset({"word", "number", "positional", "parameter"})
_OPEN = {"(": ")", "[": "]"}
COLUMN = 3
"""The tokens of `alias.column`."""
DIRECTIONS = frozenset({"asc", "desc"})
_WRITE_SO = "each item is `alias.column` with ASC or DESC behind it, without NULLS FIRST or LAST"
_MIXED = "one index serves them only in one direction; an id decides between equals either way"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a condition's text, and its offset in the value of its directive."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter: `parts` stand around its parameter; a flag has one part only."""

    name: str
    parts: tuple[Part, ...]
    directive: Directive

    @property
    def flag(self) -> bool:
        """Whether it has no parameter."""
        return len(self.parts) == 1


@dataclass(frozen=True, slots=True)
class Order:
    """A sort: its columns as written, and its direction; `places` are theirs in the select list."""

    name: str
    columns: tuple[str, ...]
    descending: bool
    directive: Directive
    places: tuple[int, ...] = ()


class Wrong(Exception):
    """What is wrong with a directive, at an offset of its value, and the way out."""

    def __init__(self, message: str, hint: str | None = None, offset: int = 0) -> None:
        super().__init__(message)
        self.message, self.hint, self.offset = message, hint, offset

    def error(self, directive: Directive, query: str) -> QueryFileError:
        """Return it with its place in the file."""
        message = f"directive `{directive.key}`: {self.message}"
        return QueryFileError(directive.place(self.offset), message, self.hint, query)


def read_filter(directive: Directive, query: str) -> Condition | QueryFileError:
    """Return the condition of a filter, or what is wrong with it."""
    flag = _FLAG.fullmatch(directive.value)
    begins = flag.start("condition") if flag else 0
    try:
        return _condition(directive, flag["name"] if flag else None, begins)
    except Wrong as wrong:
        return wrong.error(directive, query)


def _condition(directive: Directive, name: str | None, begins: int) -> Condition:
    found = _tokens(directive.value[begins:], begins)
    names = list(dict.fromkeys(token.name for token in found if token.kind == "parameter"))
    if name is not None and names:
        hint = f"leave `{name}:` out: a filter with a parameter has the parameter's name"
        raise Wrong(f"`{name}` has a name and the parameter `:{names[0]}`", hint)
    if name is None and len(names) != 1:
        hint = "for several values write several filters, and `name: condition` for none"
        raise Wrong(f"it has {len(names)} parameters and needs one, which names it", hint)
    called = name or names[0]
    if not NAME.fullmatch(called) or iskeyword(called):
        raise Wrong(f"`{called}` cannot be a field: lower-case letters, digits and _ only")
    return Condition(called, tuple(_parts(found, begins)), directive)


def _parts(found: Sequence[Token], begins: int) -> Iterator[Part]:
    """Yield the texts around the parameters, which spaces keep apart from words beside them."""
    text, start = "", found[0].start + begins
    glued = False
    for token in found:
        if token.kind == "parameter":
            yield Part(
                f"{text} " if text and (text[-1].isalnum() or text[-1] in "_$") else text, start
            )
            text, start, glued = "", token.end + begins, True
            continue
        if glued and token.kind in _WORDS:
            text = " "
        text, glued = text + token.text, False
    yield Part(text, start)


def _tokens(text: str, begins: int) -> list[Token]:
    """Return the tokens of a condition, which must not reach beyond the parentheses put around it."""
    try:
        found = tokens(text)
    except LexError as problem:
        raise Wrong(problem.problem, problem.hint, begins + problem.start) from None
    awaited: list[str] = []
    for token in found:
        wrong = _out_of_place(token)
        if token.text in _OPEN:
            awaited.append(_OPEN[token.text])
        elif token.text in {")", "]"} and (not awaited or awaited.pop() != token.text):
            wrong = f"this `{token.text}` closes nothing"
        if wrong:
            raise Wrong(wrong, None, begins + token.start)
    if awaited:
        raise Wrong(f"a `{awaited[-1]}` is missing")
    if all(token.silent for token in found):
        raise Wrong("it has no condition")
    return found


def _out_of_place(token: Token) -> str | None:
    if token.kind in {"line_comment", "block_comment"}:
        return "a comment stands inside the condition"
    if token.kind in {"positional", "psql_variable"}:
        return f"`{token.text}` is not known here; name the parameter, as in `:role`"
    return "a condition is no statement: it has no `;`" if token.text == ";" else None


def read_sort(directive: Directive, query: str) -> Order | QueryFileError:
    """Return the order of a sort, or what is wrong with it."""
    name, _, items = directive.value.partition(":")
    begins = len(name) + 1
    try:
        try:
            found = [token for token in tokens(items) if not token.silent]
        except LexError as problem:
            raise Wrong(problem.problem, problem.hint, begins + problem.start) from None
        columns, descending = order_items(found)
    except Wrong as wrong:
        return wrong.error(directive, query)
    return Order(name.strip(), columns, descending, directive)


def order_items(found: Sequence[Token]) -> tuple[tuple[str, ...], bool]:
    """Return the columns of an ORDER BY and their one direction. Raises what `read_sort` reports."""
    columns: list[str] = []
    directions: set[bool] = set()
    for item in comma_list(found):
        words = [word_of(token) for token in item]
        direction = words.pop() if words[-1] in DIRECTIONS else "asc"
        named = all(token.kind in {"word", "quoted_word"} for token in (*item[:1], *item[2:COLUMN]))
        if len(words) != COLUMN or words[1] != "." or not named:
            text = " ".join(words)
            raise Wrong(f"`{text}` is no column as in `g.created_at DESC`", _WRITE_SO)
        column = "".join(token.text for token in item[:COLUMN])
        if column in columns:
            raise Wrong(f"`{column}` stands in it twice")
        columns.append(column)
        directions.add(direction == "desc")
    if not columns:
        raise Wrong("it names no column", _WRITE_SO)
    if len(directions) > 1:
        raise Wrong("its columns have both directions", _MIXED)
    return tuple(columns), directions.pop()
