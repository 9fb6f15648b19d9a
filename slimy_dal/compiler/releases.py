"""Proves a previous release's queries against today's schema: it must go on running beside the new one (SPEC X7)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.compiler import queryfile
from slimy_dal.compiler.codegen import module as codegen
from slimy_dal.compiler.description import DescribeError, Description
from slimy_dal.compiler.promises import Promises, broken, promises
from slimy_dal.compiler.query import Location, Query
from slimy_dal.compiler.variants.describe import describe_variants
from slimy_dal.engine.driver import Connection

__all__ = ["Release", "Verdict", "prove", "release"]

QUERIES = ("sql/queries", "slimy_dal/sql/queries", "queries", ".")
MODULES = ("slimy_dal/queries", "queries", ".")


@dataclass(frozen=True, slots=True)
class Release:
    """A release as it lies in a folder; `modules` holds its generated modules by noun, if it has any."""

    queries: Path
    modules: dict[str, Path]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a release's queries: what fails, and what changed without breaking a promise."""

    proven: int
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def release(folder: Path) -> Release:
    """Return the release in a folder: a checkout, an installed package, or a folder of query files.

    Raises FileNotFoundError where there are no query files.
    """
    for place in QUERIES:
        if next((folder / place).glob("*.sql"), None) is not None:
            modules = (path for name in MODULES for path in (folder / name).glob("*.py"))
            generated = {path.stem: path for path in modules if _is_generated(path)}
            return Release(folder / place, generated)
    raise FileNotFoundError(
        f"{folder}: no query files; name a checkout of the release, or its folder of query files"
    )


def _is_generated(path: Path) -> bool:
    return path.stem != "__init__" and path.read_text("utf-8").startswith('"""Generated ')


async def prove(connection: Connection, old: Release, today: Sequence[Query]) -> Verdict:
    """Hold a release's queries against the database of a connection.

    Every query must still be accepted. Where the release has its generated modules, what they
    promise must still hold: the types of parameters and columns, and that a column is not null.
    Without them the queries are compared with today's of the same name, and differences are noted.
    Raises SlimyError where the connection fails.
    """
    loaded = queryfile.load(old.queries)
    found = await describe_variants(connection, loaded.queries)
    problems = [str(error) for error in loaded.errors]
    problems += [str(one) for one in found if isinstance(one, DescribeError)]
    described = [one for one in found if isinstance(one, Description)]
    notes: list[str] = []
    if old.modules:
        problems += _against_modules(described, old)
    else:
        current = await describe_variants(connection, today)
        notes += _differences(described, [d for d in current if isinstance(d, Description)])
    return Verdict(len(described), tuple(problems), tuple(notes))


def _against_modules(described: Sequence[Description], old: Release) -> Iterator[str]:
    by_noun: dict[str, list[Description]] = {}
    for one in described:
        by_noun.setdefault(one.query.noun, []).append(one)
    for noun, descriptions in by_noun.items():
        module = codegen.module(descriptions)
        yield from (str(error) for error in module.errors)
        path = old.modules.get(noun)
        if path is None:
            place = Location(descriptions[0].query.path, 1, 1)
            yield f"{place}: the release has no generated module {noun}.py to compare with"
            continue
        promised = promises(path.read_text("utf-8"))
        yield from _broken(descriptions, promised, promises(module.text))


def _broken(descriptions: Sequence[Description], old: Promises, now: Promises) -> Iterator[str]:
    for one in descriptions:
        query = one.query
        for problem in broken(query.full_name, old, now):
            yield f"{Location(query.path, query.line, 1)}: {query.full_name}: {problem}"


def _differences(old: Sequence[Description], today: Sequence[Description]) -> Iterator[str]:
    """Say how the queries of a release differ from today's of the same name."""
    current = {one.query.full_name: one for one in today}
    for one in old:
        place, name = Location(one.query.path, one.query.line, 1), one.query.full_name
        if name not in current:
            yield f"{place}: {name}: not there any more"
            continue
        for what, was, is_now in (
            ("parameters", one.parameters, current[name].parameters),
            ("columns", one.columns, current[name].columns),
        ):
            before = [f"{part.name} {part.type.name}{'?' * part.nullable}" for part in was]
            after = [f"{part.name} {part.type.name}{'?' * part.nullable}" for part in is_now]
            if before != after:
                yield f"{place}: {name}: {what} {', '.join(before)}; today {', '.join(after)}"
