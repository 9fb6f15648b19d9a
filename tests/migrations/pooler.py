"""A pooler in transaction mode, as PgBouncer is one: one session of the server for all clients, a transaction each."""

import asyncio
import contextlib
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

NO_ENCRYPTION = {80877103, 80877104}


class Pooler:
    """Lends its one session to whoever begins a transaction, until that ends."""

    def __init__(self, socket: Path, database: str) -> None:
        self._path = f"{socket}/.s.PGSQL.5432"
        self._database = database
        self._turn = asyncio.Lock()
        self.port = 0

    async def listen(self) -> None:
        self._reader, self._writer = await asyncio.open_unix_connection(self._path)
        words = f"user\0postgres\0database\0{self._database}\0\0".encode()
        self._writer.write(struct.pack("!ii", len(words) + 8, 196608) + words)
        self._greeting = b"".join([part async for part in self._until_ready() if part[:1] == b"S"])
        self._listener = await asyncio.start_server(self._client, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._listener.close()
        self._writer.close()

    async def _until_ready(self) -> AsyncIterator[bytes]:
        while True:
            message = await _message(self._reader)
            yield message
            if message[:1] == b"Z":
                return

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size, code = struct.unpack("!ii", await reader.readexactly(8))
                if code not in NO_ENCRYPTION:
                    break
                writer.write(b"N")
            await reader.readexactly(size - 8)
            key = b"K" + struct.pack("!iii", 12, 4242, 1)
            writer.write(b"R" + struct.pack("!ii", 8, 0) + self._greeting + key)
            writer.write(b"Z" + struct.pack("!i", 5) + b"I")
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (message := await _message(reader))[:1] != b"X":
            async with self._turn:
                status = b"T"
                while status != b"I":
                    self._writer.write(message)
                    while message[:1] not in {b"Q", b"S"}:
                        message = await _message(reader)
                        self._writer.write(message)
                    async for answer in self._until_ready():
                        writer.write(answer)
                        status = answer[5:6]
                    await writer.drain()
                    if status != b"I":
                        message = await _message(reader)


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)


@contextlib.contextmanager
def pooled(socket: Path, database: str) -> Iterator[str]:
    """Run a pooler beside the test; gives its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    pooler = Pooler(socket, database)
    asyncio.run_coroutine_threadsafe(pooler.listen(), loop).result(10)
    try:
        yield f"postgresql://postgres@127.0.0.1:{pooler.port}/{database}"
    finally:
        asyncio.run_coroutine_threadsafe(pooler.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
