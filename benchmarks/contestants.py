"""Who runs: the limit of the driver, this package, and the driver as its users write it."""

# ruff: noqa: D101, D102 -- rows are named for their columns, methods are explained at Contestant
# ruff: noqa: ASYNC109 -- the functions look as the compiler writes them

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Any, Protocol

import asyncpg
import msgspec
from workloads import SQL

from slimy_dal.engine.pool import Pool
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.statement import Executor, Parameter, Statement, values

Call = Callable[..., Awaitable[Any]]


class Contestant(Protocol):
    """One way of running the workloads: `open` returns a coroutine function for each."""

    async def open(self, dsn: str, size: int, stack: AsyncExitStack) -> dict[str, Call]: ...

    def get(self, row: Any, name: str) -> Any: ...


async def _jsonb(connection: Any) -> None:
    decode, encode = msgspec.json.decode, msgspec.json.encode
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + encode(value),
        decoder=lambda data: decode(data[1:]),
    )


class Limit:
    """The floor: prepared once per connection, last used connection first, no timeout, no checks, bare Records."""

    def __init__(self) -> None:
        self.free: list[dict[str, Call]] = []
        self.waiting: deque[asyncio.Future[dict[str, Call]]] = deque()

    async def open(self, dsn: str, size: int, stack: AsyncExitStack) -> dict[str, Call]:
        for _ in range(size):
            connection = await asyncpg.connect(dsn)
            stack.push_async_callback(connection.close)
            await _jsonb(connection)
            prepared = {name: await connection.prepare(sql) for name, sql in SQL.items()}
            self.free.append({n: p.fetch if n == "w2" else p.fetchrow for n, p in prepared.items()})
        return {name: self._call(name) for name in SQL}

    def _call(self, name: str) -> Call:
        async def call(*arguments: Any) -> Any:
            if self.free:
                connection = self.free.pop()
            else:
                future = asyncio.get_running_loop().create_future()
                self.waiting.append(future)
                connection = await future
            try:
                return await connection[name](*arguments)
            finally:
                if self.waiting:
                    self.waiting.popleft().set_result(connection)
                else:
                    self.free.append(connection)

        return call

    def get(self, row: Any, name: str) -> Any:
        return row[name]


class UserRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    id: int
    discord_id: str
    username: str
    global_name: str | None
    avatar: str | None
    email: str | None
    created_at: datetime
    updated_at: datetime


class MessageRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    id: int
    guild_id: int
    user_id: int
    role: str
    body: str
    admin_only: bool
    meta: Any
    created_at: datetime


class PageRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    id: int
    guild_id: int
    user_id: int
    role: str
    body: str
    admin_only: bool
    meta: Any
    created_at: datetime
    author_discord_id: str
    author_username: str
    author_avatar: str | None


def _statement(name: str, *types: str, writes: bool = False) -> Statement:
    parameters = tuple(Parameter(f"p{n}", kind) for n, kind in enumerate(types, 1))
    return Statement(f"bench.{name}", SQL[name], parameters, writes=writes)


W1 = _statement("w1", "text")
W2 = _statement("w2", "bigint", "bigint")
W3 = _statement("w3", "bigint", "bigint", "text", writes=True)
W8 = _statement("w8", "text", "text", "text", writes=True)


async def get_user(db: Executor, /, *, discord_id: str, timeout: float | None = None) -> UserRow:
    row = await db.row(W1, discord_id, timeout=timeout)
    if row is None:
        raise LookupError(W1.name)
    return UserRow(*values(row))


async def list_newest(
    db: Executor,
    /,
    *,
    guild_id: int,
    limit: int,
    timeout: float | None = None,
) -> list[PageRow]:
    return list(starmap(PageRow, map(values, await db.rows(W2, guild_id, limit, timeout=timeout))))


async def create(
    db: Executor,
    /,
    *,
    guild_id: int,
    user_id: int,
    body: str,
    timeout: float | None = None,
) -> MessageRow:
    row = await db.row(W3, guild_id, user_id, body, timeout=timeout)
    if row is None:
        raise LookupError(W3.name)
    return MessageRow(*values(row))


async def upsert(
    db: Executor,
    /,
    *,
    discord_id: str,
    username: str,
    avatar: str,
    timeout: float | None = None,
) -> UserRow:
    row = await db.row(W8, discord_id, username, avatar, timeout=timeout)
    if row is None:
        raise LookupError(W8.name)
    return UserRow(*values(row))


class Ours:
    """Ours: functions as the compiler writes them, on the pool with its defaults."""

    async def open(self, dsn: str, size: int, stack: AsyncExitStack) -> dict[str, Call]:
        settings = PoolSettings(pool_size=size, pool_min=size)
        db = await stack.enter_async_context(Pool.open(dsn, settings))
        return {
            "w1": lambda a: get_user(db, discord_id=a),
            "w2": lambda a, b: list_newest(db, guild_id=a, limit=b),
            "w3": lambda a, b, c: create(db, guild_id=a, user_id=b, body=c),
            "w8": lambda a, b, c: upsert(db, discord_id=a, username=b, avatar=c),
        }

    def get(self, row: Any, name: str) -> Any:
        return getattr(row, name)


@dataclass(slots=True)
class User:
    id: int
    discord_id: str
    username: str
    global_name: str | None
    avatar: str | None
    email: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Message:
    id: int
    guild_id: int
    user_id: int
    role: str
    body: str
    admin_only: bool
    meta: Any
    created_at: datetime


@dataclass(slots=True)
class PageMessage:
    id: int
    guild_id: int
    user_id: int
    role: str
    body: str
    admin_only: bool
    meta: Any
    created_at: datetime
    author_discord_id: str
    author_username: str
    author_avatar: str | None


class Idiomatic:
    """The driver as its manual shows it: create_pool with its defaults, rows made into dataclasses."""

    async def open(self, dsn: str, size: int, stack: AsyncExitStack) -> dict[str, Call]:
        pool = await stack.enter_async_context(
            asyncpg.create_pool(dsn, min_size=size, max_size=size, init=_jsonb)
        )

        def one(name: str, kind: type) -> Call:
            async def call(*arguments: Any) -> Any:
                row = await pool.fetchrow(SQL[name], *arguments)
                return kind(**dict(row.items()))

            return call

        async def page(*arguments: Any) -> Any:
            return [
                PageMessage(**dict(row.items())) for row in await pool.fetch(SQL["w2"], *arguments)
            ]

        return {"w1": one("w1", User), "w2": page, "w3": one("w3", Message), "w8": one("w8", User)}

    def get(self, row: Any, name: str) -> Any:
        return getattr(row, name)


CONTESTANTS: dict[str, type[Contestant]] = {
    "limit": Limit,
    "again": Limit,
    "ours": Ours,
    "idiomatic": Idiomatic,
}
