"""Describes named queries: types and nullability of parameters and columns, from the server's own analysis."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from slimy_dal.compiler import origins
from slimy_dal.compiler.cardinality.proof import counted
from slimy_dal.compiler.catalog.snapshot import Catalog
from slimy_dal.compiler.description import (
    Column,
    DescribeError,
    Description,
    Parameter,
    Reason,
)
from slimy_dal.compiler.nodetree import Node, NodeTreeError
from slimy_dal.compiler.nullability.prover import Nullability
from slimy_dal.compiler.overrides import Contradiction, Overrides
from slimy_dal.compiler.parameters import Found, Parameters
from slimy_dal.compiler.places import Places, first_mention
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.replicas import prove, refuse
from slimy_dal.compiler.scope import Scope
from slimy_dal.compiler.tree import Analysed, Method, Reader, rolled_back
from slimy_dal.compiler.usage import Usage
from slimy_dal.compiler.verdict import Verdict, maybe, never
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError

__all__ = ["describe"]

VOID = 2278
MOST_JOINS = 1_000_000
"""Above every entry of a range table: makes one number of a query's and a join's."""
INDETERMINATE = "42P18"
PARAMETER = re.compile(r"\$(\d+)")
DEPTH = 6000
"""Frames; generated SQL nests deeper than Python's own limit allows. What is deeper still stays unproven."""
TOO_DEEP = maybe("the statement is nested too deeply to prove anything")
OF_UTILITY = maybe("a utility statement, of which the server says nothing")
OF_VOID = maybe("a function that returns nothing")


async def describe(
    connection: Connection, queries: Sequence[Query], *, method: Method = "function"
) -> list[Description | DescribeError]:
    """Describe queries against the database of a connection; nothing is changed there.

    Returns one entry per query, in order: its description, or the error that explains why there is
    none, with its place in the file. `method` is one of two ways to get the server's analysis that
    give the same answers: "function" leaves the server's log alone, "log" needs no rights.
    Raises SlimyError where the connection fails.
    """
    catalog = Catalog()
    async with rolled_back(connection):
        reader = Reader(connection, method)
        found = [await _read(reader, connection, query) for query in queries]
        read = [entry for entry in found if isinstance(entry, Analysed)]
        await catalog.load(connection, [entry.statement for entry in read])
        await catalog.load_types(connection, {oid for entry in read for oid in _types(entry)})
    return [
        entry if isinstance(entry, DescribeError) else _describe(catalog, query, entry)
        for query, entry in zip(queries, found, strict=True)
    ]


def _types(entry: Analysed) -> tuple[int, ...]:
    return (*entry.parameters, *(oid for _, oid in entry.columns))


async def _read(reader: Reader, connection: Connection, query: Query) -> Analysed | DescribeError:
    if query.shape == "script":
        return Analysed(None, (), ())
    try:
        return await reader.read(query.sql)
    except SlimyError as error:
        if not connection.usable:
            raise
        return refusal(query, error)
    except (NodeTreeError, RecursionError) as error:
        return DescribeError(query, query.location(0), f"its analysis cannot be read: {error}")


def refusal(query: Query, error: SlimyError) -> DescribeError:
    """Return the server's error about a query with its place in the query file."""
    message = error.server_message or error.message
    hint = getattr(error.__context__, "hint", None)
    place = (error.position or 1) - 1
    untyped = PARAMETER.search(message) if error.sqlstate == INDETERMINATE else None
    if untyped is not None and int(untyped[1]) <= len(query.parameters):
        # The server says which parameter, but not where; it never heard its name.
        name = query.parameters[int(untyped[1]) - 1]
        place = first_mention(query.sql, int(untyped[1])) or 0
        hint = hint or f"say which type `{name}` has: `:{name}::type`"
    return DescribeError(query, query.location(place), message, hint)


def _describe(catalog: Catalog, query: Query, entry: Analysed) -> Description | DescribeError:
    limit = sys.getrecursionlimit()
    try:
        if entry.statement is None:
            refuse(query, "nothing is known of a utility statement")
            return _unproven(catalog, query, entry, OF_UTILITY)
        sys.setrecursionlimit(max(limit, DEPTH))
        return _analyse(catalog, query, entry, entry.statement)
    except Contradiction as error:
        return DescribeError(query, error.location, error.message, error.hint)
    except RecursionError:
        if query.directive("replica") is not None:
            return DescribeError(query, query.location(0), "too deep to prove it for a replica")
        return _unproven(catalog, query, entry, TOO_DEEP)
    finally:
        sys.setrecursionlimit(limit)


def _unproven(catalog: Catalog, query: Query, entry: Analysed, why: Verdict) -> Description:
    """Describe types alone: any column may be NULL, and no parameter."""
    reasons = _reasons(query, why)
    return Description(
        query,
        tuple(
            Parameter(name, catalog.types.get(oid), nullable=False, reasons=reasons)
            for name, oid in zip(query.parameters, entry.parameters, strict=False)
        ),
        tuple(
            Column(name, catalog.types.get(oid), nullable=True, reasons=reasons)
            for name, oid in entry.columns
        ),
    )


def _analyse(catalog: Catalog, query: Query, entry: Analysed, statement: Node) -> Description:
    places = Places(query.sql, statement, entry.shift)
    work = _Work(query, places, Nullability(catalog, {}, places), Overrides(query))
    parameters = work.parameters(statement, entry)
    work.prover.parameters = {
        number: (maybe if parameter.nullable else _given)(f"parameter {parameter.name}")
        for number, parameter in enumerate(parameters, start=1)
    }
    scope, verdicts = work.prover.columns(statement)
    if len(verdicts) != len(entry.columns):
        verdicts = [maybe("the tree does not show this column")] * len(entry.columns)
    columns = _renumber(
        [
            work.column(
                scope, number, named, _placed(verdict, places.column(number, len(entry.columns)))
            )
            for number, (named, verdict) in enumerate(
                zip(entry.columns, verdicts, strict=True), start=1
            )
        ]
    )
    usage = Usage(work.prover)
    usage.read(statement)
    prove(query, usage)
    return Description(
        query,
        parameters,
        tuple(
            work.overrides.column(column, literal_null=_is_literal_null(scope, place))
            for place, column in enumerate(columns)
        ),
        reads=frozenset(usage.reads),
        writes=frozenset(usage.writes),
        uses=usage.uses(),
        touches=usage.touches(),
        always_a_row=work.prover.has_row(scope),
        effects=usage.effects,
        hints=work.overrides.finish([column.name for column in columns]),
        **counted(work.prover, query, statement),
    )


def _placed(verdict: Verdict, place: int | None) -> Verdict:
    """Give a place to a chain that has none."""
    if any(link.offset is not None for link in verdict.chain):
        return verdict
    first, *others = verdict.chain
    return Verdict(verdict.nullable, (replace(first, offset=place), *others))


def _given(text: str) -> Verdict:
    return never(f"{text}, which must be given")


def _is_literal_null(scope: Scope, place: int) -> bool:
    if place >= len(scope.columns) or scope.query["setOperations"] is not None:
        return False
    node = scope.columns[place]["expr"]
    while node.kind in {"RELABELTYPE", "COERCEVIAIO", "COERCETODOMAIN", "COLLATEEXPR"}:
        node = node["arg"]
    return node.kind == "CONST" and bool(node["constisnull"])


@dataclass(frozen=True, slots=True)
class _Work:
    """One query under examination."""

    query: Query
    places: Places
    prover: Nullability
    overrides: Overrides

    def parameters(self, statement: Node, entry: Analysed) -> tuple[Parameter, ...]:
        known = Parameters()
        known.read(Scope(self.prover, statement))
        return tuple(
            self._parameter(number, name, oid, known.found.get(number, Found()))
            for number, (name, oid) in enumerate(
                zip(self.query.parameters, entry.parameters, strict=False), start=1
            )
        )

    def _parameter(self, number: int, name: str, oid: int, known: Found) -> Parameter:
        catalog = self.prover.catalog
        source = known.target or known.compared
        parameter = Parameter(
            name,
            catalog.types.get(oid),
            known.verdict.nullable,
            self._reasons(_placed(known.verdict, first_mention(self.query.sql, number))),
            None if source is None else origins.name_of(catalog, source),
            self._choices(source, oid),
        )
        may_fill = known.target is None or catalog.relation(known.target[0]).has_triggers
        return self.overrides.parameter(
            parameter, refused=known.refused is not None and not may_fill
        )

    def column(self, scope: Scope, number: int, named: tuple[str, int], verdict: Verdict) -> Column:
        (name, oid), catalog = named, self.prover.catalog
        column = Column(name, catalog.types.get(oid), verdict.nullable, self._reasons(verdict))
        if oid == VOID:
            return replace(column, nullable=True, reasons=self._reasons(OF_VOID))
        source = origins.source_column(scope, number)
        joins, solid = origins.nulled(scope, number)
        return replace(
            column,
            origin=None if source is None else origins.name_of(catalog, source),
            choices=self._choices(source, oid),
            identifier=source is not None and origins.is_identifier(catalog, source),
            nulled_by=frozenset(scope * MOST_JOINS + join for scope, join in joins),
            solid=solid,
        )

    def _choices(self, source: origins.Source | None, oid: int) -> tuple[str, ...]:
        catalog = self.prover.catalog
        found = () if source is None else origins.choices(catalog, source)
        return found or origins.domain_choices(catalog, oid)

    def _reasons(self, verdict: Verdict) -> tuple[Reason, ...]:
        return _reasons(self.query, verdict)


def _renumber(columns: list[Column]) -> list[Column]:
    """Give numbers to the outer joins of a description from 1, the same in every run."""
    met = sorted(frozenset().union(*(column.nulled_by for column in columns)))
    numbers = {join: number for number, join in enumerate(met, start=1)}
    return [
        replace(column, nulled_by=frozenset(numbers[join] for join in column.nulled_by))
        for column in columns
    ]


def _reasons(query: Query, verdict: Verdict) -> tuple[Reason, ...]:
    return tuple(
        Reason(link.text, None if link.offset is None else query.location(link.offset))
        for link in verdict.chain
    )
