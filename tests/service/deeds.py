"""What is done to a database so that it raises an SQLSTATE, where one statement is not enough."""

import asyncio
import os
import signal
import subprocess
from urllib.parse import urlsplit

import psycopg
import pytest

from slimy_dal.domain.database import Database
from slimy_dal.engine import embedded
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.pool import Pool
from tests.ad_hoc import ONE, SLEEP, reads, script, settings, until, writes
from tests.faults import Proxy
from tests.service.lab import Deed


def within(*statements: str) -> Deed:
    """Run statements in one transaction."""

    async def deed(db: Database, dsn: str) -> None:
        del dsn
        async with db.pool.transaction() as tx:
            for text in statements:
                await tx.execute(writes(text))

    return deed


def as_role(name: str) -> Deed:
    """Connect as another role."""

    async def deed(db: Database, dsn: str) -> None:
        del db
        async with Pool.open(dsn.replace("//postgres", f"//{name}"), settings(pool_min=1)) as pool:
            await pool.row(ONE, 1)

    return deed


def reading(text: str) -> Deed:
    async def deed(db: Database, dsn: str) -> None:
        del dsn
        await db.pool.row(reads(text))

    return deed


async def drop_the_open_database(db: Database, dsn: str) -> None:
    await db.pool.execute(writes(f'DROP DATABASE "{urlsplit(dsn).path[1:]}"'))


async def open_what_is_not_there(db: Database, dsn: str) -> None:
    del db
    async with Pool.open(dsn.replace(urlsplit(dsn).path, "/nowhere"), settings()):
        raise AssertionError


async def use_a_plan_that_a_migration_made_void(db: Database, dsn: str) -> None:
    star = reads("SELECT * FROM lab.parents")
    await db.pool.rows(star)
    await script(dsn, "ALTER TABLE lab.parents ADD COLUMN more int")
    async with db.pool.transaction() as tx:
        await tx.row(ONE, 1)  # or it would begin again, and nobody would notice
        await tx.rows(star)


async def use_a_statement_that_is_gone(db: Database, dsn: str) -> None:
    del dsn
    async with db.pool.transaction() as tx:
        await tx.row(ONE, 1)
        await tx.execute(writes("DEALLOCATE ALL"))
        await tx.row(ONE, 1)


async def go_on_after_an_error(db: Database, dsn: str) -> None:
    del dsn
    async with db.pool.transaction() as tx:
        with pytest.raises(SlimyError):
            await tx.execute(writes("SELECT 1 / (random() * 0)::int"))
        await tx.row(ONE, 1)


async def rest_in_a_transaction(db: Database, dsn: str) -> None:
    del dsn
    async with db.pool.transaction() as tx:
        await tx.execute(writes("SET LOCAL idle_in_transaction_session_timeout = 30"))
        await asyncio.sleep(0.2)
        await tx.row(ONE, 1)


async def write_skew(db: Database, dsn: str) -> None:
    del dsn
    add = writes("INSERT INTO lab.parents (id) SELECT count(*) + $1 FROM lab.parents", "integer")
    serial = {"isolation": "serializable"}
    async with db.pool.transaction(**serial) as one, db.pool.transaction(**serial) as two:  # type: ignore[arg-type]
        await one.execute(add, 10)
        await two.execute(add, 20)


async def deadlock(db: Database, dsn: str) -> None:
    del dsn
    touch = writes("UPDATE lab.parents SET code = code WHERE id = $1", "integer")

    async def both(first: int, second: int) -> None:
        async with db.pool.transaction() as tx:
            await tx.execute(touch, first)
            await asyncio.sleep(0.1)
            await tx.execute(touch, second)

    ended = await asyncio.gather(both(1, 2), both(2, 1), return_exceptions=True)
    raise next(error for error in ended if error is not None)


async def want_what_is_locked(db: Database, dsn: str) -> None:
    with psycopg.connect(dsn) as other:
        other.execute("SELECT FROM lab.parents FOR UPDATE")
        async with db.pool.transaction() as tx:
            await tx.execute(writes("SET LOCAL lock_timeout = 30"))
            await tx.rows(reads("SELECT FROM lab.parents FOR UPDATE"))


async def write_where_nothing_may_be_written(db: Database, dsn: str) -> None:
    """As after a failover or in maintenance; the pool does not get to choose another server."""
    del db
    name = urlsplit(dsn).path[1:]
    await script(dsn, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    async with Pool.open(dsn, settings(read_write=False)) as pool:
        await pool.execute(writes("DELETE FROM lab.nodes"))


async def cut_the_line(db: Database, dsn: str) -> None:
    del db
    async with Proxy(dsn) as proxy, Pool.open(proxy.dsn, settings()) as pool:
        asyncio.get_running_loop().call_later(0.1, proxy.cut)
        async with pool.transaction() as tx:
            await tx.row(SLEEP, 5.0)


async def crash_the_server(db: Database, dsn: str) -> None:
    """Kill one session's process as the system does when memory is short: all others are ended with it."""
    del db, dsn
    with embedded.temporary() as server, psycopg.connect(server.dsn()) as other:
        try:
            async with Pool.open(server.dsn(), settings()) as pool, pool.transaction() as tx:
                await tx.row(ONE, 1)
                os.kill(other.info.backend_pid, signal.SIGKILL)
                await tx.row(SLEEP, 5.0)
        finally:
            # One that is still recovering takes a minute to be stopped.
            await until(lambda: takes_connections(server))


def takes_connections(server: embedded.Server) -> bool:
    try:
        psycopg.connect(server.dsn()).close()
    except psycopg.OperationalError:
        return False
    return True


async def connect_to_a_server_that_stops(db: Database, dsn: str) -> None:
    del db, dsn
    with embedded.temporary() as server, psycopg.connect(server.dsn()):
        pid = (server.data / "postmaster.pid").read_text().split()[0]
        subprocess.run(["kill", "-TERM", pid], check=True)  # noqa: ASYNC221, S607
        await asyncio.sleep(0.1)
        async with Pool.open(server.dsn(), settings(connect_timeout=0.5)):
            raise AssertionError
