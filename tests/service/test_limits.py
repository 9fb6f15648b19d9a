"""Rate limits (SPEC L10): counted in a process, and among processes through a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.app import create_app, endpoints, groups
from service.limits import Limits, Rate
from service.problems import Refusal
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database
from slimy_dal.engine.redis import Redis
from tests.redis_server import patient, running
from tests.service.conftest import Caller, People

GUILD = "/v1/guilds/7000"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    with running(tmp_path) as server:
        yield server.url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    with patient():
        async with Redis.open(redis_url) as opened:
            yield opened


async def taken(limits: Limits, times: int, caller: str = "a") -> int:
    """Return how many calls were let through."""
    allowed = 0
    for _ in range(times):
        with suppress(Refusal):
            await limits.take(caller, "read")
            allowed += 1
    return allowed


async def test_so_many_at_once_and_then_one_for_each_interval() -> None:
    clock = Clock()
    limits = Limits({"read": Rate(10, 5)}, clock=clock)
    assert await taken(limits, 15) == 10
    clock.now += 0.5
    assert await taken(limits, 15) == 1
    clock.now += 100
    assert await taken(limits, 15) == 10


@given(
    st.integers(1, 20),
    st.integers(1, 20),
    st.lists(st.floats(0, 3), min_size=1, max_size=60),
)
async def test_no_window_lets_more_through_than_twice_its_calls(
    calls: int, seconds: int, pauses: list[float]
) -> None:
    clock = Clock()
    limits = Limits({"read": Rate(calls, seconds)}, clock=clock)
    moments = []
    for pause in pauses:
        clock.now += pause
        if await taken(limits, 1):
            moments.append(clock.now)
    for start in moments:
        within = [one for one in moments if start <= one < start + seconds]
        # What was saved up, and what is earned meanwhile.
        assert len(within) <= 2 * calls


async def test_a_refusal_says_when_to_come_back_and_costs_nothing() -> None:
    clock = Clock()
    limits = Limits({"read": Rate(2, 10)}, clock=clock)
    assert (await limits.take("a", "read"))["RateLimit"] == '"read";r=1;t=5'
    await taken(limits, 5)
    with pytest.raises(Refusal) as caught:
        await limits.take("a", "read")
    assert caught.value.headers["Retry-After"] == "5"
    assert caught.value.headers["RateLimit-Policy"] == '"read";q=2;w=10'
    clock.now += 5
    assert await taken(limits, 1) == 1


async def test_callers_and_classes_do_not_share() -> None:
    limits = Limits({"read": Rate(1, 60), "write": Rate(1, 60), "bulk": None})
    assert [await taken(limits, 2, caller) for caller in ("a", "b")] == [1, 1]
    assert await limits.take("a", "write")
    assert await limits.take("a", "bulk") == {}
    assert await limits.take("a", "none") == {}


async def test_processes_count_together_through_redis(redis: Redis) -> None:
    rate = Rate(20, 60)
    processes = [Limits({"read": rate}, redis) for _ in range(4)]
    found = await asyncio.gather(*(taken(limits, 20) for limits in processes))
    assert sum(found) == 20
    assert await taken(Limits({"read": rate}), 25) == 20


@pytest.mark.parametrize("shared", [False, True])
async def test_what_is_given_back_can_be_taken_again_and_no_more(
    redis: Redis,
    shared: bool,  # noqa: FBT001 -- a parameter
) -> None:
    limits = Limits({"read": Rate(3, 600)}, redis if shared else None)
    assert await taken(limits, 5) == 3
    for _ in range(2):
        told = await limits.give_back("a", "read")
    assert told["RateLimit"].startswith('"read";r=2;')
    assert told["RateLimit-Policy"] == '"read";q=3;w=600'
    assert await taken(limits, 5) == 2
    for _ in range(10):
        await limits.give_back("a", "read")
    assert await taken(limits, 5) == 3
    assert await limits.give_back("a", "write") == {}


@pytest.mark.fault("R1")
async def test_without_redis_each_process_counts_for_itself() -> None:
    async with Redis.open("redis://127.0.0.1:1") as away:
        limits = Limits({"read": Rate(3, 60)}, away)
        assert await taken(limits, 5) == 3
        assert away.is_away


@pytest.mark.parametrize("text", ["", "5", "0/60", "5/0", "-1/60", "1.5/60", "5/60/1", "on"])
def test_a_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="600/60"):
        Rate.parse(text)


async def test_who_calls_too_often_is_told_so_and_others_are_not_held_up(
    db: Database, settings: Settings, people: People, anyone: Caller
) -> None:
    limited = settings.model_copy(update={"rate_read": "3/60"})
    async with listening(create_app(limited, db), limited) as address:
        anyone.address = address
        member, owner = (anyone.bearing(people.tokens[who]) for who in ("member", "owner"))
        answers = [await member.get(GUILD) for _ in range(4)]
        assert [one.status for one in answers] == [200, 200, 200, 429]
        assert answers[0].headers["RateLimit"].startswith('"read";r=2;')
        assert answers[3].code == "rate_limited"
        assert 1 <= int(answers[3].headers["Retry-After"]) <= 20
        assert (await owner.get(GUILD)).status == 200
        assert (await member.patch(GUILD, {"name": "x"})).code == "role_required"
        assert (await anyone.get("/health/live")).status == 200


def test_every_route_has_a_rate_class() -> None:
    made = endpoints(groups(Settings(database_url="postgresql://nowhere")))
    for route in (one.route for one in made):
        assert (route.rate_class == "none") == route.policy.public, route
        if route.method != "GET" and not route.policy.public:
            assert route.rate_class in {"write", "bulk"}, route


async def test_what_is_known_already_costs_nothing(
    db: Database, settings: Settings, people: People, anyone: Caller
) -> None:
    limited = settings.model_copy(update={"rate_read": "3/600"})
    async with listening(create_app(limited, db), limited) as address:
        anyone.address = address
        member = anyone.bearing(people.tokens["member"])
        first = await member.get(GUILD)
        known = {"If-None-Match": first.headers["ETag"]}
        for method in ("GET", "HEAD") * 3:
            answer = await member.call(method, GUILD, headers=known)
            assert answer.status == 304
            assert answer.headers["RateLimit"].startswith('"read";r=2;')
        assert [(await member.get(GUILD)).status for _ in range(3)] == [200, 200, 429]
