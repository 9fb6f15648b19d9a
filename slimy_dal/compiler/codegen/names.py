"""Gives everything in a generated module its name, and keeps names from standing in each other's way."""

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

WIDTH = 100

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W_A-Z]+|[A-Z]+")

# What the functions of a generated module use for themselves.
_RESERVED_PARAMETERS = frozenset({"db", "timeout", "row", "rows", "value", "items"})
RESERVED_CLASSES = frozenset(
    {"Any", "Decimal", "Executor", "Iterable", "Json", "Literal", "NamedTuple", "NotFound"}
    | {"Parameter", "Row", "Sequence", "Snowflake", "Statement", "TypeAlias", "UUID"}
    | {"Choice", "Cursors", "Filtered", "Listing", "Page", "Patched", "Sort", "UNSET", "Unset"}
)


def snake(name: str) -> str:
    """Return a name in the form of a function: `GetAuthor` becomes `get_author`."""
    if name == name.lower():
        return name
    return "_".join(part.lower() for part in _PARTS.findall(name))


def pascal(name: str) -> str:
    """Return a name in the form of a class: `get_by_id` becomes `GetById`."""
    return "".join(part[0].upper() + part[1:].lower() for part in _PARTS.findall(name))


def python_name(name: str) -> str:
    """Return a column's or query's name, with a trailing underscore where Python owns the word."""
    return f"{name}_" if keyword.iskeyword(name) else name


def parameter_name(name: str) -> str:
    """Return a parameter's name, moved aside where Python or the function's own words need it."""
    return f"{name}_" if keyword.iskeyword(name) or name in _RESERVED_PARAMETERS else name


def constant_name(query: str) -> str:
    """Return the name of a query's Statement."""
    name = snake(query).upper()
    return f"{name}_" if name in {"TOUCHES", "USES"} else name


def singular(name: str) -> str:
    """Return the name of one element of an array column: `roles` becomes `role`."""
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


@dataclass(slots=True)
class Names:
    """What a module imports and aliases, collected while its text is written.

    `taken` holds the names of fields and functions: a type of the same name is imported under
    another, because inside a class body a field hides it from the fields below.
    """

    taken: frozenset[str] = frozenset()
    literals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _imports: set[tuple[str, str]] = field(default_factory=set)

    def use(self, module: str, name: str) -> str:
        """Return how to write a name of a module, importing it."""
        if module == "builtins":
            if name not in self.taken:
                return name
            self._imports.add(("builtins", ""))
            return f"builtins.{name}"
        self._imports.add((module, name))
        return f"_{name}" if name in self.taken else name

    def use_module(self, module: str) -> str:
        """Return how to write a module, importing it."""
        self._imports.add((module, ""))
        return module

    def literal(self, alias: str, values: Iterable[str]) -> str:
        """Return the name of the alias of these strings."""
        self.literals[alias] = tuple(values)
        return alias

    def imports(self) -> list[str]:
        """Return the import statements: the standard library's, others', ours."""
        groups: list[list[str]] = [[], [], []]
        by_module: dict[str, list[str]] = {}
        for module, name in sorted(self._imports):
            by_module.setdefault(module, []).extend([name] if name else [])
        for plain in (True, False):
            for module, names in by_module.items():
                if plain is not (not names):
                    continue
                line = f"import {module}" if plain else self._from(module, names)
                groups[_group(module)].append(line)
        return "\n\n".join("\n".join(group) for group in groups if group).split("\n")

    def _from(self, module: str, names: list[str]) -> str:
        written = [f"{n} as _{n}" if n in self.taken else n for n in sorted(names, key=_isort_key)]
        return import_from(module, written)


def import_from(module: str, names: list[str]) -> str:
    """Return a from-import of names, on one line where it fits."""
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _group(module: str) -> int:
    top = module.partition(".")[0]
    return 2 if top == "slimy_dal" else 1 if top in {"msgspec", "typing_extensions"} else 0


def _isort_key(name: str) -> tuple[int, str]:
    """Sort constants first, then classes, then the rest, as import sorters do."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2, name)
