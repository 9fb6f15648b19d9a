"""Describes queries with their variants: each as its text stands, and with everything on, where all parameters are."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import DescribeError, Description, Parameter, Use
from slimy_dal.compiler.pytypes import engine_type, plain
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.tree import Method
from slimy_dal.compiler.variants.read import Order
from slimy_dal.compiler.variants.shapes import widest
from slimy_dal.compiler.variants.split import selection
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.listing import KEY_TYPES

__all__ = ["Varied", "describe_variants", "sort_problem"]


@dataclass(frozen=True, slots=True)
class Varied(Description):
    """A query with variants: `widest` are its shapes with everything on, one for each of its sorts."""

    widest: tuple[Description, ...] = ()

    def of_filters(self) -> tuple[Parameter, ...]:
        """Return the parameters of the filters, in their order."""
        found = selection(self.query)
        if found is None:
            return ()
        begins = len(self.parameters)
        count = sum(not condition.flag for condition in found.filters)
        return self.widest[0].parameters[begins : begins + count]

    def of_keys(self) -> tuple[tuple[Parameter, ...], ...]:
        """Return the parameters of each sort's key."""
        begins = len(self.parameters) + len(self.of_filters())
        return tuple(one.parameters[begins:] for one in self.widest)


async def describe_variants(
    connection: Connection, queries: Sequence[Query], *, method: Method = "function"
) -> list[Description | DescribeError]:
    """Describe queries as `describe` does; what has filters, sorts or a patch becomes a Varied.

    Its tables and columns are those that any of its shapes uses. A filter that the server refuses,
    or a sort key that may be null, is that query's error.
    """
    shapes = [widest(query) for query in queries]
    every = [shape.query for some in shapes for shape in some]
    described = await describe(connection, [*queries, *every], method=method)
    rest = iter(described[len(queries) :])
    return [
        _varied(base, [next(rest) for _ in some]) if some else base
        for base, some in zip(described[: len(queries)], shapes, strict=True)
    ]


def _varied(
    base: Description | DescribeError, widest: Sequence[Description | DescribeError]
) -> Description | DescribeError:
    if isinstance(base, DescribeError):
        return base
    found: list[Description] = []
    for one in widest:
        if isinstance(one, DescribeError):
            return one
        found.append(one)
    kept = {field.name: getattr(base, field.name) for field in fields(Description)}
    kept |= {
        "reads": base.reads.union(*(one.reads for one in found)),
        "uses": _together((base, *found)),
        "touches": tuple(sorted({touched for one in (base, *found) for touched in one.touches})),
        "effects": base.effects or any(one.effects for one in found),
    }
    varied = Varied(**kept, widest=tuple(found))
    return sort_problem(varied) or varied


def _together(descriptions: Sequence[Description]) -> tuple[Use, ...]:
    """Return every column that is used, once: a filter may read what the text only writes."""
    found: dict[Use, Use] = {}
    for use in (use for one in descriptions for use in one.uses):
        key = replace(use, read=False, written=False)
        before = found.get(key, key)
        found[key] = replace(
            use, read=use.read or before.read, written=use.written or before.written
        )
    return tuple(sorted(found.values()))


def sort_problem(description: Varied) -> DescribeError | None:
    """Return what the types say against a sort: a key that may be null, or that no cursor can hold."""
    found = selection(description.query)
    sorts = () if found is None else found.sorts
    for sort, keys in zip(sorts, description.of_keys(), strict=False):
        for column, place, key in zip(sort.columns, sort.places, keys, strict=True):
            wrong = _wrong_key(description, place, key)
            if wrong is not None:
                return _refused(description, sort, column, *wrong)
    return None


def _wrong_key(description: Varied, place: int, key: Parameter) -> tuple[str, str] | None:
    column = description.columns[place]
    if column.nullable:
        why = f": {column.reasons[0].text}" if column.reasons else ""
        return f"may be null{why}", "a row without a key would stand on no page"
    if plain(key.type).kind != "enum" and engine_type(key.type) not in KEY_TYPES:
        known = ", ".join(sorted(KEY_TYPES))
        return f"is {key.type.name}, which no cursor can hold", f"sort by one of: {known}"
    return None


def _refused(
    description: Varied, sort: Order, column: str, problem: str, hint: str
) -> DescribeError:
    message = f"sort `{sort.name}`: `{column}` {problem}"
    return DescribeError(description.query, sort.directive.location, message, hint)
