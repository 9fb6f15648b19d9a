"""Memory that runs out at any moment: nothing of a pool is lost by it, and nothing that was kept is denied."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

from slimy_dal.engine import background
from slimy_dal.engine.background import lasting
from slimy_dal.engine.errors import DeadlineExceeded, InternalError, OutcomeUnknown
from slimy_dal.engine.pool import Pool
from tests.ad_hoc import ONE, reads, script, settings, until, writes

pytestmark = pytest.mark.fault("E8")

VALIDATED = """
import resource, sys
from pathlib import Path
from pydantic import TypeAdapter
from service import headroom
wanted = TypeAdapter(list[int])
body = b"[" + b",".join([b'"x"'] * 90_000) + b"]"
size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 16 * 2**20, resource.RLIM_INFINITY))
try:
    if sys.argv[1] == "guarded":
        headroom.check(body)
    wanted.validate_json(body)
except headroom.Refusal as refusal:
    print(refusal.code)
"""


@pytest.fixture
async def pool(app_url: str) -> AsyncIterator[Pool]:
    async with Pool.open(app_url, settings(pool_size=2, acquire_timeout=20)) as opened:
        yield opened


def _without_memory(*_: Any, **__: Any) -> NoReturn:
    raise MemoryError


@contextmanager
def short_of(what: str) -> Iterator[None]:
    """Let the event loop have no memory for timers or tasks: no limit hits one of them alone."""
    loop = asyncio.get_running_loop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, what, _without_memory)
        yield


async def all_serve(pool: Pool) -> None:
    """All connections that a pool may have are there, and come back."""
    calls = [pool.row(reads("SELECT pg_sleep(0.05)")) for _ in range(8)]
    await asyncio.gather(*calls)
    await until(lambda: pool.supply.state()["in_use"] == 0, 20)
    state = pool.supply.state()
    assert (state["size"], state["idle"], state["opening"]) == (2, 2, 0)


@pytest.mark.parametrize("how", ["guarded", "bare"])
def test_the_check_of_a_body_is_refused_where_it_would_end_the_process(how: str) -> None:
    """Without the guard it does: that shows what the guard is for."""
    done = subprocess.run(
        [sys.executable, "-c", VALIDATED, how],
        capture_output=True,
        check=False,
        text=True,
    )
    if how == "guarded":
        assert (done.returncode, done.stdout) == (0, "overloaded\n"), done.stderr
    else:
        assert done.returncode < 0
        assert "memory allocation of" in done.stderr


async def test_a_call_that_gets_no_timer_for_its_wait_takes_no_connection_with_it(
    pool: Pool,
) -> None:
    await all_serve(pool)
    async with pool.transaction(), pool.transaction():
        with short_of("call_later"), pytest.raises(MemoryError):
            await asyncio.create_task(pool.row(ONE, 1, timeout=0.3))
    await all_serve(pool)


async def test_a_deadline_that_gets_no_timer_stops_no_later_ones(pool: Pool) -> None:
    with short_of("call_later"), pytest.raises(InternalError, match="MemoryError"):
        await pool.row(ONE, 1, timeout=0.2)
    late = asyncio.create_task(pool.row(reads("SELECT pg_sleep(60)"), timeout=0.3))
    done, _ = await asyncio.wait((late,), timeout=20)
    assert done
    assert isinstance(late.exception(), DeadlineExceeded)


async def test_connections_that_get_no_task_to_be_opened_or_settled_are_not_counted_for_ever(
    pool: Pool, database_url: str
) -> None:
    await all_serve(pool)
    with short_of("create_task"):
        for connection in pool.supply.free.copy():
            pool.supply.discard(connection, "lost")
    await all_serve(pool)
    connection = await pool.supply.acquire(asyncio.get_running_loop().time() + 5)
    await connection.command("BEGIN")
    with short_of("create_task"):
        pool.supply.release(connection)
    await all_serve(pool)


async def test_an_error_that_cannot_be_judged_takes_no_connection_with_it(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await all_serve(pool)
    with monkeypatch.context() as patch:
        patch.setattr("slimy_dal.engine.pool.judge", _without_memory)
        for _ in range(2):
            with pytest.raises(MemoryError):
                await pool.row(reads("SELECT 1 / 0"))
    await all_serve(pool)


async def test_a_kept_write_whose_answer_cannot_be_taken_in_is_unknown(
    pool: Pool, database_url: str
) -> None:
    await script(database_url, "CREATE TABLE things (id bigint); GRANT ALL ON things TO slimy_app")
    deep = "(repeat('[', 5000) || repeat(']', 5000))::jsonb"
    with pytest.raises(OutcomeUnknown, match="cannot be read"):
        await pool.row(writes(f"INSERT INTO things VALUES (1) RETURNING {deep}"))
    row = await pool.row(reads("SELECT count(*) FROM things"))
    assert row is not None
    assert row[0] == 1
    with pytest.raises(InternalError, match="RecursionError"):
        await pool.row(reads(f"SELECT {deep}"))


async def test_background_work_begins_again_after_any_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "PAUSE", 0.01)
    errors: list[Exception] = [MemoryError(), OSError(24, "too many"), RecursionError()]

    async def work() -> None:
        if errors:
            raise errors.pop(0)

    await asyncio.wait_for(lasting(work, "the watch"), 20)
    assert not errors
    assert "the watch failed with MemoryError" in caplog.text


async def test_the_upkeep_of_a_pool_outlives_an_error(
    app_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "PAUSE", 0.01)
    async with Pool.open(app_url, settings(pool_size=2, pool_min=1, max_idle=0.2)) as pool:
        failed = asyncio.Event()

        def once(now: float) -> None:
            if not failed.is_set():
                failed.set()
                raise MemoryError
            del now

        monkeypatch.setattr(pool.supply.bulkhead, "lift", once)
        await asyncio.gather(*(pool.row(reads("SELECT pg_sleep(0.05)")) for _ in range(4)))
        await asyncio.wait_for(failed.wait(), 20)
        await until(lambda: pool.supply.state()["size"] == 1, 20)
