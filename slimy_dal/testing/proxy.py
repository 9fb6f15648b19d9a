"""A proxy before a PostgreSQL server that spoils the line on purpose, at the moment and message a test names."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from slimy_dal.engine.hosts import hosts_of
from slimy_dal.testing.cuts import Cut, Trap
from slimy_dal.testing.line import Answered, Ends, Line
from slimy_dal.testing.protocol import Message, Side
from slimy_dal.testing.toxics import Blackhole, Timeout, Toward, Toxic

__all__ = ["FaultProxy", "silent_host"]

HERE = "127.0.0.1"
OURS = {"host", "port", "sslmode"}
"""Parameters of the address that are the proxy's to say."""

WAY_IN = 4
"""Turns of the loop from accepting a connection to its being let in."""


class FaultProxy:
    """Forwards between clients and one server; an `async with` block opens and closes it.

    Listens on a port of its own, or on a Unix socket with `unix=True` (where a reset looks like an orderly end).
    Connections are numbered from 1; a wish for TLS is refused. Jitter follows `seed`. Belongs to one event loop.
    `lose_answer_to` cuts the line when the server answers what a client sent in one piece and the rule is true for,
    without forwarding the answer; `cut_after_answer_to` forwards it first. `sent` counts such pieces.
    """

    def __init__(self, dsn: str, *, seed: object = 0, unix: bool = False) -> None:
        self._target = next(iter(hosts_of(dsn)), (HERE, 5432))
        self._parts = urlsplit(dsn)
        self._seed = seed
        self._folder = tempfile.TemporaryDirectory(prefix="slimy-", dir="/tmp") if unix else None
        self._listener: asyncio.Server | None = None
        self._toxics: list[tuple[Toxic, Toward]] = []
        self.lines: dict[Line, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._recordings: list[list[Message]] = []
        self._opened = 0
        self.going = asyncio.Event()
        self.going.set()
        self.trap: Trap | None = None
        self.port = 5432 if unix else 0
        self.sent = 0
        self.lose_answer_to: Answered | None = None
        self.cut_after_answer_to: Answered | None = None

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()
        self.clear()
        self.thaw()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def dsn(self) -> str:
        """The server's connection string, by way of the proxy."""
        login, at, _ = self._parts.netloc.rpartition("@")
        options = [pair for pair in parse_qsl(self._parts.query) if pair[0] not in OURS]
        host = "" if self._folder else f"{HERE}:{self.port}"
        options += [("host", self._folder.name)] if self._folder else []
        query = urlencode([*options, ("sslmode", "disable")], safe="/")
        login = login or "postgres"
        return f"postgresql://{login}{at or '@'}{host}{self._parts.path}?{query}"

    # -- whole lines ------------------------------------------------------------------------------

    async def listen(self) -> None:
        """Accept connections, after `refuse` too; the address stays the same."""
        if self._folder is not None:
            path = Path(self._folder.name) / f".s.PGSQL.{self.port}"
            path.unlink(missing_ok=True)
            self._listener = await asyncio.start_unix_server(self._arrived, path)
        else:
            self._listener = await asyncio.start_server(self._arrived, HERE, self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Listen no more, as a host whose server is down; open lines stay."""
        if self._listener is not None:
            listener, self._listener = self._listener, None
            for one in listener.sockets:
                asyncio.get_running_loop().remove_reader(one.fileno())
            # One that is closed forgets, open as they are, whom the loop has accepted and not yet let in.
            for _ in range(WAY_IN):
                await asyncio.sleep(0)
            listener.close()

    def cut(self, *, reset: bool = False) -> None:
        """Break all open lines."""
        for line in list(self.lines):
            line.cut(reset=reset)

    def freeze(self) -> None:
        """Hold everything back in both directions, as a hung host does, until `thaw`."""
        self.going.clear()

    def thaw(self) -> None:
        """Let go on what was held back; nothing of it was lost."""
        self.going.set()

    # -- toxics -----------------------------------------------------------------------------------

    def add(self, toxic: Toxic, toward: Toward = "both") -> Toxic:
        """Let a toxic work on all lines, open and new, until `remove`; a later one on what earlier ones let through."""
        self._toxics.append((toxic, toward))
        for line in self.lines:
            line.age(toxic)
        return toxic

    def remove(self, toxic: Toxic) -> None:
        """Take a toxic away; what it holds at this moment still goes its way."""
        self._toxics = [entry for entry in self._toxics if entry[0] is not toxic]
        for line in list(self.lines):
            line.spare(toxic)
            if isinstance(toxic, Blackhole | Timeout) and line.swallowed:
                line.cut(reset=True)

    def clear(self) -> None:
        """Take all toxics and a waiting cut away."""
        for toxic, _ in list(self._toxics):
            self.remove(toxic)
        self.disarm()

    @contextlib.contextmanager
    def toxic(self, toxic: Toxic, toward: Toward = "both") -> Iterator[Toxic]:
        """Let a toxic work for the time of a `with` block."""
        self.add(toxic, toward)
        try:
            yield toxic
        finally:
            self.remove(toxic)

    def toxics(self, sender: Side) -> list[Toxic]:
        """Return what works on the bytes of a sender just now."""
        return [toxic for toxic, toward in self._toxics if toward != sender]

    # -- messages ---------------------------------------------------------------------------------

    def arm(self, cut: Cut) -> Trap:
        """Break the first line that comes to the cut, counting from now over all lines; once.

        The trap that is returned says in `sprung` at which message that was, None where it has not come to it.
        """
        self.trap = Trap(cut)
        return self.trap

    def disarm(self) -> None:
        """Forget a cut that waits."""
        self.trap = None

    @contextlib.contextmanager
    def recording(self) -> Iterator[list[Message]]:
        """Write down every message of all lines for the time of a `with` block, in the order in which they came."""
        messages: list[Message] = []
        self._recordings.append(messages)
        try:
            yield messages
        finally:
            self._recordings = [one for one in self._recordings if one is not messages]

    def heard(self, message: Message) -> None:
        """Take note of a message."""
        for messages in self._recordings:
            messages.append(message)

    def wrote(self) -> None:
        """Count what a client sent in one piece."""
        self.sent += 1

    # -- lines ------------------------------------------------------------------------------------

    def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let a client in; one who is still on the way in when the proxy ends is hung up on."""
        task = asyncio.create_task(self._accept(reader, writer))
        self._tasks.add(task)

        def let_in(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            if done.cancelled():
                writer.transport.abort()

        task.add_done_callback(let_in)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._target
        try:
            server: Ends = (
                await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
                if host.startswith("/")
                else await asyncio.open_connection(host, port)
            )
        except OSError:  # the server is away, and so is then what stands before it
            writer.transport.abort()
            return
        self._opened += 1
        line = Line(self, self._opened, (reader, writer), server, self._seed)
        task = asyncio.create_task(line.run())
        self.lines[line] = task
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._forget(line, done))
        for toxic, _ in self._toxics:
            line.age(toxic)

    def _forget(self, line: Line, task: asyncio.Task[None]) -> None:
        self.lines.pop(line, None)
        self._tasks.discard(task)


@contextlib.asynccontextmanager
async def silent_host() -> AsyncIterator[int]:
    """Be a host that accepts connections and never says a word; gives its port."""
    waiting: list[asyncio.StreamWriter] = []
    listener = await asyncio.start_server(lambda _, writer: waiting.append(writer), HERE, 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for writer in waiting:
            writer.transport.abort()
