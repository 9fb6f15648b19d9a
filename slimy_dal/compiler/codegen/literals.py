"""Says what a value is in a generated module, and names the Literals of enum-like columns."""

from collections import defaultdict
from collections.abc import Sequence

from slimy_dal.compiler.codegen.names import Names, pascal, singular
from slimy_dal.compiler.description import Column, Description, Origin, Parameter, PgType
from slimy_dal.compiler.pytypes import bare_name, plain, python_type
from slimy_dal.compiler.variants.describe import Varied

Typed = Column | Parameter


class Aliases:
    """Names the Literals of a module: after the column, with its table where two would clash."""

    def __init__(self, descriptions: Sequence[Description], names: Names) -> None:
        self._names = names
        wanted: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for description in descriptions:
            for typed in _typed(description):
                if (found := _literal(typed)) is not None:
                    wanted[found[0]].add(found[1])
        self._ambiguous = {alias for alias, values in wanted.items() if len(values) > 1}

    def alias(self, typed: Typed) -> str | None:
        """Return the Literal's name for a column or parameter that is enum-like, else None."""
        found = _literal(typed)
        if found is None:
            return None
        alias, values = found
        origin = _origin(typed)
        if alias in self._ambiguous and origin is not None:
            alias = pascal(singular(origin.table)) + alias
        return self._names.literal(alias, values)


def _typed(description: Description) -> tuple[Typed, ...]:
    optional = description.of_filters() if isinstance(description, Varied) else ()
    return (*description.columns, *description.parameters, *optional)


def _origin(typed: Typed) -> Origin | None:
    return typed.origin if isinstance(typed, Column) else typed.target


def _literal(typed: Typed) -> tuple[str, tuple[str, ...]] | None:
    element: PgType = plain(typed.type)
    is_array = element.kind == "array" and element.element is not None
    while element.kind == "array" and element.element is not None:
        element = plain(element.element)
    if element.kind == "enum":
        return pascal(bare_name(element)), element.labels
    if not typed.choices:
        return None
    origin = _origin(typed)
    column = origin.column if origin is not None else typed.name.rpartition(".")[2]
    return pascal(singular(column) if is_array else column), typed.choices


def value_type(column: Column, names: Names, aliases: Aliases) -> str:
    """Return the annotation of a column's value where it is not null."""
    if column.identifier and plain(column.type).name in {"bigint", "bigint[]"}:
        alias = names.use("slimy_dal.engine.types", "Snowflake")
        return python_type(column.type, names, alias=alias)
    return python_type(column.type, names, alias=aliases.alias(column))


def optional(written: str, *, nullable: bool) -> str:
    """Return an annotation that allows None where a value may be null."""
    return f"{written} | None" if nullable and written != "None" else written
