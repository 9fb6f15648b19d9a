"""Makes the row classes of a generated module: shared ones, nested ones, and what builds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from slimy_dal.compiler.codegen.format import docstring, string, wrapped
from slimy_dal.compiler.codegen.literals import Aliases, optional, value_type
from slimy_dal.compiler.codegen.names import Names, pascal, python_name, snake
from slimy_dal.compiler.description import Column, Description, Origin

STATEMENT = "slimy_dal.engine.statement"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that holds a column.

    `stored` is the table column that the value comes from where no outer join stands between them.
    """

    name: str
    key: str
    type: str
    nullable: bool
    index: int
    stored: Origin | None = None

    @property
    def annotation(self) -> str:
        """The type of the field."""
        return optional(self.type, nullable=self.nullable)


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

    def fields(self, prefix: str = "") -> Iterator[tuple[str, "Leaf | Group"]]:
        """Yield every field, nested ones by path."""
        for member in self.members:
            yield prefix + member.key, member
            if isinstance(member, Group):
                yield from member.fields(f"{prefix}{member.key}.")


class RowProblem(Exception):
    """Why the columns of a query cannot become a row class."""


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
                nested = class_name + pascal(name)
                members.append(self._group(name, nested, _deeper(inside), nulled, optional=True))
        return Group(python_name(key), key, class_name, tuple(members), missing_at)

    def _leaf(self, name: str, part: _Part, nulled: frozenset[int]) -> Leaf:
        column = part.column
        nullable = column.nullable and not (column.solid and column.nulled_by <= nulled)
        written = value_type(column, self.names, self.aliases)
        stored = None if column.nulled_by else column.origin
        return Leaf(python_name(name), name, written, nullable, part.index, stored)


def _deeper(parts: list[_Part]) -> list[_Part]:
    return [_Part(part.path[1:], part.index, part.column) for part in parts]


def _by_first(parts: list[_Part]) -> dict[str, list[_Part]]:
    found: dict[str, list[_Part]] = {}
    for part in parts:
        found.setdefault(part.path[0], []).append(part)
    return found


def _discriminator(parts: list[_Part], nulled: frozenset[int]) -> _Part | None:
    """Return the column that is null exactly when an outer join left the nested row empty.

    It is null for no other reason (`solid`), and every join that may null it nulls the others too.
    A row nested deeper that can be missing by itself is missing with the one around it.
    """
    for part in parts:
        own = part.column.nulled_by - nulled
        if not (len(part.path) == 1 and part.column.nullable and part.column.solid and own):
            continue
        rest = [other for other in parts if not _goes_along(other.column, own)]
        deeper = _by_first([other for other in rest if len(other.path) > 1]).values()
        if all(len(other.path) > 1 for other in rest) and all(
            _discriminator(_deeper(inside), nulled | own) is not None for inside in deeper
        ):
            return part
    return None


def _goes_along(column: Column, joins: frozenset[int]) -> bool:
    """Whether a column is null wherever one of the joins left its table empty.

    An expression that is no plain copy and not solid may be more than its table: `coalesce(g.a, m.b)`.
    """
    return joins <= column.nulled_by and (column.solid or column.origin is not None)


def shared(mine: Group, theirs: Group, query: str, other: str, where: str) -> Group:
    """Return the row class that two queries share.

    Their fields must be equal, but for one thing: where a WHERE proves a nullable column of a table
    to be there, the class says what the table says. Raises RowProblem naming the field that differs.
    """
    name, first, second = mine.class_name, list(mine.fields()), list(theirs.fields())
    for number, ((here, a), (there, b)) in enumerate(zip(first, second, strict=False), start=1):
        if here != there:
            raise RowProblem(
                f"its field {number} of `{name}` is `{here}`, but `{there}` in `{other}` ({where})"
            )
        if not _alike(a, b):
            raise RowProblem(
                f"`{here}` of `{name}` is {_said(a)}, but {_said(b)} in `{other}` ({where})"
            )
    if len(first) != len(second):
        extra, only = (
            (second[len(first)], other) if len(first) < len(second) else (first[len(second)], query)
        )
        raise RowProblem(f"`{extra[0]}` of `{name}` is only in `{only}`, not in both ({where})")
    return _widest(mine, theirs)


def _said(member: Leaf | Group) -> str:
    if isinstance(member, Leaf):
        return member.annotation
    return "a row" if member.missing_at is None else "a row or None"


def _alike(a: Leaf | Group, b: Leaf | Group) -> bool:
    if not isinstance(a, Leaf) or not isinstance(b, Leaf):
        return _said(a) == _said(b)
    narrowed = a.stored is not None and a.stored == b.stored
    return a.type == b.type and (a.nullable is b.nullable or narrowed)


def _widest(a: Group, b: Group) -> Group:
    members: list[Leaf | Group] = []
    for one, other in zip(a.members, b.members, strict=True):
        if isinstance(one, Leaf) and isinstance(other, Leaf):
            members.append(replace(one, nullable=one.nullable or other.nullable))
        elif isinstance(one, Group) and isinstance(other, Group):
            members.append(_widest(one, other))
    return replace(a, members=tuple(members))


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
        # The key in JSON is the column's name in camel case, also where Python owns the word.
        alias = f" = msgspec.field(name={string(member.key)})" if member.name != member.key else ""
        text += f"    {member.name}: {member.annotation}{alias}\n"
    return text


def row_functions(group: Group, names: Names) -> str:
    """Return the functions that make a row with nested rows; none where its class alone does it."""
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
    row = names.use(STATEMENT, "Row")
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


def made_of(group: Group, row: str, names: Names) -> str:
    """Return the expression that makes a row class of a row."""
    if not group.flat:
        return f"{group.builder}({row})"
    return f"{group.class_name}(*{names.use(STATEMENT, 'values')}({row}))"


def all_made_of(group: Group, rows: str, names: Names) -> str:
    """Return the expression that makes row classes of rows, in the driver's and the interpreter's own loops."""
    if not group.flat:
        return f"[{group.builder}(row) for row in {rows}]"
    starmap, values = names.use("itertools", "starmap"), names.use(STATEMENT, "values")
    many, each = names.use("builtins", "list"), names.use("builtins", "map")
    return f"{many}({starmap}({group.class_name}, {each}({values}, {rows})))"
