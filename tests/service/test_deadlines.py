"""The time of a request is the time of its statements (SPEC L10): none goes on for an answer that has been given up."""

import asyncio
import time

import psycopg
import pytest

from service.app import create_app
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database
from tests.matrix.lateness import Lateness
from tests.service.conftest import Caller
from tests.service.test_pipeline import waiting

LIMITS = (0.6, 5.0)
"""Seconds of a request: where the first are over before its statement is seen, the machine is busy."""
OUTLIVES = 1.0
"""Seconds that a statement may go on behind its request."""

SLOW = """
CREATE FUNCTION slimy.sleep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NEW; END';
CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON slimy.guilds FOR EACH ROW EXECUTE FUNCTION slimy.sleep();
CREATE TRIGGER slow BEFORE INSERT ON slimy.stats FOR EACH ROW EXECUTE FUNCTION slimy.sleep();
"""


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/guilds/5", {"name": "a"}),
        # An audited change has a transaction of its own, a bulk call sends more than one statement.
        ("POST", "/v1/guilds", {"id": "5", "name": "a"}),
        ("POST", "/v1/stats:batch", {"stats": [{"type": "a", "value": 1}] * 2}),
    ],
)
async def test_no_statement_outlives_its_request(
    service: Caller,
    settings: Settings,
    db: Database,
    database_url: str,
    method: str,
    path: str,
    body: object,
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(SLOW)
    seen = 0
    for limit in LIMITS:
        app = create_app(settings.model_copy(update={"request_timeout": limit}), db)
        async with listening(app, settings) as address, Lateness() as late:
            caller = Caller(address, service.session, service.documented, service.token)
            running = asyncio.create_task(caller.call(method, path, body))
            while not running.done():
                seen = max(seen, await asyncio.to_thread(waiting, database_url))
            answer = await running
            answered = time.monotonic()
            assert (answer.status, answer.code) == (504, "deadline_exceeded")
            while await asyncio.to_thread(waiting, database_url):
                over = time.monotonic() - answered
                assert over < OUTLIVES + 2 * late.worst, "the statement goes on"
        if seen:
            break
    assert seen == 1, "the statement that is to be given up was never seen"
    assert not (await db.guilds.list()).items
