"""Asks the server for the plans of a statement: without values, and for common, rare, first and last ones."""

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from slimy_dal.compiler.description import Description
from slimy_dal.compiler.plans.plan import Node, tree
from slimy_dal.compiler.plans.values import Sampler, Values, choose, limit_parameters
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError

__all__ = ["Plan", "Plans", "Unplanned", "explain", "explained"]

PLANNING = 1000.0
"""What plancache.c adds to a custom plan for making it, in operators for each table and one more."""
OPERATOR_COST = 0.0025
WITHOUT_VALUES = "no values"
_numbers = itertools.count(1)


class Unplanned(Exception):
    """The server makes no plan of this statement: it is a utility, or it refused it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan, and what it was made for; `texts` are the values, None for the generic plan.

    `chosen` says that the server may take it: the generic plan only where it looks cheaper than some
    custom plan and the making of it.
    """

    label: str
    root: Node
    texts: tuple[str, ...] | None = None
    chosen: bool = True

    @property
    def cost(self) -> float:
        """The planner's cost, with that of planning where each call plans anew."""
        if self.texts is None:
            return self.root.total
        tables = sum(node.table is not None for node in self.root.walk())
        return self.root.total + PLANNING * OPERATOR_COST * (tables + 1)


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of one statement; `label` names the shape of a query with variants, else it is empty.

    `server_cost` is the cost of the generic plan to the server, which takes a tenth of all rows for a page.
    """

    description: Description
    generic: Plan
    customs: tuple[Plan, ...] = ()
    label: str = ""
    server_cost: float | None = None

    @property
    def all(self) -> tuple[Plan, ...]:
        """The generic plan and the custom ones."""
        return (self.generic, *self.customs)

    @property
    def possible(self) -> list[Plan]:
        """The plans that the server may take."""
        return [plan for plan in self.all if plan.chosen]


async def explain(
    connection: Connection,
    description: Description,
    sampler: Sampler | None,
    *,
    page: int,
    label: str = "",
) -> Plans:
    """Return the plans of a statement. Raises Unplanned.

    `page` stands for every LIMIT parameter. Without a sampler, which knows values, there is the generic
    plan alone.
    """
    query = description.query
    types = [parameter.type.name for parameter in description.parameters]
    page_of = page if limit_parameters(query) else None
    async with _prepared(connection, query.sql, types) as name:
        raw = await _asked(connection, name, ["NULL"] * len(types))
        calls: list[Values] = []
        if types and sampler is not None:
            seen = tree(await _unpruned(connection, name, len(types)) if _is_pruned(raw) else raw)
            calls = choose(description, seen, sampler, page)
            if _is_pruned(raw):
                # Partitions are left out when a plan starts: NULL would leave out all of them.
                raw = await _asked(connection, name, _literals(calls[0]))
            await connection.execute("SET plan_cache_mode = force_custom_plan")
        customs = tuple(
            [
                Plan(call.label, tree(await _asked(connection, name, _literals(call))), call.texts)
                for call in calls
            ]
        )
    # The server compares what it estimated itself: a tenth of all rows for a page.
    first = Plan(WITHOUT_VALUES, tree(raw))
    chosen = not customs or any(first.cost < custom.cost for custom in customs)
    made = Plan(WITHOUT_VALUES, tree(raw, page_of), None, chosen)
    return Plans(description, made, customs, label, first.cost)


def _is_pruned(raw: Mapping[str, Any]) -> bool:
    """Say whether some partitions of a plan are left out by the values it starts with."""
    return "Subplans Removed" in raw or any(map(_is_pruned, raw.get("Plans", ())))


async def _unpruned(connection: Connection, name: str, count: int) -> dict[str, Any]:
    """Return the plan without values and with all partitions, which shows what parameters are compared with."""
    await connection.execute("SET enable_partition_pruning = off; DISCARD PLANS")
    try:
        return await _asked(connection, name, ["NULL"] * count)
    finally:
        if connection.usable:
            await connection.execute("RESET enable_partition_pruning; DISCARD PLANS")


def _literals(call: Values) -> list[str]:
    return ["'" + text.replace("'", "''") + "'" for text in call.texts]


@asynccontextmanager
async def _prepared(connection: Connection, sql: str, types: Sequence[str]) -> AsyncIterator[str]:
    """Prepare a statement for plans without values; one round trip, of thousands in a check."""
    declared = f" ({', '.join(types)})" if types else ""
    name = f"slimy_plan_{next(_numbers)}"
    try:
        await connection.execute(
            f"SET plan_cache_mode = force_generic_plan; PREPARE {name}{declared} AS {sql}"
        )
    except SlimyError as error:
        if not connection.usable:
            raise
        raise Unplanned(error.server_message or error.message) from error
    try:
        yield name
    except SlimyError as error:
        if not connection.usable:
            raise
        raise Unplanned(error.server_message or error.message) from error
    finally:
        # In a transaction that an error ended there is nothing to put back.
        with suppress(SlimyError):
            await connection.execute(f"DEALLOCATE {name}; SET plan_cache_mode = auto")


async def _asked(connection: Connection, name: str, arguments: Sequence[str]) -> dict[str, Any]:
    listed = f"({', '.join(arguments)})" if arguments else ""
    return await explained(connection, f"EXECUTE {name}{listed}")


async def explained(connection: Connection, sql: str) -> dict[str, Any]:
    """Return EXPLAIN's tree of a statement that takes no parameters; every column is written with its table."""
    (row,) = await connection.fetch(f"EXPLAIN (FORMAT JSON, VERBOSE) {sql}")
    found: dict[str, Any] = row[0][0]["Plan"]
    return found
