"""A request with an Idempotency-Key, killed at each message of its database: repeated, it has one effect (SPEC H1)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import uuid4

import aiohttp
import psycopg
import pytest

from service.app import STATE, create_app
from service.idempotency_keys import HEADER
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from slimy_dal.engine.secrets import Keyring
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.testing import Cut, FaultProxy, cut_points
from tests.matrix.ledger import writes
from tests.service.conftest import KEYS, Answer, Caller, judge

Record = Callable[[str, object], None]

PATH = "/v1/code-reports"


@dataclass
class Killed:
    """A service whose only session with its database goes through a proxy."""

    service: Caller
    proxy: FaultProxy
    database_url: str

    async def report(self, code: str, key: str | None) -> Answer:
        headers = {} if key is None else {HEADER: key}
        return await self.service.post(PATH, {"code": code, "reason": "expired"}, headers=headers)

    def effects(self) -> dict[str, int]:
        """How often each report was made."""
        with psycopg.connect(self.database_url) as connection:
            counted = "SELECT code, count(*) FROM slimy.code_reports GROUP BY code"
            return dict(connection.execute(counted).fetchall())

    async def points(self, *, keyed: bool) -> list[tuple[bool, Cut]]:
        """The cut points of a request on a session that has prepared nothing, and of one that has prepared all."""
        await self.made(
            keyed=keyed
        )  # what only the first request of a process asks is no part of it
        found = []
        for prepared in (False, True):
            await self.lead_to(prepared=prepared, keyed=keyed)
            with self.proxy.recording() as seen:
                await self.made(keyed=keyed)
            points = cut_points(message for message in seen if message.line == seen[0].line)
            found += [(prepared, cut) for cut in points]
        return found

    async def lead_to(self, *, prepared: bool, keyed: bool) -> None:
        """Bring the only session to where it has prepared all that a request needs, or nothing."""
        self.proxy.cut()
        await asyncio.sleep(0.01)
        if prepared:
            await self.made(keyed=keyed)

    async def made(self, *, keyed: bool) -> None:
        key = str(uuid4())
        answer = await self.report(f"led-{key}", key if keyed else None)
        assert answer.status == 201, answer.content

    async def kill(self, cut: Cut, code: str, key: str | None) -> tuple[list[int], bool]:
        """Send it, and again until it is done; the statuses, and whether the line was cut."""
        trap = self.proxy.arm(cut)
        statuses = []
        for _ in range(5):
            answer = await self.report(code, key)
            statuses.append(answer.status)
            self.proxy.disarm()
            if answer.status == 201:
                break
            assert answer.status == 503 or answer.code == "idempotency_in_progress", answer.content
            await asyncio.sleep(0.01)
        return statuses, trap.sprung is not None


@pytest.fixture
async def killed(app_url: str, database_url: str) -> AsyncIterator[Killed]:
    one = PoolSettings(pool_size=1, pool_min=1, look_around=3600)
    async with (
        FaultProxy(app_url) as proxy,
        Database.open(proxy.dsn, settings=one, keyring=Keyring.parse(KEYS)) as db,
    ):
        key = (await db.api_keys.create("all", SCOPES)).key
        settings = Settings(database_url=proxy.dsn, port=0, access_log=False, queue_patience=9)
        app = create_app(settings, db)
        documented = judge(app[STATE].document)
        async with listening(app, settings) as address, aiohttp.ClientSession() as session:
            yield Killed(Caller(address, session, documented, key), proxy, database_url)


@pytest.mark.fault("B9", "A4")
async def test_a_request_killed_at_a_message_and_repeated_with_its_key_has_one_effect(
    killed: Killed, record_property: Record
) -> None:
    points = await killed.points(keyed=True)
    times = max(1, writes(0) // (50 * len(points)))  # each is a dozen statements over HTTP
    chosen = points * times if writes(0) else points[::5]
    hit, first = 0, Counter[int]()
    for number, (prepared, cut) in enumerate(chosen):
        await killed.lead_to(prepared=prepared, keyed=True)
        statuses, sprung = await killed.kill(cut, f"code-{number}", f"key-{number}")
        assert statuses[-1] == 201, (cut, statuses)
        hit += sprung
        first[statuses[0]] += 1
    effects = killed.effects()
    assert {effects.get(f"code-{number}") for number in range(len(chosen))} == {1}
    assert hit > 0.9 * len(chosen)
    assert first[503], "no request was cut where it hurts: the test shows nothing"
    record_property(
        "figure", f"{hit} kills of {len(chosen)} requests, each repeated: 1 effect each"
    )


async def test_the_same_without_a_key_has_two(killed: Killed) -> None:
    """The control of the test above."""
    points = await killed.points(keyed=False)
    for number, (prepared, cut) in enumerate(points[-24:]):
        await killed.lead_to(prepared=prepared, keyed=False)
        await killed.kill(cut, f"code-{number}", None)
    assert 2 in killed.effects().values()
