"""Exports over HTTP: all of it, in constant memory, with a proof of its end."""

import asyncio
import csv
import gzip
import io
import json
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psycopg
import pytest
from aiohttp import web

from service.app import STATE, create_app
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.audit_logs import NewAuditLog
from slimy_dal.domain.database import Database
from slimy_dal.domain.stats import NewStat
from tests import make
from tests.service.conftest import Caller, People, at, judge

MESSAGES = "/v1/guilds/7000/exports/messages"
STATS = "/v1/exports/stats"
CSV = {"Accept": "text/csv"}
MANY = 200_000


def lines(answer: Any) -> list[Any]:
    """The rows of an export in lines of JSON, whose end is proven."""
    *rows, end = [json.loads(line) for line in answer.content.splitlines()]
    assert end == {"end": True, "rows": len(rows)}
    return rows


def cells(answer: Any) -> list[dict[str, str]]:
    """The rows of an export in CSV, whose end is proven."""
    head, *rows, end = csv.reader(io.StringIO(answer.content.decode()))
    assert end == ["#end", str(len(rows))]
    return [dict(zip(head, row, strict=True)) for row in rows]


async def test_a_guilds_messages_are_exported_oldest_first_those_for_admins_too(
    service: Caller, people: People, db: Database
) -> None:
    member = people.ids["member"]
    hidden = await make.message(db, user_id=member, guild_id=7000, admin_only=True)
    await make.message(db, user_id=member)
    gone = await make.conversation(db, user_id=member, guild_id=7000)
    await make.message(db, user_id=member, conversation_id=gone.id)
    await db.conversations.soft_delete(gone.id)
    answer = await service.get(MESSAGES)
    assert answer.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="messages-7000.ndjson"'
    rows = lines(answer)
    assert [row["id"] for row in rows] == [str(people.things["message_id"]), str(hidden.id)]
    listed = (await service.get(f"/v1/users/{member}/messages?sort=oldest")).json["data"]
    assert [row for row in listed if row["guildId"]] == rows


async def test_csv_says_the_same(service: Caller, people: People, db: Database) -> None:
    text = 'He said "no",\r\nthen\nleft, =1+1 \U0001f525'
    await make.message(db, user_id=people.ids["member"], guild_id=7000, text=text)
    rows = lines(await service.get(MESSAGES))
    answer = await service.get(MESSAGES, headers=CSV)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="messages-7000.csv"'
    told = {None: "", True: "true", False: "false"}
    assert cells(answer) == [
        {name: told.get(value, value) for name, value in row.items()} for row in rows
    ]
    assert cells(answer)[-1]["text"] == text


async def test_analyses_and_members_are_exported_whole(service: Caller, people: People) -> None:
    (analysis,) = lines(await service.get("/v1/guilds/7000/exports/analyses"))
    whole = (await service.get(f"/v1/analyses/{analysis['id']}")).json
    assert analysis["metrics"] == whole["metrics"]
    assert [image["imageUrl"] for image in analysis["images"]] == ["https://cdn.example/1.png"]
    assert (analysis["guildId"], analysis["confidence"]) == ("7000", 0.5)
    (row,) = cells(await service.get("/v1/guilds/7000/exports/analyses", headers=CSV))
    assert json.loads(row["metrics"]) == whole["metrics"]
    members = lines(await service.get("/v1/guilds/7000/exports/members"))
    assert [row["roles"] for row in members] == [["owner"], ["admin"], ["moderator"], ["member"]]
    assert members[0]["discordId"] == "1001"


async def test_statistics_and_the_audit_log_are_exported_by_period(
    service: Caller, people: People, db: Database, owners: Database
) -> None:
    await db.guilds.create(7001, name="Others")
    await db.stats.record_many(
        [NewStat("a", minute, None, 7000 + minute % 2, at(minute / 60)) for minute in range(450)]
    )
    await owners.audit_logs.record_many(
        [
            NewAuditLog("a.b", "c", str(minute), ip_address="::1", timestamp=at(minute / 60))
            for minute in range(250)
        ]
    )
    assert [row["value"] for row in lines(await service.get(STATS))] == [*range(450)]
    of_guild = await service.get("/v1/guilds/7000/exports/stats")
    assert [row["value"] for row in lines(of_guild)] == [*range(0, 450, 2)]
    since, until = (f"{at(hours):%Y-%m-%dT%H:%M:%SZ}" for hours in (1, 2))
    period = f"?since={since}&until={until}"
    assert [row["value"] for row in lines(await service.get(STATS + period))] == [*range(60, 120)]
    of_guild = await service.get(f"/v1/guilds/7001/exports/stats{period}")
    assert [row["value"] for row in lines(of_guild)] == [*range(61, 120, 2)]
    logs = lines(await service.get("/v1/exports/audit-logs"))
    assert [row["resourceId"] for row in logs] == [str(number) for number in range(250)]
    assert logs[0]["ipAddress"] == "::1"
    found = cells(await service.get("/v1/exports/audit-logs" + period, headers=CSV))
    assert [row["resourceId"] for row in found] == [str(number) for number in range(60, 120)]


async def test_an_export_of_nothing_ends_too(service: Caller, people: People, db: Database) -> None:
    assert lines(await service.get(STATS)) == []
    answer = await service.get(STATS, headers=CSV)
    assert cells(answer) == []
    assert answer.content.startswith(b"id,timestamp,userId,guildId,type,value\r\n")
    assert (await service.get("/v1/guilds/7001/exports/messages")).code == "not_found"
    await db.guilds.soft_delete(7000)
    assert (await service.get(MESSAGES)).code == "not_found"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv"),
        ("TEXT/CSV;q=0.5, application/*;q=0.4", "text/csv"),
        ("text/*", "text/csv"),
        ("*/*", "application/x-ndjson"),
        ("text/csv;q=0.1, */*;q=0.2", "application/x-ndjson"),
        ("application/x-ndjson;q=0, */*", "text/csv"),
        ("text/html, */*;q=0.1", "application/x-ndjson"),
        ("application/json", None),
        ("text/csv;q=0", None),
        (",;=", None),
    ],
)
async def test_the_caller_chooses_the_form(service: Caller, accept: str, kind: str | None) -> None:
    answer = await service.get(STATS, headers={"Accept": accept})
    if kind is None:
        assert (answer.status, answer.code) == (406, "not_acceptable")
    else:
        assert answer.headers["Content-Type"].partition(";")[0] == kind


@pytest.mark.parametrize("caller", ["stranger", "member", "moderator", "admin", "owner"])
async def test_exports_of_a_guild_are_for_its_admins(
    anyone: Caller, people: People, caller: str
) -> None:
    session = anyone.bearing(people.tokens[caller])
    for kind in ("messages", "analyses", "members", "stats"):
        answer = await session.get(f"/v1/guilds/7000/exports/{kind}")
        if caller in {"admin", "owner"}:
            assert answer.status == 200
        else:
            expected = "not_found" if caller == "stranger" else "role_required"
            assert answer.code == expected, kind
    for path in (STATS, "/v1/exports/audit-logs"):
        assert (await session.get(path)).code == "service_only"


async def test_keys_export_by_the_scope_of_what_they_read(
    anyone: Caller, people: People, db: Database
) -> None:
    bound = await db.api_keys.create("bound", ["chat:read"], guild_ids=[7000])
    caller = anyone.bearing(bound.key)
    assert (await caller.get(MESSAGES)).status == 200
    assert (await caller.get("/v1/guilds/7000/exports/members")).code == "insufficient_scope"
    assert (await caller.get("/v1/guilds/7001/exports/messages")).code == "not_found"
    assert (await anyone.get(MESSAGES)).code == "unauthenticated"


async def test_an_export_may_be_compressed_or_only_asked_for(
    service: Caller, people: People
) -> None:
    headers = {"Authorization": f"Bearer {service.token}", "Accept-Encoding": "gzip"}
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(service.address + MESSAGES, headers=headers) as response,
    ):
        assert response.headers["Content-Encoding"] == "gzip"
        packed = gzip.decompress(await response.read())
    assert packed.endswith(b'{"end":true,"rows":1}\n')
    assert (await service.call("HEAD", MESSAGES)).status == 200
    assert (await service.get(MESSAGES)).status == 200


# -- much of it ----------------------------------------------------------------------------------


@pytest.fixture
def many(database_url: str, people: People) -> int:
    """Very many messages of a guild, made by the server."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO slimy.chat_messages (user_id, guild_id, text, created_at)"
            " SELECT %s, 7000, 'message ' || n || repeat('.', 100), now() - interval '1 day'"
            " + n * interval '1 millisecond' FROM generate_series(1, %s) AS n",
            (people.ids["member"], MANY),
        )
        # As the server does by itself within a minute: until then it knows of an empty table.
        connection.execute("ANALYZE slimy.chat_messages")
    return MANY + 1


@asynccontextmanager
async def serving(settings: Settings, db: Database) -> AsyncIterator[tuple[str, web.Application]]:
    app = create_app(settings, db)
    async with listening(app, settings) as address:
        yield address, app


@asynccontextmanager
async def asked(address: str, path: str, key: str) -> AsyncIterator[aiohttp.ClientResponse]:
    headers = {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}
    async with (
        aiohttp.ClientSession(read_bufsize=1024) as session,
        session.get(address + path, headers=headers) as response,
    ):
        yield response


def resident() -> int:
    """The bytes of memory that this process has: both ends of every connection are in it."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


@pytest.mark.parametrize("form", ["application/x-ndjson", "text/csv"])
async def test_200_000_rows_pass_through_constant_memory(
    settings: Settings, db: Database, key: str, many: int, form: str
) -> None:
    headers = {"Authorization": f"Bearer {key}", "Accept": form}
    found, size, last, peak = 0, 0, b"", 0
    async with (
        serving(settings, db) as (address, app),
        aiohttp.ClientSession(headers=headers) as session,
    ):
        await (await session.get(f"{address}{MESSAGES}?until={at(0):%Y-%m-%dT%H:%M:%SZ}")).read()
        before = resident()
        async with session.get(address + MESSAGES) as response:
            async for chunk in response.content.iter_any():
                found += chunk.count(b"\n")
                size += len(chunk)
                last = (last + chunk)[-100:]
                peak = max(peak, resident())
        assert app[STATE].exports == 0
    end = b'{"end":true,"rows":%d}\n' if "json" in form else b"#end,%d\r\n"
    assert last.endswith(end % many)
    assert found == many + (1 if "json" in form else 2)
    assert size > 50_000_000
    assert peak - before < 12_000_000


def raw(address: str, path: str, key: str) -> socket.socket:
    """A reader with the smallest buffer there is, who asks and does not read."""
    found = urlsplit(address)
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect((found.hostname, found.port))
    head = f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n\r\n"
    reader.sendall(head.encode())
    return reader


async def until_counted(app: web.Application, exports: int) -> None:
    for _ in range(1000):
        if app[STATE].exports == exports:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{app[STATE].exports} exports are counted")


@pytest.mark.fault("D17")
async def test_readers_who_pause_hold_neither_memory_nor_connections(
    settings: Settings, db: Database, key: str, many: int
) -> None:
    async with serving(settings, db) as (address, app):
        before = resident()
        readers = [await asyncio.to_thread(raw, address, MESSAGES, key) for _ in range(8)]
        await until_counted(app, 8)
        await settled(db)
        # What the kernel buffers of a connection is not this process's.
        assert resident() - before < 16_000_000
        async with asked(address, "/metrics", key) as response:
            assert "slimy_http_exports 8" in (await response.text()).splitlines()
        async with asked(address, STATS, key) as response:
            assert response.status == 503
            assert response.headers["Retry-After"] == "5"
            assert (await response.json())["code"] == "overloaded"
        for reader in readers:
            reader.close()
        await until_counted(app, 0)
        async with asked(address, STATS, key) as response:
            assert response.status == 200


async def settled(db: Database) -> None:
    """Wait until no connection to the database has been in use for a second."""
    quiet = 0
    for _ in range(3000):
        quiet = quiet + 1 if db.pool.snapshot()["pool"]["in_use"] == 0 else 0
        if quiet == 100:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("connections stay in use")


@pytest.mark.fault("D17")
async def test_a_reader_who_stops_for_good_is_cut_off(
    settings: Settings, db: Database, key: str, many: int
) -> None:
    impatient = settings.model_copy(update={"reader_patience": 0.5})
    async with serving(impatient, db) as (address, app):
        reader = await asyncio.to_thread(raw, address, MESSAGES, key)
        await until_counted(app, 1)
        await until_counted(app, 0)
        reader.close()


def move_messages(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE slimy.chat_messages RENAME TO moved")


@pytest.mark.parametrize("reason", ["time", "database"])
async def test_an_export_that_is_cut_off_does_not_look_like_a_whole_one(
    settings: Settings,
    db: Database,
    key: str,
    many: int,
    database_url: str,
    reason: str,
) -> None:
    """The connection breaks before the end that chunks have, and the last line is missing."""
    changed = settings.model_copy(update={"export_timeout": 1.0 if reason == "time" else 60.0})
    async with (
        serving(changed, db) as (address, app),
        asked(address, MESSAGES, key) as response,
    ):
        assert response.status == 200
        content = await response.content.read(100_000)
        if reason == "database":  # in a thread: an export that nobody here reads keeps its lock
            await asyncio.to_thread(move_messages, database_url)
        with pytest.raises(aiohttp.ClientError):
            while piece := await response.content.read(100_000):
                content = piece
                await asyncio.sleep(0.02 if reason == "time" else 0.001)
        assert b'"end":true' not in content
        await until_counted(app, 0)


async def test_an_export_outlives_the_time_a_request_has(
    settings: Settings, db: Database, key: str, many: int
) -> None:
    hasty = settings.model_copy(update={"request_timeout": 1.5})
    async with serving(hasty, db) as (address, _), asked(address, MESSAGES, key) as response:
        started, rows = asyncio.get_running_loop().time(), 0
        async for piece in response.content.iter_chunked(1_000_000):
            rows += piece.count(b"\n")
            await asyncio.sleep(0.05)
        assert rows == many + 1
        assert asyncio.get_running_loop().time() - started > 1.5


async def test_what_fails_before_the_first_row_is_a_problem_as_ever(
    service: Caller, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE slimy.stats RENAME TO moved")
    answer = await service.get(STATS)
    assert (answer.status, answer.code) == (503, "schema_mismatch")


async def test_entries_of_one_moment_are_each_exported_once(
    service: Caller, people: People, database_url: str
) -> None:
    """A page may end between entries that differ in nothing but their keys."""
    moment = datetime.now(UTC) - timedelta(hours=1)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO slimy.chat_messages (user_id, guild_id, text, created_at)"
            " SELECT %s, 7000, n::text, %s FROM generate_series(1, 450) AS n",
            (people.ids["member"], moment),
        )
    rows = lines(await service.get(MESSAGES))
    assert len({row["id"] for row in rows}) == len(rows) == 451


async def test_documented_forms_are_those_that_come(app: web.Application) -> None:
    document = judge(app[STATE].document)
    operation = document.operation("GET", MESSAGES)
    assert operation is not None
    assert set(operation["responses"]["200"]["content"]) == {"application/x-ndjson", "text/csv"}
    assert "406" in operation["responses"]
