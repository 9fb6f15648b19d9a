"""Reads the comments below a query's header: prose becomes its doc, `key: value` its directives."""

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from keyword import iskeyword

from slimy_dal.compiler.lexer import Token
from slimy_dal.compiler.query import Directive, QueryFileError, Shape, seconds
from slimy_dal.compiler.sections import Source

_LINE = re.compile(r"-- ?(?P<key>[a-z_]+):(?:[ \t]+(?P<value>.*?))?[ \t]*")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*")
_NAMES = re.compile(r":?[^\s,:][^,:]*(?:,\s*:?[^\s,:][^,:]*)*")


def _row_class(value: str, shape: Shape) -> str | None:
    if not _CLASS.fullmatch(value) or iskeyword(value):
        return f"`{value}` is no name for a row class; write it as in `returns: GuildCard`"
    if shape not in {"one", "opt", "many"}:
        return f"a query of shape `:{shape}` has no row class; `returns` needs :one, :opt or :many"
    return None


def _names(value: str, _shape: Shape) -> str | None:
    if _NAMES.fullmatch(value):
        return None
    return "name columns, and parameters with their colon, between commas: `bio, :limit`"


def _duration(value: str, _shape: Shape) -> str | None:
    return None if seconds(value) else f"`{value}` is no time; write it as in `2s` or `500ms`"


def _text(_value: str, _shape: Shape) -> str | None:
    return None


DIRECTIVES: dict[str, Callable[[str, Shape], str | None]] = {
    "deprecated": _text,
    "notnull": _names,
    "nullable": _names,
    "returns": _row_class,
    "timeout": _duration,
}
"""Every directive, with the check that says what is wrong with a value."""


def suggestion(word: str, known: Sequence[str], form: str = "`{}`") -> str | None:
    """Return `did you mean ...?` for the known word that is closest, None where none is close."""
    close = get_close_matches(word, known, n=1)
    return f"did you mean {form.format(close[0])}?" if close else None


def prose(comment: str) -> str:
    """Return a line comment's text without its dashes."""
    return comment.removeprefix("--").removeprefix(" ").rstrip()


def read_comments(
    source: Source, comments: list[Token], query: str, shape: Shape
) -> tuple[str, tuple[Directive, ...], list[QueryFileError]]:
    """Return a query's doc, its directives, and what is wrong with them."""
    doc: list[str] = []
    directives: list[Directive] = []
    errors: list[QueryFileError] = []
    for comment in comments:
        if comment.kind != "line_comment":
            continue
        match = _LINE.fullmatch(comment.text)
        if match is None:
            doc.append(prose(comment.text))
            continue
        directive = Directive(
            match["key"], match["value"] or "", source.location(comment.start + match.start("key"))
        )
        problems = [
            QueryFileError(directive.location, message, hint, query)
            for message, hint in _problems(directive, directives, shape)
        ]
        errors += problems
        if not problems:
            directives.append(directive)
    return "\n".join(doc).strip("\n"), tuple(directives), errors


def _problems(
    directive: Directive, before: list[Directive], shape: Shape
) -> Iterator[tuple[str, str | None]]:
    key = directive.key
    if key not in DIRECTIVES:
        hint = suggestion(key, list(DIRECTIVES))
        yield (
            f"unknown directive `{key}`",
            hint or f"known are {', '.join(DIRECTIVES)}; prose may not begin `word:`",
        )
    elif not directive.value:
        yield f"directive `{key}` says nothing", None
    elif any(other.key == key for other in before):
        yield f"directive `{key}` stands here twice", "one line may name several, between commas"
    elif problem := DIRECTIVES[key](directive.value, shape):
        yield f"directive `{key}`: {problem}", None


def unknown_parameters(
    directives: tuple[Directive, ...], parameters: list[str], query: str
) -> list[QueryFileError]:
    """Return an error for each parameter that a directive names and the statement does not have.

    Columns are not checked here: only the database knows what a statement returns.
    """
    errors = []
    claimed: dict[str, str] = {}
    for directive in directives:
        if directive.key not in {"nullable", "notnull"}:
            continue
        for name in directive.names:
            if name.startswith(":") and name[1:] not in parameters:
                hint = suggestion(name[1:], parameters, "`:{}`")
                message = f"directive `{directive.key}` names `{name}`, which is no parameter here"
                errors.append(QueryFileError(directive.location, message, hint, query))
            elif claimed.setdefault(name, directive.key) != directive.key:
                message = f"`{name}` cannot be both nullable and notnull"
                errors.append(QueryFileError(directive.location, message, None, query))
    return errors
