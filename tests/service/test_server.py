"""The process: how it starts, and how it ends without losing a request."""

import asyncio
import json
import signal

import aiohttp
import psycopg
import pytest

from service.settings import Settings, SettingsError
from tests.logins import signed_in
from tests.service.processes import process, refused
from tests.service.test_pipeline import waiting


@pytest.mark.fault("E1")
async def test_running_requests_are_finished_after_the_signal_to_end(
    database_url: str, key: str
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        process(DATABASE_URL=signed_in(database_url), SLIMY_DRAIN_DELAY="3") as (running, address),
        aiohttp.ClientSession(headers=headers) as session,
    ):

        async def status(path: str) -> int:
            async with session.get(address + path) as response:
                await response.read()
                return response.status

        assert await status("/health/ready") == 200
        with psycopg.connect(database_url) as connection:
            connection.execute("LOCK TABLE slimy.guilds IN ACCESS EXCLUSIVE MODE")
            slow = asyncio.create_task(status("/v1/guilds"))
            async with asyncio.timeout(20):
                while not waiting(database_url):  # noqa: ASYNC110 -- the database tells nobody
                    await asyncio.sleep(0.02)
                running.send_signal(signal.SIGTERM)
                while await status("/health/ready") != 503:  # noqa: ASYNC110 -- it is the asking
                    await asyncio.sleep(0.02)
            assert await status("/health/live") == 200
            assert await status("/v1/users") == 200
            with pytest.raises(aiohttp.ClientConnectionError):
                async with asyncio.timeout(20):
                    while True:
                        await asyncio.sleep(0.2)
                        await status("/v1/users")
            assert not slow.done()
        assert await slow == 200
        assert await asyncio.wait_for(running.wait(), 10) == 0
        assert running.stdout is not None
        lines = [json.loads(line) for line in (await running.stdout.read()).splitlines()]
    assert [line["status"] for line in lines if line["route"] == "/v1/guilds"] == [200]
    assert key.split("_", 2)[2] not in json.dumps(lines)


async def test_ctrl_c_ends_it_cleanly(database_url: str) -> None:
    async with process(DATABASE_URL=signed_in(database_url), SLIMY_DRAIN_DELAY="0") as (running, _):
        running.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(running.wait(), 10) == 0


async def test_settings_that_cannot_be_used_are_named() -> None:
    code, said = await refused(DATABASE_URL="x", SLIMY_PORT="99999", SLIMY_REQUEST_TIMEOUT="nan")
    assert code == 2
    assert "SLIMY_PORT" in said
    assert "SLIMY_REQUEST_TIMEOUT" in said
    assert "Traceback" not in said
    code, said = await refused()
    assert (code, "SLIMY_DATABASE_URL" in said) == (2, True)


@pytest.mark.fault("E5")
async def test_a_database_that_differs_from_the_queries_is_refused_naming_query_and_column(
    database_url: str,
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE slimy.users RENAME COLUMN avatar TO picture")
    code, said = await refused(DATABASE_URL=signed_in(database_url), SLIMY_PORT="0")
    assert code == 1
    assert "slimy.users.avatar does not exist" in said
    assert "users." in said
    async with process(DATABASE_URL=signed_in(database_url), SLIMY_ON_DRIFT="warn") as (_, address):
        assert address.startswith("http://127.0.0.1:")


def test_settings_come_from_the_environment_and_show_no_secret() -> None:
    made = Settings.from_environment(
        {
            "DATABASE_URL": "postgresql://x",
            "SLIMY_PORT": "1234",
            "SLIMY_CURSOR_SECRET": "hidden",
            "PATH": "/",
        }
    )
    assert (made.database_url, made.port) == ("postgresql://x", 1234)
    assert "hidden" not in repr(made)
    with pytest.raises(SettingsError, match="SLIMY_PORT"):
        Settings.from_environment({"DATABASE_URL": "x", "SLIMY_PORT": "many"})
