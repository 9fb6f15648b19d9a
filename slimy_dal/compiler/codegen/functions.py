"""Writes a query's Statement and its function, whose signature is what callers see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from slimy_dal.compiler import grammar
from slimy_dal.compiler.codegen.format import block, docstring, string, wrapped
from slimy_dal.compiler.codegen.literals import Aliases, optional, value_type
from slimy_dal.compiler.codegen.names import (
    Names,
    constant_name,
    parameter_name,
    pascal,
    python_name,
    snake,
)
from slimy_dal.compiler.codegen.rows import Group, RowProblem, all_made_of, made_of
from slimy_dal.compiler.description import Description, Parameter
from slimy_dal.compiler.pytypes import engine_type, python_type

STATEMENT = "slimy_dal.engine.statement"
_WRITING = frozenset({"exec", "execrows", "batch", "copyfrom"})


def statement(description: Description, names: Names) -> str:
    """Return the constant that holds a query's text and what the engine must know of it."""
    query = description.query
    lines = [
        f"    name={string(query.full_name)},",
        f"    sql={block(query.sql)},",
        *facts(description, description.parameters, names),
    ]
    head = f"{constant_name(query.name)} = {names.use(STATEMENT, 'Statement')}("
    return "\n".join([head, *lines, ")"]) + "\n"


def facts(description: Description, parameters: Sequence[Parameter], names: Names) -> Iterator[str]:
    """Yield what the engine must know of a query beside its text, as arguments by keyword."""
    query = description.query
    written = [parameter(p, names) for p in parameters]
    columns = [string(column.name) for column in description.columns]
    if written:
        yield wrapped("parameters=(", written, ")", indent=4, one=",", inner=True) + ","
    if columns:
        yield wrapped("columns=(", columns, ")", indent=4, one=",", inner=True) + ","
    if query.timeout is not None:
        yield f"    timeout={query.timeout!r},"
    if description.writes or description.effects or query.shape in _WRITING:
        yield "    writes=True,"
    if query.directive("replica") is not None:
        yield "    replica=True,"


def parameter(found: Parameter, names: Names, name: str | None = None) -> str:
    """Return a parameter as the engine checks it."""
    kind = string(engine_type(found.type))
    nullable = ", nullable=True" if found.nullable else ""
    return f"{names.use(STATEMENT, 'Parameter')}({string(name or found.name)}, {kind}{nullable})"


@dataclass(slots=True)
class Function:
    """Writes the function of one query; `row` is its row class where its shape has one."""

    description: Description
    names: Names
    aliases: Aliases
    row: Group | None = None
    _arguments: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the function. Raises RowProblem where shape and statement do not fit."""
        shape = self.description.query.shape
        if shape in {"batch", "copyfrom"}:
            return self._many_items()
        if shape == "script":
            raise RowProblem("scripts are not generated: they have no types to speak of")
        self._arguments = [parameter_name(p.name) for p in self.description.parameters]
        returns, body = self._by_shape()
        keywords = [self._keyword(p) for p in self.description.parameters]
        return self._head(["db: " + self._executor(), "/", "*", *keywords], returns) + body

    def _by_shape(self) -> tuple[str, str]:
        """Return what the function returns, and its body."""
        return {
            "one": self._one,
            "opt": self._opt,
            "many": self._many,
            "scalar": self._scalar,
            "exec": self._exec,
            "execrows": self._execrows,
        }[self.description.query.shape]()

    def _statement(self) -> str:
        return constant_name(self.description.query.name)

    def _executor(self) -> str:
        return self.names.use(STATEMENT, "Executor")

    def _keyword(self, parameter: Parameter) -> str:
        return f"{parameter_name(parameter.name)}: {self._type(parameter)}"

    def _type(self, parameter: Parameter) -> str:
        alias = self.aliases.alias(parameter)
        written = python_type(parameter.type, self.names, alias=alias, given=True)
        return optional(written, nullable=parameter.nullable)

    def _head(self, items: Sequence[str], returns: str) -> str:
        query = self.description.query
        timeout = f"timeout: {self.names.use('builtins', 'float')} | None = None"
        name = python_name(snake(query.name))
        text = wrapped(f"async def {name}(", [*items, timeout], f") -> {returns}:") + "\n"
        if (deprecated := query.directive("deprecated")) is not None:
            decorator = self.names.use("typing_extensions", "deprecated")
            text = f"@{decorator}({string(deprecated.value)})\n{text}"
        doc = query.doc or f"Run {query.full_name}."
        doc += self._more()
        return text + docstring(doc, 4)

    def _more(self) -> str:
        """Return what the docstring says beside the query's own words."""
        is_one = self.description.query.shape == "one"
        return "\n\nRaises NotFound where there is no row." if is_one else ""

    def _call(self, method: str, before: str = "", arguments: Sequence[str] = ()) -> str:
        items = [self._statement(), *self._arguments, *arguments]
        items.append("timeout=timeout")
        return wrapped(f"{before}await db.{method}(", items, ")", indent=4) + "\n"

    def _shared_row(self) -> Group:
        if self.row is None:  # pragma: no cover -- the module gives one to every shape with rows
            raise AssertionError(self.description.query.full_name)
        return self.row

    def _raise_not_found(self) -> str:
        not_found = self.names.use("slimy_dal.engine.errors", "NotFound")
        name = self.description.query.full_name
        message = string(f"{name} found no row")
        lines = wrapped(f"raise {not_found}(", [message, f"query={string(name)}"], ")", indent=8)
        return f"    if row is None:\n{lines}\n"

    def _one(self) -> tuple[str, str]:
        made = made_of(self._shared_row(), "row", self.names)
        body = self._call("row", "row = ") + self._raise_not_found() + f"    return {made}\n"
        return self._shared_row().class_name, body

    def _opt(self) -> tuple[str, str]:
        made = made_of(self._shared_row(), "row", self.names)
        body = self._call("row", "row = ") + f"    return None if row is None else {made}\n"
        return f"{self._shared_row().class_name} | None", body

    def _many(self) -> tuple[str, str]:
        body = self._call("rows", "rows = ")
        body += f"    return {all_made_of(self._shared_row(), 'rows', self.names)}\n"
        many = self.names.use("builtins", "list")
        return f"{many}[{self._shared_row().class_name}]", body

    def _scalar(self) -> tuple[str, str]:
        columns = self.description.columns
        if len(columns) != 1:
            raise RowProblem(f"a :scalar returns one column, this returns {len(columns)}")
        value = value_type(columns[0], self.names, self.aliases)
        if value == "None":
            return "None", self._call("row")
        if self.description.always_a_row:
            written = optional(value, nullable=columns[0].nullable)
            lines = self._raise_not_found() + f"    value: {written} = row[0]\n"
        else:
            written = optional(value, nullable=True)
            lines = f"    value: {written} = None if row is None else row[0]\n"
        return written, self._call("row", "row = ") + lines + "    return value\n"

    def _exec(self) -> tuple[str, str]:
        return "None", self._call("execute")

    def _execrows(self) -> tuple[str, str]:
        return self.names.use("builtins", "int"), self._call("execute", "return ")

    def _many_items(self) -> str:
        query = self.description.query
        if not self.description.parameters:
            raise RowProblem(f"a :{query.shape} runs once per item, so it needs parameters")
        item = f"{pascal(query.name)}Item"
        iterable = self.names.use("collections.abc", "Iterable")
        text = f"class {item}({self.names.use('typing', 'NamedTuple')}):\n"
        text += docstring(f"The parameters of one item of `{query.name}`.", 4) + "\n"
        for parameter in self.description.parameters:
            text += f"    {python_name(parameter.name)}: {self._type(parameter)}\n"
        head = ["db: " + self._executor(), f"items: {iterable}[{item}]", "/", "*"]
        if query.shape == "batch":
            return f"{text}\n\n{self._head(head, 'None')}{self._call('batch', '', ['items'])}"
        columns = grammar.copy_columns(query.sql)
        if isinstance(columns, str):
            raise RowProblem(f"it cannot be run as COPY: {columns}")
        [(schema, table)] = self.description.writes
        place = f"({string(schema)}, {string(table)})"
        listed = wrapped(
            "(", [string(column) for column in columns], ")", indent=8, one=",", inner=True
        )
        call = self._call("copy", "return ", [place, listed.lstrip(), "items"])
        number = self.names.use("builtins", "int")
        return f"{text}\n\n{self._head(head, number)}{call}"
