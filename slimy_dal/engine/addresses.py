"""Tries all addresses of a host's name beside each other, so that a dead one among them costs little."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

__all__ = ["Pinned", "addresses", "fastest"]

T = TypeVar("T")

STAGGER = 0.1
"""Seconds between the starts of two attempts: a healthy first address wins alone."""


class Pinned:
    """The running event loop, with all connections going to one address of the host they are for.

    The host keeps its name: certificates are checked against that, and what is to be cancelled later is
    cancelled on the server that runs it, whichever address the name gives then.
    """

    def __init__(self, address: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._address = address

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def __eq__(self, other: object) -> bool:
        # asyncio.current_task(loop) looks the loop up in a dict.
        return other is self._loop or other is self

    def __hash__(self) -> int:
        return hash(self._loop)

    async def create_connection(self, factory: Any, host: str, port: int, **options: Any) -> Any:
        """Connect to the address in place of the host."""
        del host
        return await self._loop.create_connection(factory, self._address, port, **options)


async def addresses(host: str | None, port: int | None) -> list[str]:
    """Return the addresses of a host's name; none where it is an address or a socket's folder already, or unknown."""
    if not host or host.startswith("/"):
        return []
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return []
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return []  # the driver's own look says what is wrong
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def fastest(openings: Sequence[Callable[[], Awaitable[T]]], drop: Callable[[T], None]) -> T:
    """Return what the first opening that succeeds gave; each starts a little after the one before, or when that failed.

    What comes too late is given to `drop`. Raises what the first opening raised where all fail.
    """
    running: list[asyncio.Task[T]] = []
    try:
        for number, opening in enumerate(openings, start=1):
            running.append(asyncio.ensure_future(opening()))
            patience = STAGGER if number < len(openings) else None
            if (winner := await _winner(running, patience)) is not None:
                running.remove(winner)
                return winner.result()
        return running[0].result()
    finally:
        for task in running:
            task.add_done_callback(lambda task: _late(task, drop))
            task.cancel()


async def _winner(
    running: Sequence[asyncio.Task[T]], patience: float | None
) -> asyncio.Task[T] | None:
    """Wait for a success; None where all have failed, or `patience` is over."""
    while True:
        for task in running:
            if task.done() and task.exception() is None:
                return task
        left = [task for task in running if not task.done()]
        if not left:
            return None
        done, _ = await asyncio.wait(left, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            return None


def _late(task: asyncio.Task[T], drop: Callable[[T], None]) -> None:
    if not task.cancelled() and task.exception() is None:
        drop(task.result())
