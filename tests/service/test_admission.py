"""Who gets in under more load than there is room for: small reads go on while the rest waits, and is refused."""

import asyncio
import io
import itertools
import json
import math
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import psycopg
import pytest

from service.accesslog import AccessLog
from service.admission import PRIORITIES, SHARES, Admission, Priority, Share
from service.app import STATE, create_app, endpoints, groups
from service.problems import Refusal
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database
from slimy_dal.domain.stats import NewStat
from slimy_dal.engine.settings import PoolSettings
from tests.logins import signed_in
from tests.matrix.lateness import Lateness
from tests.service.conftest import Answer, Caller, People
from tests.service.test_exports import raw, until_counted

pytestmark = pytest.mark.slow

OPEN = {name: Share(1.0, 1000.0, math.inf, math.inf, (1, 2)) for name in SHARES}
"""Shares that keep nobody out: the control."""

POOL, SLOW = 4, 0.4
BOUND = 2 * SLOW
"""Seconds in which 99 of 100 small reads are answered under overload; alone they take a few milliseconds."""


def gate(
    most: int = 100, connections: int = 8, wait: float = 0.0, patience: float = 0.05
) -> Admission:
    # Nothing stalls here: what comes of that is in test_flow.py.
    return Admission(most, connections, patience, lambda: wait, stalled=10.0, at_once=10.0)


def admitted(admission: Admission) -> list[Priority]:
    found: list[Priority] = []
    for priority in PRIORITIES:
        with suppress(Refusal):
            admission.check(priority)
            found.append(priority)
    return found


@pytest.mark.parametrize(
    ("in_flight", "left"),
    [
        (25, PRIORITIES),
        (26, ("write", "list", "small", "vital")),
        (51, ("list", "small", "vital")),
        (76, ("small", "vital")),
        (101, ("vital",)),
    ],
)
def test_the_fuller_it_is_the_more_urgent_a_request_must_be(
    in_flight: int, left: tuple[Priority, ...]
) -> None:
    admission = gate()
    for _ in range(in_flight):
        admission.enter("small")
    assert admitted(admission) == [*left]
    for _ in range(in_flight):
        admission.leave("small")
    assert admitted(admission) == [*PRIORITIES]


@pytest.mark.parametrize(
    ("wait", "left"),
    [(0.05, PRIORITIES), (0.2, PRIORITIES[1:]), (0.4, PRIORITIES[2:]), (9.0, PRIORITIES[3:])],
)
def test_the_longer_the_pool_lets_wait_the_less_is_begun(
    wait: float, left: tuple[Priority, ...]
) -> None:
    assert admitted(gate(wait=wait, patience=2.0)) == [*left]


def test_who_is_refused_comes_back_at_another_moment_than_the_others() -> None:
    admission, moments = gate(wait=1.0, patience=2.0), set()
    for _ in range(200):
        with pytest.raises(Refusal) as caught:
            admission.check("bulk")
        moments.add(int(caught.value.headers["Retry-After"]))
    assert moments == {*range(2, 9)}


async def test_the_less_urgent_leave_room_for_the_more_urgent_and_wait_for_their_turn() -> None:
    admission, order = gate(), []

    async def work(priority: Priority, seconds: float = 0.02) -> None:
        began = await admission.turn(priority)
        order.append(priority)
        await asyncio.sleep(seconds)
        admission.done(priority, began)

    bulk = [asyncio.create_task(work("bulk")) for _ in range(6)]
    await asyncio.sleep(0)
    assert order == ["bulk"] * 4
    writes = [asyncio.create_task(work("write")) for _ in range(3)]
    lists = [asyncio.create_task(work("list")) for _ in range(3)]
    small = [asyncio.create_task(work("small")) for _ in range(20)]
    await asyncio.sleep(0)
    assert Counter(order) == {"bulk": 4, "write": 2, "list": 1, "small": 20}
    await asyncio.gather(*bulk, *writes, *lists, *small)
    assert Counter(order)["bulk"] == 6
    assert order.index("list") < len(order) - 1 - order[::-1].index("bulk")
    await asyncio.gather(*(work("bulk", 0) for _ in range(4)))


async def test_a_turn_that_does_not_come_in_time_is_a_refusal_and_takes_nothing() -> None:
    admission = gate(connections=2)
    await admission.turn("bulk")
    with pytest.raises(Refusal):
        await admission.turn("write")
    waiting = asyncio.create_task(admission.turn("bulk"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    late = asyncio.create_task(admission.turn("bulk"))
    await asyncio.sleep(0)
    admission.done("bulk", time.monotonic())
    # Its turn and its end come in one moment: the turn must go on to the next.
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    await admission.turn("bulk")


async def filled(admission: Admission, turns: int) -> list[asyncio.Task[float]]:
    """Take the turns there are, and let changes queue for more until the next would be refused."""
    for _ in range(turns):
        await admission.turn("write")
    waiting: list[asyncio.Task[float]] = []
    while "write" in admitted(admission) and len(waiting) < 100:
        waiting.append(asyncio.create_task(admission.turn("write")))
        await asyncio.sleep(0)
    return waiting


async def ended(waiting: list[asyncio.Task[float]]) -> None:
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def teach(admission: Admission, *seconds: float) -> None:
    """Have a turn that took so long, for each."""
    for took in seconds:
        await admission.turn("write")
        admission.done("write", time.monotonic() - took)


@pytest.mark.parametrize(("took", "queue"), [(1.9, 6), (0.95, 12), (19.0, 4)])
async def test_a_queue_is_as_long_as_can_be_served_in_the_time_that_one_may_wait(
    took: float, queue: int
) -> None:
    # Six turns, and two seconds: that many are let in at once, and none that would be late is let in to find out.
    admission = gate(connections=8, patience=20.0)
    await teach(admission, took)
    waiting = await filled(admission, 6)
    assert len(waiting) == queue
    with pytest.raises(Refusal):
        await admission.turn("write")
    await ended(waiting)
    assert "write" in admitted(admission)


async def test_one_turn_that_was_stuck_does_not_shorten_the_queue_much() -> None:
    admission = gate(connections=8, patience=20.0)
    await teach(admission, 0.2, 1000.0)
    waiting = await filled(admission, 6)
    assert len(waiting) >= 45
    await ended(waiting)


async def test_turns_that_became_slow_shorten_the_queue_after_some() -> None:
    admission = gate(connections=8, patience=20.0)
    await teach(admission, 0.01, *(4.0,) * 60)
    waiting = await filled(admission, 6)
    assert len(waiting) <= 6
    await ended(waiting)


async def test_who_finds_the_queue_full_is_refused_before_anything_is_read_or_looked_up(
    db: Database, settings: Settings, service: Caller
) -> None:
    app = create_app(settings, db)
    admission = app[STATE].admission = gate(connections=8, patience=20.0)
    await teach(admission, 1.9)
    async with listening(app, settings) as address:
        stranger = Caller(address, service.session, service.documented, "nobody's")
        assert (await stranger.put("/v1/guilds/1", {"nonsense": 1})).status == 401
        waiting = await filled(admission, 6)
        assert (await stranger.put("/v1/guilds/1", {"nonsense": 1})).status == 503
        await ended(waiting)
        assert (await stranger.put("/v1/guilds/1", {"nonsense": 1})).status == 401


def test_every_route_has_a_priority_that_follows_from_what_it_does() -> None:
    made = endpoints(groups(Settings(database_url="postgresql://nowhere")))
    found: dict[str, set[str]] = {}
    for endpoint in made:
        route = endpoint.route
        found.setdefault(route.priority, set()).add(f"{route.method} {route.path}")
        if endpoint.is_page:
            assert route.priority == "list", route
        if route.method != "GET":
            assert route.priority in {"write", "bulk"}, route
        if "/exports/" in route.path or route.rate_class == "bulk":
            assert route.priority == "bulk", route
    assert found["vital"] == {"GET /health/live", "GET /health/ready", "GET /metrics"}
    assert set(found) == set(PRIORITIES)
    assert {"GET /v1/guilds/{guild_id}", "GET /v1/users/{user_id}"} <= found["small"]


# -- under real load -----------------------------------------------------------------------------


@dataclass
class Seen:
    """What callers met: how long it took, and what it was."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)

    async def measure(self, name: str, asked: Awaitable[Answer]) -> Answer:
        started = time.perf_counter()
        answer = await asked
        self.seconds.setdefault(name, []).append(time.perf_counter() - started)
        self.statuses.setdefault(name, Counter())[answer.status] += 1
        return answer

    def p99(self, name: str) -> float:
        return statistics.quantiles(self.seconds[name], n=100)[98]


@pytest.fixture
def slow_tables(database_url: str) -> None:
    """Writes take a while, and no processor: the database is what there is too little of."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION slimy.take_time() RETURNS trigger LANGUAGE plpgsql AS"
            f" 'BEGIN PERFORM pg_sleep({SLOW}); RETURN NULL; END'"
        )
        for table in ("stats", "guilds"):
            connection.execute(
                f"CREATE TRIGGER slow AFTER INSERT OR UPDATE ON slimy.{table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION slimy.take_time()"
            )


@asynccontextmanager
async def narrow(
    service: Caller, settings: Settings, database_url: str, shares: dict[Priority, Share]
) -> AsyncIterator[tuple[Caller, Admission]]:
    """The service on a small pool, in which a turn is waited for as long as two slow calls take."""
    changed = settings.model_copy(update={"queue_patience": 2 * SLOW, "key_cache_seconds": 60.0})
    pool = PoolSettings(pool_size=POOL)
    async with Database.open(signed_in(database_url), settings=pool) as db:
        app = create_app(changed, db)
        admission = Admission(64, POOL, 2 * SLOW, db.pool.supply.waiters.longest, shares)
        app[STATE].admission = admission
        async with listening(app, changed) as address:
            yield Caller(address, service.session, service.documented, service.token), admission


async def load(caller: Caller, seconds: float) -> Seen:
    """Ask for four times as much bulk work and changes as the pool can do, and for small things beside it."""
    seen, end, ids = Seen(), time.monotonic() + seconds, itertools.count(8000)
    bulk = {"stats": [{"type": "a", "value": number} for number in range(20)]}

    async def over_and_over(name: str, ask: Callable[[], Awaitable[Answer]], pause: float) -> None:
        while time.monotonic() < end:
            answer = await seen.measure(name, ask())
            await asyncio.sleep(pause if answer.status < 300 else SLOW / 2)

    kinds: tuple[tuple[str, int, Callable[[], Awaitable[Answer]], float], ...] = (
        ("bulk", 3 * POOL, lambda: caller.post("/v1/stats:batch", bulk), 0),
        ("write", POOL, lambda: caller.put(f"/v1/guilds/{next(ids)}", {"name": "a"}), 0),
        ("small", 2, lambda: caller.get("/v1/guilds/7000"), 0.01),
        ("vital", 2, lambda: caller.get("/health/live"), 0.01),
    )
    await asyncio.gather(
        *(over_and_over(name, ask, pause) for name, many, ask, pause in kinds for _ in range(many))
    )
    return seen


@pytest.mark.fault("D6")
async def test_small_reads_and_health_go_on_while_bulk_work_is_shed(
    service: Caller, settings: Settings, people: People, database_url: str, slow_tables: None
) -> None:
    async with narrow(service, settings, database_url, SHARES) as (caller, admission):
        async with Lateness() as late:
            seen = await load(caller, 10 * SLOW)
        assert set(seen.statuses["small"]) == {200}
        assert set(seen.statuses["vital"]) == {200}
        assert seen.p99("small") < BOUND + 2 * late.worst, seen.p99("small")
        assert seen.p99("vital") < BOUND + 2 * late.worst, seen.p99("vital")
        assert seen.statuses["bulk"][503] > 0
        assert seen.statuses["bulk"][200] > 0
        assert seen.statuses["write"][200] > 0
        text = (await caller.get("/metrics")).content.decode()
        assert 'slimy_http_requests_shed_total{priority="bulk"' in text
        # All is back at once: nothing is left over from the load, and bulk work is done again.
        assert admission.in_flight == 0
        again = Seen()
        bulk = {"stats": [{"type": "a", "value": 1}]}
        answer = await again.measure("bulk", caller.post("/v1/stats:batch", bulk))
        assert answer.status == 200, answer.content
        assert again.seconds["bulk"][0] < 2 * SLOW + BOUND + 2 * late.worst


@pytest.mark.fault("D6")
async def test_without_shares_small_reads_suffer(
    service: Caller, settings: Settings, people: People, database_url: str, slow_tables: None
) -> None:
    """The control: it is the shares that keep small reads alive."""
    async with narrow(service, settings, database_url, OPEN) as (caller, _):
        seen = await load(caller, 10 * SLOW)
        assert statistics.median(seen.seconds["small"]) > BOUND


async def test_an_export_is_under_way_until_its_last_row_and_recorded_then(
    db: Database, settings: Settings, key: str
) -> None:
    await db.stats.record_many([NewStat("a", "x" * 8000) for _ in range(4000)])
    stream = io.BytesIO()
    log = AccessLog(stream)
    app = create_app(settings, db, access_log=log)
    route = 'route="/v1/exports/stats",status="200"'
    async with listening(app, settings) as address:
        reader = await asyncio.to_thread(raw, address, "/v1/exports/stats", key)
        await until_counted(app, 1)
        await asyncio.sleep(0.2)
        lines = [*app[STATE].metrics.lines(), *app[STATE].admission.lines()]
        assert 'slimy_http_requests_in_flight{priority="bulk"} 1' in lines
        assert not [line for line in lines if route in line]
        reader.close()
        await until_counted(app, 0)
        await asyncio.sleep(0)
        assert app[STATE].in_flight == 0
        assert [line for line in app[STATE].metrics.lines() if route in line]
    log.flush()
    (line,) = [json.loads(one) for one in stream.getvalue().splitlines()]
    assert line["milliseconds"] > 200
