"""Where a request came from: what a trusted proxy says, and never what the caller says of itself."""

import json

import aiohttp
import psycopg
import pytest
from aiohttp.test_utils import make_mocked_request

from service.app import create_app
from service.proxies import networks, origin
from service.server import listening
from service.settings import Settings, SettingsError
from slimy_dal.domain.database import Database
from tests.logins import signed_in
from tests.service.processes import process


def from_headers(trusted: str, *lines: str, peer: str = "10.0.0.1") -> str | None:
    headers = [("X-Forwarded-For", line) for line in lines]
    request = make_mocked_request("GET", "/").clone(headers=headers, remote=peer)
    return origin(request, networks(trusted))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["198.51.100.7"], "198.51.100.7"),
        (["1.2.3.4, 198.51.100.7"], "198.51.100.7"),
        (["1.2.3.4", "198.51.100.7, 10.9.9.9"], "198.51.100.7"),
        (["198.51.100.7:4711"], "198.51.100.7"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["::ffff:198.51.100.7"], "198.51.100.7"),
        (["1.2.3.4, nonsense"], "10.0.0.1"),
        (["1.2.3.4, nonsense, 10.0.0.3"], "10.0.0.3"),
        (["10.0.0.2, 10.0.0.3"], "10.0.0.2"),
        ([""], "10.0.0.1"),
        ([], "10.0.0.1"),
    ],
)
def test_the_rightmost_address_that_is_no_trusted_proxy_is_the_callers(
    lines: list[str], expected: str
) -> None:
    assert from_headers("10.0.0.0/8", *lines) == expected


def test_who_is_not_trusted_says_nothing_about_itself() -> None:
    assert from_headers("10.0.0.0/8", "1.2.3.4", peer="192.0.2.1") == "192.0.2.1"
    assert from_headers("", "1.2.3.4") == "10.0.0.1"
    assert from_headers("10.0.0.0/8", "1.2.3.4", peer="::ffff:10.0.0.1") == "1.2.3.4"


@pytest.mark.parametrize(
    ("trusted", "expected"), [("", "127.0.0.1"), ("127.0.0.0/8", "203.0.113.9")]
)
async def test_audit_rows_have_the_callers_address_and_no_other(
    db: Database, settings: Settings, database_url: str, key: str, trusted: str, expected: str
) -> None:
    behind = settings.model_copy(update={"trusted_proxies": trusted})
    headers = {"Authorization": f"Bearer {key}", "X-Forwarded-For": "1.1.1.1, 203.0.113.9"}
    async with (
        listening(create_app(behind, db), behind) as address,
        aiohttp.ClientSession(headers=headers) as session,
        session.post(
            f"{address}/v1/api-keys", json={"name": "x", "scopes": ["guilds:read"]}
        ) as answer,
    ):
        assert answer.status == 201
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT host(ip_address) FROM slimy.audit_logs").fetchall()
    assert rows == [(expected,)]


async def test_the_log_has_it_too(database_url: str) -> None:
    async with (
        process(
            DATABASE_URL=signed_in(database_url),
            SLIMY_DRAIN_DELAY="0",
            SLIMY_TRUSTED_PROXIES="127.0.0.1, ::1",
        ) as (running, address),
        aiohttp.ClientSession(headers={"X-Forwarded-For": "203.0.113.9"}) as session,
    ):
        async with session.get(f"{address}/health/live"):
            pass
        running.terminate()
        await running.wait()
        assert running.stdout is not None
        (line,) = (await running.stdout.read()).splitlines()
    assert json.loads(line)["remote"] == "203.0.113.9"


def test_what_is_no_network_is_refused_by_name() -> None:
    environment = {"DATABASE_URL": "x", "SLIMY_TRUSTED_PROXIES": "10.0.0.0/8,10.0.0.1/8"}
    with pytest.raises(SettingsError, match=r"SLIMY_TRUSTED_PROXIES: .*'10\.0\.0\.1/8'"):
        Settings.from_environment(environment)
