"""Cuts an UPDATE at the columns that its `patch` directive names, and checks that they may be left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slimy_dal.compiler.clauses import Clause, clauses, comma_list, word_of
from slimy_dal.compiler.directives import suggestion
from slimy_dal.compiler.lexer import Token, tokens
from slimy_dal.compiler.query import Directive, Query, QueryFileError

__all__ = ["Assignment", "Patch", "fixed_names", "patch", "problem"]

SHAPES = frozenset({"exec", "execrows", "one", "opt", "many"})
ASSIGNED = 3
"""The tokens of `column = :parameter`."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """An optional assignment: its parameter, the text in front of that, and its offset in the statement."""

    parameter: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Patch:
    """An UPDATE with optional columns: its SET list stands from `begins` to `ends`.

    `always` are the other assignments with their offsets; `nothing` sets the first optional column to itself.
    """

    optional: tuple[Assignment, ...]
    always: tuple[tuple[str, int], ...]
    begins: int
    ends: int
    nothing: str


class _Misfit(Exception):
    def __init__(self, message: str, hint: str | None = None, at: int | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.at = message, hint, at


def fixed_names(statement: Sequence[Token], directive: Directive) -> list[str]:
    """Return the parameters, by name, that a patch always needs: they get the first numbers."""
    read = clauses(statement)
    assigned = None if read is None else read.get("set")
    optional = {
        item[-1].name
        for item in comma_list(assigned.body if assigned else ())
        if item[0].text in directive.names and item[-1].kind == "parameter"
    }
    names = dict.fromkeys(token.name for token in statement if token.kind == "parameter")
    return [name for name in names if name not in optional]


def problem(query: Query) -> QueryFileError | None:
    """Return what is wrong with the patch of a query, None where nothing is or it has none."""
    try:
        patch(query)
    except QueryFileError as error:
        return error
    return None


def patch(query: Query) -> Patch | None:
    """Return where the optional columns of an UPDATE stand, None where it has none. Raises QueryFileError."""
    directive = query.directive("patch")
    if directive is None:
        return None
    try:
        return _patch(query, directive)
    except _Misfit as misfit:
        place = directive.location if misfit.at is None else query.location(misfit.at)
        message = f"directive `patch`: {misfit.message}"
        raise QueryFileError(place, message, misfit.hint, query.name) from None


def _patch(query: Query, directive: Directive) -> Patch:
    if query.shape not in SHAPES:
        raise _Misfit(
            f"a query of shape `:{query.shape}` has none", "it needs an UPDATE of one text"
        )
    if query.directive("filter") or query.directive("sort"):
        raise _Misfit("an UPDATE has no filters and no order")
    read = clauses(tokens(query.sql))
    assigned = None if read is None or read.verb != "update" else read.get("set")
    if read is None or assigned is None or not assigned.body:
        raise _Misfit("the statement is no UPDATE ... SET")
    items = {item[0].text: item for item in comma_list(assigned.body)}
    for name in directive.names:
        if name not in items:
            hint = suggestion(name, list(items)) or f"it sets {', '.join(items)}"
            raise _Misfit(f"the statement does not set `{name}`", hint)
    optional = tuple(_assignment(query, items[name]) for name in items if name in directive.names)
    first = next(name for name in items if name in directive.names)
    return Patch(
        optional,
        tuple(_always(query.sql, assigned, directive)),
        assigned.body[0].start,
        assigned.body[-1].end,
        f"{first} = {_target(read.head)}.{first}",
    )


def _assignment(query: Query, item: list[Token]) -> Assignment:
    if len(item) != ASSIGNED or item[1].text != "=" or item[2].kind != "positional":
        hint = "write `column = :parameter` and nothing else; a value that is computed is no patch"
        raise _Misfit(f"`{item[0].text}` is not set to a parameter alone", hint, item[0].start)
    number = int(item[2].text[1:])
    name = query.parameters[number - 1]
    if sum(token.text == item[2].text for token in tokens(query.sql)) > 1:
        hint = "the statement would need it where the column is left out too"
        raise _Misfit(f"`:{name}` stands elsewhere as well", hint, item[2].start)
    return Assignment(name, query.sql[item[0].start : item[2].start], item[0].start)


def _always(sql: str, assigned: Clause, directive: Directive) -> Iterator[tuple[str, int]]:
    for item in comma_list(assigned.body):
        if item[0].text not in directive.names:
            yield sql[item[0].start : item[-1].end], item[0].start


def _target(head: Sequence[Token]) -> str:
    """Return the name by which the statement knows the table it changes."""
    words = [token for token in head if token.text != "*"]
    if len(words) > 1 and word_of(words[0]) == "only":
        words = words[1:]
    return words[-1].text
