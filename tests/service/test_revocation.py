"""A key that was withdrawn is refused by every process within a second."""

import asyncio
import time
from datetime import timedelta

import aiohttp
import psycopg
import pytest

from service.principals import Gate
from service.problems import Refusal
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from tests.logins import signed_in
from tests.service.processes import process


async def asked(address: str, key: str, over: asyncio.Event) -> list[tuple[float, int]]:
    """Return when each call began and its status, until it is over and once more."""
    found = []
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:
        last = False
        while not last:
            last, began = over.is_set(), time.monotonic()
            async with session.get(f"{address}/v1/guilds?limit=1") as answer:
                await answer.read()
            found.append((began, answer.status))
            await asyncio.sleep(0.01)
    return found


async def once(address: str, key: str) -> int:
    """Return the status of one call."""
    over = asyncio.Event()
    over.set()
    [(_, status)] = await asked(address, key, over)
    return status


@pytest.fixture
async def victim(db: Database) -> tuple[str, str]:
    made = await db.api_keys.create("victim", ["guilds:read"])
    return str(made.api_key.id), made.key


@pytest.mark.parametrize("way", ["revoke", "rotate"])
async def test_a_key_withdrawn_in_one_process_is_refused_by_another_within_a_second(
    database_url: str, key: str, victim: tuple[str, str], way: str
) -> None:
    variables = {"DATABASE_URL": signed_in(database_url), "SLIMY_DRAIN_DELAY": "0"}
    async with process(**variables) as (_, here), process(**variables) as (_, there):
        over = asyncio.Event()
        calls = asyncio.create_task(asked(there, victim[1], over))
        assert (await once(there, victim[1])) == 200
        await asyncio.sleep(0.5)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:
            url = f"{here}/v1/api-keys/{victim[0]}"
            if way == "revoke":
                answer = await session.delete(url)
            else:
                answer = await session.post(f"{url}/rotate", json={"overlapHours": 0})
            assert answer.status in {201, 204}
        withdrawn = time.monotonic()
        assert (await once(here, victim[1])) == 401, "at once where it was done"
        await asyncio.sleep(withdrawn + 2.0 - time.monotonic())
        over.set()
        found = await calls
    assert found[0][1] == 200
    late = {status for began, status in found if began > withdrawn + 1.0}
    assert late == {401}


async def test_a_longer_belief_is_what_the_setting_says(
    database_url: str, db: Database, victim: tuple[str, str]
) -> None:
    variables = {"DATABASE_URL": signed_in(database_url), "SLIMY_DRAIN_DELAY": "0"}
    async with process(**variables, SLIMY_KEY_CACHE_SECONDS="30") as (_, there):
        assert await once(there, victim[1]) == 200
        await db.api_keys.revoke((await db.api_keys.list()).items[0].id)
        await asyncio.sleep(1.1)
        assert await once(there, victim[1]) == 200


async def test_the_second_counts_from_before_the_database_looked(
    db: Database, database_url: str
) -> None:
    made = await db.api_keys.create("victim", SCOPES)
    gate = Gate(db, remember=3.0)
    shown = {"Authorization": f"Bearer {made.key}"}
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE slimy.api_keys IN ACCESS EXCLUSIVE MODE")
        slow = asyncio.create_task(gate.principal(shown))
        await asyncio.sleep(0)
        began = time.monotonic()
        await asyncio.sleep(1.5)
    await slow
    await db.api_keys.rotate(made.api_key.id, overlap=timedelta(0))
    try:
        assert await gate.principal(shown) == slow.result(), "it is believed for what is left"
    except Refusal:
        # The machine was too busy for anything to be left.
        assert time.monotonic() - began > 2.99
    await asyncio.sleep(began + 3.01 - time.monotonic())
    with pytest.raises(Refusal):
        await gate.principal(shown)


async def test_a_key_forgotten_while_it_is_verified_is_not_kept(db: Database) -> None:
    made = await db.api_keys.create("victim", SCOPES)
    gate = Gate(db, remember=60.0)
    shown = {"Authorization": f"Bearer {made.key}"}
    under_way = asyncio.create_task(gate.principal(shown))
    await asyncio.sleep(0)
    gate.forget(made.api_key.id)
    await under_way
    await db.api_keys.revoke(made.api_key.id)
    with pytest.raises(Refusal):
        await gate.principal(shown)
