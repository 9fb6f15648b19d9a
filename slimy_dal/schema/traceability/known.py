"""Gathers what a reference may name: the catalogue's objects, queries, methods, routes, commands and files."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.engine import driver

__all__ = ["Index", "Known", "know"]

SCHEMAS = ["slimy"]
DOOR = "domain/database.py"
"""The module whose classes hold the nouns: `self.users = Users(...)`."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index or unique key: its table, and its columns or expressions in order."""

    table: str
    name: str
    columns: tuple[str, ...]
    unique: bool


@dataclass(frozen=True, slots=True)
class Known:
    """Everything there is to refer to, by the words of the grammar."""

    names: Mapping[str, str]
    """Each good reference with its kind: `slimy.users.email` is a column."""
    indexes: Mapping[str, Index]
    foreign_keys: frozenset[str]
    by_time: frozenset[str]
    """Tables whose key `id` is made in order of time: an index on it is one on created_at."""
    tables: Mapping[str, tuple[str, ...]]
    """The columns of each table."""
    root: Path
    """Where paths of files begin."""


async def know(dsn: str, root: Path, queries: Iterable[str], commands: Iterable[str]) -> Known:
    """Return what a migrated database and a project hold. Raises SlimyError."""
    async with await driver.connect(dsn) as connection:
        rows = await connection.fetch(catalog_query("traced"), SCHEMAS)
    names = {word: kind for row in rows for word, kind in _words(row)}
    names |= dict.fromkeys(queries, "query") | dict.fromkeys(commands, "command")
    names |= dict.fromkeys(_methods(root / "slimy_dal"), "method")
    names |= dict.fromkeys(_routes(root / "service"), "route")
    tables: dict[str, list[str]] = {}
    for row in rows:
        if row["kind"] == "column":
            tables.setdefault(_table(row), []).append(row["name"])
    return Known(
        names=names,
        indexes={
            row["name"]: Index(
                _table(row), row["name"], tuple(row["columns"]), row["detail"] == "unique"
            )
            for row in rows
            if row["kind"] == "index"
        },
        foreign_keys=frozenset(
            row["name"] for row in rows if row["kind"] == "constraint" and row["detail"] == "f"
        ),
        by_time=frozenset(
            _table(row) for row in rows if row["kind"] == "column" and "uuid_v7" in row["detail"]
        ),
        tables={name: tuple(columns) for name, columns in tables.items()},
        root=root,
    )


def _table(row: Any) -> str:
    return f"{row['schema']}.{row['table_name']}"


def _words(row: Any) -> Iterator[tuple[str, str]]:
    match row["kind"]:
        case "table":
            yield _table(row), "table"
        case "column":
            yield f"{_table(row)}.{row['name']}", "column"
        case "function":
            yield f"{row['schema']}.{row['name']}()", "function"
        case "role":
            yield f"role {row['name']}", "role"
        case kind:
            yield row["name"], kind


def _methods(package: Path) -> Iterator[str]:
    """Yield `db.users.get` for every public method, from the source: it may be stale or broken just now."""
    tree = ast.parse((package / DOOR).read_text(encoding="utf-8"))
    modules = {
        alias.name: node.module.rpartition(".")[2]
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and ".domain." in node.module
        for alias in node.names
    }
    for door in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        yield from (f"db.{name}" for name in _public(door))
        for node in ast.walk(door):
            match node:
                case ast.Assign(
                    targets=[ast.Attribute(attr=noun)], value=ast.Call(func=ast.Name(id=made))
                ) if made in modules:
                    file = package / "domain" / f"{modules[made]}.py"
                    for name in _public_of(file, made):
                        yield f"db.{noun}.{name}"


def _public_of(file: Path, name: str) -> Iterator[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            yield from _public(node)


def _public(node: ast.ClassDef) -> Iterator[str]:
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith(
            "_"
        ):
            yield inner.name


def _routes(service: Path) -> Iterator[str]:
    """Yield `GET /v1/users` for every route, from its decorator."""
    for file in sorted(service.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="route"),
                    args=[ast.Constant(value=str(method)), ast.Constant(value=str(path)), *_],
                ):
                    yield f"{method} {path}"
