"""A request is let go of with its answer: what is left in cycles is looked for while everybody waits (SPEC L6)."""

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from service.app import STATE, create_app
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database
from tests.service.conftest import Answer, Caller

TIMES = 10

Ask = Callable[[Caller], Awaitable[Answer]]

REQUESTS: dict[str, tuple[int, Ask]] = {
    "done": (200, lambda caller: caller.get("/v1/users")),
    "not there": (404, lambda caller: caller.get("/v1/guilds/7")),
    "nowhere": (404, lambda caller: caller.get("/v1/nothing")),
    "a parameter that cannot be": (400, lambda caller: caller.get("/v1/users?limit=x")),
    "a body that cannot be": (422, lambda caller: caller.put("/v1/guilds/8", {"name": 1})),
    "one entry of many": (
        422,
        lambda caller: caller.post(
            "/v1/stats:batch",
            {"stats": [{"type": "a", "value": 1}, {"type": "a", "value": 1, "guildId": "7"}]},
        ),
    ),
    "there already": (409, lambda caller: caller.post("/v1/guilds", {"id": "9", "name": "a"})),
}


@contextmanager
def collected() -> Iterator[Counter[str]]:
    """Count what only the collector lets go of that was made in a `with` block, by type; known at its end."""
    found: Counter[str] = Counter()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        found.update(type(one).__name__ for one in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


async def left(caller: Caller, ask: Ask, status: int) -> int:
    """Return how many frames are left of some requests."""
    for _ in range(3):
        await ask(caller)
    with collected() as found:
        for _ in range(TIMES):
            assert (await ask(caller)).status == status
        await asyncio.sleep(0.05)
    return found["frame"]


@pytest.mark.parametrize("name", REQUESTS)
async def test_nothing_is_left_of_a_request(service: Caller, name: str) -> None:
    status, ask = REQUESTS[name]
    assert await left(service, ask, status) < TIMES


async def test_nothing_is_left_of_a_request_that_is_refused_as_one_too_many(
    db: Database, settings: Settings, service: Caller
) -> None:
    app = create_app(settings, db)
    async with listening(app, settings) as address:
        caller = Caller(address, service.session, service.documented, service.token)
        for _ in range(1000):
            app[STATE].admission.enter("small")
        assert await left(caller, lambda one: one.get("/v1/users"), 503) < TIMES


async def test_a_frame_that_holds_what_was_raised_in_it_is_found() -> None:
    """The control of the tests above."""

    def refuse() -> None:
        try:
            raise LookupError
        except LookupError as error:
            kept = error
        assert kept

    with collected() as found:
        for _ in range(TIMES):
            refuse()
    assert found["frame"] >= TIMES
