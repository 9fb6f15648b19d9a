"""Runs the application: listens, and ends without losing a request."""

import asyncio
import gc
import logging
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final

import uvloop
from aiohttp import web

from service import arrival, door, health, logs, scrape, tls, watchdog
from service.accesslog import AccessLog
from service.app import STATE, create_app
from service.connection import Bounds, Runner
from service.door import Door
from service.settings import Settings, SettingsError
from service.share import Place, Share
from slimy_dal.domain.database import Database
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.redis import Redis
from slimy_dal.engine.secrets import Keyring, KeyringError
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.settings import SettingsError as PoolSettingsError

FIRST_REQUEST: Final = 1.0
"""Seconds that connections which came just before the end have for their first request."""

Started = Callable[[str], None]


_log = logging.getLogger("service")

COLLECT = (20_000, 20, 50)
"""Objects made before the young ones are looked through, and how often before the older ones are."""


@asynccontextmanager
async def listening(app: web.Application, settings: Settings) -> AsyncIterator[str]:
    """Answer requests for the time of the block, and give the address; the end waits for running requests."""
    sockets = door.listen(settings.host, settings.port)
    address = door.address("http", settings.host, sockets)
    async with _open(app, settings, sockets):
        yield address


@asynccontextmanager
async def _open(
    app: web.Application,
    settings: Settings,
    sockets: Sequence[socket.socket],
    context: ssl.SSLContext | None = None,
    share: Share | None = None,
) -> AsyncIterator[Door]:
    runner = Runner(
        app,
        Bounds(settings.header_timeout, settings.reader_patience, app[STATE].crowd),
        access_log=None,
        keepalive_timeout=settings.keepalive_timeout,
        shutdown_timeout=settings.shutdown_timeout,
    )
    await runner.setup()
    opened = Door(
        sockets,
        runner.listener,
        app[STATE].crowd,
        tls=context,
        handshake=settings.header_timeout,
        share=share,
    )
    try:
        yield opened
    finally:
        await opened.close()
        await runner.cleanup()


async def serve(
    settings: Settings,
    *,
    pool: PoolSettings | None = None,
    started: Started | None = None,
    place: Place | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; `started` is called with the address once requests are answered.

    At the signal the process stops being ready but goes on answering for `drain_delay` seconds, so that
    balancers notice; then it closes the door, finishes what runs, and closes the database. `place` is that of one
    worker among several; it ends with its supervisor as well.
    """
    log = AccessLog() if settings.access_log else None
    async with AsyncExitStack() as stack:
        asked = stack.enter_context(_asked_to_end())
        context = tls.context(settings)
        app = await _application(stack, settings, pool, log)
        await stack.enter_async_context(arrival.compared(state := app[STATE], asked))
        stack.enter_context(watchdog.watching(state.stalls))
        if context is not None:
            stack.enter_context(_renewing(context, settings))
        if place is not None:
            stack.enter_context(_bound(place, asked))
            state.worker, state.figures = place.number, place.figures
            own = scrape.telling(place.room / str(place.number), lambda: health.figures(state))
            await stack.enter_async_context(own)
        sockets = door.listen(settings.host, settings.port) if place is None else place.sockets
        address = door.address("http" if context is None else "https", settings.host, sockets)
        share = None if place is None else place.share
        _keep_what_is_there()
        opened = await stack.enter_async_context(_open(app, settings, sockets, context, share))
        if started is not None:
            started(address)
        await asked.wait()
        state.draining = True
        await asyncio.sleep(settings.drain_delay)
        await opened.close(last=share is None or share.ending, patience=FIRST_REQUEST)
    if log is not None:
        log.flush()


async def _application(
    stack: AsyncExitStack,
    settings: Settings,
    pool: PoolSettings | None,
    log: AccessLog | None,
) -> web.Application:
    """Return the application over what it needs, which is open until the stack ends."""
    stack.enter_context(_tracing(settings))
    keyring = Keyring.parse(settings.encryption_keys) if settings.encryption_keys else None
    secret = settings.cursor_secret.encode() if settings.cursor_secret else None
    patient = (pool or PoolSettings()).model_copy(update={"patient_start": True})
    db = await stack.enter_async_context(
        Database.open(
            settings.database_url,
            keyring=keyring,
            cursor_secret=secret,
            settings=patient,
            replicas=settings.replica_url or None,
        )
    )
    redis = None
    if settings.redis_url:
        redis = await stack.enter_async_context(Redis.open(settings.redis_url))
    return create_app(settings, db, keeps_tokens=keyring is not None, access_log=log, redis=redis)


@contextmanager
def _tracing(settings: Settings) -> Iterator[None]:
    """Make spans where they are asked for."""
    if not settings.otel:
        yield
        return
    from slimy_dal.engine import otel  # noqa: PLC0415 -- what it needs may not be installed

    with otel.tracing():
        yield


def _keep_what_is_there() -> None:
    """Let the collector of garbage look only at what requests make.

    Routes, models and documents are hundreds of thousands of objects that live as long as the process: looking through
    them again and again cost a quarter of a request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)


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


@contextmanager
def _renewing(context: ssl.SSLContext, settings: Settings) -> Iterator[None]:
    """Read certificate and key again at SIGHUP."""

    def renew() -> None:
        try:
            tls.renew(context, settings)
        except SettingsError as error:
            _log.error("the certificate stays the old one: %s", error)
        else:
            _log.info("the certificate was read again")

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, renew)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


@contextmanager
def _bound(place: Place, asked: asyncio.Event) -> Iterator[None]:
    """Ask for the end when the supervisor is gone: nobody would end this process any more."""
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(place.channel.fileno())
        place.share.end()
        asked.set()

    loop.add_reader(place.channel.fileno(), gone)
    try:
        yield
    finally:
        loop.remove_reader(place.channel.fileno())


def run(
    settings: Settings,
    *,
    pool: PoolSettings | None = None,
    started: Started | None = None,
    place: Place | None = None,
) -> None:
    """Serve in this process until it is asked to end; see `serve`."""
    logs.configure(settings.log_level)
    uvloop.run(serve(settings, pool=pool, started=started, place=place))


def plainly(work: Callable[[], int]) -> int:
    """Return the exit code of `work`; what keeps it from serving is one line on standard error.

    The code is then 2 for settings that cannot be used, and 1 for all the rest.
    """
    try:
        return work()
    except (SettingsError, PoolSettingsError, KeyringError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (arrival.DriftError, SlimyError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
