"""What callers of the service see while its server is away, hangs, or is full, and how soon it is over."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from uuid import uuid4

import aiohttp
import pytest

from service.app import STATE, create_app
from service.idempotency_keys import HEADER
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from slimy_dal.schema import migrator
from slimy_dal.testing import Node
from tests.ad_hoc import settings as bounds
from tests.conftest import MIGRATIONS
from tests.logins import SERVICE, make_login, signed_in
from tests.matrix.lateness import Lateness
from tests.matrix.ledger import writes
from tests.matrix.workload import GRACE, Figure
from tests.service.conftest import Answer, Caller, crowd, judge

pytestmark = pytest.mark.slow

WAIT = 0.5
"""Seconds that a call waits for a connection, and readiness for the database."""


@pytest.fixture(scope="module")
def shared(slimy_major: int) -> Iterator[Node]:
    """A server with a migrated database for the service."""
    slots = {"max_connections": "24", "superuser_reserved_connections": "2"}
    with Node(major=slimy_major, settings=slots) as node:
        node.sql("CREATE DATABASE club")
        migrator.apply(node.dsn("club"), MIGRATIONS)
        make_login(node.dsn("club"), SERVICE, "slimy_app")
        yield node


@pytest.fixture
def node(shared: Node) -> Node:
    shared.start()
    return shared


@pytest.fixture
async def caller(node: Node) -> AsyncIterator[Caller]:
    """Somebody with a key, who calls a service on that server."""
    address = signed_in(node.dsn("club"))
    settings = Settings(
        database_url=address,
        port=0,
        access_log=False,
        key_cache_seconds=0,
        ready_timeout=WAIT,
        request_timeout=2,
    )
    pool = bounds(pool_min=0, max_idle=0.2, acquire_timeout=WAIT, statement_timeout=1.0)
    async with Database.open(address, settings=pool) as db:
        key = (await db.api_keys.create("all", SCOPES)).key
        app = create_app(settings, db)
        async with listening(app, settings) as at, aiohttp.ClientSession() as session:
            yield Caller(at, session, judge(app[STATE].document), key)


async def timed(call: Awaitable[Answer]) -> tuple[Answer, float]:
    began = time.monotonic()
    return await call, time.monotonic() - began


async def well(caller: Caller, moment: float) -> float:
    """Wait until a list is answered again, and return the seconds since a moment."""
    while (await caller.get("/v1/guilds")).status != 200:
        assert time.monotonic() - moment < 20
        await asyncio.sleep(0.01)
    assert (await caller.get("/health/ready")).status == 200
    return time.monotonic() - moment


async def away(node: Node) -> Callable[[], float]:
    await asyncio.to_thread(node.stop, "immediate")

    def back() -> float:
        node.start()
        return time.monotonic()

    return back


async def hung(node: Node) -> Callable[[], float]:
    await asyncio.to_thread(node.pause)

    def back() -> float:
        node.resume()
        return time.monotonic()

    return back


FAULTS = {
    "away": (away, {"unavailable"}, {503}, 1.0),
    "hung": (hung, {"unavailable", "deadline_exceeded", "overloaded"}, {503, 504}, 2.0),
}


@pytest.mark.fault("A8", "A10")
@pytest.mark.parametrize("fault", FAULTS)
async def test_while_the_server_is_not_there_callers_are_told_when_to_come_again(
    node: Node, caller: Caller, fault: str, record_property: Figure
) -> None:
    """503 with Retry-After and not ready, but alive; the service does not end, and is back at once."""
    begin, codes, statuses, within = FAULTS[fault]
    assert (await caller.get("/v1/guilds")).status == 200
    async with Lateness() as late:
        back = await begin(node)
        slowest = 0.0
        for _ in range(4):
            answer, took = await timed(caller.get("/v1/guilds"))
            slowest = max(slowest, took)
            assert answer.status in statuses
            assert answer.code in codes
            assert int(answer.headers["Retry-After"]) >= 1
            ready, took = await timed(caller.get("/health/ready"))
            assert (ready.status, ready.code) == (503, "not_ready")
            assert ready.headers["Retry-After"] == "1"
            assert took <= WAIT + GRACE + late.worst
            assert (await caller.get("/health/live")).status == 200
        gone = await well(caller, await asyncio.to_thread(back))
        assert slowest <= 1.0 + GRACE + late.worst
        assert gone <= within + late.worst
    record_property("figure", f"{fault}: answered in {slowest:.2f} s, well {gone:.2f} s after")


async def refused_for_want_of_slots(node: Node, caller: Caller) -> Answer:
    """Ask while all slots are taken, when the pool has let go of what nobody uses."""
    for _ in range(20):
        await asyncio.sleep(0.5)
        with node.full_connections():
            answer = await caller.get("/v1/guilds")
        if answer.status != 200:
            break
    return answer


@pytest.mark.fault("A13", "A14")
@pytest.mark.parametrize("reason", ["cannot_connect_now", "too_many_connections"])
async def test_a_problem_says_why_the_server_takes_no_session(
    node: Node, caller: Caller, reason: str
) -> None:
    if reason == "too_many_connections":
        answer = await refused_for_want_of_slots(node, caller)
    else:
        node.stop()
        (node.data / "recovery.signal").touch(mode=0o644)
        node.settings |= {"restore_command": "'sleep 1; false'", "hot_standby": "off"}
        starting = asyncio.create_task(asyncio.to_thread(node.start))
        # Before it listens, and where the machine is busy, another reason is given.
        while not starting.done():
            answer = await caller.get("/v1/guilds")
            if answer.status == 503 and answer.json.get("errors", [{}])[0].get("code") == reason:
                break
            await asyncio.sleep(0.02)
        for name in ("restore_command", "hot_standby"):
            del node.settings[name]
        await starting
    assert (answer.status, answer.code) == (503, "unavailable")
    assert [error["code"] for error in answer.json["errors"]] == [reason]
    await well(caller, time.monotonic())


@pytest.mark.fault("A4", "A6", "A8")
async def test_with_an_idempotency_key_every_write_is_made_once_through_crashes(
    node: Node, caller: Caller, record_property: Figure
) -> None:
    """Callers do what the problem says: repeat with the same key, until they are answered."""
    seen: Counter[str] = Counter()
    base = time.time_ns() // 1000
    stopping = False
    made: list[str] = []

    async def one(start: int) -> None:
        number = start
        while not stopping or len(made) < writes(60):
            body, key = {"id": str(base + number), "name": "crashed"}, str(uuid4())
            while True:
                answer = await caller.post("/v1/guilds", body, headers={HEADER: key})
                seen[f"{answer.status} {answer.code if answer.status > 201 else ''}".strip()] += 1
                if answer.status == 201:
                    made.append(answer.json["id"])
                    break
                assert answer.status in {409, 503, 504}, answer
                await asyncio.sleep(0.02)
            number += 8

    working = [asyncio.create_task(one(number)) for number in range(8)]
    async with Lateness():
        for _ in range(3):
            await asyncio.sleep(0.3)
            await asyncio.to_thread(node.terminate, "club")
            await asyncio.sleep(0.2)
            await asyncio.to_thread(node.restart, "immediate")
        await asyncio.sleep(0.3)
    stopping = True
    await asyncio.gather(*working)
    kept = node.sql(f"SELECT id FROM slimy.guilds WHERE id >= {base}", "club")
    assert sorted(kept) == sorted(made)
    assert sum(count for words, count in seen.items() if words != "201") > 0, "nothing was hit"
    record_property("figure", f"{len(made)} made once each; answers: {dict(seen.most_common())}")


CHANGES = (
    "ALTER TABLE slimy.guilds ADD COLUMN later_{} integer DEFAULT 1",
    "ALTER TABLE slimy.guilds ALTER COLUMN icon TYPE varchar",
    "ALTER TABLE slimy.user_guilds ADD COLUMN later_{} integer DEFAULT 1",
    "ALTER TABLE slimy.guilds ALTER COLUMN icon TYPE text",
)


@pytest.mark.fault("M10")
async def test_no_caller_notices_that_columns_are_added_and_changed(
    node: Node, caller: Caller, record_property: Figure
) -> None:
    """Services and users, reads and writes, alone and in transactions, while migrations come by."""
    async with Database.open(signed_in(node.dsn("club"))) as db:
        people = await crowd(db, int(time.time()) % 1_000_000)
    owner = caller.bearing(people.tokens["owner"])
    path = f"/v1/guilds/{people.guild_id}"
    seen: Counter[str] = Counter()
    stopping = False

    async def one(number: int) -> None:
        while not stopping:
            number += 1
            who = (caller, owner)[number % 2]
            if number % 3 == 0:
                answer = await who.patch(path, {"icon": f"icon{number}"})
            elif number % 3 == 1:
                answer = await who.get(path)
            else:
                answer = await who.get(f"{path}/members")
            seen[f"{answer.status} {answer.code if answer.status > 299 else ''}".strip()] += 1

    working = [asyncio.create_task(one(number)) for number in range(8)]
    for number in range(3):
        for change in CHANGES:
            await asyncio.to_thread(node.sql, change.format(number), "club")
            enough = seen.total() + 20
            while seen.total() < enough:  # noqa: ASYNC110 -- the callers tell nobody
                await asyncio.sleep(0.01)
    stopping = True
    await asyncio.gather(*working)
    told = (await caller.get("/metrics")).content.decode()
    again = re.search(r'slimy_pool_events_total{event="retried"} (\d+)', told)
    assert again, "nothing was made void: it proves nothing"
    said = f"{3 * len(CHANGES)} changes; {again[1]} calls done again; answers: {dict(seen)}"
    record_property("figure", said)
    # Who is refused for want of room on a busy machine noticed that, and no change.
    assert set(seen) <= {"200", "503 overloaded"}, seen
    assert seen["200"] > 0.9 * seen.total(), seen
