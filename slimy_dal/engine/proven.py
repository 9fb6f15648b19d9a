"""Reads the plans that were proven and kept beside the queries, for comparison with what a server plans today."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slimy_dal.engine.explained import details, named, title
from slimy_dal.engine.statement import Statement

__all__ = ["Known", "Proven", "Step", "steps"]

WITHOUT_VALUES = "no values"
SECTION = re.compile(r"(?m)^(\w+\.\w+)\n=+\n")
FIGURES = re.compile(
    r"  \((?:about )?[\d,.]+(?: [a-z]+)? rows?\)(?:, and \d+ partitions like it)?$"
)
CONDITION = re.compile(r" *- ([A-Z][A-Za-z -]*): (.*)")


@dataclass(frozen=True, slots=True)
class Step:
    """A node of a plan: its title, as `Index Scan using users_pkey on users u`, and its conditions by their kind."""

    title: str
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The plans that were proven for one statement; `generic` says that one made without values is among them.

    Where it is not, the server plans each call anew, with its values, and a plan without them tells nothing.
    """

    plans: tuple[tuple[Step, ...], ...]
    generic: bool


def steps(raw: Mapping[str, Any], statement: Statement) -> tuple[Step, ...]:
    """Return the nodes of EXPLAIN's JSON, with `:name` for the statement's parameters."""
    names = tuple(parameter.name for parameter in statement.parameters)
    return tuple(_steps(raw, names))


def _steps(raw: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Step]:
    yield Step(title(raw), tuple((key, named(text, names, {})) for key, text in details(raw)))
    for child in raw.get("Plans", ()):
        yield from _steps(child, names)


class Proven:
    """The kept plans of a folder, one file per noun; a file is read when one of its queries is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._nouns: dict[str, dict[str, str]] = {}

    def of(self, statement: Statement) -> Known | None:
        """Return what was proven for a statement; None where nothing was kept."""
        noun, _, _ = statement.name.partition(".")
        if noun not in self._nouns:
            self._nouns[noun] = self._read(noun)
        section = self._nouns[noun].get(statement.name)
        if section is None:
            return None
        groups = list(_groups(section))
        own = [
            (labels[statement.shape], plan) for labels, plan in groups if statement.shape in labels
        ]
        if not own:
            # Of two shapes with one text the kept plans name one, and of very many shapes not all.
            return Known(tuple(plan for _, plan in groups), generic=True)
        without = [plan for values, plan in own if WITHOUT_VALUES in values]
        return Known(tuple(without or [plan for _, plan in own]), bool(without))

    def _read(self, noun: str) -> dict[str, str]:
        try:
            text = (self._folder / f"{noun}.txt").read_text()
        except (OSError, UnicodeDecodeError):
            return {}
        _, *parts = SECTION.split(text)
        return dict(zip(parts[::2], parts[1::2], strict=True))


def _groups(section: str) -> Iterator[tuple[dict[str, str], tuple[Step, ...]]]:
    """Yield the plans of a section, each with the values it was made for by the shapes it stands for."""
    labels: dict[str, str] = {}
    plan: list[Step] = []
    for line in section.splitlines():
        if line.startswith("["):
            if plan:
                yield labels, tuple(plan)
                labels, plan = {}, []
            shape, _, values = line[1:-1].rpartition(": ")
            labels[shape] = values
        elif match := CONDITION.fullmatch(line):
            last = plan.pop()
            plan.append(Step(last.title, (*last.conditions, (match[1], match[2]))))
        elif line and not line.endswith(":"):
            plan.append(Step(FIGURES.sub("", line).strip()))
    if plan:
        yield labels or {"": WITHOUT_VALUES}, tuple(plan)
