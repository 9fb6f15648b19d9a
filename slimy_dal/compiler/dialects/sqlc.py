"""Reads sqlc's query files: `-- name: GetAuthor :one`, `$1`, `@name` and the `sqlc.` macros."""

import re

from slimy_dal.compiler.binding import Binding, Head
from slimy_dal.compiler.directives import prose, suggestion
from slimy_dal.compiler.lexer import Token
from slimy_dal.compiler.query import Directive, Loaded, Query, QueryFileError, Shape
from slimy_dal.compiler.sections import Section, Source, sections

HEADER = re.compile(r"(?:--|/\*)\s*name\s*:")
_HEADER = re.compile(r"(?:--|/\*)\s*name\s*:\s*(?P<name>\S*)\s*(?P<shape>.*?)\s*(?:\*/)?")
_NAME = re.compile(r"[^\W\d]\w*")

# sqlc's :one fails where there is no row, as ours does. What its batches return is not loaded.
SHAPES: dict[str, Shape] = {
    ":one": "one",
    ":many": "many",
    ":exec": "exec",
    ":execrows": "execrows",
    ":execresult": "execrows",
    ":execlastid": "exec",
    ":batchexec": "batch",
    ":batchone": "batch",
    ":batchmany": "batch",
    ":copyfrom": "copyfrom",
}
MACROS = ["arg", "embed", "narg", "slice"]


def read(source: Source) -> Loaded:
    """Return the queries of a file and what is wrong in it; statements without header are skipped."""
    queries: dict[str, Query] = {}
    errors: list[QueryFileError] = []
    for section in sections(source, HEADER).found:
        try:
            query = _query(source, section)
            if query.name in queries:
                line = queries[query.name].line
                message = f"a second query is named `{query.name}`; the first stands in line {line}"
                raise source.error(section.header.start, message, None, query.name)
            queries[query.name] = query
        except QueryFileError as error:
            errors.append(error)
    return Loaded(tuple(queries.values()), tuple(errors))


def _query(source: Source, section: Section) -> Query:
    match = _HEADER.fullmatch(section.header.text.strip())
    name, written = (match["name"], match["shape"]) if match else ("", "")
    if not _NAME.fullmatch(name):
        message = f"`{name}` cannot name a query"
        raise source.error(section.header.start, message, None, name or None)
    if written not in SHAPES:
        message = f"unknown query type `{written}`" if written else f"`{name}` has no query type"
        hint = suggestion(written, list(SHAPES)) or f"one of {' '.join(SHAPES)}"
        raise source.error(section.header.start, message, hint, name)
    if section.problem is not None:
        problem = section.problem
        raise source.error(problem.start, problem.problem, problem.hint, name)
    statements = section.statements()
    if not statements:
        raise source.error(section.header.start, f"query `{name}` has no statement", None, name)
    comments = [*section.above, *section.comments()]
    doc = "\n".join(prose(c.text) for c in comments if c.kind == "line_comment").strip("\n")
    binding, directives = _Binder(source, statements[0], name).bind()
    return binding.query(source, Head(section.header, name, SHAPES[written], doc, directives))


class _Binder:
    """Replaces what sqlc adds to SQL in one statement."""

    def __init__(self, source: Source, statement: list[Token], query: str) -> None:
        self.source = source
        self.query = query
        self.statement = statement
        self.binding = Binding(statement)
        self.positional = {int(t.text[1:]) for t in statement if t.kind == "positional"}
        self.numbers: dict[str, int] = {}
        self.directives: list[Directive] = []

    def bind(self) -> tuple[Binding, tuple[Directive, ...]]:
        at = 0
        while at < len(self.statement):
            at += self._step(at)
        names = {number: name for name, number in self.numbers.items()}
        count = max([*self.positional, *names], default=0)
        self.binding.names = [names.get(n, f"p{n}") for n in range(1, count + 1)]
        return self.binding, tuple(self.directives)

    def _step(self, at: int) -> int:
        """Write what begins at token `at`; return how many tokens that took."""
        token, following = self.statement[at], self._at(at + 1)
        if token.text == "@" and token.kind == "operator" and following.kind == "word":
            return self._put(f"${self._number(following.text)}", at, 2)
        if token.kind == "word" and token.text.lower() in {"in", "not"}:
            return self._slice(at)
        if token.kind == "word" and token.text.lower() == "sqlc":
            return self._macro(at)
        self.binding.copy(token)
        return 1

    def _slice(self, at: int) -> int:
        """Write `IN (sqlc.slice('ids'))` as `= ANY($1)`, which PostgreSQL can prepare."""
        spoken = [i for i in range(at, len(self.statement)) if not self.statement[i].silent][:10]
        texts = [self.statement[i].text.lower() for i in spoken]
        negated = texts[:1] == ["not"]
        shift = 1 if negated else 0
        wanted = ["in", "(", "sqlc", ".", "slice", "("]
        if texts[shift : shift + 6] != wanted or texts[shift + 7 : shift + 9] != [")", ")"]:
            self.binding.copy(self.statement[at])
            return 1
        number = self._number(self._argument(self.statement[spoken[shift + 6]]))
        form = "<> ALL(${})" if negated else "= ANY(${})"
        return self._put(form.format(number), at, spoken[shift + 8] + 1 - at)

    def _macro(self, at: int) -> int:
        spoken = [i for i in range(at, len(self.statement)) if not self.statement[i].silent][:6]
        texts = [self.statement[i].text for i in spoken]
        if texts[1:2] != ["."]:
            self.binding.copy(self.statement[at])
            return 1
        place = self.statement[at].start
        macro = texts[2].lower() if len(texts) > 2 else ""  # noqa: PLR2004 -- sqlc . macro
        if macro not in MACROS:
            hint = suggestion(macro, MACROS, "`sqlc.{}`")
            raise self.source.error(place, f"unknown macro `sqlc.{macro}`", hint, self.query)
        if [*texts[3:4], *texts[5:6]] != ["(", ")"]:
            hint = f"as in `sqlc.{macro}(name)`"
            raise self.source.error(place, f"`sqlc.{macro}` takes one name", hint, self.query)
        argument = self.statement[spoken[4]]
        length = spoken[5] + 1 - at
        if macro == "embed":
            return self._put(f"{argument.text}.*", at, length)
        name = self._argument(argument)
        if macro == "narg":
            location = self.source.location(argument.start)
            self.directives.append(Directive("nullable", f":{name}", location))
        return self._put(f"${self._number(name)}", at, length)

    def _argument(self, token: Token) -> str:
        if token.kind in {"word", "quoted_word", "string"}:
            return token.text.strip("'\"")
        message = f"`{token.text}` cannot name a parameter"
        raise self.source.error(token.start, message, None, self.query)

    def _number(self, name: str) -> int:
        """Return a named parameter's number: the lowest that the statement does not write itself."""
        if name not in self.numbers:
            taken = self.positional.union(self.numbers.values())
            self.numbers[name] = next(n for n in range(1, len(taken) + 2) if n not in taken)
        return self.numbers[name]

    def _put(self, text: str, at: int, length: int) -> int:
        behind = self._at(at + length)
        self.binding.put(text, self.statement[at], behind)
        return length

    def _at(self, index: int) -> Token:
        """Return a token, or an empty one behind the end."""
        last = self.statement[-1]
        return (
            self.statement[index] if index < len(self.statement) else Token("space", "", last.end)
        )
