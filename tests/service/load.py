"""Callers who count what they send and what comes back, and never send anything twice."""

import asyncio
import ssl
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Tally:
    """What became of requests."""

    sent: int = 0
    answered: Counter[int] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    """Requests on connections that stood, without an answer."""
    refused: float | None = None
    """When no connection could be made any more."""

    @property
    def complete(self) -> bool:
        return not self.lost and self.sent == self.answered.total()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Return the status of one whole answer, and whether its connection ends with it."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    await reader.readexactly(length)
    return int(head.split(" ")[1]), "connection: close" in head


async def hammer(
    address: str,
    path: str,
    tally: Tally,
    *,
    key: str = "",
    keep: bool,
    requests: int = 1_000_000,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Send requests one after the other until none can be sent any more, on one connection for as long as it lasts."""
    found = urlsplit(address)
    head = [f"GET {path} HTTP/1.1", f"Host: {found.netloc}", f"Authorization: Bearer {key}"]
    request = "\r\n".join([*head, *([] if keep else ["Connection: close"]), "", ""]).encode()
    while requests > 0:
        try:
            reader, writer = await asyncio.open_connection(found.hostname, found.port, ssl=tls)
        except OSError:
            tally.refused = tally.refused or time.monotonic()
            return
        ends = False
        try:
            while not ends and requests > 0:
                requests -= 1
                tally.sent += 1
                writer.write(request)
                status, ends = await answer(reader)
                tally.answered[status] += 1
        except (OSError, EOFError) as error:
            tally.lost.append(
                f"{type(error).__name__} on {'a kept' if keep else 'a new'} connection"
            )
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
