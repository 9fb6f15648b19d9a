"""Requests repeated with an Idempotency-Key (SPEC H1): done once, answered each time."""

import asyncio
import json
from uuid import uuid4

import aiohttp
import psycopg
import pytest

from service import openapi
from service.app import endpoints, groups
from service.idempotency_keys import HEADER, REPLAYED
from service.settings import Settings
from slimy_dal.domain.database import Database
from tests.faults import Proxy
from tests.logins import signed_in
from tests.service.conftest import Answer, Caller, People
from tests.service.processes import process

GUILD = {"id": "197038439483310086", "name": "Testers"}


async def post(caller: Caller, key: str, body: object = GUILD, path: str = "/v1/guilds") -> Answer:
    return await caller.post(path, body, headers={HEADER: key})


async def test_a_repeated_request_has_the_same_answer_and_no_second_effect(service: Caller) -> None:
    key = str(uuid4())
    first, again = await post(service, key), await post(service, key)
    assert (first.status, first.headers.get(REPLAYED)) == (201, None)
    assert (again.status, again.headers[REPLAYED]) == (201, "true")
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    # Without a key the same request finds what the first one made: the second one above did no work.
    assert (await service.post("/v1/guilds", GUILD)).code == "already_exists"


@pytest.mark.fault("D12")
async def test_of_50_equal_requests_at_once_one_has_an_effect(
    service: Caller, database_url: str
) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(*(post(service, key) for _ in range(50)))
    done = [one for one in answers if one.status == 201]
    busy = [one for one in answers if one.status != 201]
    assert {one.code for one in busy} <= {"idempotency_in_progress"}
    assert sum(REPLAYED not in one.headers for one in done) == 1
    assert len({one.content for one in done}) == 1
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM slimy.guilds WHERE name = 'Testers'"
        ).fetchone()
    assert row == (1,)


@pytest.mark.fault("E2")
async def test_what_was_done_before_the_process_was_killed_is_answered_and_not_done_again(
    database_url: str, key: str
) -> None:
    """Killed between the commit and the answer: the database holds back what it says of the one."""
    committing = asyncio.Event()
    async with Proxy(signed_in(database_url)) as proxy, aiohttp.ClientSession() as session:

        def hold(sent: bytes) -> bool:
            if b"COMMIT" in sent:
                proxy.freeze()
                committing.set()
            return False

        async def post(address: str, body: object = GUILD) -> tuple[int, bytes, str | None]:
            headers = {"Authorization": f"Bearer {key}", HEADER: "killed-1"}
            async with session.post(f"{address}/v1/guilds", json=body, headers=headers) as response:
                return response.status, await response.read(), response.headers.get(REPLAYED)

        async with process(DATABASE_URL=proxy.dsn, SLIMY_ACCESS_LOG="0") as (running, address):
            proxy.lose_answer_to = hold
            unanswered = asyncio.create_task(post(address))
            await asyncio.wait_for(committing.wait(), 30)
            await until_there(database_url)
            running.kill()
            with pytest.raises(aiohttp.ClientError):
                await unanswered
        async with process(DATABASE_URL=signed_in(database_url), SLIMY_ACCESS_LOG="0") as (
            _,
            address,
        ):
            status, body, replayed = await post(address)
            assert (status, replayed) == (201, "true")
            assert json.loads(body)["name"] == GUILD["name"]
            again = await post(address, {**GUILD, "name": "Others"})
            assert again[0] == 422


async def until_there(database_url: str) -> None:
    """Wait for the commit, which the killed process never hears of."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for _ in range(1500):
            if connection.execute("SELECT 1 FROM slimy.guilds").fetchone():
                return
            await asyncio.sleep(0.02)
    pytest.fail("nothing was committed")


@pytest.mark.fault("E2")
async def test_what_was_under_way_when_the_process_was_killed_is_done_by_the_next_try(
    database_url: str, key: str
) -> None:
    """Killed before the commit: no record keeps the key from being used."""
    headers = {"Authorization": f"Bearer {key}", HEADER: "killed-2"}
    # A name that is written already, but not committed, holds up whoever writes it too.
    with psycopg.connect(database_url) as holder:
        holder.execute(
            "INSERT INTO slimy.guilds (id, name) VALUES (%s, 'Held')", [int(GUILD["id"])]
        )
        async with (
            aiohttp.ClientSession() as session,
            process(DATABASE_URL=signed_in(database_url), SLIMY_ACCESS_LOG="0") as (
                running,
                address,
            ),
        ):
            sent = session.post(f"{address}/v1/guilds", json=GUILD, headers=headers)
            unanswered = asyncio.ensure_future(sent)
            await until_waiting(database_url)
            running.kill()
            with pytest.raises(aiohttp.ClientError):
                await unanswered
        holder.rollback()
    async with (
        aiohttp.ClientSession() as session,
        process(DATABASE_URL=signed_in(database_url), SLIMY_ACCESS_LOG="0") as (_, address),
    ):
        sent = session.post(f"{address}/v1/guilds", json=GUILD, headers=headers)
        async with sent as response:
            assert (response.status, REPLAYED in response.headers) == (201, False)


async def until_waiting(database_url: str) -> None:
    """Wait until somebody waits for a lock."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for _ in range(1500):
            row = connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            ).fetchone()
            if row:
                return
            await asyncio.sleep(0.02)
    pytest.fail("nobody waits")


@pytest.mark.fault("D15")
async def test_without_the_key_each_of_them_would_be_tried(service: Caller) -> None:
    answers = await asyncio.gather(*(service.post("/v1/guilds", GUILD) for _ in range(50)))
    assert sorted(one.status for one in answers) == [201] + [409] * 49


@pytest.mark.fault("D13")
async def test_a_key_belongs_to_one_request(service: Caller) -> None:
    key = str(uuid4())
    assert (await post(service, key)).status == 201
    other = await post(service, key, {**GUILD, "name": "Others"})
    assert (other.status, other.code, other.pointers) == (422, "idempotency_key_reused", [HEADER])
    elsewhere = await post(
        service, key, path="/v1/guilds/197038439483310086/members:remove", body={"userIds": []}
    )
    assert elsewhere.code in {"idempotency_key_reused", "validation_failed"}


async def test_callers_have_keys_of_their_own(service: Caller, db: Database) -> None:
    key = str(uuid4())
    assert (await post(service, key)).status == 201
    other = service.bearing((await db.api_keys.create("other", ["guilds:write"])).key)
    assert (await post(other, key)).code == "already_exists"


async def test_what_failed_is_not_kept_and_may_be_tried_again(service: Caller) -> None:
    key = str(uuid4())
    missing = {**GUILD, "ownerId": str(uuid4())}
    assert (await post(service, key, missing)).code == "missing_reference"
    assert (await post(service, key)).status == 201


async def test_what_a_deadlock_undid_is_done_again_under_the_same_key(
    service: Caller, people: People, db: Database, database_url: str
) -> None:
    key, owner = str(uuid4()), people.ids["stranger"]
    record = "INSERT INTO slimy.idempotency_keys (caller, key, request_hash) VALUES (%s, %s, %s)"
    (mine,) = [f"key:{one.id}" for one in (await db.api_keys.list()).items if one.name == "all"]
    async with await psycopg.AsyncConnection.connect(database_url) as other:
        await other.execute("SET deadlock_timeout = '1min'")  # it is the service that gives way
        await other.execute("SELECT FROM slimy.users WHERE id = %s FOR UPDATE", [owner])
        asking = asyncio.create_task(post(service, key, {**GUILD, "ownerId": str(owner)}))
        await until_waiting(database_url)
        await other.execute(record, [mine, key, b"x" * 32])
        await other.rollback()
        answer = await asking
    assert (answer.status, answer.headers.get(REPLAYED)) == (201, None)
    assert db.pool.snapshot()["events"]["retried"] >= 1


async def test_a_key_that_is_over_stands_for_a_new_request(
    service: Caller, database_url: str
) -> None:
    key = str(uuid4())
    assert (await post(service, key)).status == 201
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE slimy.idempotency_keys SET created_at = now() - interval '2 days',"
            " expires_at = now() - interval '1 day'"
        )
    assert (await post(service, key)).code == "already_exists"
    assert (await post(service, key, {**GUILD, "id": "5"})).status == 201


async def test_old_keys_go_while_new_ones_come(service: Caller, database_url: str) -> None:
    for number in range(1, 7):
        await post(service, f"old-{number}", {"id": str(number), "name": "Old"})
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE slimy.idempotency_keys SET created_at = now() - interval '2 days',"
            " expires_at = now() - interval '1 day'"
        )
    for number in range(7, 10):
        await post(service, f"new-{number}", {"id": str(number), "name": "New"})
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT key FROM slimy.idempotency_keys ORDER BY key").fetchall()
    assert [key for (key,) in rows] == ["new-7", "new-8", "new-9"]


@pytest.mark.parametrize("sent", ["", " ", "two words", "é", "x" * 256])
async def test_a_malformed_key_is_refused(service: Caller, sent: str) -> None:
    answer = await post(service, sent)
    assert (answer.status, answer.code, answer.pointers) == (400, "invalid_header", [HEADER])


async def test_a_key_is_refused_where_the_answer_is_a_secret(service: Caller) -> None:
    body = {"name": "reporting", "scopes": ["guilds:read"], "expiresAt": None}
    answer = await post(service, str(uuid4()), body, "/v1/api-keys")
    assert answer.code == "invalid_header"


async def test_no_kept_answer_holds_a_secret() -> None:
    made = endpoints(groups(Settings(database_url="postgresql://nowhere")))
    keeping = {one.route.operation_id for one in made if one.route.takes_key}
    assert keeping
    for endpoint in made:
        if endpoint.route.takes_key:
            shape = endpoint.shape
            names = str(shape.type if shape else "")
            assert "NewApiKey" not in names
            assert "NewSession" not in names
            assert set(openapi.codes(endpoint)) >= {"idempotency_key_reused", "invalid_header"}
