"""Whether this process lives, whether it may get requests, and what it has done so far."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
from aiohttp import web

from service import metrics, replicas, scrape
from service.auth import PUBLIC
from service.problems import FieldError, Refusal
from service.routes import OPERATIONS, Call, Routes
from service.state import State
from slimy_dal.engine.errors import PoolTimeout, SlimyError, Timeout

LOOK_EVERY = 60.0
"""Seconds between two looks at the migrations and at how long the months of partitioned tables last."""

MOST_TOLD = 5
"""Constraints, triggers and privileges that are named one by one."""

routes = Routes(OPERATIONS, "For those who run the service.")


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
    migration: str | None
    """The newest migration that the database has; null where nothing recorded any, as after plain psql."""
    pending: list[str]
    """Migrations of this release that the database does not have yet; it does not need them to answer."""
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

    A process that fails this should get no requests for now. Of several workers it is the one that was reached. Every
    query was prepared and compared with the tables when the process started; what differed is among the warnings.
    """
    state = call.state
    failed = []
    if state.draining:
        failed.append(_failed("draining", "the process is about to end"))
    version = None
    try:
        async with asyncio.timeout(state.settings.ready_timeout):
            version = (await call.state.db.health.ping()).server_version
        if state.unproven:
            failed.append(_failed("database", "the database was not compared with the queries yet"))
    except (SlimyError, TimeoutError) as error:
        if not (_is_waiting(error) and _is_busy(state.db.pool.snapshot())):
            failed.append(_failed("database", "the database does not answer"))
    if failed:
        raise Refusal(
            "not_ready", "; ".join(item.detail for item in failed), failed, {"Retry-After": "1"}
        )
    pool: Literal["free", "busy"] = "busy" if version is None else "free"
    await _look(state)
    applied = state.migrations
    pending = [] if applied is None else [one for one in state.release if one not in applied]
    if pending:
        # Somebody may be applying them right now.
        state.look_at = 0.0
    newest = max(applied) if applied else None
    return Ready("ready", version, pool, newest, pending, list(_warnings(state, pending)))


async def _look(state: State) -> None:
    """Ask for migrations and for months that end, once in a while: most callers need not wait for it."""
    now = time.monotonic()
    if state.look_at > now:
        return
    state.look_at = now + LOOK_EVERY
    try:
        async with asyncio.timeout(state.settings.ready_timeout):
            state.ending = [str(one) for one in await state.db.health.partitions()]
            state.migrations = await state.db.health.migrations()
            state.missing = [str(one) for one in await state.db.health.missing()]
    except (SlimyError, TimeoutError):
        state.look_at = 0.0


def _warnings(state: State, pending: Sequence[str]) -> Iterator[str]:
    """Yield what is not well."""
    yield from state.ending
    if pending:
        more = f" and {len(pending) - 1} more" if len(pending) > 1 else ""
        yield f"the migration {pending[0]}{more} is not applied: run `slimy migrate apply`"
    if state.drift:
        yield state.drift
    yield from replicas.warnings(state)
    yield from state.missing[:MOST_TOLD]
    if len(state.missing) > MOST_TOLD:
        yield f"and {len(state.missing) - MOST_TOLD} more: see `slimy health`"
    if state.limits.counts_alone:
        yield "Redis does not answer: each process counts its callers' calls for itself"


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
    """Return what was counted since the start, by all workers together, as Prometheus reads it."""
    told = None
    if call.state.figures is not None:
        told = await scrape.ask(call.state.figures, scrape.PATIENCE * 2)
    text = told or await figures(call.state)
    return web.Response(text=text, content_type="text/plain", charset="utf-8")


async def figures(state: State) -> str:
    """Return what this process has counted, and what it has open, as Prometheus reads it."""
    room = None if state.figures is None else state.figures.parent
    lines = [
        *state.metrics.lines(),
        *metrics.gauge("slimy_http_exports", "Exports being sent.", state.exports),
        *state.admission.lines(),
        *state.crowd.lines(),
        *state.stalls.lines(),
        *_of_worker(state),
        *_of_pool(state.db.pool.snapshot()),
        *replicas.lines(state),
        *await state.pulses.lines(room),
    ]
    return metrics.text(lines)


def _of_worker(state: State) -> Iterator[str]:
    if state.worker is not None:
        name, labels = "slimy_worker_requests_total", {"worker": str(state.worker)}
        yield from metrics.family(name, "counter", "Requests answered by each worker.")
        yield metrics.sample(name, labels, state.metrics.answered)


def _of_pool(snapshot: dict[str, Any]) -> Iterator[str]:
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
    yield from _of_queries(snapshot)


def _of_queries(snapshot: dict[str, Any]) -> Iterator[str]:
    yield from metrics.family("slimy_query_seconds", "histogram", "Time of each named query.")
    for name, query in snapshot["queries"].items():
        yield from metrics.histogram(
            "slimy_query_seconds",
            {"query": name},
            snapshot["bounds"],
            query["buckets"],
            query["seconds"],
        )
    for counted, text in (
        ("rows", "Rows that each named query gave."),
        ("retries", "Times that a named query, or the transaction it undid, was run once more."),
    ):
        yield from metrics.family(f"slimy_query_{counted}_total", "counter", text)
        for name, query in snapshot["queries"].items():
            yield metrics.sample(f"slimy_query_{counted}_total", {"query": name}, query[counted])
    yield from metrics.family("slimy_query_errors_total", "counter", "Errors of each named query.")
    for name, query in snapshot["queries"].items():
        for code, count in query["errors"].items():
            yield metrics.sample("slimy_query_errors_total", {"query": name, "code": code}, count)
    yield from metrics.family("slimy_query_in_flight", "gauge", "Calls at the database just now.")
    for name, count in snapshot["in_flight"].items():
        yield metrics.sample("slimy_query_in_flight", {"query": name}, count)
