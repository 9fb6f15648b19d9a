"""Reads our own query files: `-- name: get_by_id :one`, prose, directives, one statement."""

import re
from collections.abc import Iterator, Sequence
from keyword import iskeyword
from typing import cast

from slimy_dal.compiler.binding import Binding, Head
from slimy_dal.compiler.directives import (
    DIRECTIVES,
    read_comments,
    suggestion,
    unknown_parameters,
)
from slimy_dal.compiler.lexer import Token
from slimy_dal.compiler.query import SHAPES, Loaded, Query, QueryFileError, Shape
from slimy_dal.compiler.sections import Section, Sections, Source, sections
from slimy_dal.compiler.variants import patch as variants_patch
from slimy_dal.compiler.variants import split as variants_split

HEADER = re.compile(r"--[ \t]*name[ \t]*:")
_HEADER = re.compile(r"--[ \t]*name[ \t]*:[ \t]*(?P<name>[^\s:^$!<*]*)[ \t]*(?P<shape>.*?)[ \t]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WORD = re.compile(r"--\s*(\w+)")
_LATE_DIRECTIVE = re.compile(rf"-- ?({'|'.join(DIRECTIVES)}):[ \t]")

# A script has no parameters and no columns to prove, so our own files have none.
SHAPES_HERE = [shape for shape in SHAPES if shape != "script"]
_ALL_SHAPES = " ".join(f":{shape}" for shape in SHAPES_HERE)
_MARKS = {"^": "opt", "$": "scalar", "!": "execrows", "<!": "one", "*!": "batch"}


def read(source: Source) -> Loaded:
    """Return the queries of a file and everything that is wrong in it."""
    cut = sections(source, HEADER)
    queries: list[Query] = []
    errors: list[QueryFileError] = list(_before_the_first(source, cut))
    previous = ""
    lines: dict[str, int] = {}
    for section in cut.found:
        name, shape, problems = _header(source, section.header)
        query, more = _query(source, section, name, shape)
        problems += more
        if name in lines:
            message = f"a second query is named `{name}`; the first stands in line {lines[name]}"
            problems.append(source.error(section.header.start, message, None, name))
        elif name < previous:
            message = f"`{name}` stands behind `{previous}`"
            hint = "queries stand in alphabetical order"
            problems.append(source.error(section.header.start, message, hint, name))
        lines.setdefault(name, source.location(section.header.start).line)
        previous = name
        errors += problems
        if query is not None and not problems:
            queries.append(query)
    return Loaded(tuple(queries), tuple(errors))


def _before_the_first(source: Source, cut: Sections) -> Iterator[QueryFileError]:
    if cut.problem is not None:
        yield source.error(cut.problem.start, cut.problem.problem, cut.problem.hint)
    stray = next((token for token in cut.before if not token.silent), None)
    if stray is None:
        return
    hint = "each query begins with `-- name: get_by_id :one`"
    for token in cut.before:
        word = _WORD.match(token.text) if token.kind == "line_comment" else None
        if word is not None and suggestion(word[1].lower(), ["name"]):
            hint = f"did you mean `-- name:` in line {source.location(token.start).line}?"
            break
    yield source.error(stray.start, "text stands before the first query", hint)


def _header(source: Source, header: Token) -> tuple[str, Shape, list[QueryFileError]]:
    """Return a query's name and shape; both are best guesses where errors are returned."""
    match = _HEADER.fullmatch(header.text.rstrip())
    if match is None:  # pragma: no cover -- HEADER has matched, and the rest takes anything
        raise AssertionError(header.text)
    name, written = match["name"], match["shape"]
    where = header.start + match.start("shape")
    errors = []
    if not _NAME.fullmatch(name) or iskeyword(name):
        errors.append(source.error(header.start + match.start("name"), *_bad_name(name), name))
    shape = written.removeprefix(":")
    if written.startswith(":") and shape in SHAPES_HERE:
        return name, cast("Shape", shape), errors
    if not written:
        message = f"query `{name}` has no shape"
        errors.append(source.error(where, message, f"one of {_ALL_SHAPES}", name))
    elif written in _MARKS:
        message = f"`{written}` is a mark of aiosql's files"
        hint = f"write `:{_MARKS[written]}`, or load the file with its dialect"
        errors.append(source.error(where, message, hint, name))
    else:
        hint = suggestion(shape, SHAPES_HERE, "`:{}`") or f"one of {_ALL_SHAPES}"
        errors.append(source.error(where, f"unknown shape `{written}`", hint, name))
    return name, "exec", errors


def _bad_name(name: str) -> tuple[str, str | None]:
    if not name:
        return "a query without a name", "write it as in `-- name: get_by_id :one`"
    if iskeyword(name):
        return f"`{name}` is a word of Python's own and cannot name a query", None
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).strip("_").lower()
    hint = f"did you mean `{snake}`?" if _NAME.fullmatch(snake) else "begin it with a letter"
    return f"`{name}` cannot name a query: lower-case letters, digits and _ only", hint


def _query(
    source: Source, section: Section, name: str, shape: Shape
) -> tuple[Query | None, list[QueryFileError]]:
    doc, directives, errors = read_comments(source, section.comments(), name, shape)
    if not doc and section.problem is None:
        message = f"query `{name}` has no sentence that says what it does"
        hint = "write one as `-- ` lines below its header"
        errors.append(source.error(section.header.start, message, hint, name))
    if section.problem is not None:
        problem = section.problem
        errors.append(source.error(problem.start, problem.problem, problem.hint, name))
        return None, errors
    statements = section.statements()
    if len(statements) != 1:
        errors.append(_count_error(source, section, statements, name))
        return None, errors
    patch = next((directive for directive in directives if directive.key == "patch"), None)
    first = () if patch is None else variants_patch.fixed_names(statements[0], patch)
    binding, wrong = bind(source, statements[0], name, first)
    query = binding.query(source, Head(section.header, name, shape, doc, directives))
    errors += wrong
    if not wrong:
        known = [*binding.names, *variants_split.optional_names(directives)]
        errors += unknown_parameters(directives, known, name)
        errors += variants_split.problems(query)
        unpatched = variants_patch.problem(query)
        errors += [unpatched] if unpatched else []
    return query, errors


def _count_error(
    source: Source, section: Section, statements: list[list[Token]], name: str
) -> QueryFileError:
    if not statements:
        return source.error(section.header.start, f"query `{name}` has no statement", None, name)
    message = f"query `{name}` has {len(statements)} statements"
    hint = "each needs a header of its own: `-- name: ... :...`"
    return source.error(statements[1][0].start, message, hint, name)


def bind(
    source: Source, statement: list[Token], name: str, first: Sequence[str] = ()
) -> tuple[Binding, list[QueryFileError]]:
    """Write a statement with $1..$n for its `:name` parameters, and say what is wrong with them.

    Those named in `first` get the first numbers, all others theirs in the order of the text.
    """
    binding = Binding(statement, list(first))
    errors = []
    for token, following in zip(statement, [*statement[1:], None], strict=True):
        wrong: tuple[str, str] | None = None
        if token.kind == "parameter":
            binding.put(f"${binding.number(token.name)}", token, following)
            continue
        if token.kind == "psql_variable":
            plain = token.text.strip(":'\"{?}")
            wrong = (
                f"`{token.text}` is psql's own substitution",
                f"write `:{plain}`: values are sent apart from the text, unquoted",
            )
        elif token.kind == "positional":
            wrong = f"`{token.text}` is not known here", "name the parameter, as in `:user_id`"
        elif token.kind == "line_comment" and (late := _LATE_DIRECTIVE.match(token.text)):
            wrong = (
                f"directive `{late[1]}` stands inside the statement",
                "directives stand between the header and the statement",
            )
        if wrong:
            errors.append(source.error(token.start, *wrong, name))
        binding.copy(token)
    return binding, errors
