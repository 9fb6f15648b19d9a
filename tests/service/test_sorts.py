"""Orders of lists: whatever order a query knows, its route offers."""

import inspect
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_args

from service.app import GROUPS, endpoints
from slimy_dal import queries

ROUTES = [endpoint.route for endpoint in endpoints(GROUPS)]


def orders(function: Any) -> set[str]:
    """Return the orders that a function takes; one is no choice."""
    parameter = inspect.signature(function).parameters.get("sort")
    found = set() if parameter is None else set(get_args(parameter.annotation))
    return found if len(found) > 1 else set()


def of_queries() -> dict[str, set[str]]:
    found = {}
    for info in iter_modules(queries.__path__):
        module = import_module(f"{queries.__name__}.{info.name}")
        for name, function in inspect.getmembers(module, inspect.iscoroutinefunction):
            if function.__module__ == module.__name__ and (known := orders(function)):
                found[f"{info.name}.{name}"] = known
    return found


def test_every_order_that_a_query_knows_can_be_asked_for_over_http() -> None:
    known, reached = of_queries(), set()
    assert len(known) > 10
    for route in ROUTES:
        for query in set(route.queries) & set(known):
            offered = orders(route.handler)
            assert offered, f"{route.operation_id} offers no order of {query}"
            assert offered >= known[query], (route.operation_id, query)
            reached.add(query)
    assert reached == set(known)
