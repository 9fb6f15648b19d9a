"""Whether this process lives, whether it may get requests, and what it has done so far."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from aiohttp import web

from service import metrics
from service.auth import PUBLIC
from service.problems import FieldError, Refusal
from service.routes import Call, Routes
from service.state import State
from slimy_dal.engine.errors import PoolTimeout, SlimyError, Timeout

PARTITIONS_EVERY = 60.0
"""Seconds between two looks at how long the months of partitioned tables last."""

routes = Routes("operations", "For those who run the service.")


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["ok"]


class Ready(msgspec.Struct, frozen=True, rename="camel"):
    """Requests can be answered."""

    status: Literal["ready"]
    server_version: str | None
    """The database server's version; null where no connection was free to ask for it."""
    pool: Literal["free", "busy"]
    """Whether a connection was free. A busy pool is no reason to send requests elsewhere: they wait, or are shed."""
    warnings: list[str]
    """What is not well, but no reason to send requests elsewhere: it is for whoever looks after the service."""


@routes.route("GET", "/health/live", PUBLIC)
async def live(call: Call) -> Alive:
    """Say that the process answers; it looks at nothing else.

    A process that fails this should be restarted.
    """
    del call
    return Alive("ok")


@routes.route("GET", "/health/ready", PUBLIC, "not_ready")
async def ready(call: Call) -> Ready:
    """Say whether requests can be answered: the database answers, and the end is not near.

    A process that fails this should get no requests for now.
    """
    state = call.state
    failed = []
    if state.draining:
        failed.append(_failed("draining", "the process is about to end"))
    version = None
    try:
        async with asyncio.timeout(state.settings.ready_timeout):
            version = (await call.state.db.health.ping()).server_version
    except (SlimyError, TimeoutError) as error:
        if not (_is_waiting(error) and _is_busy(state.db.pool.snapshot())):
            failed.append(_failed("database", "the database does not answer"))
    if failed:
        raise Refusal(
            "not_ready", "; ".join(item.detail for item in failed), failed, {"Retry-After": "1"}
        )
    pool: Literal["free", "busy"] = "busy" if version is None else "free"
    return Ready("ready", version, pool, await _warnings(state))


async def _warnings(state: State) -> list[str]:
    """Return what is not well; months that end are asked for once in a while, and only where nobody waits for it."""
    now = time.monotonic()
    if state.partitions_at < now:
        state.partitions_at = now + PARTITIONS_EVERY
        try:
            async with asyncio.timeout(state.settings.ready_timeout):
                state.ending = [str(one) for one in await state.db.health.partitions()]
        except (SlimyError, TimeoutError):
            state.partitions_at = 0.0
    redis = "Redis does not answer: each process counts its callers' calls for itself"
    return [*state.ending, *([redis] if state.limits.counts_alone else [])]


def _is_waiting(error: Exception) -> bool:
    return isinstance(error, PoolTimeout | Timeout | TimeoutError)


def _is_busy(snapshot: dict[str, Any]) -> bool:
    """Say whether requests have every connection there may be: they are open, so the database was there."""
    pool: dict[str, Any] = snapshot["pool"]
    busy: bool = pool["in_use"] >= pool["limit"]
    return busy


def _failed(check: str, detail: str) -> FieldError:
    return FieldError(code=check, detail=detail, place="check")


@routes.route("GET", "/metrics", PUBLIC, media="text/plain")
async def metrics_text(call: Call) -> web.Response:
    """Return the counters of this process, as Prometheus reads them."""
    state = call.state
    lines = [*state.metrics.lines(state.in_flight), *_of_database(state.db.pool.snapshot())]
    return web.Response(text=metrics.text(lines), content_type="text/plain", charset="utf-8")


def _of_database(snapshot: dict[str, Any]) -> Iterator[str]:
    pool: dict[str, Any] = snapshot["pool"]
    for name in ("size", "idle", "in_use", "opening", "waiting", "limit"):
        yield from metrics.gauge(
            f"slimy_pool_{name}", f"Connections: {name.replace('_', ' ')}.", pool[name]
        )
    yield from metrics.family("slimy_pool_wait_seconds", "histogram", "Waits for a connection.")
    bounds = snapshot["bounds"]
    yield from metrics.histogram(
        "slimy_pool_wait_seconds", {}, bounds, pool["wait_buckets"], pool["wait_seconds"]
    )
    yield from metrics.family("slimy_pool_events_total", "counter", "What happened to connections.")
    for event, count in snapshot["events"].items():
        yield metrics.sample("slimy_pool_events_total", {"event": event}, count)
    yield from metrics.family("slimy_query_seconds", "histogram", "Time of each named query.")
    for name, query in snapshot["queries"].items():
        labels = {"query": name}
        yield from metrics.histogram(
            "slimy_query_seconds", labels, bounds, query["buckets"], query["seconds"]
        )
    yield from metrics.family(
        "slimy_query_rows_total", "counter", "Rows that each named query gave."
    )
    for name, query in snapshot["queries"].items():
        yield metrics.sample("slimy_query_rows_total", {"query": name}, query["rows"])
    yield from metrics.family("slimy_query_errors_total", "counter", "Errors of each named query.")
    for name, query in snapshot["queries"].items():
        for code, count in query["errors"].items():
            yield metrics.sample("slimy_query_errors_total", {"query": name, "code": code}, count)
