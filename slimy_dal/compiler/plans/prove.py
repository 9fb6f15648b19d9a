"""Proves a project's plans: every query and every shape of it, planned at the model's size and judged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.compiler.catalog import rules as catalog_rules
from slimy_dal.compiler.description import Description
from slimy_dal.compiler.lexer import tokens
from slimy_dal.compiler.plans import cascades, indexmap, relations, rules
from slimy_dal.compiler.plans.explain import Plans, Unplanned, explain
from slimy_dal.compiler.plans.judged import Judged
from slimy_dal.compiler.plans.relations import Name, Relations
from slimy_dal.compiler.plans.waivers import unbounded
from slimy_dal.compiler.scale.declared import Scale
from slimy_dal.compiler.scale.pretend import pretend
from slimy_dal.compiler.variants.shapes import ShapeOf
from slimy_dal.engine.driver import Connection

__all__ = ["Planned", "plan_all", "readable"]

PLANNED = frozenset({"select", "with", "values", "table", "insert", "update", "delete", "merge"})
"""The words that statements with a plan begin with."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The plans of a project at the size of its model, and what is found in them.

    `plans` are those of every query as its text stands and of every shape; `uses` tells which queries use
    which index; `unplanned` says of which statements the server makes no plan; `notes` are about the model;
    `kept_rules` is what the migrations leave behind beside tables and indexes.
    """

    plans: tuple[Plans, ...]
    findings: tuple[rules.Finding, ...]
    relations: Relations
    uses: Mapping[Name, set[str]]
    unplanned: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    kept_rules: catalog_rules.Rules = ()


async def plan_all(
    connection: Connection,
    data: Path,
    scale: Scale,
    descriptions: Sequence[Description],
    shapes: Sequence[tuple[ShapeOf, Description]] = (),
    *,
    seeds: bool = False,
) -> Planned:
    """Plan and judge everything on a migrated, empty database; it is good for nothing else afterwards.

    `data` is the data directory of its embedded server. Raises ScaleError where the model does not fit.
    """
    seen = await pretend(connection, data, scale, seeds=seeds)
    found = await relations.read(connection)
    judged = Judged(found, float(scale.settings.get("random_page_cost", "4")))
    plans: list[Plans] = []
    unplanned: list[str] = []
    for label, one in _statements(descriptions, shapes):
        try:
            made = await explain(connection, one, seen, page=scale.page, label=label)
        except Unplanned as error:
            unplanned.append(
                f"{one.query.location(0)}: {one.query.full_name}: not planned: {error}"
            )
            continue
        await judged.look(connection, made)
        plans.append(made)
    limits = rules.Limits(scale.page, scale.array, scale.big)
    findings = [*rules.examine(plans, judged, limits), *unbounded(descriptions)]
    findings += await cascades.examine(connection, plans, found, scale.big)
    uses = await indexmap.uses(connection, plans, found)
    kept_rules = await catalog_rules.read(connection)
    return Planned(
        tuple(plans), tuple(findings), found, uses, tuple(unplanned), seen.notes, kept_rules
    )


def _statements(
    descriptions: Sequence[Description], shapes: Sequence[tuple[ShapeOf, Description]]
) -> Iterator[tuple[str, Description]]:
    """Return every text once: those of queries as they stand, and those of shapes."""
    texts = {(one.query.full_name, one.query.sql) for _, one in shapes}
    for one in descriptions:
        if _has_plan(one) and (one.query.full_name, one.query.sql) not in texts:
            yield "", one
    for shape, one in shapes:
        yield readable(shape.label), one


def _has_plan(description: Description) -> bool:
    """Say whether the server plans a statement: not a utility, such as ANALYZE."""
    words = (token.text.lower() for token in tokens(description.query.sql) if token.kind == "word")
    return description.query.shape != "script" and next(words, "") in PLANNED


def readable(label: str) -> str:
    """Return a shape's label as people read it: `role, newest, after`."""
    return ", ".join(part for part in label.split("|") if part) or "nothing given"
