"""The door: takes connections from listening sockets, evenly among workers, and closes without losing one."""

import asyncio
import ctypes
import errno
import logging
import os
import socket
import ssl
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from service.connection import Listener
from service.crowd import Crowd
from service.share import ABSENT, Share

BACKLOG: Final = 1024
YIELD: Final = 0.001
"""Seconds for which a worker lets one with fewer connections go first."""
EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
REST: Final = 1.0
"""Seconds until it is tried again when there was no room for a connection."""
LINGER: Final = 0.3
"""Seconds for which connections that were begun before the end may still arrive: a slow round trip."""
TICK: Final = 0.01

SO_ATTACH_FILTER: Final = 26
# Loads the byte of a segment's flags, and drops one that begins a connection: SYN without ACK.
NO_BEGINNINGS: Final = (
    (0x30, 0, 0, 13),
    (0x54, 0, 0, 0x12),
    (0x15, 0, 1, 0x02),
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFFFFFF),
)

_log = logging.getLogger("service")


def listen(host: str, port: int) -> list[socket.socket]:
    """Return listening sockets, one for each address of the host, all on one port; 0 takes a free one.

    Raises OSError, which names host and port.
    """
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        ):
            made = socket.socket(family, kind, protocol)
            sockets.append(made)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind((address[0], port or port_of(sockets), *address[2:]))
            made.listen(BACKLOG)
            made.setblocking(False)  # noqa: FBT003 -- positional only
    except OSError as error:
        for made in sockets:
            made.close()
        raise OSError(
            error.errno, f"cannot listen on {host}:{port}: {error.strerror or error}"
        ) from None
    return sockets


def port_of(sockets: Sequence[socket.socket]) -> int:
    """Return the port that sockets are bound to; 0 before the first is."""
    port: int = sockets[0].getsockname()[1]
    return port


def address(scheme: str, host: str, sockets: Sequence[socket.socket]) -> str:
    """Return the address that callers use."""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port_of(sockets)}"


class Door:
    """Takes connections, one at a time, for as long as it is open.

    The workers of a service have the same sockets: of those that wait for a connection, the one with the fewest takes
    it. A connection that nobody has taken yet is lost with nobody who ends.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        server: Listener,
        crowd: Crowd,
        *,
        tls: ssl.SSLContext | None = None,
        handshake: float = 10.0,
        share: Share | None = None,
    ) -> None:
        self._sockets = list(sockets)
        self._server = server
        self._crowd = crowd
        self._tls = tls
        self._handshake = handshake if tls is not None else None
        self._share = share
        self._arriving: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        crowd.on_change = self._tell
        self._tell()
        for each in self._sockets:
            self._loop.add_reader(each.fileno(), self._ready, each)

    def _tell(self) -> None:
        if self._share is not None:
            self._share.tell(len(self._crowd) + len(self._arriving))

    def _ready(self, listener: socket.socket) -> None:
        if self._share is None or self._share.is_my_turn:
            self._take(listener)
        else:
            self._rest(listener, YIELD)

    def _rest(self, listener: socket.socket, seconds: float) -> None:
        # First the timer: without memory for one, it must not rest for ever.
        self._loop.call_later(seconds, self._rested, listener)
        self._loop.remove_reader(listener.fileno())

    def _rested(self, listener: socket.socket) -> None:
        if listener not in self._sockets:
            return
        try:
            self._loop.add_reader(listener.fileno(), self._ready, listener)
        except (MemoryError, OSError):
            self._loop.call_later(REST, self._rested, listener)
        else:
            self._take(listener)

    def _take(self, listener: socket.socket) -> bool:
        """Take one connection; say whether there was one."""
        try:
            connection, _ = listener.accept()
        except OSError as error:
            if error.errno in EXHAUSTED:
                _log.error("no room for a connection: %s", os.strerror(error.errno or 0))
                self._rest(listener, REST)
            return False
        connection.setblocking(False)  # noqa: FBT003
        task = self._loop.create_task(self._welcome(connection))
        self._arriving.add(task)
        task.add_done_callback(self._arrived)
        self._tell()
        return True

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._arriving.discard(task)
        self._tell()

    async def _welcome(self, connection: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(
                self._server,
                connection,
                ssl=self._tls,
                ssl_handshake_timeout=self._handshake,
            )
        except OSError as error:
            # Whoever speaks no TLS, or leaves meanwhile, cannot be told anything.
            _log.debug("a connection did not come about: %s", type(error).__name__)
            connection.close()

    async def close(self, *, last: bool = False, patience: float = 0.0) -> None:
        """Take no more connections, and wait up to `patience` seconds for the first requests of those that came.

        `last` says that nobody else takes from the sockets: then no connection may begin any more, and those that are
        there already are taken first. Idempotent.
        """
        sockets, self._sockets = self._sockets, []
        if self._share is not None:
            self._share.tell(ABSENT)
            self._share = None
        if last and sockets:
            refuse_beginnings(sockets)
            await asyncio.sleep(LINGER)
        for each in sockets:
            self._loop.remove_reader(each.fileno())
            while last and self._take(each):
                pass
            each.close()
        end = self._loop.time() + patience
        # Once in a door's life; an event would have to be set at every request.
        while (self._arriving or self._server.expects_requests) and self._loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(TICK)


def refuse_beginnings(sockets: Sequence[socket.socket]) -> None:
    """Let no further connection begin on listening sockets, where the system can: its first segment is dropped.

    A connection that is queued when a listener closes is reset although its caller was told that it stands. Dropped
    beginnings are tried again by the caller's system a second later, and then find the door closed.
    """
    if sys.platform != "linux":
        return
    program = b"".join(struct.pack("HBBI", *step) for step in NO_BEGINNINGS)
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HL", len(NO_BEGINNINGS), ctypes.addressof(buffer))
    for each in sockets:
        with suppress(OSError):
            each.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, header)
