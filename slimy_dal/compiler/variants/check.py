"""Proves every shape of the queries: the server takes it, and it answers with the rows that the base promises."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import DescribeError, Description
from slimy_dal.compiler.tree import Method
from slimy_dal.compiler.variants.describe import Varied, describe_variants
from slimy_dal.compiler.variants.shapes import ShapeOf, omitted, reachable, shapes
from slimy_dal.engine.driver import Connection

__all__ = ["Proven", "prove_shapes"]


@dataclass(frozen=True, slots=True)
class Proven:
    """What was proven: how many shapes, what is wrong with them, and each with its description.

    `notes` name the queries that have too many shapes to prove all.
    """

    count: int
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    shapes: tuple[tuple[ShapeOf, Description], ...] = ()


async def prove_shapes(
    connection: Connection,
    descriptions: Sequence[Description],
    *,
    method: Method = "function",
) -> Proven:
    """Describe every shape of the queries that have variants, and compare each with its base.

    `descriptions` are those of the queries as their texts stand; whether the keys of a sort tell all
    rows apart is said there, by `ambiguous`.
    """
    bases = [(base, shapes(base.query)) for base in descriptions if reachable(base.query) > 1]
    again = await describe_variants(connection, [base.query for base, _ in bases], method=method)
    every = [shape for _, some in bases for shape in some]
    described = await describe(connection, [shape.query for shape in every], method=method)
    problems: list[str] = []
    notes: list[str] = []
    rest = iter(zip(every, described, strict=True))
    for (base, some), varied in zip(bases, again, strict=True):
        if base.query.directive("sort") is not None and base.writes:
            problems.append(
                f"{base.query.location(0)}: {base.query.full_name}: it writes, so each page would"
                " write again; list what was written in a query of its own"
            )
        if isinstance(varied, DescribeError):
            problems.append(str(varied))
        for shape, one in [next(rest) for _ in some]:
            problems += _differences(base, shape, one, varied)
        if left_out := omitted(base.query):
            notes.append(
                f"{base.query.full_name}: {left_out} of {reachable(base.query)} shapes are left out;"
                " proven are none, each choice alone, each pair, and all"
            )
    found = [(s, d) for s, d in zip(every, described, strict=True) if isinstance(d, Description)]
    return Proven(len(every), tuple(dict.fromkeys(problems)), tuple(notes), tuple(found))


def _differences(
    base: Description,
    shape: ShapeOf,
    found: Description | DescribeError,
    varied: Description | DescribeError,
) -> Iterator[str]:
    if isinstance(found, DescribeError):
        # What is wrong with every shape is said once, by the widest.
        if not isinstance(varied, DescribeError):
            yield f"{found} [shape {shape.label}]"
        return
    place = f"{shape.query.location(0)}: {base.query.full_name} [shape {shape.label}]"
    names = [column.name for column in base.columns]
    if [column.name for column in found.columns] != names:
        yield f"{place}: its columns are not those of the text"
        return
    for here, there in zip(found.columns, base.columns, strict=True):
        if here.type != there.type:
            yield f"{place}: `{here.name}` is {here.type.name}, but {there.type.name} in the text"
        if here.nullable and not there.nullable:
            why = f": {here.reasons[0].text}" if here.reasons else ""
            yield f"{place}: `{here.name}` may be null, which it is not in the text{why}"
    if base.always_a_row and not found.always_a_row:
        yield f"{place}: it may give no row, which the text always does"
    widest = varied.widest if isinstance(varied, Varied) else (base,)
    types = {p.name: p.type for one in widest for p in one.parameters}
    types |= {p.name: p.type for p in base.parameters}
    for parameter in found.parameters:
        wanted = types.get(parameter.name, parameter.type)
        if parameter.type != wanted:
            yield (
                f"{place}: `:{parameter.name}` is {parameter.type.name} here and {wanted.name}"
                f" elsewhere (say which it is: `:{parameter.name}::{wanted.name}`)"
            )
