"""Opens a connection to whichever host of a DSN is the right one, racing them so that a hung host costs little."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Self, TypeAlias
from urllib.parse import SplitResult, parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

from slimy_dal.engine import driver
from slimy_dal.engine.errors import InternalError, SlimyError, Unavailable
from slimy_dal.engine.history import History, Refused
from slimy_dal.engine.origin import Origin
from slimy_dal.engine.pooler import Pooler
from slimy_dal.engine.settings import PoolSettings

__all__ = ["Hosts", "hosts_of", "single"]

STAGGER = 0.1
"""Seconds between the starts of two attempts, as for IPv6 and IPv4 in browsers: a healthy first host wins alone."""

AGAIN = 0.5
"""Seconds until a host that failed is asked again while another one hangs: it may be promoted meanwhile."""

DEFAULT_PORT = 5432

Address: TypeAlias = tuple[str, int] | None
"""None is what the environment, or the default socket, says."""


def hosts_of(dsn: str) -> list[tuple[str, int]]:
    """Return the hosts a DSN names, or PGHOST where it names none; none where that is one, or the default socket.

    A port that is not given is PGPORT's, as in libpq (PostgreSQL manual, "Environment Variables"). Raises InternalError
    for a port that is no number: it is not to become the usual one.
    """
    parts = _split(dsn)
    query = parse_qs(parts.query)
    given = query.get("host", [""])[0].split(",") if "host" in query else []
    ports = query.get("port", [os.environ.get("PGPORT", "")])[0].split(",")
    if not given:
        given = parts.netloc.rpartition("@")[2].split(",")
    named = [_split_port(entry) for entry in given if entry]
    if not named and "," in (several := os.environ.get("PGHOST", "")):
        named = [(host, "") for host in several.split(",") if host]
    found = []
    for number, (host, own) in enumerate(named):
        port = own or (ports[number] if len(ports) > number else ports[-1])
        if port and not (port.isascii() and port.isdigit()):
            raise InternalError("the connection settings are not valid: a port is no number")
        found.append((host, int(port or DEFAULT_PORT)))
    return found


def single(dsn: str) -> list[str]:
    """Return one DSN for each host that a DSN names, else the same; the rest is that of the whole."""
    parts = _split(dsn)
    user, at, _ = parts.netloc.rpartition("@")
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in {"host", "port"}]
    return [
        parts._replace(
            netloc=f"{user}{at}",
            query=urlencode(
                [*kept, ("host", f"[{host}]" if ":" in host else host), ("port", port)],
                quote_via=quote,
            ),
        ).geturl()
        for host, port in hosts_of(dsn)
    ] or [dsn]


def _split(dsn: str) -> SplitResult:
    try:
        return urlsplit(dsn)
    except ValueError:  # its words may hold the password
        problem = (
            "the connection settings are not valid: quote the special characters in DATABASE_URL"
        )
        raise InternalError(problem) from None


def _split_port(entry: str) -> tuple[str, str]:
    if entry.startswith("/"):
        return unquote(entry), ""
    if entry.startswith("["):
        host, _, rest = entry[1:].partition("]")
        return unquote(host), rest.removeprefix(":")
    host, _, port = entry.partition(":")  # of a socket's folder too: %2Frun:5433
    return unquote(host), port


class Hosts:
    """The hosts of one DSN; remembers the one that worked last and tries it first.

    With a `history`, a server that is not the present end of it is a host that failed.
    """

    def __init__(
        self,
        dsn: str,
        *,
        target: str | None,
        settings: Mapping[str, str],
        pooler: Pooler = "off",
        history: History | None = None,
    ) -> None:
        self._dsn = dsn
        self._target = target
        self._settings = settings
        self._pooler: Pooler = pooler
        self._order: list[Address] = [*hosts_of(dsn)] or [None]
        self.history = history

    @classmethod
    def of(cls, dsn: str, settings: PoolSettings, events: Counter[str]) -> Self:
        """Return the hosts of a pool; `events` counts what is refused and what changed.

        Where there is one host only, and that a pooler, nobody is asked what it is: there is no choice, and the
        question would have to wait for a session of the server, as the calls do.
        """
        several, pooler = len(hosts_of(dsn)) > 1, settings.pgbouncer
        chosen = several or pooler == "off"
        history = History(events, several=several)
        return cls(
            dsn,
            target="read-write" if settings.read_write and chosen else None,
            settings=settings.server_settings(),
            pooler=pooler,
            history=history if settings.refuse_old_timelines and chosen else None,
        )

    @property
    def several(self) -> bool:
        """Whether there is another host to look at."""
        return self.history is not None and len(self._order) > 1

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` when sessions may have been left behind."""
        if self.history is not None:
            self.history.on_change.append(listener)

    def passed(self, origin: Origin) -> bool:
        """Tell whether a session that began there was left behind."""
        return self.history is not None and self.history.passed(origin)

    async def connect(self, *, total: float, each: float) -> driver.Connection:
        """Return a session on the first host that qualifies.

        `total` bounds the whole, `each` every single host. Hosts are started one after another
        with a short stagger, or at once when the one before failed; those that failed are asked
        again as long as another one has not answered at all.
        Raises what the most telling host answered, or Unavailable.
        """
        race = _Race(self.passed)
        try:
            async with asyncio.timeout(total):
                for host in list(self._order):
                    race.enter(host, self._attempt(host, each, self._target))
                    if await race.won(STAGGER):
                        break
                end = time.monotonic() + each
                while race.winner is None and not await race.won(AGAIN) and race.running:
                    if time.monotonic() < end:
                        for host in race.out():
                            race.enter(host, self._attempt(host, each, self._target))
        except TimeoutError:
            race.failures.append(
                Unavailable("no server answered in time; it may be starting or failing over")
            )
        finally:
            race.abandon()
        if race.winner is not None:
            self._prefer(race.winner.origin.host)
            return race.winner
        # "wrong password" or "no such database" says more than "refused" from a host that is down.
        race.failures.sort(
            key=lambda failure: (failure.retryable, not isinstance(failure, Refused))
        )
        raise race.failures[0]

    async def look_around(self, each: float) -> None:
        """Ask the hosts that are not in use whether one of them was promoted; `history` hears of it. Never fails."""
        if self.history is not None:
            await asyncio.gather(
                *(self._look(self.history, host, each) for host in self._order[1:])
            )

    async def _look(self, history: History, host: Address, each: float) -> None:
        with suppress(SlimyError):
            connection = await self._attempt(host, each, "any")
            try:
                begun = connection.origin
                if begun.timeline and not history.passed(begun):
                    self._prefer(host)
                await connection.close()
            finally:
                connection.drop()

    async def _attempt(self, host: Address, each: float, target: str | None) -> driver.Connection:
        connection = await driver.connect(
            self._dsn,
            timeout=each,
            command_timeout=each,
            settings=self._settings,
            host=host[0] if host else None,
            port=host[1] if host else None,
            target=target,
            pooler=self._pooler,
        )
        connection.origin = Origin(host)
        if self.history is not None:
            try:
                await self.history.examine(connection, timeout=each)
            except BaseException:
                connection.drop()
                raise
        return connection

    def _prefer(self, host: Address) -> None:
        if self._order[0] != host:
            self._order.remove(host)
            self._order.insert(0, host)


class _Race:
    """Attempts that run beside each other until one is won; `failures` holds what the others raised."""

    def __init__(self, passed: Callable[[Origin], bool]) -> None:
        self._passed = passed
        self._hosts: list[Address] = []
        self.running: dict[asyncio.Task[driver.Connection], Address] = {}
        self.failures: list[SlimyError] = []
        self.winner: driver.Connection | None = None

    def enter(self, host: Address, attempt: Coroutine[Any, Any, driver.Connection]) -> None:
        self.running[asyncio.create_task(attempt)] = host
        if host not in self._hosts:
            self._hosts.append(host)

    def out(self) -> list[Address]:
        """Return the hosts that failed."""
        running = self.running.values()
        return [host for host in self._hosts if host not in running]

    async def won(self, patience: float) -> bool:
        """Wait for a winner; false when all have failed, or `patience` is over."""
        while self.running:
            done, _ = await asyncio.wait(
                self.running, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                return False
            for task in done:
                del self.running[task]
                error = task.exception()
                if error is None:
                    self._finish(task.result())
                elif isinstance(error, SlimyError):
                    self.failures.append(error)
                elif self.winner is None:
                    raise error
            if self.winner is not None:
                return True
        return False

    def _finish(self, connection: driver.Connection) -> None:
        # Another host may have shown a later timeline since this one was asked for its own.
        if self._passed(connection.origin):
            self.failures.append(Unavailable("the server was left behind while connecting to it"))
            connection.drop()
        elif self.winner is None:
            self.winner = connection
        else:
            connection.drop()

    def abandon(self) -> None:
        """Stop the attempts that lost; a session that still comes of one is closed."""
        for task in self.running:
            task.add_done_callback(_close_late)
            task.cancel()


def _close_late(task: asyncio.Task[driver.Connection]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().drop()
