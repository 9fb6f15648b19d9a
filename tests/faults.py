"""A proxy before the server that breaks connections on purpose, at the moment a test names."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Self
from urllib.parse import parse_qs, urlsplit

Rule = Callable[[bytes], bool]


class Proxy:
    """Forwards between clients and one server over TCP.

    `frozen` holds back everything in both directions, as a hung host does. `lose_answer_to` cuts
    the line when the server answers a client's message for which the rule is true, without
    forwarding the answer; `cut_after_answer_to` forwards it first. `sent` counts client writes.
    """

    def __init__(self, dsn: str) -> None:
        parts = urlsplit(dsn)
        host = parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]
        self._target, self._server_port = host, parts.port or 5432
        self._login = f"{parts.username or 'postgres'}" + (
            f":{parts.password}" if parts.password else ""
        )
        self._database = parts.path
        self._lines: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._listener: asyncio.Server | None = None
        self._going = asyncio.Event()
        self._going.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.sent = 0
        self.lose_answer_to: Rule | None = None
        self.cut_after_answer_to: Rule | None = None

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()
        self.thaw()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def dsn(self) -> str:
        return f"postgresql://{self._login}@127.0.0.1:{self.port}{self._database}?sslmode=disable"

    async def listen(self) -> None:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Listen no more; open lines stay."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def freeze(self) -> None:
        self._going.clear()

    def thaw(self) -> None:
        self._going.set()

    def cut(self) -> None:
        """Break all open lines."""
        for line in list(self._lines):
            self._cut(line)

    def _cut(self, line: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
        self._lines.discard(line)
        for writer in line:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._target.startswith("/"):
            path = f"{self._target}/.s.PGSQL.{self._server_port}"
            server_reader, server_writer = await asyncio.open_unix_connection(path)
        else:
            server_reader, server_writer = await asyncio.open_connection(
                self._target, self._server_port
            )
        line = (writer, server_writer)
        self._lines.add(line)
        state: dict[str, bool] = {"lose": False, "cut": False}
        for work in (
            self._forward(reader, server_writer, line, state, from_client=True),
            self._forward(server_reader, writer, line, state, from_client=False),
        ):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        line: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        state: dict[str, bool],
        *,
        from_client: bool,
    ) -> None:
        with contextlib.suppress(ConnectionError, OSError):
            while data := await reader.read(65536):
                await self._going.wait()
                if from_client:
                    self.sent += 1
                    state["lose"] |= bool(self.lose_answer_to and self.lose_answer_to(data))
                    state["cut"] |= bool(
                        self.cut_after_answer_to and self.cut_after_answer_to(data)
                    )
                elif state["lose"]:
                    break
                writer.write(data)
                await writer.drain()
                if not from_client and state["cut"]:
                    await asyncio.sleep(0.005)  # let the answer arrive before the line breaks
                    break
        self._cut(line)


@contextlib.asynccontextmanager
async def silent_host() -> AsyncIterator[int]:
    """A host that accepts connections and never says a word; gives its port."""
    waiting: list[asyncio.StreamWriter] = []
    listener = await asyncio.start_server(lambda _, writer: waiting.append(writer), "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for writer in waiting:
            writer.transport.abort()
