"""The only place that imports asyncpg: connecting, codecs, and what the compiler asks of a session."""

# ruff: noqa: ASYNC109 -- a timeout here is the driver's own timer, which also cancels on the server

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import asyncpg
from asyncpg import BitString, Box, Circle, Line, LineSegment, Path, Point, Polygon, Range
from asyncpg.protocol.protocol import NO_TIMEOUT

from slimy_dal.engine import jsontext
from slimy_dal.engine.addresses import Pinned, addresses, fastest
from slimy_dal.engine.classify import classify
from slimy_dal.engine.errors import InternalError
from slimy_dal.engine.notice import Notice
from slimy_dal.engine.pooler import Pooler
from slimy_dal.engine.session import Session
from slimy_dal.engine.untrusted import unreadable

__all__ = [
    "NO_TIMEOUT",
    "BitString",
    "Box",
    "Circle",
    "Connection",
    "Line",
    "LineSegment",
    "Notice",
    "Path",
    "Point",
    "Polygon",
    "Prepared",
    "Range",
    "connect",
]


CODECS = (
    ("jsonb", jsontext.encode_jsonb, jsontext.decode_jsonb),
    ("json", jsontext.encode_json, jsontext.decode_json),
)

KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""Seconds until an idle line is looked at, seconds between two looks, and how many must fail: dead after a minute."""

KIND = "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::boolean"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the server says about a statement: type OIDs of its parameters, names and type OIDs of its columns."""

    parameters: tuple[int, ...]
    columns: tuple[tuple[str, int], ...]


class Connection(Session):
    """A session that also runs statements given as text, for the compiler and other tools."""

    __slots__ = ()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def fetch(self, sql: str, *arguments: Any, timeout: float | None = None) -> list[Any]:
        """Run one statement and return its rows."""
        try:
            rows: list[Any] = await self._raw.fetch(sql, *arguments, timeout=timeout)
        except Exception as error:  # noqa: BLE001 -- the classifier knows every kind
            raise classify(error, reading=True) from None
        return rows

    async def execute(self, sql: str, *, timeout: float | None = None) -> str:
        """Run one or more statements without parameters; return the last one's status."""
        try:
            status: str = await self._raw.execute(sql, timeout=timeout)
        except Exception as error:  # noqa: BLE001
            raise classify(error) from None
        return status

    async def line(self, sql: str, *, timeout: float | None = None) -> list[str]:
        """Run a query without parameters that gives one row of plain values; return its text, "" for NULL.

        By COPY: one round trip, where a fetch prepares first.
        """
        got = bytearray()

        async def keep(data: bytes) -> None:
            got.extend(data)

        try:
            await self._raw.copy_from_query(sql, output=keep, null="", timeout=timeout)
        except Exception as error:  # noqa: BLE001
            raise classify(error) from None
        return got.decode().removesuffix("\n").split("\t")

    async def prepare(self, sql: str, *, timeout: float | None = None) -> Prepared:
        """Let the server analyse a statement, without keeping it, and return its description."""
        try:
            statement = await self._raw.prepare(sql, name="", timeout=timeout)
        except Exception as error:  # noqa: BLE001
            raise classify(error) from None
        return Prepared(
            tuple(kind.oid for kind in statement.get_parameters()),
            tuple((column.name, column.type.oid) for column in statement.get_attributes()),
        )

    def add_log_listener(self, listener: Callable[[Notice], None]) -> None:
        """Call `listener` for every message of the server that is no error."""
        self._listeners.append(listener)

    def server_version(self) -> tuple[int, int]:
        """Return major and minor version."""
        version = self._raw.get_server_version()
        return (version.major, version.minor)

    async def close(self, *, timeout: float = 2.0) -> None:
        """End the session in an orderly way, or cut it after `timeout` seconds."""
        try:
            await self._raw.close(timeout=timeout)
        except Exception:  # noqa: BLE001 -- closing what is broken already is no failure
            self._raw.terminate()


async def connect(
    dsn: str,
    *,
    timeout: float = 10.0,
    command_timeout: float | None = None,
    settings: Mapping[str, str] | None = None,
    host: str | None = None,
    port: int | None = None,
    target: str | None = None,
    pooler: Pooler = "off",
) -> Connection:
    """Open one session.

    `settings` are server settings for its life; `host` and `port` override those of the DSN;
    `target` asks for a kind of server ("read-write", "standby"); `pooler` says that it is reached through PgBouncer in
    transaction mode, and whether that one keeps prepared statements.
    Raises Unavailable, TooManyConnections, PermissionDenied or SchemaMismatch (no such database).
    """
    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "timeout": timeout,
        "command_timeout": command_timeout,
        "server_settings": dict(settings) if settings else None,
        "target_session_attrs": target if pooler == "off" else None,
        "statement_cache_size": 100 if pooler == "off" else 0,
    }
    try:
        async with asyncio.timeout(timeout):
            raw = await _open(dsn, options)
            await _made_ready(raw, target if pooler != "off" else None)
    except Exception as error:  # noqa: BLE001
        problem = unreadable(dsn) if isinstance(error, OSError) else None
        raise (InternalError(problem) if problem else classify(error, connecting=True)) from None
    return Connection(raw, NO_TIMEOUT, pooler)


async def _open(dsn: str, options: Mapping[str, Any]) -> Any:
    """Open the driver's session, at whichever address of the host answers first."""

    def at(address: str) -> Callable[[], Awaitable[Any]]:
        return lambda: asyncpg.connect(dsn, **{**options, "loop": Pinned(address)})

    found = await addresses(options["host"], options["port"])
    if len(found) > 1:
        return await fastest([at(address) for address in found], lambda raw: raw.terminate())
    return await asyncpg.connect(dsn, **options)


async def _made_ready(raw: Any, target: str | None) -> None:
    """Teach a session its codecs, where it is one of the kind asked for; it is ended where that fails."""
    try:
        if target is not None:
            await _ask(raw, target)
        for name, encoder, decoder in CODECS:
            await raw.set_type_codec(
                name, schema="pg_catalog", format="binary", encoder=encoder, decoder=decoder
            )
        _keep_alive(raw._transport.get_extra_info("socket"))  # noqa: SLF001 -- no public way to it
    except BaseException:
        raw.terminate()
        raise


def _keep_alive(line: socket.socket) -> None:
    """Have the system look after an idle line: so it is not forgotten on the way, or its loss is noticed before a call.

    No limit on what is unacknowledged: a server that has to wait before it reads on would be cut off.
    """
    if line.family == socket.AF_UNIX:
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, number in KEEPALIVE.items():
        if hasattr(socket, name):
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), number)


async def _ask(raw: Any, target: str) -> None:
    """Ask the server behind a pooler what it is, whose greeting is what it remembers.

    Raises what asyncpg raises for a server of another kind.
    """
    standby, read_only = await raw.fetchrow(KIND)
    found = {"read-write": not read_only, "primary": not standby}
    found |= {"read-only": read_only, "standby": standby}
    if not found.get(target, True):
        raise asyncpg.TargetServerAttributeNotMatched(f"the server is not {target}")
