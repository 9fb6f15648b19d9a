"""Reads the comments below a query's header: prose becomes its doc, `key: value` its directives."""

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from keyword import iskeyword

from slimy_dal.compiler.lexer import Token
from slimy_dal.compiler.query import Directive, QueryFileError, Shape, seconds
from slimy_dal.compiler.sections import Source

_LINE = re.compile(r"-- ?(?P<key>[a-z_]+):(?:[ \t]+(?P<value>.*?))?[ \t]*")
RULES = (
    "cardinality",
    "filter",
    "nested-loop",
    "partitions",
    "rows",
    "seq-scan",
    "sort",
    "unbounded",
)
"""What a plan or a statement must not do unless its query says `allow: RULE: reason`."""
REPEATABLE = frozenset({"allow", "filter", "sort"})
"""Directives of which each line is one more thing, not a list."""

_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*")
_ORDER = re.compile(r"[a-z][a-z0-9_]*")
_ROLE = re.compile(r"[a-z_][a-z0-9_]*")
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


def _waiver(value: str, _shape: Shape) -> str | None:
    rule, _, reason = (part.strip() for part in value.partition(":"))
    if rule not in RULES:
        return f"`{rule}` is no rule; {suggestion(rule, RULES) or 'known are ' + ', '.join(RULES)}"
    return None if reason else f"say why `{rule}` is meant: `allow: {rule}: the reason`"


def _role(value: str, _shape: Shape) -> str | None:
    if _ROLE.fullmatch(value):
        return None
    return f"`{value}` is no role; write it as in `role: slimy_retention`"


def _count(value: str, _shape: Shape) -> str | None:
    if value.isascii() and value.isdigit() and int(value):
        return None
    return f"`{value}` is no number of rows; write it as in `page: 1000`"


def _condition(_value: str, shape: Shape) -> str | None:
    if shape in {"many", "scalar", "one", "opt"}:
        return None
    return f"a query of shape `:{shape}` takes no filters; only what reads does"


def _agreed(value: str, shape: Shape) -> str | None:
    if shape not in {"many", "scalar", "one", "opt"}:
        return f"a query of shape `:{shape}` runs on the primary; only reads run on replicas"
    return None if value == "yes" else "say `replica: yes`, or leave it out"


def _order(value: str, shape: Shape) -> str | None:
    name, colon, keys = (part.strip() for part in value.partition(":"))
    if shape != "many":
        return f"a query of shape `:{shape}` has no order; `sort` needs :many"
    if _ORDER.fullmatch(name) and colon and keys:
        return None
    return "name the order and its columns: `sort: newest: g.created_at DESC, g.id DESC`"


DIRECTIVES: dict[str, Callable[[str, Shape], str | None]] = {
    "allow": _waiver,
    "deprecated": _text,
    "filter": _condition,
    "notnull": _names,
    "nullable": _names,
    "page": _count,
    "patch": _names,
    "replica": _agreed,
    "returns": _row_class,
    "role": _role,
    "sort": _order,
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
            match["key"],
            match["value"] or "",
            source.location(comment.start + match.start("key")),
            source.location(comment.start + match.start("value")) if match["value"] else None,
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
    elif key not in REPEATABLE and any(other.key == key for other in before):
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
