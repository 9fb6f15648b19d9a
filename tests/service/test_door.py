"""The door: what has come before it closes is answered, and what comes later is told so."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from service import door
from service.app import STATE
from service.connection import Bounds, Runner
from service.door import Door
from service.settings import Settings
from service.share import Share
from tests.ad_hoc import until
from tests.logins import signed_in
from tests.service.processes import process

ASK = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"


@asynccontextmanager
async def opened(
    app: web.Application, settings: Settings, share: Share | None = None
) -> AsyncIterator[tuple[Door, int]]:
    crowd = app[STATE].crowd
    runner = Runner(app, Bounds(settings.header_timeout, settings.reader_patience, crowd))
    await runner.setup()
    sockets = door.listen("127.0.0.1", 0)
    made = Door(sockets, runner.listener, crowd, share=share)
    try:
        yield made, door.port_of(sockets)
    finally:
        await made.close()
        await runner.cleanup()


def beginning(port: int) -> socket.socket:
    """A connection that the system has taken, and the program has not: it had no time to."""
    return socket.create_connection(("127.0.0.1", port))


def is_turn_of(share: Share) -> bool:
    return share.is_my_turn


async def asked(caller: socket.socket) -> bytes:
    def ask() -> bytes:
        with caller:
            caller.sendall(ASK)
            return caller.recv(100)

    return await asyncio.to_thread(ask)


async def test_a_connection_in_the_queue_is_answered_although_the_door_closes(
    app: web.Application, settings: Settings
) -> None:
    async with opened(app, settings) as (made, port):
        caller = beginning(port)
        answer, _ = await asyncio.gather(asked(caller), made.close(last=True, patience=5))
        assert answer.startswith(b"HTTP/1.1 200")


async def test_without_that_care_it_is_reset(app: web.Application, settings: Settings) -> None:
    async with opened(app, settings) as (made, port):
        caller = beginning(port)
        await made.close()
        with pytest.raises(ConnectionResetError):
            await asked(caller)


async def test_no_connection_begins_while_the_last_are_taken_and_then_all_are_refused(
    app: web.Application, settings: Settings
) -> None:
    async with opened(app, settings) as (made, port):
        closing = asyncio.create_task(made.close(last=True))
        await asyncio.sleep(0)
        # Here and now, so that the door cannot go on closing meanwhile.
        with pytest.raises(TimeoutError):
            socket.create_connection(("127.0.0.1", port), 0.1)
        await closing
        with pytest.raises(ConnectionRefusedError):
            beginning(port)


async def test_a_worker_with_more_connections_lets_another_go_first_but_not_for_long(
    app: web.Application, settings: Settings, tmp_path: Path
) -> None:
    Share.make(tmp_path / "share", 2).close()
    mine, other = (Share(tmp_path / "share", number) for number in range(2))
    other.tell(0)
    async with opened(app, settings, mine) as (_, port):
        first = beginning(port)
        assert is_turn_of(mine)
        await until(lambda: not is_turn_of(mine))
        # The other does not take it: it may hang.
        assert (await asked(beginning(port))).startswith(b"HTTP/1.1 200")
        first.close()
        await until(lambda: is_turn_of(mine))
        with beginning(port):
            await until(lambda: not is_turn_of(mine))
            mine.left(1)
            assert is_turn_of(mine)
    for share in (mine, other):
        share.close()


def test_all_addresses_of_a_name_have_one_port() -> None:
    sockets = door.listen("localhost", 0)
    assert len({each.getsockname()[1] for each in sockets}) == 1
    for each in sockets:
        each.close()


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_connection_made_just_before_the_end_may_still_ask(
    database_url: str, workers: str
) -> None:
    async with process(
        DATABASE_URL=signed_in(database_url), SLIMY_DRAIN_DELAY="0", SLIMY_WORKERS=workers
    ) as (
        running,
        address,
    ):
        caller = beginning(int(address.rpartition(":")[2]))
        running.terminate()
        await asyncio.sleep(0.4)
        answer = await asked(caller)
        assert answer.startswith(b"HTTP/1.1 200")
        assert await asyncio.wait_for(running.wait(), 10) == 0
