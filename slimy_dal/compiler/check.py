"""Proves everything about a project's queries at once: types, shapes, numbers of rows, plans."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slimy_dal.compiler.cardinality import rules as cardinality_rules
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Column, DescribeError, Description, Parameter
from slimy_dal.compiler.plans.ground import Ground
from slimy_dal.compiler.plans.prove import Planned, plan_all
from slimy_dal.compiler.plans.rules import Finding
from slimy_dal.compiler.plans.waivers import unneeded, unwaived
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.scale.declared import Scale
from slimy_dal.compiler.variants.check import Proven, prove_shapes
from slimy_dal.engine.driver import Connection

__all__ = ["Report", "check", "check_types"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. `problems` and `findings` fail it; `hints` and `notes` are only said.

    `findings` are those about plans, waived ones left out; `planned` is None where nothing was planned
    because of problems before it.
    """

    queries: int
    columns: int
    problems: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    hints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    shapes: int = 0
    planned: Planned | None = None

    @property
    def failed(self) -> bool:
        """Whether something is wrong."""
        return bool(self.problems or self.findings)


async def check(ground: Ground, queries: Sequence[Query], scale: Scale, *, strict: bool) -> Report:
    """Prove queries on a copy of the ground's database.

    `strict` is for projects written for this: hints about directives and waivers without use fail too,
    and tables with rows of their own are refused. Raises ScaleError where the model does not fit.
    """
    async with ground.copy() as connection:
        report, descriptions, proven = await _typed(connection, queries, strict=strict)
        counted = cardinality_rules.examine(descriptions)
        planned = await plan_all(
            connection, ground.server.data, scale, descriptions, proven.shapes, seeds=not strict
        )
    kept = [description.query for description in descriptions]
    waivers = unneeded(kept, planned.findings, counted) if strict else ()
    problems = (
        *report.problems,
        *(str(one) for one in counted if one.fails),
        *waivers,
        *(planned.unplanned if strict else ()),
    )
    return replace(
        report,
        problems=problems,
        findings=tuple(unwaived(planned.findings)),
        hints=tuple(str(one) for one in counted if one.severity == "hint" and not one.waiver),
        notes=(*report.notes, *planned.notes, *(() if strict else planned.unplanned)),
        planned=planned,
    )


async def check_types(connection: Connection, queries: Sequence[Query]) -> Report:
    """Prove the types of queries and of their shapes alone, on any migrated database; nothing is changed there."""
    report, _, _ = await _typed(connection, queries, strict=True)
    return report


async def _typed(
    connection: Connection, queries: Sequence[Query], *, strict: bool
) -> tuple[Report, list[Description], Proven]:
    one = await describe(connection, queries)
    other = await describe(connection, queries, method="log")
    problems = [str(error) for error in one if isinstance(error, DescribeError)]
    problems += [
        f"{a.query.location(0)}: {a.query.full_name}: the two ways to its types disagree"
        for a, b in zip(one, other, strict=True)
        if isinstance(a, Description) and isinstance(b, Description) and _answers(a) != _answers(b)
    ]
    descriptions = [entry for entry in one if isinstance(entry, Description)]
    if strict:
        problems += [str(hint) for entry in descriptions for hint in entry.hints]
    proven = await prove_shapes(connection, descriptions)
    columns = sum(len(entry.columns) for entry in descriptions)
    report = Report(
        len(queries),
        columns,
        (*problems, *proven.problems),
        notes=proven.notes,
        shapes=proven.count,
    )
    return report, descriptions, proven


def _answers(description: Description) -> list[Parameter | Column]:
    """Return what was found out, without the words that explain it."""
    return [
        *(replace(parameter, reasons=()) for parameter in description.parameters),
        *(replace(column, reasons=()) for column in description.columns),
    ]
