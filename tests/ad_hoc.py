"""Statements and pools made on the spot, for tests of the engine that have no query file."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from slimy_dal.engine import driver
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.statement import Parameter, Statement


def reads(sql: str, *types: str, timeout: float | None = None) -> Statement:
    """A statement that writes nothing; its parameters are called p1, p2 … and may be null with a `?`."""
    return _statement(sql, types, timeout=timeout, writes=False)


def writes(sql: str, *types: str, timeout: float | None = None) -> Statement:
    """A statement that may write."""
    return _statement(sql, types, timeout=timeout, writes=True)


def _statement(
    sql: str, types: tuple[str, ...], *, timeout: float | None, writes: bool
) -> Statement:
    parameters = tuple(
        Parameter(f"p{n}", kind.removesuffix("?"), nullable=kind.endswith("?"))
        for n, kind in enumerate(types, 1)
    )
    return Statement("test.ad_hoc", sql, parameters, timeout=timeout, writes=writes)


def settings(**given: Any) -> PoolSettings:
    """Bounds short enough for tests."""
    return PoolSettings(**{"pool_size": 4, "acquire_timeout": 3.0, "host_timeout": 1.0, **given})


async def script(dsn: str, sql: str) -> None:
    """Run SQL on a session of its own."""
    async with await driver.connect(dsn) as connection:
        await connection.execute(sql)


async def until(condition: Callable[[], Any], seconds: float = 15.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        await asyncio.sleep(0.01)


ONE = reads("SELECT $1::bigint", "bigint")
SLEEP = reads("SELECT pg_sleep($1)", "double precision")
PID = reads("SELECT pg_backend_pid()")
OTHERS_ACTIVE = reads(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'"
)
TERMINATE_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
