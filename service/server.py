"""Runs the application: listens, and ends without losing a request."""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import uvloop
from aiohttp import web

from service import logs
from service.accesslog import AccessLog
from service.app import STATE, create_app
from service.connection import Bounds, Runner
from service.settings import Settings
from slimy_dal.domain.database import Database
from slimy_dal.engine.redis import Redis
from slimy_dal.engine.secrets import Keyring
from slimy_dal.engine.settings import PoolSettings


class DriftError(Exception):
    """The database is not the one the queries were made for; the message says what differs."""


_log = logging.getLogger("service")

COLLECT = (20_000, 20, 50)
"""Objects made before the young ones are looked through, and how often before the older ones are."""


@asynccontextmanager
async def listening(app: web.Application, settings: Settings) -> AsyncIterator[str]:
    """Answer requests for the time of the block, and give the address; the end waits for running requests."""
    runner = Runner(
        app,
        Bounds(settings.header_timeout, settings.reader_patience, app[STATE].crowd),
        access_log=None,
        keepalive_timeout=settings.keepalive_timeout,
        shutdown_timeout=settings.shutdown_timeout,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        yield f"http://{host}:{site.port}"
    finally:
        await runner.cleanup()


async def serve(
    settings: Settings,
    *,
    pool: PoolSettings | None = None,
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; `started` is called with the address once requests are answered.

    At the signal the process stops being ready but goes on answering for `drain_delay` seconds, so that
    balancers notice; then it closes the door, finishes what runs, and closes the database.
    """
    keyring = Keyring.parse(settings.encryption_keys) if settings.encryption_keys else None
    secret = settings.cursor_secret.encode() if settings.cursor_secret else None
    log = AccessLog() if settings.access_log else None
    async with AsyncExitStack() as stack:
        asked = stack.enter_context(_asked_to_end())
        db = await stack.enter_async_context(
            Database.open(
                settings.database_url, keyring=keyring, cursor_secret=secret, settings=pool
            )
        )
        drift = await _check_schema(db, settings)
        redis = None
        if settings.redis_url:
            redis = await stack.enter_async_context(Redis.open(settings.redis_url))
        app = create_app(
            settings, db, keeps_tokens=keyring is not None, access_log=log, redis=redis
        )
        app[STATE].drift = drift
        _keep_what_is_there()
        address = await stack.enter_async_context(listening(app, settings))
        if started is not None:
            started(address)
        await asked.wait()
        app[STATE].draining = True
        await asyncio.sleep(settings.drain_delay)
    if log is not None:
        log.flush()


def _keep_what_is_there() -> None:
    """Let the collector of garbage look only at what requests make.

    Routes, models and documents are hundreds of thousands of objects that live as long as the process: looking through
    them again and again cost a quarter of a request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)


async def _check_schema(db: Database, settings: Settings) -> str:
    """Compare the database with what the queries were proven against, before the first request; return what differs."""
    found = await db.health.drift()
    for difference in found:
        _log.warning("the database differs from what the queries need: %s", difference)
    if not found:
        return ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    words = f"the database differs from what the queries need: {found[0]}{more}"
    if settings.on_drift == "refuse":
        raise DriftError(
            f"{words}; apply the migrations, or set SLIMY_ON_DRIFT=warn to serve all the same"
        )
    return words


@contextmanager
def _asked_to_end() -> Iterator[asyncio.Event]:
    """Give an event for the first SIGINT or SIGTERM; a second one ends the process at once."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def stop_watching() -> None:
        for number in signals:
            loop.remove_signal_handler(number)

    def ask() -> None:
        asked.set()
        stop_watching()

    for number in signals:
        loop.add_signal_handler(number, ask)
    try:
        yield asked
    finally:
        stop_watching()


def run(
    settings: Settings,
    *,
    pool: PoolSettings | None = None,
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve in this process until it is asked to end; see `serve`."""
    logs.configure(settings.log_level)
    uvloop.run(serve(settings, pool=pool, started=started))
