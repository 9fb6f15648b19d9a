"""Reads from the code of handlers which calls of the domain they make, and which named queries those may run."""

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from inspect import getsource, unwrap
from types import FunctionType, ModuleType
from typing import Any, Final

from service.auth import Granted, InGuild, Policy, authorise
from slimy_dal.domain import database

DOMAIN: Final = "slimy_dal.domain."
QUERIES: Final = "slimy_dal.queries."
DOORS: Final = frozenset({"db", "_db", "nouns", "unbound"})
"""What code calls the database, whose attributes are the nouns."""

NOUNS: Final[dict[str, type]] = {
    kind.__module__.removeprefix(DOMAIN): kind
    for kind in vars(database).values()
    if isinstance(kind, type)
    and kind.__module__.startswith(DOMAIN)
    and kind.__module__ != database.__name__
}

Names = tuple[str, ...]
"""A dotted name in its parts."""


@dataclass(frozen=True, slots=True)
class DomainCall:
    """A method of the domain."""

    noun: str
    method: str

    def __str__(self) -> str:
        return f"{self.noun}.{self.method}"

    @property
    def queries(self) -> tuple[str, ...]:
        """The named queries it may run, in the order in which its code names them."""
        return _queries_of(self)


@cache
def calls_of(function: Callable[..., Any]) -> tuple[DomainCall, ...]:
    """Return the calls that a function of the service may make, by itself and through others of the service.

    Raises TypeError for code that takes a noun without saying which call of it is made.
    """
    return tuple(dict.fromkeys(_calls(_function(function), set())))


def asked(policy: Policy) -> tuple[DomainCall, ...]:
    """Return the calls that find out whether a session may."""
    found = [*calls_of(authorise)] if any(isinstance(r, InGuild) for r in policy.session) else []
    for rule in policy.session:
        if isinstance(rule, Granted):
            for question in filter(None, (rule.sees, rule.changes, rule.guild_of)):
                found += calls_of(question)
    return tuple(dict.fromkeys(found))


def queries_of(made: Iterable[DomainCall]) -> tuple[str, ...]:
    """Return the named queries that some calls may run, each once."""
    return tuple(dict.fromkeys(name for one in made for name in one.queries))


def queries_in(module: ModuleType) -> tuple[str, ...]:
    """Return the named queries that the functions of a module name themselves."""
    own = [
        one for one in vars(module).values() if getattr(one, "__module__", "") == module.__name__
    ]
    found = [
        name for one in own for function in _functions(one) for name in _queries(function, None)
    ]
    return tuple(dict.fromkeys(found))


def every() -> Iterator[DomainCall]:
    """Yield every call there is to make of the domain."""
    for noun, kind in NOUNS.items():
        for method, value in vars(kind).items():
            if not method.startswith("_") and isinstance(value, FunctionType):
                yield DomainCall(noun, method)


def _calls(function: FunctionType, seen: set[FunctionType]) -> Iterator[DomainCall]:
    seen.add(function)
    for names in _mentioned(function):
        if (call := _call(function, names)) is not None:
            yield call
            continue
        for reached in _functions(_meant(function, names)):
            if reached not in seen and _package(reached) in {"service", _package(function)}:
                yield from _calls(reached, seen)


def _package(function: FunctionType) -> str:
    return function.__module__.partition(".")[0]


def _call(function: FunctionType, names: Names) -> DomainCall | None:
    for door, noun, *rest in (names[place:] for place in range(len(names) - 1)):
        if door in DOORS and noun in NOUNS:
            if not rest or not hasattr(NOUNS[noun], rest[0]):
                where = f"{function.__module__}.{function.__qualname__}"
                raise TypeError(f"{where}: name the call of {noun} where you name the noun")
            return DomainCall(noun, rest[0])
    return None


@cache
def _queries_of(call: DomainCall) -> tuple[str, ...]:
    kind = NOUNS[call.noun]
    return tuple(dict.fromkeys(_queries(_function(getattr(kind, call.method)), kind)))


def _queries(
    function: FunctionType, kind: type | None, seen: set[FunctionType] | None = None
) -> Iterator[str]:
    seen = set() if seen is None else seen
    seen.add(function)
    for names in _mentioned(function):
        first, *rest = names
        is_own = first == "self" and rest
        meant = getattr(kind, rest[0], None) if is_own else _meant(function, names)
        for reached in _functions(meant):
            if reached.__module__.startswith(QUERIES):
                yield f"{reached.__module__.removeprefix(QUERIES)}.{reached.__name__}"
            elif reached not in seen and reached.__module__.startswith(DOMAIN):
                yield from _queries(reached, kind, seen)


def _meant(function: FunctionType, names: Names) -> Any:
    """Return what a dotted name stands for outside of a function; None for what is the function's own."""
    first, *rest = names
    code = function.__code__
    if first in code.co_freevars:
        found = (function.__closure__ or ())[code.co_freevars.index(first)].cell_contents
    else:
        found = None if first in code.co_varnames else function.__globals__.get(first)
    for name in rest:
        found = getattr(found, name, None) if isinstance(found, ModuleType) else None
    return found


def _functions(meant: Any) -> Iterator[FunctionType]:
    """Yield what may be called where a name is used: a function, or any of a tuple or a table of them."""
    if isinstance(meant, FunctionType):
        yield _function(meant)
    elif isinstance(meant, dict):
        yield from _functions(tuple(meant.values()))
    elif isinstance(meant, tuple):
        for one in meant:
            yield from _functions(one)


def _function(wrapped: Callable[..., Any]) -> FunctionType:
    """Return the function that was written, from under what decorators made of it."""
    function = unwrap(wrapped)
    if not isinstance(function, FunctionType):
        raise TypeError(f"{function} is no function whose code could be read")
    return function


@cache
def _mentioned(function: FunctionType) -> tuple[Names, ...]:
    """Return the dotted names in a function's code, those of functions inside of it among them."""
    definitions = _definitions(sys.modules[function.__module__])
    names = _Names()
    for statement in definitions[function.__code__.co_firstlineno].body:
        names.visit(statement)
    return tuple(dict.fromkeys(names.found))


@cache
def _definitions(module: ModuleType) -> dict[int, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions of a module by their first lines, as their code objects know them."""
    return {
        min(node.lineno, *(one.lineno for one in node.decorator_list), node.lineno): node
        for node in ast.walk(ast.parse(getsource(module)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


class _Names(ast.NodeVisitor):
    """Gathers the dotted names of some code, each in its whole length."""

    def __init__(self) -> None:
        self.found: list[Names] = []

    def visit_Name(self, node: ast.Name) -> None:
        self.found.append((node.id,))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        names, inner = [node.attr], node.value
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            self.found.append((inner.id, *reversed(names)))
        else:
            self.visit(inner)
