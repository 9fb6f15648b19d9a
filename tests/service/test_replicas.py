"""Tests of reading from replicas over HTTP: only where it is asked for, and always what the caller wrote."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from slimy_dal.client import Client
from slimy_dal.client.replicas import Shown
from slimy_dal.domain.database import Database
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.schema import migrator
from slimy_dal.testing import FailoverPair
from tests.conftest import MIGRATIONS
from tests.logins import SERVICE, make_login, signed_in
from tests.service.conftest import Caller, People

HEADER = "X-Read-After"
POOL = PoolSettings(replica_check=0.2, pool_size=4)

NUMBERS = itertools.count(1)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pair() -> Iterator[FailoverPair]:
    with FailoverPair.open() as opened:
        opened.primary.sql("CREATE DATABASE migrated")
        migrator.apply(opened.primary.dsn("migrated"), MIGRATIONS)
        make_login(opened.primary.dsn("migrated"), SERVICE, "slimy_app")
        yield opened


@pytest.fixture
def name(pair: FailoverPair) -> Iterator[str]:
    """A database of the test's own, on the primary and on the standby."""
    fresh = f"own_{next(NUMBERS)}"
    pair.primary.sql(f"CREATE DATABASE {fresh} TEMPLATE migrated")
    pair.catch_up()
    yield fresh
    pair.resume_replay()


@pytest.fixture
def app_url(pair: FailoverPair, name: str) -> str:
    return signed_in(pair.dsn(name))


@pytest.fixture
async def db(app_url: str, pair: FailoverPair, name: str) -> AsyncIterator[Database]:
    at = signed_in(pair.standby.dsn(name))
    async with Database.open(app_url, settings=POOL, replicas=at) as opened:
        await stands(opened, "ready")
        yield opened


async def stands(db: Database, state: str) -> None:
    """Wait until the replica is known to be in a state."""
    async with asyncio.timeout(15):
        while db.health.replicas()[0].state != state:  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.02)


def reads(db: Database) -> int:
    return db.replicas.all[0].reads


async def test_who_sends_back_what_a_write_gave_sees_it_and_who_sends_nothing_asks_the_primary(
    service: Caller, db: Database, pair: FailoverPair
) -> None:
    made = await service.put("/v1/guilds/7", {"name": "Testers"})
    after = made.headers[HEADER]
    found = await service.get("/v1/guilds/7", headers={HEADER: after})
    assert found.json["name"] == "Testers"
    assert reads(db) == 1
    await asyncio.to_thread(pair.pause_replay)
    changed = await service.patch("/v1/guilds/7", {"name": "Renamed"})
    assert (await service.get("/v1/guilds/7")).json["name"] == "Renamed"
    past = await service.get("/v1/guilds/7", headers={HEADER: "any"})
    assert past.json["name"] == "Testers"
    assert reads(db) == 2
    told = {HEADER: changed.headers[HEADER]}
    assert (await service.get("/v1/guilds/7", headers=told)).json["name"] == "Renamed"
    assert reads(db) == 2
    for wrong in ("now", "1-2", ""):
        refused = await service.get("/v1/guilds/7", headers={HEADER: wrong})
        assert (refused.status, refused.code) == (400, "invalid_header")


async def test_a_user_reads_their_own_on_the_replica_and_nobody_elses(
    anyone: Caller, people: People, db: Database
) -> None:
    member = anyone.bearing(people.tokens["member"])
    after = {HEADER: str(await db.position())}
    own = await member.get(f"/v1/users/{people.ids['member']}/conversations", headers=after)
    assert own.status == 200, own.json
    assert len(own.json["data"]) == 1
    assert reads(db) == 1
    other = await member.get(f"/v1/users/{people.ids['owner']}/conversations", headers=after)
    assert other.status == 403
    reading = db.reading(await db.position()).as_user(people.ids["stranger"])
    assert (await reading.guilds.list()).items == []
    assert reads(db) == 2


async def test_exports_and_transactions_run_on_the_replica_as_a_whole(
    service: Caller, people: People, db: Database
) -> None:
    after = await db.position()
    path = f"/v1/guilds/{people.guild_id}/exports/members"
    answer = await service.get(path, headers={HEADER: str(after), "Accept": "text/csv"})
    assert answer.content.count(b"\n") == 6
    before = reads(db)
    assert before > 0
    async with db.reading(after).transaction(isolation="repeatable read") as nouns:
        assert len((await nouns.users.list()).items) == 5
        assert (await nouns.guilds.get(people.guild_id)).name == "Testers"
    assert reads(db) == before + 1
    assert not db.replicas.elsewhere


async def test_the_client_is_shown_what_it_wrote_whoever_answers(
    anyone: Caller, key: str, db: Database, pair: FailoverPair
) -> None:
    async with Client(anyone.address, key, replicas=True) as client:
        await client.guilds.put(7, name="Testers")
        assert (await client.guilds.get(7)).name == "Testers"
        assert reads(db) == 1
        await asyncio.to_thread(pair.pause_replay)
        await client.guilds.change(7, name="Renamed")
        assert (await client.guilds.get(7)).name == "Renamed"
        assert (await client.within(5).guilds.get(7)).name == "Renamed"
    async with Client(anyone.address, key, replicas=True) as other:
        assert (await other.guilds.get(7)).name == "Testers"


async def test_the_client_asks_the_primary_where_it_cannot_know_what_became_of_a_write() -> None:
    shown = Shown()
    assert shown.asked() == {HEADER: "any"}
    shown.wrote("a-1-20")
    shown.wrote("a-1-1f")
    assert shown.asked() == {HEADER: "a-1-20"}
    shown.wrote("a-2-10")
    assert shown.asked() == {HEADER: "a-2-10"}
    shown.wrote(None)
    assert shown.asked() == {}
    shown.wrote("a-2-11")
    assert shown.asked() == {HEADER: "a-2-11"}


async def test_who_looks_after_the_service_sees_how_the_replicas_stand(
    anyone: Caller, service: Caller, db: Database, pair: FailoverPair
) -> None:
    await service.get("/v1/guilds", headers={HEADER: "any"})
    [health] = db.health.replicas()
    assert health.state == "ready"
    text = (await anyone.get("/metrics")).content.decode()
    assert f'slimy_replica_ready{{replica="{health.name}",state="ready"}} 1' in text
    assert f'slimy_replica_reads_total{{replica="{health.name}"}} 1' in text
    assert "slimy_replica_lag_bytes" in text
    await asyncio.to_thread(pair.standby.pause)
    try:
        await stands(db, "away")
        ready = await anyone.get("/health/ready")
        assert (
            f"the replica {health.name} gets no reads: it does not answer" in ready.json["warnings"]
        )
        await service.get("/v1/guilds", headers={HEADER: "any"})
        text = (await anyone.get("/metrics")).content.decode()
        assert 'slimy_replica_elsewhere_total{reason="not_ready"} 1' in text
    finally:
        pair.standby.resume()
