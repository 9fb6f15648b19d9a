"""The servers that `endpoints.py` compares, each a process of its own: `python endpoints_servers.py NAME DSN PORT`.

`floor` is aiohttp and the driver alone: our own SQL, prepared once per connection, records turned into JSON as they
are; no credentials, no checks, no limits, no records of what it did. `again` is the same. `typed` is aiohttp and our
data access layer: typed rows and the service's JSON, and nothing else either. `fastapi` is FastAPI with asyncpg's own
pool and pydantic's models, as its manual shows it. `ours` is the service, with everything that it does.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

import asyncpg
import msgspec
import uvloop
from aiohttp import web
from aiohttp.typedefs import Handler
from contestants import _jsonb as jsonb_codec
from msgspec.json import decode
from paired import Overheard

from service import wire
from slimy_dal.domain.chat_messages import AuthoredMessage, Message
from slimy_dal.domain.club_analyses import ClubAnalysis
from slimy_dal.domain.database import Database, Nouns
from slimy_dal.domain.users import User
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.settings import PoolSettings

POOL = 16
NOBODY = UUID(int=0)
Query = Callable[..., Awaitable[Any]]


async def statements() -> dict[str, str]:
    """Return the SQL that our own calls send, by the endpoint."""
    overheard = Overheard()
    db = Nouns(cast("Any", overheard), Cursors(b""), None)
    found: dict[str, str] = {}
    for name, call in (
        ("user", db.users.find_by_discord_id(1)),
        ("messages", db.chat_messages.list_of_guild(1, limit=50)),
        ("say", db.chat_messages.create(NOBODY, "", guild_id=1)),
        ("analysis", db.club_analyses.get(NOBODY)),
    ):
        with suppress(NotFound):
            await call
        found[name], overheard.sql = overheard.sql, ""
    return found


class Lines:
    """Connections with everything prepared, the last used one first: the least a pool can be."""

    def __init__(self) -> None:
        self.free: list[dict[str, Query]] = []
        self.waiting: list[asyncio.Future[dict[str, Query]]] = []

    async def open(self, dsn: str, sql: dict[str, str]) -> None:
        """Open them all."""
        for _ in range(POOL):
            connection = await asyncpg.connect(dsn)
            await jsonb_codec(connection)
            self.free.append(
                {name: (await connection.prepare(text)).fetch for name, text in sql.items()}
            )

    async def fetch(self, name: str, *arguments: Any) -> list[Any]:
        """Run one."""
        if self.free:
            line = self.free.pop()
        else:
            future = asyncio.get_running_loop().create_future()
            self.waiting.append(future)
            line = await future
        try:
            rows: list[Any] = await line[name](*arguments)
            return rows
        finally:
            if self.waiting:
                self.waiting.pop(0).set_result(line)
            else:
                self.free.append(line)


def plain(value: object) -> object:
    """Make of what the driver gives what can be written as JSON."""
    return dict(value.items()) if isinstance(value, asyncpg.Record) else str(value)


async def listen(port: int, *handlers: Handler) -> None:
    """Serve the endpoints for ever; the handlers in the order of their routes here."""
    alive, user, messages, say, analysis = handlers
    app = web.Application()
    app.router.add_get("/health/live", alive)
    app.router.add_get("/v1/users/by-discord/{id}", user)
    app.router.add_get("/v1/guilds/{id}/messages", messages)
    app.router.add_post("/v1/guilds/{id}/messages", say)
    app.router.add_get("/v1/analyses/{id}", analysis)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


class Said(msgspec.Struct, rename="camel"):
    """What is said, as it is sent."""

    user_id: UUID
    text: str


async def floor(dsn: str, port: int) -> None:
    """Serve the four endpoints with nothing between aiohttp and the driver."""
    lines, encode = Lines(), msgspec.json.Encoder(enc_hook=plain).encode
    await lines.open(dsn, await statements())

    def answer(value: Any, status: int = 200) -> web.Response:
        return web.Response(body=encode(value), content_type="application/json", status=status)

    async def alive(_: web.Request) -> web.Response:
        return answer({"status": "ok"})

    async def user(request: web.Request) -> web.Response:
        rows = await lines.fetch("user", int(request.match_info["id"]))
        return answer(dict(rows[0].items()))

    async def messages(request: web.Request) -> web.Response:
        guild, limit = int(request.match_info["id"]), int(request.query.get("limit", "50"))
        rows = await lines.fetch("messages", guild, limit + 1)
        return answer({"data": [dict(row.items()) for row in rows[:limit]]})

    async def say(request: web.Request) -> web.Response:
        sent = json.loads(await request.read())
        guild = int(request.match_info["id"])
        user, text = UUID(sent["userId"]), sent["text"]
        given = None, guild, user, "user", text, False
        rows = await lines.fetch("say", *given)
        return answer(dict(rows[0].items()), 201)

    async def analysis(request: web.Request) -> web.Response:
        rows = await lines.fetch("analysis", UUID(request.match_info["id"]))
        return answer(dict(rows[0].items()))

    await listen(port, alive, user, messages, say, analysis)


async def typed(dsn: str, port: int) -> None:
    """Serve the endpoints with nothing between aiohttp and our data access layer."""
    settings = PoolSettings(pool_size=POOL, pool_min=POOL)
    async with Database.open(dsn, settings=settings) as db:

        def answer(value: Any, shape: wire.Shape, status: int = 200) -> web.Response:
            body = shape.encode(value)
            return web.Response(body=body, content_type="application/json", status=status)

        async def alive(_: web.Request) -> web.Response:
            return web.Response(body=b'{"status":"ok"}', content_type="application/json")

        async def user(request: web.Request) -> web.Response:
            found = await db.users.find_by_discord_id(int(request.match_info["id"]))
            return answer(found, wire.shape(User))

        async def messages(request: web.Request) -> web.Response:
            guild, limit = int(request.match_info["id"]), int(request.query.get("limit", "50"))
            page = await db.chat_messages.list_of_guild(guild, limit=limit)
            return answer(page, wire.page(AuthoredMessage))

        async def say(request: web.Request) -> web.Response:
            sent = decode(await request.read(), type=Said)
            guild = int(request.match_info["id"])
            made = await db.chat_messages.create(sent.user_id, sent.text, guild_id=guild)
            return answer(made, wire.shape(Message), 201)

        async def analysis(request: web.Request) -> web.Response:
            found = await db.club_analyses.get(UUID(request.match_info["id"]))
            return answer(found, wire.shape(ClubAnalysis))

        await listen(port, alive, user, messages, say, analysis)


async def fastapi(dsn: str, port: int) -> None:
    """Serve the four endpoints as FastAPI's users do."""
    import uvicorn  # type: ignore[import-not-found] # noqa: PLC0415 -- nothing else needs it
    from endpoints_models import Analysis, Message, Messages, NewMessage, User  # noqa: PLC0415
    from fastapi import FastAPI  # type: ignore[import-not-found] # noqa: PLC0415 -- nothing else needs it

    sql = await statements()
    pool = await asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL, init=jsonb_codec)
    app = FastAPI()

    @app.get("/health/live")
    async def alive() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/v1/users/by-discord/{id}")
    async def user(id: int) -> User:
        return User(**dict(await pool.fetchrow(sql["user"], id)))

    @app.get("/v1/guilds/{id}/messages")
    async def messages(id: int, limit: int = 50) -> Messages:
        rows = await pool.fetch(sql["messages"], id, limit + 1)
        return Messages(data=[Message.of(dict(row)) for row in rows[:limit]])

    @app.post("/v1/guilds/{id}/messages", status_code=201)
    async def say(id: int, body: NewMessage) -> Message:
        given = None, id, body.user_id, "user", body.text, False
        return Message.of(dict(await pool.fetchrow(sql["say"], *given)))

    @app.get("/v1/analyses/{id}")
    async def analysis(id: UUID) -> Analysis:
        row = dict(await pool.fetchrow(sql["analysis"], id))
        return Analysis.of(row)

    settings = uvicorn.Config(
        app, port=port, loop="none", http="httptools", access_log=False, log_level="warning"
    )
    await uvicorn.Server(settings).serve()


async def ours(dsn: str, port: int) -> None:
    """Serve with the service as it is: keys, limits, tags, metrics, a line in the log for each request."""
    from service.server import serve  # noqa: PLC0415 -- the others must not pay for it
    from service.settings import Settings  # noqa: PLC0415

    unlimited = dict.fromkeys(("rate_read", "rate_write"), "100000000/60")
    settings = Settings(database_url=dsn, port=port, **unlimited)  # type: ignore[arg-type]
    await serve(settings, pool=PoolSettings(pool_size=POOL, pool_min=POOL))


SERVERS = {"floor": floor, "again": floor, "typed": typed, "ours": ours, "fastapi": fastapi}

if __name__ == "__main__":
    uvloop.run(SERVERS[sys.argv[1]](sys.argv[2], int(sys.argv[3])))
