"""Makes the row classes of a generated module: shared ones, nested ones, and what builds them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slimy_dal.compiler.codegen_format import docstring, string, wrapped
from slimy_dal.compiler.codegen_names import Names, pascal, python_name, singular, snake
from slimy_dal.compiler.description import Column, Description, Origin, Parameter, PgType
from slimy_dal.compiler.pytypes import bare_name, plain, python_type


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that holds a column."""

    name: str
    key: str
    type: str
    index: int


@dataclass(frozen=True, slots=True)
class Group:
    """A row class, or a field that holds a nested one.

    `missing_at` is the column by which a nested row that an outer join left empty is told, None
    where the nested row is always there.
    """

    name: str
    key: str
    class_name: str
    members: tuple["Leaf | Group", ...]
    missing_at: int | None = None

    @property
    def flat(self) -> bool:
        """Whether the columns are the fields, in order."""
        return all(isinstance(member, Leaf) for member in self.members)

    @property
    def annotation(self) -> str:
        """The type of a field that holds it."""
        return self.class_name if self.missing_at is None else f"{self.class_name} | None"

    @property
    def builder(self) -> str:
        """The name of the function that makes it of a row."""
        return f"_{snake(self.class_name)}"

    def fields(self, prefix: str = "") -> Iterator[tuple[str, str]]:
        """Yield every field with its type, nested ones by path: what makes two classes the same."""
        for member in self.members:
            if isinstance(member, Leaf):
                yield prefix + member.key, member.type
            else:
                yield prefix + member.key, "a row" if member.missing_at is None else "a row or None"
                yield from member.fields(f"{prefix}{member.key}.")


class RowProblem(Exception):
    """Why the columns of a query cannot become a row class."""


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
    return (*description.columns, *description.parameters)


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


def value_type(
    column: Column, names: Names, aliases: Aliases, *, nullable: bool | None = None
) -> str:
    """Return the annotation of a column's value."""
    if column.identifier and plain(column.type).name == "bigint":
        written = names.use("slimy_dal.engine.types", "Snowflake")
    else:
        written = python_type(column.type, names, alias=aliases.alias(column))
    may_be_none = column.nullable if nullable is None else nullable
    return f"{written} | None" if may_be_none and written != "None" else written


@dataclass(frozen=True, slots=True)
class _Part:
    """A column on its way into a row class: the rest of its dotted path, and its place."""

    path: tuple[str, ...]
    index: int
    column: Column


class RowBuilder:
    """Makes the tree of a query's row."""

    def __init__(self, names: Names, aliases: Aliases) -> None:
        self.names = names
        self.aliases = aliases

    def row(self, description: Description, class_name: str) -> Group:
        """Return the row class of a query. Raises RowProblem naming the column that stands against it."""
        parts = []
        for index, column in enumerate(description.columns):
            path = tuple(column.name.split("."))
            if column.name == "?column?":
                raise RowProblem(f"column {index + 1} has no name: give it one with AS")
            if not all(python_name(part).isidentifier() for part in path):
                raise RowProblem(
                    f"column `{column.name}` cannot be a field: give it another name with AS"
                )
            parts.append(_Part(path, index, column))
        if not parts:
            raise RowProblem("it returns no columns: its shape is :exec or :execrows")
        return self._group("", class_name, parts, frozenset(), optional=False)

    def _group(
        self,
        key: str,
        class_name: str,
        parts: list[_Part],
        nulled: frozenset[int],
        *,
        optional: bool,
    ) -> Group:
        """Make a class of columns; `nulled` are the outer joins known not to have left it empty."""
        missing_at = None
        if optional and (discriminator := _discriminator(parts, nulled)) is not None:
            missing_at = discriminator.index
            nulled |= discriminator.column.nulled_by
        members: list[Leaf | Group] = []
        for name, inside in _by_first(parts).items():
            leaves = [part for part in inside if len(part.path) == 1]
            if len(leaves) > 1 or (leaves and len(inside) > 1):
                raise RowProblem(f"two columns are named `{name}`: give one another name with AS")
            if leaves:
                members.append(self._leaf(name, leaves[0], nulled))
            else:
                deeper = [_Part(part.path[1:], part.index, part.column) for part in inside]
                nested = class_name + pascal(name)
                members.append(self._group(name, nested, deeper, nulled, optional=True))
        return Group(python_name(key), key, class_name, tuple(members), missing_at)

    def _leaf(self, name: str, part: _Part, nulled: frozenset[int]) -> Leaf:
        column = part.column
        nullable = column.nullable and not (column.solid and column.nulled_by <= nulled)
        written = value_type(column, self.names, self.aliases, nullable=nullable)
        return Leaf(python_name(name), name, written, part.index)


def _by_first(parts: list[_Part]) -> dict[str, list[_Part]]:
    found: dict[str, list[_Part]] = {}
    for part in parts:
        found.setdefault(part.path[0], []).append(part)
    return found


def _discriminator(parts: list[_Part], nulled: frozenset[int]) -> _Part | None:
    """Return the column that is null exactly when an outer join left all of them empty.

    It is null for no other reason (`solid`), and every join that may null it nulls the others too.
    """
    for part in parts:
        own = part.column.nulled_by - nulled
        if (
            len(part.path) == 1
            and part.column.nullable
            and part.column.solid
            and own
            and all(_goes_along(other.column, own) for other in parts)
        ):
            return part
    return None


def _goes_along(column: Column, joins: frozenset[int]) -> bool:
    """Whether a column is null wherever one of the joins left its table empty.

    An expression that is no plain copy and not solid may be more than its table: `coalesce(g.a, m.b)`.
    """
    return joins <= column.nulled_by and (column.solid or column.origin is not None)


def row_class(group: Group, made_by: Sequence[str], names: Names) -> str:
    """Return the text of a row class, its nested classes first."""
    nested = [m for m in group.members if isinstance(m, Group)]
    text = "".join(row_class(member, made_by, names) + "\n\n" for member in nested)
    struct = f"{names.use_module('msgspec')}.Struct"
    text += f'class {group.class_name}({struct}, frozen=True, gc=False, rename="camel"):\n'
    what = "A part of a row" if group.key else "A row"
    of = f"`{made_by[0]}`" if len(made_by) == 1 else f"{len(made_by)} queries"
    text += docstring(f"{what} of {of}.", 4) + "\n"
    for member in group.members:
        annotation = member.type if isinstance(member, Leaf) else member.annotation
        # The key in JSON is the column's name in camel case, also where Python owns the word.
        alias = f" = msgspec.field(name={string(member.key)})" if member.name != member.key else ""
        text += f"    {member.name}: {annotation}{alias}\n"
    return text


def row_functions(group: Group, names: Names) -> str:
    """Return the functions that make a row with nested rows; none where `Row(*row)` does it."""
    if group.flat:
        return ""
    text = ""
    for nested in _optional_inside(group):
        text += _row_function(nested, names) + "\n\n"
    return text + _row_function(group, names)


def _optional_inside(group: Group) -> Iterator[Group]:
    for member in group.members:
        if isinstance(member, Group):
            yield from _optional_inside(member)
            if member.missing_at is not None:
                yield member


def _row_function(group: Group, names: Names) -> str:
    row = names.use("slimy_dal.engine.statement", "Row")
    call = _call(group, 4, "return ")
    return f"def {group.builder}(row: {row}, /) -> {group.class_name}:\n{call}\n"


def _call(group: Group, indent: int, before: str = "") -> str:
    items = []
    for member in group.members:
        if isinstance(member, Leaf):
            items.append(f"row[{member.index}]")
        elif member.missing_at is not None:
            items.append(f"None if row[{member.missing_at}] is None else {member.builder}(row)")
        else:
            items.append(_call(member, indent + 4).lstrip())
    head = f"{before}{group.class_name}("
    return wrapped(head, items, ")", indent=indent, inner=not before)


def made_of(group: Group, row: str) -> str:
    """Return the expression that makes a row class of a row."""
    return f"{group.class_name}(*{row})" if group.flat else f"{group.builder}({row})"
