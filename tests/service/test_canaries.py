"""No secret and no value reaches a log line, a problem, a metric or the title of the process, whatever goes wrong."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import psycopg
import pytest

from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from slimy_dal.engine import embedded
from slimy_dal.engine.secrets import Keyring
from slimy_dal.schema import migrator
from tests.conftest import MIGRATIONS
from tests.service.conftest import soon
from tests.service.test_failures import received

ROOT = Path(__file__).parent.parent.parent
MAIN = """
import os, sys
from service.__main__ import main
from slimy_dal.domain.api_keys import ApiKeys
async def defect(*_, **__):
    raise RuntimeError(os.environ["DEFECT"])
ApiKeys.revoke = defect
sys.exit(main())
"""
PLANTED = """
import logging, os, sys
from service import logs
from service.__main__ import main
logs.configure("debug")
logging.getLogger("planted").debug("the secret is %s", os.environ["PLANTED"])
sys.exit(main())
"""
BREAK = """
CREATE FUNCTION slimy.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what was sent is %', NEW USING DETAIL = NEW::text, HINT = NEW::text; END $$;
CREATE TRIGGER tell BEFORE INSERT ON slimy.conversations FOR EACH ROW EXECUTE FUNCTION slimy.tell();
ALTER TABLE slimy.code_reports RENAME COLUMN details TO detail;
"""


@dataclass
class Canaries:
    """Values that stand out, and whatever a caller or an observer could read of them."""

    values: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def hatch(self, name: str, form: str = "{}") -> str:
        """Make a value nobody else has; `form` is what it has to look like."""
        value = form.format(f"kanari{uuid4().hex}")
        self.values[name] = value
        return value

    def found(self) -> set[str]:
        text = "\n".join(self.seen)
        return {name for name, value in self.values.items() if value in text}


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def server(canaries: Canaries) -> Iterator[embedded.Server]:
    """A server that asks for passwords, with a database that is ready to serve."""
    password = canaries.hatch("database password")
    with embedded.temporary() as running:
        embedded.create_database(running, "canary")
        migrator.apply(running.dsn("canary"), MIGRATIONS)
        with psycopg.connect(running.dsn(), autocommit=True) as connection:
            connection.execute(f"ALTER ROLE postgres PASSWORD '{password}'".encode())
            (running.data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
            connection.execute("SELECT pg_reload_conf()")
        yield running


def address_of(server: embedded.Server, password: str) -> str:
    return server.dsn("canary").replace("postgres@", f"postgres:{password}@")


@pytest.fixture
def variables(server: embedded.Server, canaries: Canaries) -> dict[str, str]:
    key = Keyring.generate("canary")
    canaries.values["encryption key"] = key.partition(":")[2]
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": address_of(server, canaries.values["database password"]),
        "SLIMY_PORT": "0",
        "SLIMY_ENCRYPTION_KEYS": key,
        "SLIMY_CURSOR_SECRET": canaries.hatch("cursor secret"),
        "DEFECT": canaries.hatch("words of a defect"),
        "SLIMY_LOG_LEVEL": "debug",
        "SLIMY_SLOW_QUERY": "0.00001",
        "SLIMY_ACQUIRE_TIMEOUT": "1",
        "SLIMY_DRAIN_DELAY": "0",
    }


def address_in(said: Path) -> str:
    return said.read_text().partition("serving at ")[2].partition("\n")[0]


async def told(process: asyncio.subprocess.Process, said: Path) -> str:
    """The address a process says it serves at; empty for one that ends before."""
    async with asyncio.timeout(60):
        while True:
            found = await asyncio.to_thread(address_in, said)
            if found or process.returncode is not None:
                return found
            await asyncio.sleep(0.05)


def titles(pid: int) -> list[str]:
    return [Path(f"/proc/{pid}/{name}").read_text() for name in ("cmdline", "comm")]


@asynccontextmanager
async def running(
    variables: dict[str, str], folder: Path, canaries: Canaries, program: str = MAIN
) -> AsyncIterator[str]:
    """Run the service, give its address once it has one, and keep all that it says and is called."""
    said, script = [folder / "stdout", folder / "stderr"], folder / "program.py"
    script.write_text(program)
    with said[0].open("wb") as out, said[1].open("wb") as err:
        process = await asyncio.create_subprocess_exec(
            sys.executable, script, cwd=ROOT, env=variables, stdout=out, stderr=err
        )
        try:
            yield await told(process, said[1])
            if process.returncode is None:
                canaries.seen += titles(process.pid)
        finally:
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.wait(), 20)
    canaries.seen += [path.read_text() for path in said]


@dataclass
class Reader:
    """A caller that keeps what was refused and what is published; its own data it may of course read."""

    session: aiohttp.ClientSession
    address: str
    canaries: Canaries

    async def call(self, method: str, path: str, token: str = "", **options: Any) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers.update(options.pop("headers", {}))
        url = self.address + path
        async with self.session.request(method, url, headers=headers, **options) as response:
            text = await response.text()
            if response.status >= 400 or path == "/metrics":
                self.canaries.seen.append(f"{response.headers} {text}")
            return response.status


@dataclass(frozen=True)
class Household:
    """Who may call."""

    key: str
    token: str
    user_id: UUID


async def settle(server: embedded.Server, canaries: Canaries) -> Household:
    url = address_of(server, canaries.values["database password"])
    async with Database.open(url) as db:
        key = (await db.api_keys.create("all", SCOPES)).key
        user = await db.users.find_or_create(5, username="a", email="taken@example.org")
        token = (await db.sessions.create(user.id, expires_at=soon())).token
        await db.guilds.create(7, name="a", owner_id=user.id)
    canaries.values["API key"] = key.split("_", 2)[2]
    canaries.values["session token"] = token
    return Household(key, token, user.id)


async def use(reader: Reader, household: Household) -> set[int]:
    """Send every canary where it belongs, and where it does not."""
    hatch, key = reader.canaries.hatch, household.key
    email, text = hatch("e-mail", "{}@example.org"), hatch("message text")
    user = f"/v1/users/{household.user_id}"
    tokens = {
        "accessToken": hatch("Discord access token"),
        "refreshToken": hatch("Discord refresh token"),
        "expiresAt": "2040-01-01T00:00:00Z",
    }
    message = {"userId": str(household.user_id), "text": text}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", f"{user}/discord-tokens", {"json": tokens}),
        ("PUT", f"{user}/discord-tokens", {"json": {**tokens, "expiresAt": hatch("time")}}),
        ("PUT", "/v1/users/by-discord/6", {"json": {"username": "b", "email": email}}),
        ("PUT", "/v1/users/by-discord/8", {"json": {"username": "b", "email": email}}),
        ("PATCH", user, {"json": {hatch("field"): hatch("value")}}),
        ("POST", "/v1/guilds/7/messages", {"json": message}),
        ("POST", "/v1/guilds/7/messages", {"json": {**message, "role": hatch("role")}}),
        ("POST", "/v1/conversations", {"json": {**message, "title": text}}),
        ("PUT", "/v1/guilds/9", {"data": f'{{"name": "{hatch("cut body")}'.encode()}),
        ("PUT", "/v1/guilds/9", {"data": hatch("no JSON").encode()}),
        ("GET", f"/v1/users?search={hatch('search')}", {}),
        ("GET", f"/v1/users?limit={hatch('limit')}", {}),
        ("GET", f"/v1/users?cursor={hatch('cursor')}", {}),
        ("GET", f"/v1/users/by-email?email={hatch('sought e-mail', '{}@example.org')}", {}),
        ("GET", f"/v1/users/{hatch('id')}", {}),
        ("GET", f"/{hatch('address')}", {}),
        ("POST", "/v1/guilds", {"json": {}, "headers": {"Idempotency-Key": hatch("idempotency")}}),
        ("PATCH", user, {"json": {}, "headers": {"If-Match": hatch("tag")}}),
        ("PATCH", user, {"json": {}, "headers": {"X-Acting-User": hatch("acting user")}}),
    ]
    json_type = {"Content-Type": "application/json"}
    statuses = set()
    for method, path, options in calls:
        headers = {**json_type, **options.pop("headers", {})}
        statuses.add(await reader.call(method, path, key, headers=headers, **options))
    for wrong in (f"slimy_abcdefghijkl_{hatch('wrong key')}", hatch("wrong token")):
        statuses.add(await reader.call("GET", "/v1/users", wrong))
    statuses.add(await reader.call("GET", user, household.token))
    await received(reader.address, f"{hatch('no HTTP')} / HTTP/1.1\x00\r\n\r\n".encode())
    return statuses


async def break_it(reader: Reader, household: Household, server: embedded.Server) -> set[int]:
    """Let the database fail in every way that quotes what it was given."""
    canaries, statuses = reader.canaries, set()
    with psycopg.connect(address_of(server, canaries.values["database password"])) as connection:
        connection.execute(BREAK)
    secret, about = canaries.hatch("broken title"), canaries.hatch("broken report")
    conversation = {"userId": str(household.user_id), "title": secret}
    report = {"code": "A", "reason": "other", "details": about}
    path = f"/v1/users/{household.user_id}"
    for method, target, body in (
        ("POST", f"{path}/conversations", conversation),
        ("POST", "/v1/code-reports", report),
        ("DELETE", f"/v1/api-keys/{household.user_id}", None),
    ):
        statuses.add(await reader.call(method, target, household.key, json=body))
    await asyncio.to_thread(embedded.stop, server)
    sent = {"username": canaries.hatch("name while it is down")}
    statuses.add(await reader.call("PUT", "/v1/users/by-discord/9", household.key, json=sent))
    statuses.add(await reader.call("GET", "/health/ready"))
    statuses.add(await reader.call("GET", "/metrics"))
    return statuses


@pytest.mark.fault("S8")
async def test_no_canary_is_ever_seen(
    server: embedded.Server, variables: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    household = await settle(server, canaries)
    async with (
        running(variables, tmp_path, canaries) as address,
        aiohttp.ClientSession() as session,
    ):
        reader = Reader(session, address, canaries)
        used = await use(reader, household)
        assert {200, 201, 400, 401, 404, 409, 422} <= used, used
        broken = await break_it(reader, household, server)
        assert {500, 503} <= broken, broken
    text = "".join(canaries.seen)
    assert len(canaries.values) > 25
    for said in ('"code":"internal"', "frames", "slow", "slimy_query_seconds", '"level":"debug"'):
        assert said in text, said
    # The name of a field that is not known is told to who sent it, and to nobody else.
    assert canaries.found() == {"field"}
    assert canaries.values["field"] not in "".join(canaries.seen[-2:])


async def test_a_password_that_the_database_refuses_is_not_told(
    server: embedded.Server, variables: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    wrong = address_of(server, canaries.hatch("wrong password"))
    async with running({**variables, "DATABASE_URL": wrong}, tmp_path, canaries) as address:
        assert address == ""
    assert "DATABASE_URL" in "".join(canaries.seen)
    assert canaries.found() == set()


@pytest.mark.fault("S8")
async def test_a_canary_in_a_log_line_would_be_found(
    variables: dict[str, str], canaries: Canaries, tmp_path: Path
) -> None:
    planted = {**variables, "PLANTED": canaries.values["cursor secret"]}
    async with running(planted, tmp_path, canaries, PLANTED) as address:
        assert address
    assert canaries.found() == {"cursor secret"}
