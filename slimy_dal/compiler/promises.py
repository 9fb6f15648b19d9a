"""Reads what a generated module promises its callers, without running it, and compares two of them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Promises", "broken", "promises"]

NONE = "None"
WORD = re.compile(r"\w+")

Parameters = tuple[tuple[str, str, bool], ...]


@dataclass(slots=True)
class Promises:
    """Of one module: row classes with their fields, and each query's parameters and result.

    A parameter is its name, its PostgreSQL type and whether it may be NULL; a result is a function's
    annotation, a field's type its own.
    """

    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    parameters: dict[str, Parameters] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)


def promises(text: str) -> Promises:
    """Return the promises of a generated module. Raises SyntaxError where the text is no Python."""
    found = Promises()
    names: dict[str, str] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            found.rows[node.name] = {
                one.target.id: ast.unparse(one.annotation)
                for one in node.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            }
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            _statement(node, found, names)
        elif isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.returns is not None:
            used = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
            for constant in used & names.keys():
                found.results[names[constant]] = ast.unparse(node.returns)
    return found


def _statement(node: ast.Assign, found: Promises, names: dict[str, str]) -> None:
    """Take in a constant that stands for a query: a call with its name and its parameters."""
    call, target = node.value, node.targets[0]
    assert isinstance(call, ast.Call)  # noqa: S101 -- the caller has looked
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    name = given.get("name")
    if not isinstance(name, ast.Constant) or not isinstance(target, ast.Name):
        return
    names[target.id] = str(name.value)
    listed = given.get("parameters")
    found.parameters[str(name.value)] = tuple(
        _parameter(item)
        for item in (listed.elts if isinstance(listed, ast.Tuple) else ())
        if isinstance(item, ast.Call)
    )


def _parameter(call: ast.Call) -> tuple[str, str, bool]:
    name, kind = (str(arg.value) for arg in call.args[:2] if isinstance(arg, ast.Constant))
    nullable = any(
        keyword.arg == "nullable"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value
        for keyword in call.keywords
    )
    return name, kind, bool(nullable)


def broken(query: str, old: Promises, now: Promises) -> Iterator[str]:
    """Yield what an old module promises of a query, by its full name, and no longer holds."""
    yield from _parameters(old.parameters.get(query, ()), now.parameters.get(query, ()))
    was, is_now = old.results.get(query), now.results.get(query)
    if was is None or is_now is None:
        yield "the release's generated module does not have it" if was is None else "it is gone"
        return
    if not _holds(was, is_now):
        yield f"returns {is_now}, not {was}"
    classes = [name for name in WORD.findall(was) if name in old.rows]
    seen: set[str] = set()
    while classes:
        name = classes.pop()
        if name not in seen:
            seen.add(name)
            yield from _fields(name, old.rows[name], now.rows.get(name, {}))
            kinds = " ".join(old.rows[name].values())
            classes += [inner for inner in WORD.findall(kinds) if inner in old.rows]


def _parameters(old: Parameters, now: Parameters) -> Iterator[str]:
    there = {name: (kind, nullable) for name, kind, nullable in now}
    for name, kind, nullable in old:
        found, may_be_null = there.get(name, (kind, nullable))
        if found != kind:
            yield f"parameter {name} is {found}, not {kind}"
        if nullable and not may_be_null:
            yield f"parameter {name} may not be null any more"


def _fields(row: str, old: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    for name, kind in old.items():
        found = now.get(name)
        if found is None:
            yield f"{row}.{name} is not there any more"
        elif not _holds(kind, found):
            only_null = _kinds(found) - _kinds(kind) == {NONE}
            yield (
                f"{row}.{name} may be null now"
                if only_null
                else f"{row}.{name} is {found}, not {kind}"
            )


def _holds(old: str, now: str) -> bool:
    """Say whether a value of today's type is one of the old: what is never null now may have been."""
    return _kinds(now) <= _kinds(old) and (_kinds(old) - {NONE}) <= _kinds(now)


def _kinds(annotation: str) -> frozenset[str]:
    return frozenset(part.strip() for part in annotation.split("|"))
