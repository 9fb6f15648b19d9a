"""Writes the end of a generated module as data: what its queries read, write and call."""

from collections.abc import Callable, Sequence
from operator import attrgetter

from slimy_dal.compiler.codegen.format import filled, string
from slimy_dal.compiler.codegen.names import WIDTH
from slimy_dal.compiler.description import Description, Touched, Use

__all__ = ["uses"]

NAMES = "tuple[str, ...]"
USES_TYPE = f"tuple[tuple[str, str, str, str, bool, {NAMES}, {NAMES}], ...]"
TOUCHES_TYPE = f"tuple[tuple[str, str, str, {NAMES}, {NAMES}, {NAMES}], ...]"

Part = Use | Touched
Parts = Callable[[Description], Sequence[Part]]


def uses(descriptions: Sequence[Description]) -> str:
    """Return USES, the columns that the module's queries rely on, and TOUCHES, what they name."""
    return (
        "\n# schema, table, column, type, not null, the queries that read it, those that write it\n"
        f"# fmt: off\nUSES: {USES_TYPE} = (\n"
        + _lines(
            descriptions,
            attrgetter("uses"),
            ("schema", "table", "column", "type", "notnull"),
            ("read", "written"),
        )
        + ")\n# schema, name, kind, the queries that read or call it, that write it, that delete rows\n"
        f"TOUCHES: {TOUCHES_TYPE} = (\n"
        + _lines(
            descriptions,
            attrgetter("touches"),
            ("schema", "name", "kind"),
            ("read", "written", "deleted"),
        )
        + ")\n# fmt: on\n"
    )


def _lines(
    descriptions: Sequence[Description], parts: Parts, fields: Sequence[str], ways: Sequence[str]
) -> str:
    users: dict[tuple[str | bool, ...], list[set[str]]] = {}
    for description in descriptions:
        for part in parts(description):
            place = tuple(getattr(part, field) for field in fields)
            listed = users.setdefault(place, [set() for _ in ways])
            for way, names in zip(ways, listed, strict=True):
                if getattr(part, way):
                    names.add(description.query.name)
    text = ""
    for place in sorted(users):
        head = ", ".join(string(item) if isinstance(item, str) else str(item) for item in place)
        text += f"    ({head},\n     {_side_by_side([_names(names) for names in users[place]])}),\n"
    return text


def _side_by_side(tuples: Sequence[str]) -> str:
    line = ", ".join(tuples)
    return line if len(line) <= WIDTH - 8 and "\n" not in line else ",\n     ".join(tuples)


def _names(names: set[str]) -> str:
    comma = "," if len(names) == 1 else ""
    return f"({filled(sorted(string(name) for name in names), 6)}{comma})"
