"""Writes a query with filters, orders or a patch: its text in parts, what may be chosen, its function."""

from collections.abc import Sequence
from dataclasses import dataclass

from slimy_dal.compiler.codegen.format import block, docstring, string, wrapped
from slimy_dal.compiler.codegen.functions import Function, facts, parameter, statement
from slimy_dal.compiler.codegen.literals import Aliases
from slimy_dal.compiler.codegen.names import (
    WIDTH,
    Names,
    constant_name,
    parameter_name,
    pascal,
    python_name,
)
from slimy_dal.compiler.codegen.rows import Group, all_made_of
from slimy_dal.compiler.description import Description, Parameter
from slimy_dal.compiler.variants.describe import Varied
from slimy_dal.compiler.variants.shapes import composer
from slimy_dal.engine.listing import Listing
from slimy_dal.engine.variants import Choice, Filtered, Patched, Variants

__all__ = ["class_names", "field_names", "query_text"]

VARIANTS = "slimy_dal.engine.variants"
LISTING = "slimy_dal.engine.listing"
TYPES = "slimy_dal.engine.types"
_OWN = frozenset(
    {"asked", "cursor", "cursors", "filter", "found", "given"} | {"limit", "sort", "statement"}
)
_RAISES = (
    "\n\nRaises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a"
    " cursor that is\nnot of this list with this filter and order."
)


def field_names(description: Description) -> set[str]:
    """Return the names of the fields that a query's filter class has."""
    made = composer(description.query) if isinstance(description, Varied) else None
    return {choice.name for choice in made.choices} if isinstance(made, Filtered) else set()


def class_names(description: Description) -> set[str]:
    """Return the names that a query's filters and orders take in its module."""
    made = composer(description.query) if isinstance(description, Varied) else None
    if not isinstance(made, Filtered):
        return set()
    called = pascal(description.query.name)
    found = {f"{called}Filter"} if made.choices else set()
    return found | ({f"{called}Sort"} if isinstance(made, Listing) else set())


def query_text(description: Description, names: Names, aliases: Aliases, row: Group | None) -> str:
    """Return everything of a query but its row class. Raises RowProblem where shape and statement do not fit."""
    made = composer(description.query) if isinstance(description, Varied) else None
    if made is None or not isinstance(description, Varied):
        function = Function(description, names, aliases, row).text()
        return statement(description, names) + "\n\n" + function
    written = _Varied(description, names, aliases, row, made=made, varied=description)
    function = written.text()
    return written.filter_class() + written.constant() + "\n\n" + function


@dataclass
class _Varied(Function):
    """Writes one query with variants."""

    made: Variants | None = None
    varied: Varied | None = None

    def text(self) -> str:
        """Return the function."""
        fixed = self._fixed()
        self._arguments = [_name(p) for p in fixed]
        if not isinstance(self.made, Listing):
            self._arguments.append("*given")
        returns, body = self._by_shape()
        keywords = [f"{_name(p)}: {self._type(p)}" for p in fixed] + self._choosing()
        items = ["db: " + self._executor(), "/", "*", *keywords]
        if isinstance(self.made, Listing):
            items[1:2] = ["/", f"cursors: {self.names.use('slimy_dal.engine.cursors', 'Cursors')}"]
        return self._head(items, returns) + self._choice() + body

    def _fixed(self) -> tuple[Parameter, ...]:
        """Return the parameters that every call gives."""
        every = self.description.parameters
        if isinstance(self.made, Patched):
            return every[: len(self.made.parameters)]
        return every[:-1] if isinstance(self.made, Listing) else every

    def _optional(self) -> tuple[Parameter, ...]:
        """Return the parameters that a call may leave out."""
        if isinstance(self.made, Patched):
            return self.description.parameters[len(self.made.parameters) :]
        return self.varied.of_filters() if self.varied else ()

    def _choosing(self) -> list[str]:
        """Return the keywords by which a call chooses."""
        if isinstance(self.made, Patched):
            return [f"{_name(p)}: {self._or_unset(p)}" for p in self._optional()]
        class_name, found = self._class("Filter"), list[str]()
        if self._choices():
            found.append(f"filter: {class_name} = {class_name}()")
        if isinstance(self.made, Listing):
            text, number = self.names.use("builtins", "str"), self.names.use("builtins", "int")
            alias = self.names.literal(self._class("Sort"), self.made.sorts)
            found += [
                f"sort: {alias} = {string(self.made.default.name)}",
                f"cursor: {text} | None = None",
                f"limit: {number} = 50",
            ]
        return found

    def _or_unset(self, parameter: Parameter) -> str:
        unset, value = self.names.use(TYPES, "Unset"), self.names.use(TYPES, "UNSET")
        return f"{self._type(parameter)} | {unset} = {value}"

    def _choices(self) -> tuple[Choice, ...]:
        return self.made.choices if self.made else ()

    def _class(self, what: str) -> str:
        return pascal(self.description.query.name) + what

    def _statement(self) -> str:
        return "statement"

    def _given(self) -> list[str]:
        """Return the expressions of what a call chose, in the order of the choices."""
        if isinstance(self.made, Patched):
            return [_name(p) for p in self._optional()]
        return [f"filter.{python_name(choice.name)}" for choice in self._choices()]

    def _choice(self) -> str:
        """Return the line that finds the statement of a call; a page's asks for more than that."""
        if isinstance(self.made, Listing):
            return ""
        head = f"statement, given = {constant_name(self.description.query.name)}.choose("
        given = wrapped("(", self._given(), ")", indent=8, one=",", inner=True)
        return _fitting(head, given) + "\n"

    def _more(self) -> str:
        if isinstance(self.made, Listing):
            return _RAISES
        return super()._more()

    def _many(self) -> tuple[str, str]:
        if not isinstance(self.made, Listing):
            return super()._many()
        row = self._shared_row()
        page = self.names.use(TYPES, "Page")
        items = ["cursors", self._tuple("(", self._arguments)]
        if self._choices():
            items.append(self._tuple("given=(", self._given()))
        items += ["sort=sort", "cursor=cursor", "limit=limit"]
        constant = constant_name(self.description.query.name)
        body = wrapped(f"asked = {constant}.ask(", items, ")", indent=4) + "\n"
        body += "    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)\n"
        body += "    rows = asked.cut(found)\n"
        made = all_made_of(row, "rows", self.names)
        body += wrapped(f"return {page}(", [made, "*asked.cursors"], ")", indent=4) + "\n"
        return f"{page}[{row.class_name}]", body

    def _tuple(self, head: str, items: Sequence[str]) -> str:
        """Return an argument of a call that has one on each line."""
        return wrapped(head, items, ")", indent=8, one=",", inner=True).lstrip()

    def filter_class(self) -> str:
        """Return the class of a query's filters; none where it has none."""
        choices = self._choices()
        if isinstance(self.made, Patched) or not choices:
            return ""
        struct = f"{self.names.use_module('msgspec')}.Struct"
        optional = {p.name: p for p in self._optional()}
        text = f"class {self._class('Filter')}({struct}, frozen=True, kw_only=True):\n"
        name = self.description.query.name
        text += docstring(f"What `{name}` may be narrowed to: whatever is given, together.", 4)
        text += "\n"
        for choice in choices:
            field = python_name(choice.name)
            found = optional.get(choice.name)
            boolean = self.names.use("builtins", "bool")
            kind = f"{boolean} = False" if found is None else self._or_unset(found)
            text += f"    {field}: {kind}\n"
        return text + "\n\n"

    def constant(self) -> str:
        """Return the constant that holds the parts of a query's text."""
        made, names, query = self.made, self.names, self.description.query
        lines = [f"name={string(query.full_name)}"]
        fixed = self.description.parameters
        if isinstance(made, Patched):
            class_name = names.use(VARIANTS, "Patched")
            fixed = self._fixed()
            lines += _texts(made, "head", "tail", "nothing")
            if made.always:
                lines.append(_listed("always=(", [_text(text) for text in made.always]))
        elif isinstance(made, Listing):
            class_name = names.use(LISTING, "Listing")
            lines += [*_texts(made, "head", "joint", "middle", "order", "tail"), self._sorts(made)]
        else:
            class_name = names.use(VARIANTS, "Filtered")
            lines += _texts(made, "head", "joint", "tail")
        if made is not None and made.choices:
            optional = {p.name: p for p in self._optional()}
            lines.append(_listed("choices=(", [self._chosen(c, optional) for c in made.choices]))
        text = "".join(f"    {line},\n" for line in lines)
        text += "".join(f"{line}\n" for line in facts(self.description, fixed, names))
        return f"{constant_name(query.name)} = {class_name}(\n{text})\n"

    def _chosen(self, choice: Choice, optional: dict[str, Parameter]) -> str:
        texts = [_text(text) for text in choice.text]
        one = "," if len(texts) == 1 else ""
        items = [string(choice.name), f"({', '.join(texts)}{one})"]
        if choice.name in optional:
            items.append(parameter(optional[choice.name], self.names))
        head = f"{self.names.use(VARIANTS, 'Choice')}("
        return wrapped(head, items, ")", indent=8, inner=True).lstrip()

    def _sorts(self, made: Listing) -> str:
        keys = self.varied.of_keys() if self.varied else ()
        written = []
        for sort, of_sort in zip(made.sorts.values(), keys, strict=True):
            one = "," if len(of_sort) == 1 else ""
            named = [parameter(key, self.names, "cursor") for key in of_sort]
            items = [
                string(sort.name),
                f"({', '.join(_text(column) for column in sort.columns)}{one})",
                f"({', '.join(map(str, sort.places))}{one})",
                wrapped("(", named, ")", indent=12, one=",", inner=True).lstrip(),
            ]
            if sort.descending:
                items.append("descending=True")
            head = f"{self.names.use(LISTING, 'Sort')}("
            written.append(wrapped(head, items, ")", indent=8, inner=True).lstrip())
        return _listed("sorts=(", written)


def _name(parameter: Parameter) -> str:
    name = parameter_name(parameter.name)
    return f"{name}_" if name in _OWN else name


def _texts(made: object, *names: str) -> list[str]:
    return [f"{name}={_text(getattr(made, name))}" for name in names]


def _text(text: str) -> str:
    """Return a literal: of several lines where that reads like the text, else of one."""
    return block(text) if "\n" in text.strip("\n") else string(text)


def _listed(head: str, items: Sequence[str]) -> str:
    return wrapped(head, items, ")", indent=4, one=",", inner=True).lstrip()


def _fitting(head: str, argument: str) -> str:
    """Return a call with one argument, a tuple that is already written as a line of its own."""
    line = f"    {head}{argument.lstrip()})"
    if "\n" not in line and len(line) <= WIDTH:
        return line
    if "\n" not in argument:
        return f"    {head}\n{argument}\n    )"
    items = argument.strip().removeprefix("(").removesuffix(")").strip()
    return f"    {head}\n        (\n            {items}\n        )\n    )"
