"""Opens a connection to whichever host of a DSN is the right one, racing them so that a hung host costs little."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

from slimy_dal.engine import driver
from slimy_dal.engine.errors import SlimyError, Unavailable

__all__ = ["Hosts", "hosts_of", "single"]

STAGGER = 0.1
"""Seconds between the starts of two attempts, as for IPv6 and IPv4 in browsers: a healthy first host wins alone."""

DEFAULT_PORT = 5432


def hosts_of(dsn: str) -> list[tuple[str, int]]:
    """Return the hosts a DSN names; none where it leaves them to PGHOST or the default socket."""
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    given = query.get("host", [""])[0].split(",") if "host" in query else []
    ports = query.get("port", [""])[0].split(",") if "port" in query else []
    if not given:
        given = parts.netloc.rpartition("@")[2].split(",")
    found = []
    for number, entry in enumerate(host for host in given if host):
        host, port = _split_port(unquote(entry))
        if not port and ports:
            port = ports[number] if len(ports) > number else ports[-1]
        found.append((host, int(port) if port.isdigit() else DEFAULT_PORT))
    return found


def single(dsn: str) -> list[str]:
    """Return one DSN for each host that a DSN names, else the same; the rest is that of the whole."""
    parts = urlsplit(dsn)
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


def _split_port(entry: str) -> tuple[str, str]:
    if entry.startswith("/"):
        return entry, ""
    if entry.startswith("["):
        host, _, rest = entry[1:].partition("]")
        return host, rest.removeprefix(":")
    host, _, port = entry.partition(":")
    return host, port


class Hosts:
    """The hosts of one DSN; remembers the one that worked last and tries it first."""

    def __init__(
        self, dsn: str, *, target: str | None, settings: Mapping[str, str], named_statements: bool
    ) -> None:
        self._dsn = dsn
        self._target = target
        self._settings = settings
        self._named_statements = named_statements
        self._order: list[tuple[str, int] | None] = [*hosts_of(dsn)] or [None]

    async def connect(self, *, total: float, each: float) -> driver.Connection:
        """Return a session on the first host that qualifies.

        `total` bounds the whole, `each` every single host. Hosts are started one after another
        with a short stagger, or at once when the one before failed.
        Raises what the most telling host answered, or Unavailable.
        """
        attempts: dict[asyncio.Task[driver.Connection], tuple[str, int] | None] = {}
        failures: list[SlimyError] = []
        try:
            async with asyncio.timeout(total):
                for host in list(self._order):
                    attempts[asyncio.create_task(self._attempt(host, each))] = host
                    winner = await self._first(attempts, failures, STAGGER)
                    if winner is not None:
                        return winner
                winner = await self._first(attempts, failures, None)
                if winner is not None:
                    return winner
        except TimeoutError:
            failures.append(
                Unavailable("no server answered in time; it may be starting or failing over")
            )
        finally:
            _abandon(attempts)
        # "wrong password" or "no such database" says more than "refused" from a host that is down.
        failures.sort(key=lambda failure: failure.retryable)
        raise failures[0]

    async def _attempt(self, host: tuple[str, int] | None, each: float) -> driver.Connection:
        return await driver.connect(
            self._dsn,
            timeout=each,
            command_timeout=each,
            settings=self._settings,
            host=host[0] if host else None,
            port=host[1] if host else None,
            target=self._target,
            named_statements=self._named_statements,
        )

    async def _first(
        self,
        attempts: dict[asyncio.Task[driver.Connection], tuple[str, int] | None],
        failures: list[SlimyError],
        patience: float | None,
    ) -> driver.Connection | None:
        """Wait for a success; None when all have failed, or `patience` is over."""
        while attempts:
            done, _ = await asyncio.wait(
                attempts, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                return None
            for task in done:
                host = attempts.pop(task)
                error = task.exception()
                if error is None:
                    self._prefer(host)
                    return task.result()
                if not isinstance(error, SlimyError):
                    raise error
                failures.append(error)
        return None

    def _prefer(self, host: tuple[str, int] | None) -> None:
        if self._order[0] != host:
            self._order.remove(host)
            self._order.insert(0, host)


def _abandon(attempts: Mapping[asyncio.Task[driver.Connection], object]) -> None:
    """Stop the attempts that lost the race; a session that still comes of one is closed."""
    for task in attempts:
        task.add_done_callback(_close_late)
        task.cancel()


def _close_late(task: asyncio.Task[driver.Connection]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().drop()
