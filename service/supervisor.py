"""Runs several worker processes on one port: starts them, starts those anew that die, and ends them together."""

import asyncio
import logging
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from service import door, logs, scrape, server
from service.settings import Settings
from service.share import Share
from service.worker import READY, Orders
from slimy_dal.engine.settings import PoolSettings

STEADY: Final = 10.0
"""Seconds after which a worker that ends is no longer one that fails to start."""
MOST_EARLY: Final = 4
FIRST_PAUSE: Final = 0.25
NO_ROOM: Final = 1.0
"""Seconds until a worker is tried again that could not be started, as for want of descriptors or memory."""
MARGIN: Final = 8.0
"""Seconds a worker has beyond the time of requests: for first requests, the pool and the end of the interpreter."""


def run(settings: Settings, pool: PoolSettings, started: server.Started) -> int:
    """Serve until SIGINT or SIGTERM, in this process or in several of its own, and return the exit code.

    `started` is called with the address once requests are answered. The code is not 0 when no worker starts, when one
    keeps dying, and when one had to be killed at the end. Raises OSError where it cannot listen, and what `serve` does.
    """
    if settings.workers == 1:
        server.run(settings, pool=pool, started=started)
        return 0
    logs.configure(settings.log_level)
    if not settings.cursor_secret:
        # Whoever gets a page from one worker asks another for the next.
        made = secrets.token_urlsafe(32)
        settings = settings.model_copy(update={"cursor_secret": made})
    with ExitStack() as stack:
        sockets = door.listen(settings.host, settings.port)
        for each in sockets:
            stack.enter_context(each)
        room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slimy-")))
        share = Share.make(room / "share", settings.workers)
        stack.callback(share.close)
        logs.event(
            logging.INFO,
            f"{settings.workers} workers open at most {settings.workers * pool.pool_size} "
            "connections to the database",
            workers=settings.workers,
            poolSize=pool.pool_size,
        )
        return asyncio.run(Supervisor(settings, pool, sockets, room, share).run(started))


class Supervisor:
    """The workers of one service. It holds the sockets, and serves nobody itself."""

    def __init__(
        self,
        settings: Settings,
        pool: PoolSettings,
        sockets: Sequence[socket.socket],
        room: Path,
        share: Share,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._sockets = sockets
        self._room = room
        self._share = share
        self._figures = scrape.Figures()
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._ready: set[int] = set()
        self._changed = asyncio.Event()
        self._asked = asyncio.Event()
        self._code = 0

    async def run(self, started: Callable[[str], None] | None) -> int:
        """Run until asked to end, or until it makes no sense; return the exit code."""
        numbers = range(self._settings.workers)
        with _handling(self._signalled, self._settings):
            async with scrape.telling(self._room / "figures", self._gather):
                keepers = [asyncio.create_task(self._keep(number)) for number in numbers[:1]]
                # What is wrong with settings or database is said by one worker, once.
                await self._until(lambda: bool(self._ready))
                if not self._asked.is_set():
                    keepers += [asyncio.create_task(self._keep(number)) for number in numbers[1:]]
                    await self._until(lambda: len(self._ready) == len(numbers))
                if started is not None and not self._asked.is_set():
                    scheme = "https" if self._settings.tls_cert else "http"
                    started(door.address(scheme, self._settings.host, self._sockets))
                await self._asked.wait()
                await self._end(keepers)
        return self._code

    async def _until(self, done: Callable[[], bool]) -> None:
        while not done() and not self._asked.is_set():
            self._changed.clear()
            await self._changed.wait()

    def _signalled(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._send(number)
        elif self._asked.is_set():
            self._send(signal.SIGKILL)
        else:
            self._ask()

    def _ask(self) -> None:
        self._asked.set()
        self._changed.set()

    def _send(self, number: int) -> None:
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.send_signal(number)

    async def _keep(self, number: int) -> None:
        """Keep one worker running until the end is asked for."""
        early, loop = 0, asyncio.get_running_loop()
        while not self._asked.is_set():
            began = loop.time()
            try:
                process, was_ready = await self._run(number)
            except Exception as error:  # noqa: BLE001 -- else it would never be started again
                words = f"worker {number} could not be started; it is tried again: {type(error).__name__}"
                logs.event(logging.ERROR, words, worker=number)
                await self._wait(NO_ROOM)
                continue
            self._share.left(number)
            self._figures.ended(number)
            if self._asked.is_set():
                if process.returncode and (was_ready or process.returncode > 0):
                    self._code = 1
                return
            failed = not was_ready or loop.time() - began < STEADY
            early = early + 1 if failed else 0
            if early >= MOST_EARLY or not (was_ready or self._ready):
                self._give_up(number, process)
                return
            pause = FIRST_PAUSE * 2**early
            _tell(number, process, f"it is started again in {pause:g} seconds")
            await self._wait(pause)

    async def _wait(self, seconds: float) -> None:
        """Let time go by, unless the end is asked for."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), seconds)

    def _give_up(self, number: int, process: asyncio.subprocess.Process) -> None:
        if self._ready:
            self._code = 1
            _tell(number, process, "it keeps ending, so the service ends as well")
        else:
            # A worker that ends by itself has said why.
            self._code = max(process.returncode or 0, 1)
            if (process.returncode or 0) < 0:
                _tell(number, process, "no worker has started")
        self._ask()

    async def _run(self, number: int) -> tuple[asyncio.subprocess.Process, bool]:
        """Run one worker to its end; return its process, and whether it came to serve."""
        ours, theirs = socket.socketpair()
        with theirs:
            handed = [each.fileno() for each in self._sockets if each.fileno() >= 0]
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(f"-W{option}" for option in sys.warnoptions),
                *("-m", "service.worker"),
                stdin=theirs.fileno(),
                pass_fds=handed,
                # A terminal's Ctrl-C is for the supervisor, which tells the workers once.
                process_group=0,
            )
        self._running[number] = process
        if self._asked.is_set():
            process.terminate()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        try:
            orders = Orders(
                number=number,
                sockets=handed,
                room=self._room,
                settings=self._settings,
                pool=self._pool,
            )
            writer.write(orders.model_dump_json().encode() + b"\n")
            was_ready = await reader.readline() == READY
            if was_ready:
                self._ready.add(number)
                self._changed.set()
            await process.wait()
        except OSError:
            was_ready = False
            await process.wait()
        finally:
            writer.close()
            del self._running[number]
        return process, was_ready

    async def _gather(self) -> str:
        """Return the figures of all workers, without those that do not answer in time."""
        numbers = list(self._running)
        said = await asyncio.gather(
            *(scrape.ask(self._room / str(number), scrape.PATIENCE) for number in numbers)
        )
        heard = {number: text for number, text in zip(numbers, said, strict=True) if text}
        return self._figures.text(heard, self._settings.workers)

    async def _end(self, keepers: Iterable[asyncio.Task[None]]) -> None:
        """Tell the workers to finish what runs, and kill those that do not."""
        self._share.end()
        for each in self._sockets:
            # The workers have them: the last of these to close refuses who comes later.
            each.close()
        self._send(signal.SIGTERM)
        settings = self._settings
        patience = settings.drain_delay + settings.shutdown_timeout + MARGIN
        _, late = await asyncio.wait(keepers, timeout=patience)
        if late:
            words = f"workers that did not end in {patience:g} seconds are killed"
            logs.event(logging.ERROR, words, workers=sorted(self._running))
            self._send(signal.SIGKILL)
            await asyncio.wait(late)


def _tell(number: int, process: asyncio.subprocess.Process, words: str) -> None:
    code = process.returncode or 0
    how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    logs.event(logging.ERROR, f"worker {number} {how}: {words}", worker=number, process=process.pid)


@contextmanager
def _handling(handle: Callable[[int], None], settings: Settings) -> Iterator[None]:
    """Call `handle` for the signals that end the service, and for SIGHUP where there is a certificate to renew."""
    loop = asyncio.get_running_loop()
    signals = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if settings.tls_cert else [])]
    for number in signals:
        loop.add_signal_handler(number, handle, number)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
