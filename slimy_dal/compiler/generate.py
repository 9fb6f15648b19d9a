"""Keeps the generated modules: makes them from a migrated database, writes and compares them."""

import difflib
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from slimy_dal.compiler.codegen import module as codegen
from slimy_dal.compiler.description import DescribeError, Description
from slimy_dal.compiler.query import Location, Query, QueryFileError
from slimy_dal.compiler.variants.describe import describe_variants
from slimy_dal.engine import driver

_MARKS = ('"""Generated ', "# Plans of ")


class GenerationFailed(Exception):
    """The queries that stand against generating, each with its place; nothing was written."""

    def __init__(self, errors: Sequence[DescribeError | QueryFileError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


async def modules(dsn: str, queries: Sequence[Query]) -> dict[str, str]:
    """Return the text of every generated module by the name of its file.

    `dsn` is a database with all migrations, of any version: the bytes are the same.
    Raises GenerationFailed with every query that cannot be typed.
    """
    connection = await driver.connect(dsn)
    try:
        described = await describe_variants(connection, queries)
    finally:
        await connection.close()
    return texts(described)


def texts(
    described: Sequence[Description | DescribeError], *, package: str = "slimy_dal.queries"
) -> dict[str, str]:
    """Return the text of every module that descriptions give. Raises GenerationFailed."""
    errors: list[DescribeError | QueryFileError] = []
    by_path: dict[str, list[Description]] = {}
    for one in described:
        if isinstance(one, DescribeError):
            errors.append(one)
        else:
            by_path.setdefault(one.query.path, []).append(one)
    found: dict[str, str] = {}
    for path, descriptions in sorted(by_path.items()):
        module = codegen.module(descriptions)
        errors += module.errors
        if module.file in found:
            message = f"another query file is named {descriptions[0].query.noun}.sql too"
            errors.append(QueryFileError(Location(path, 1, 1), message, "rename one"))
        found[module.file] = module.text
    if errors:
        raise GenerationFailed(errors)
    stems = [file.removesuffix(".py") for file in found]
    return {"__init__.py": codegen.package(stems, name=package), **found}


def write(
    folder: Path, modules: Mapping[str, str], *, suffixes: tuple[str, ...] = (".py",)
) -> list[str]:
    """Make the folder hold these files; return the names of those that changed.

    Modules whose query file is gone are removed; a file that was not generated stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in sorted(modules.items()):
        if _read(folder / name) != text:
            _replace(folder / name, text)
            changed.append(name)
    for path in _others(folder, modules, suffixes):
        if (_read(path) or "").startswith(_MARKS):
            path.unlink()
            changed.append(path.name)
    return changed


def check(
    folder: Path, modules: Mapping[str, str], *, suffixes: tuple[str, ...] = (".py",)
) -> list[str]:
    """Return a unified diff for each file that differs, is missing or should not be there."""
    expected: dict[Path, str] = {folder / name: text for name, text in sorted(modules.items())}
    expected |= dict.fromkeys(_others(folder, modules, suffixes), "")
    diffs = []
    for path, text in expected.items():
        there = _read(path)
        if there == text and path.name in modules:
            continue
        lines = difflib.unified_diff(
            (there or "").splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"{path.name} (there)" if there is not None else "/dev/null",
            f"{path.name} (generated)" if path.name in modules else "/dev/null",
        )
        diffs.append("".join(lines) or f"{path.name}: an empty file that should not be there\n")
    return diffs


def _others(folder: Path, modules: Mapping[str, str], suffixes: tuple[str, ...]) -> list[Path]:
    files = (path for path in folder.glob("*") if path.suffix in suffixes)
    return sorted(path for path in files if path.name not in modules)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None


def _replace(path: Path, text: str) -> None:
    """Put a file in place at once, so that nobody imports half of it."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode())
    Path(draft).chmod(0o644)
    Path(draft).replace(path)
