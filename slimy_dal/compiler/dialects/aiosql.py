"""Reads aiosql's query files: `-- name: get-by-id(id)^`, its marks, and `record_class` lines."""

import re

from slimy_dal.compiler.binding import Binding, Head, as_is
from slimy_dal.compiler.directives import prose
from slimy_dal.compiler.lexer import Token
from slimy_dal.compiler.query import Directive, Loaded, Query, QueryFileError, Shape
from slimy_dal.compiler.sections import Section, Source, sections

HEADER = re.compile(r"--\s*name\s*:")
_SPEC = re.compile(
    r"(?P<name>[^\W\d]\w*)\s*(?:\((?P<params>\s*(?:\w+\s*(?:,\s*\w+\s*)*)?)\))?"
    r"\s*(?P<mark>\^|\$|!|<!|\*!|#|)"
)
_RECORD_CLASS = re.compile(r"--\s*record_class\s*:\s*(\w+)")
# `<!` gives one row object here; aiosql takes the value out of a row with a single column.
SHAPES: dict[str, Shape] = {
    "": "many",
    "^": "opt",
    "$": "scalar",
    "!": "execrows",
    "<!": "one",
    "*!": "batch",
    "#": "script",
}


def read(source: Source) -> Loaded:
    """Return the queries of a file and what is wrong in it; text before the first is ignored."""
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
    spec = section.header.text.partition(":")[2].strip()
    match = _SPEC.fullmatch(spec.replace("-", "_"))
    if match is None:
        message = f"`{spec}` is no query name with one of the marks ^ $ ! <! *! #"
        raise source.error(section.header.start, message, "as in `get-user(id)^`", spec or None)
    name, shape = match["name"], SHAPES[match["mark"]]
    if section.problem is not None:
        problem = section.problem
        raise source.error(problem.start, problem.problem, problem.hint, name)
    statements = section.statements()
    if not statements:
        raise source.error(section.header.start, f"query `{name}` has no statement", None, name)
    doc, directives = _comments(source, section, statements[-1][-1].end)
    head = Head(section.header, name, shape, doc, directives)
    if shape == "script":
        whole = [t for t in section.tokens if statements[0][0].start <= t.start]
        return as_is([t for t in whole if t.end <= statements[-1][-1].end]).query(source, head)
    if len(statements) > 1:
        message = f"query `{name}` has {len(statements)} statements"
        raise source.error(statements[1][0].start, message, "mark it as a script with #", name)
    binding = _bind(source, statements[0], name)
    _compare_declared(source, section, match["params"], binding.names, name)
    return binding.query(source, head)


def _comments(source: Source, section: Section, end: int) -> tuple[str, tuple[Directive, ...]]:
    """Return the doc: every comment that is a line of its own, also inside the statement."""
    doc: list[str] = []
    directives: tuple[Directive, ...] = ()
    for token in section.tokens:
        if token.kind != "line_comment" or token.start > end or not source.begins_line(token):
            continue
        record_class = _RECORD_CLASS.match(token.text)
        if record_class and not doc and not directives:
            place = source.location(token.start + record_class.start(1))
            directives = (Directive("returns", record_class[1], place),)
        else:
            doc.append(prose(token.text))
    return "\n".join(doc).strip("\n"), directives


def _bind(source: Source, statement: list[Token], name: str) -> Binding:
    binding = Binding(statement)
    positional = sorted({int(t.text[1:]) for t in statement if t.kind == "positional"})
    binding.names = [f"p{number}" for number in range(1, max(positional, default=0) + 1)]
    attribute: list[Token] = []
    for at, token in enumerate(statement):
        if token in attribute:
            continue
        if token.kind != "parameter":
            binding.copy(token)
            continue
        if positional:
            message = f"`{token.text}` stands beside `${positional[0]}`"
            raise source.error(token.start, message, "use one kind of parameter", name)
        attribute = statement[at + 1 : at + 3]
        if [t.text for t in attribute[:1]] != ["."] or attribute[-1].kind != "word":
            attribute = []
        # `:user.id` is aiosql's attribute of an object; it names the value `user__id`.
        value = "__".join([token.name, *(t.text for t in attribute[1:])])
        following = statement[at + 1 + len(attribute) :]
        binding.put(f"${binding.number(value)}", token, following[0] if following else None)
    return binding


def _compare_declared(
    source: Source, section: Section, declared: str | None, used: list[str], name: str
) -> None:
    if declared is None:
        return
    names = [part.strip() for part in declared.split(",") if part.strip()]
    objects = {parameter.partition("__")[0] for parameter in used}
    for parameter in used:
        if parameter not in names and parameter.partition("__")[0] not in names:
            message = f"parameter `{parameter}` is not declared in the header"
            raise source.error(section.header.start, message, None, name)
    for parameter in names:
        if parameter not in used and parameter not in objects:
            message = f"declared parameter `{parameter}` is never used"
            raise source.error(section.header.start, message, None, name)
