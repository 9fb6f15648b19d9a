"""Turns the descriptions of one query file into the text of one typed Python module."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from slimy_dal.compiler.codegen.format import string, wrapped
from slimy_dal.compiler.codegen.literals import Aliases
from slimy_dal.compiler.codegen.names import (
    RESERVED_CLASSES,
    Names,
    import_from,
    pascal,
    python_name,
    snake,
)
from slimy_dal.compiler.codegen.rows import (
    Group,
    RowBuilder,
    RowProblem,
    row_class,
    row_functions,
    shared,
)
from slimy_dal.compiler.codegen.uses import uses
from slimy_dal.compiler.codegen.variants import class_names, field_names, query_text
from slimy_dal.compiler.description import Description
from slimy_dal.compiler.query import Location, Query, QueryFileError

_WITH_ROWS = frozenset({"one", "opt", "many"})


@dataclass(frozen=True, slots=True)
class Module:
    """A generated module: the name of its file, its text, and what stood against some queries."""

    file: str
    text: str
    errors: tuple[QueryFileError, ...]


def source_label(path: str) -> str:
    """Return a query file's path as headers show it: from `sql` on, the same on every machine."""
    parts = PurePath(path).parts
    start = max((i for i, part in enumerate(parts[:-1]) if part == "sql"), default=len(parts) - 1)
    return "/".join(parts[start:])


def module(descriptions: Sequence[Description]) -> Module:
    """Return the module of one query file's descriptions, in their order.

    A query that cannot be typed is left out and stands in `errors`.
    """
    return _Writer(descriptions).module()


class _Writer:
    def __init__(self, descriptions: Sequence[Description]) -> None:
        self.descriptions = descriptions
        self.errors: list[QueryFileError] = []
        taken = {python_name(snake(d.query.name)) for d in descriptions}
        for description in descriptions:
            taken.update(part for c in description.columns for part in c.name.split("."))
            taken |= field_names(description)
            # A parameter hides what its function calls, as `values` would.
            taken.update(p.name for p in description.parameters)
        self.names = Names(frozenset(python_name(name) for name in taken))
        self.aliases = Aliases(descriptions, self.names)
        self.rows: dict[str, tuple[Group, Query]] = {}
        self.made_by: dict[str, list[str]] = {}
        self.of_variants = {name for d in descriptions for name in class_names(d)}

    def module(self) -> Module:
        wanted = [(d, self._row(d)) for d in self.descriptions]
        functions: list[str] = []
        kept: list[Description] = []
        for description, row in wanted:
            if row is None and description.query.shape in _WITH_ROWS:
                continue
            text = self._function(description, row)
            if text is not None:
                functions.append(text)
                kept.append(description)
        classes = [
            part
            for name, (group, _) in sorted(self.rows.items())
            for part in (
                row_class(group, self.made_by[name], self.names),
                row_functions(group, self.names),
            )
            if part
        ]
        queries = [d.query for d in self.descriptions]
        return Module(
            f"{queries[0].noun}.py", self._text(kept, classes, functions), tuple(self.errors)
        )

    def _fail(self, query: Query, message: str, hint: str | None = None) -> None:
        place = Location(query.path, query.line, 1)
        self.errors.append(
            QueryFileError(place, f"query `{query.name}`: {message}", hint, query.name)
        )

    def _row(self, description: Description) -> Group | None:
        """Return the row class of a query, the one it shares where another has made it already."""
        query = description.query
        if query.shape not in _WITH_ROWS:
            return None
        directive = query.directive("returns")
        class_name = directive.value if directive else f"{pascal(query.name)}Row"
        before = len(self.names.problems)
        try:
            group = RowBuilder(self.names, self.aliases).row(description, class_name)
            self._check_class(group, query, named=directive is not None)
        except RowProblem as problem:
            self._fail(query, str(problem))
            return None
        self._report_types(query, before)
        self.rows.setdefault(class_name, (group, query))
        self.made_by.setdefault(class_name, []).append(query.name)
        return group

    def _report_types(self, query: Query, before: int) -> None:
        for problem in self.names.problems[before:]:
            self._fail(query, problem)
        del self.names.problems[before:]

    def _check_class(self, group: Group, query: Query, *, named: bool) -> None:
        name = group.class_name
        if name in RESERVED_CLASSES or name in self.of_variants:
            raise RowProblem(f"`{name}` is a name that generated modules use themselves")
        if name not in self.rows:
            return
        other, first = self.rows[name]
        where = f"{first.path}:{first.line}"
        if not named or first.directive("returns") is None:
            raise RowProblem(f"its row class `{name}` is also that of `{first.name}` in {where}")
        self.rows[name] = shared(group, other, query.name, first.name, where), first

    def _function(self, description: Description, row: Group | None) -> str | None:
        query = description.query
        before = len(self.names.problems)
        bad = next((p for p in description.parameters if not p.name.isidentifier()), None)
        if bad is not None:
            self._fail(query, f"parameter `{bad.name}` cannot be named so in Python")
            return None
        try:
            text = query_text(description, self.names, self.aliases, row)
        except RowProblem as problem:
            self._fail(query, str(problem))
            return None
        self._report_types(query, before)
        return text

    def _text(
        self, kept: Sequence[Description], classes: Sequence[str], functions: Sequence[str]
    ) -> str:
        label = source_label(self.descriptions[0].query.path)
        literals = self._literals()
        parts = [f'"""Generated from {label} by `slimy generate`; do not edit."""\n\n']
        imports = self.names.imports()
        if imports:
            parts.append("\n".join(imports) + "\n\n")
        if literals:
            parts.append("\n".join(literals) + "\n\n")
        parts += [f"\n{text}\n" for text in (*classes, *functions)]
        parts.append(uses(kept))
        return "".join(parts)

    def _literals(self) -> list[str]:
        if not self.names.literals:
            return []
        literal = self.names.use("typing", "Literal")
        alias_of = self.names.use("typing", "TypeAlias")
        return [
            wrapped(f"{alias}: {alias_of} = {literal}[", [string(v) for v in values], "]")
            for alias, values in sorted(self.names.literals.items())
        ]


def package(modules: Sequence[str], *, name: str = "slimy_dal.queries") -> str:
    """Return the text of the package that holds generated modules: what all of them rely on."""
    stems = sorted(modules)
    text = '"""Generated by `slimy generate`; do not edit: one module per query file."""\n\n'
    if stems:
        text += import_from(name, stems) + "\n\n"
    listed = wrapped("__all__ = [", [string(item) for item in ["USES", *stems]], "]")
    uses = wrapped("USES = {", [f"{string(stem)}: {stem}.USES" for stem in stems], "}")
    return f"{text}{listed}\n\n{uses}\n"
