"""Makes the application: the routes, the checks around them, and the document that describes them."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from inspect import signature

from aiohttp import web
from aiohttp.typedefs import Handler

from service import (
    api_keys,
    audit_logs,
    chat_messages,
    club_analyses,
    club_analysis_images,
    club_members,
    club_metrics,
    code_reports,
    conversations,
    discord,
    docs,
    exports,
    guild_feature_flags,
    guild_personalities,
    guild_settings,
    guilds,
    health,
    memberships,
    openapi,
    proxies,
    screenshot_analyses,
    screenshot_comparisons,
    screenshot_data,
    screenshot_insights,
    screenshot_recommendations,
    screenshot_tags,
    sessions,
    stats,
    unmatched,
    user_preferences,
    users,
)
from service.accesslog import AccessLog
from service.admission import AT_ONCE, Admission
from service.catalogue import CATALOGUE
from service.crowd import Crowd
from service.endpoint import Endpoint
from service.limits import Limits, Rate, RateClass
from service.metrics import Metrics
from service.pipeline import Pipeline
from service.principals import Gate
from service.pulse import Pulses
from service.routes import BULK_BODY, Route, Routes, pattern
from service.settings import Settings
from service.state import State
from slimy_dal.compiler import project
from slimy_dal.domain.database import Database
from slimy_dal.engine.redis import Redis

STATE = web.AppKey("state", State)

GROUPS: tuple[Routes, ...] = (
    users.routes,
    user_preferences.routes,
    sessions.routes,
    guilds.routes,
    guild_feature_flags.routes,
    guild_settings.routes,
    guild_personalities.routes,
    memberships.routes,
    club_members.routes,
    club_analyses.routes,
    club_analysis_images.routes,
    club_metrics.routes,
    screenshot_analyses.routes,
    screenshot_data.routes,
    screenshot_tags.routes,
    screenshot_insights.routes,
    screenshot_recommendations.routes,
    screenshot_comparisons.routes,
    conversations.routes,
    chat_messages.routes,
    code_reports.routes,
    stats.routes,
    audit_logs.routes,
    exports.routes,
    discord.routes,
    api_keys.routes,
    health.routes,
    docs.routes,
)


def groups(settings: Settings) -> tuple[Routes, ...]:
    """Return the routes that are served with these settings."""
    return (*GROUPS, docs.pages) if settings.docs else GROUPS


def endpoints(served: Sequence[Routes]) -> list[Endpoint]:
    """Compile the routes. Raises ValueError for one that nobody could call or whose document would be wrong.

    Once per process, whatever the number of applications: it takes as long as some thousand requests.
    """
    return list(_compiled(tuple(served)))


@cache
def _compiled(served: tuple[Routes, ...]) -> tuple[Endpoint, ...]:
    made = [Endpoint(route) for group in served for route in group]
    seen: set[str] = set()
    for endpoint in made:
        for lack in _lacks(endpoint, seen):
            raise ValueError(f"{endpoint.route.method} {endpoint.route.path}: {lack}")
        seen.add(endpoint.route.operation_id)
    return tuple(made)


@cache
def _document(served: tuple[Routes, ...], server: str) -> bytes:
    return openapi.document(_compiled(served), served, server=server, version=version("slimy_dal"))


def _lacks(endpoint: Endpoint, seen: set[str]) -> Iterator[str]:
    """Yield what keeps a route from being served: it would surprise those who call it, or tell them too little."""
    route = endpoint.route
    if route.operation_id in seen:
        yield f"the operation id {route.operation_id} is taken"
    if not route.summary:
        yield "its handler has no docstring, which is its documentation"
    if unknown := set(route.problems) - set(CATALOGUE):
        yield f"there are no problems named {sorted(unknown)}"
    if (route.rate_class == "none") != route.policy.public:
        yield "it has no rate class, and is not for everybody"
    if endpoint.body is not None and route.body_example is None:
        yield "its body has no example"
    if unknown := set(route.examples) - set(signature(route.handler).parameters):
        yield f"it has examples of what it does not take: {sorted(unknown)}"
    try:
        endpoint.examples  # noqa: B018 -- computing them finds what is not there
    except ValueError as error:
        yield str(error)


def create_app(
    settings: Settings,
    db: Database,
    *,
    keeps_tokens: bool = True,
    access_log: AccessLog | None = None,
    redis: Redis | None = None,
) -> web.Application:
    """Return the application over an open database.

    `keeps_tokens` says whether that database was opened with keys to encrypt Discord tokens with.
    """
    served = groups(settings)
    compiled = endpoints(served)
    state = State(
        settings=settings,
        db=db,
        gate=Gate(db, remember=settings.key_cache_seconds),
        metrics=Metrics(),
        limits=_limits(settings, redis),
        admission=_admission(settings, db),
        crowd=Crowd(settings.max_connections),
        pulses=Pulses(db),
        document=_document(served, settings.public_url),
        keeps_tokens=keeps_tokens,
        proxies=proxies.networks(settings.trusted_proxies),
        release=release(),
    )
    # Around each handler by itself: what aiohttp puts between a middleware and a handler costs as much as the floor.
    pipeline = Pipeline(state, access_log)
    app = web.Application(client_max_size=BULK_BODY)
    app[STATE] = state
    paths = frozenset(endpoint.route.path for endpoint in compiled)
    for endpoint in compiled:
        _add(app, endpoint.route, pipeline.around(endpoint), paths)
    app.router.add_route("*", unmatched.PATH, pipeline.around(None), expect_handler=_expected)
    app.on_shutdown.append(_settle)
    return app


def release() -> tuple[str, ...]:
    """Return the ids of the migrations that this release brings. Raises ProjectNotFound."""
    files = project.find().migrations.glob("*.sql")
    return tuple(sorted(file.stem for file in files if not file.stem.endswith(".rollback")))


def _admission(settings: Settings, db: Database) -> Admission:
    supply, pool = db.pool.supply, db.pool.settings
    return Admission(
        settings.max_in_flight,
        pool.pool_size,
        settings.queue_patience,
        supply.waiters.longest,
        stalled=pool.stuck_share,
        at_once=AT_ONCE if pool.stuck_share < 1 else 1.0,  # 1 lets what is stuck have all
        relieve=lambda: supply.bulkhead.relieve(supply.busy()),
    )


def _limits(settings: Settings, redis: Redis | None) -> Limits:
    rates: dict[RateClass, str] = {
        "read": settings.rate_read,
        "write": settings.rate_write,
        "bulk": settings.rate_bulk,
    }
    return Limits({name: Rate.parse(text) for name, text in rates.items()}, redis)


async def _settle(app: web.Application) -> None:
    await app[STATE].settle()


def _add(app: web.Application, route: Route, handler: Handler, paths: frozenset[str]) -> None:
    path = pattern(route.path, paths)
    app.router.add_route(route.method, path, handler, expect_handler=_expected)
    if route.method == "GET":
        app.router.add_route("HEAD", path, handler, expect_handler=_expected)


async def _expected(request: web.Request) -> None:
    """Invite the body of a client that waits for the invitation; ignore what else it may expect."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
