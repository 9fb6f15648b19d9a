"""Two primaries at a time, and servers that were set back: what the pool writes to, and what it refuses."""

import asyncio
import re
import shutil
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from slimy_dal.engine.embedded import run_as
from slimy_dal.engine.errors import OutcomeUnknown, Unavailable
from slimy_dal.engine.pool import Pool
from slimy_dal.testing import FailoverPair, Node
from tests.ad_hoc import ONE, script, settings, until, writes
from tests.matrix.ledger import INSERT, TABLE

Record = Callable[[str, object], None]

SLOW_INSERT = writes("INSERT INTO public.kept (id) SELECT 0 FROM pg_sleep(20)")


@dataclass
class Brain:
    """A pool on a pair whose standby is promoted while the old primary lives; `begun` is when each write began."""

    pair: FailoverPair
    old: Node
    pool: Pool
    begun: list[float] = field(default_factory=list)
    contact: float = 0.0

    async def write(self) -> None:
        """Make one write whose number is its place in `begun`."""
        self.begun.append(time.monotonic())
        try:
            await self.pool.execute(INSERT, len(self.begun), timeout=2.0)
        except Unavailable:
            await asyncio.sleep(0.01)

    async def writing(self, seconds: float) -> None:
        """Let four writers work for so long."""
        end = time.monotonic() + seconds

        async def one() -> None:
            while time.monotonic() < end:
                await self.write()

        await asyncio.gather(*(one() for _ in range(4)))

    def on_old(self, since: float) -> int:
        """How many writes that began after a moment the old primary kept."""
        kept = [int(row) for row in self.old.sql("SELECT id FROM public.kept WHERE id > 0")]
        return sum(self.begun[number - 1] > since for number in kept)


@asynccontextmanager
async def split(*, guard: bool, major: int = 18) -> AsyncIterator[Brain]:
    """Open a pool of four sessions on the old primary, all idle."""
    opening = FailoverPair.open(major=major)
    pair = await asyncio.to_thread(opening.__enter__)
    try:
        pair.primary.sql(TABLE)
        own = settings(look_around=0.5, refuse_old_timelines=guard)
        async with Pool.open(pair.dsn(), own) as pool:
            brain = Brain(pair, pair.primary, pool)
            history = pool._hosts.history  # noqa: SLF001 -- the moment is known to it alone
            if history is not None:
                history.on_change.append(lambda: setattr(brain, "contact", time.monotonic()))
            await brain.writing(0.2)
            await asyncio.to_thread(pair.catch_up)
            yield brain
    finally:
        await asyncio.to_thread(opening.__exit__, None, None, None)


async def refusing(pool: Pool, event: str) -> None:
    """Wait until a host was refused, which the pool asks again and again as it has no other."""
    before = pool.snapshot()["events"].get(event, 0)
    await until(lambda: pool.snapshot()["events"].get(event, 0) > before, 10.0)


@pytest.mark.fault("C5")
@pytest.mark.parametrize("major", [18, pytest.param(15, marks=pytest.mark.slow)])
async def test_an_old_primary_gets_no_write_once_the_new_timeline_was_seen(
    major: int, record_property: Record
) -> None:
    async with split(guard=True, major=major) as at:
        hanging = asyncio.create_task(at.pool.execute(SLOW_INSERT))
        await asyncio.to_thread(at.pair.promote)
        promoted = time.monotonic()
        await at.writing(1.5)
        await until(lambda: at.contact)
        await at.writing(0.2)
        assert at.on_old(at.contact) == 0
        assert int(at.pair.primary.sql("SELECT count(*) FROM public.kept")[0]) > 0
        with pytest.raises(OutcomeUnknown):  # what ran there at the contact was cut off
            await asyncio.wait_for(hanging, 10.0)
        # Without the new primary there is none, although the old one would take anything.
        await asyncio.to_thread(at.pair.primary.stop)
        await refusing(at.pool, "old_timeline_refused")
        at.begun.append(time.monotonic())
        with pytest.raises(Unavailable, match="old primary"):
            await at.pool.execute(INSERT, len(at.begun), timeout=1.5)
        assert at.on_old(at.contact) == 0
        assert at.pool.snapshot()["events"]["new_timeline"] == 1
        record_property(
            "figure",
            f"both alive: left {max(at.contact - promoted, 0):.2f} s after the promotion, "
            f"0 of {len(at.begun)} writes on the old primary after the contact",
        )


@pytest.mark.fault("C5")
@pytest.mark.slow
async def test_without_the_guard_the_old_primary_goes_on_taking_writes(
    record_property: Record,
) -> None:
    """The control: what the test above finds none of."""
    async with split(guard=False) as at:
        await asyncio.to_thread(at.pair.promote)
        promoted = time.monotonic()
        await at.writing(2.0)
        astray = at.on_old(promoted)
        assert astray > 0
        record_property("figure", f"guard off: {astray} writes on the old primary")


@pytest.mark.fault("C4", "C5")
@pytest.mark.slow
async def test_a_hung_primary_that_wakes_up_after_the_promotion_gets_no_write() -> None:
    async with split(guard=True) as at:
        await asyncio.to_thread(at.old.pause)
        await asyncio.to_thread(at.pair.promote)
        await at.writing(3.0)
        contact = at.contact
        assert contact
        await asyncio.to_thread(at.old.resume)
        await at.writing(1.0)
        assert at.on_old(contact) == 0
        taken = int(at.pair.primary.sql("SELECT count(*) FROM public.kept")[0])
        assert taken > 100


@pytest.mark.fault("C5")
@pytest.mark.slow
async def test_an_old_primary_that_was_made_a_standby_is_one_of_the_hosts_again() -> None:
    async with split(guard=True) as at:
        await asyncio.to_thread(at.pair.promote)
        await until(lambda: at.contact)
        await asyncio.to_thread(at.pair.rejoin, "copy")
        await asyncio.to_thread(at.pair.switch)
        assert at.pair.primary is at.old
        back = time.monotonic()
        await at.writing(1.0)
        assert at.on_old(back) > 0
        assert at.pool.snapshot()["events"]["new_timeline"] == 2


# -- set back, exchanged, silent ------------------------------------------------------------------


@contextmanager
def node(*, port: int | None = None) -> Iterator[Node]:
    """A server with the table of the ledger."""
    with Node(port=port) as started:
        started.sql(TABLE)
        yield started


async def stopped(server: Node) -> None:
    """Stop a server, and let its sessions here be noticed to be gone: a write on one would be unknown."""
    await asyncio.to_thread(server.stop)
    await asyncio.sleep(0.3)


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.mark.fault("C13")
@pytest.mark.slow
async def test_a_server_that_was_restored_to_an_earlier_point_is_refused_by_who_knew_more(
    tmp_path: Path, record_property: Record
) -> None:
    with node() as server:
        server.stop()
        shutil.copytree(server.data, tmp_path / "backup", symlinks=True)
        server.start()
        async with Pool.open(server.dsn(), settings(look_around=0.2)) as pool:
            for number in range(50):
                await pool.execute(INSERT, number)
            await asyncio.sleep(1.0)  # the pool asks from time to time how far its server has come
            await stopped(server)
            shutil.rmtree(server.data)
            shutil.copytree(tmp_path / "backup", server.data, symlinks=True)
            if account := run_as():
                for path in (server.data, *server.data.rglob("*")):
                    shutil.chown(path, account["user"], account["group"])
            await asyncio.to_thread(server.start)
            await refusing(pool, "shorter_history_refused")
            with pytest.raises(Unavailable, match="set back"):
                await pool.execute(INSERT, 50, timeout=1.0)
            assert server.sql("SELECT count(*) FROM public.kept") == ["0"]
        async with Pool.open(server.dsn(), settings()) as pool:  # a new process takes what is there
            await pool.execute(INSERT, 51)
        record_property("figure", "a restored server: 0 writes by who had seen more")


@pytest.mark.fault("C5")
@pytest.mark.slow
async def test_a_host_of_another_cluster_is_refused_and_said_to_be_one() -> None:
    with node() as one, node() as other:
        dsn = f"postgresql://postgres@/postgres?host={one.socket},{other.socket}"
        async with Pool.open(dsn, settings(look_around=0.2)) as pool:
            await pool.execute(INSERT, 1)
            await until(lambda: "other_cluster_refused" in pool.snapshot()["events"])
            await stopped(one)
            with pytest.raises(Unavailable, match="another cluster"):
                await pool.execute(INSERT, 2, timeout=1.0)
        assert other.sql("SELECT count(*) FROM public.kept") == ["0"]


@pytest.mark.fault("C5")
@pytest.mark.slow
async def test_one_host_that_has_become_another_cluster_is_followed_and_never_back(
    port: int,
) -> None:
    with node(port=port) as other:
        other.stop()
        with node(port=port) as one:
            own = settings(look_around=0.2, acquire_timeout=10.0)
            async with Pool.open(one.dsn(), own) as pool:
                await pool.execute(INSERT, 1)
                await stopped(one)
                await asyncio.to_thread(other.start)
                await pool.execute(INSERT, 2)
                assert pool.snapshot()["events"]["new_cluster"] == 1
                assert other.sql("SELECT count(*) FROM public.kept") == ["1"]
                await stopped(other)
                await asyncio.to_thread(one.start)
                await refusing(pool, "other_cluster_refused")
                with pytest.raises(Unavailable, match="another cluster"):
                    await pool.execute(INSERT, 3, timeout=1.0)


@pytest.mark.parametrize("pgbouncer", [False, True])
async def test_any_role_learns_the_timeline_and_one_that_may_not_is_let_through(
    slimy_database: str, caplog: pytest.LogCaptureFixture, *, pgbouncer: bool
) -> None:
    name = f"nobody_{pgbouncer}".lower()
    ask = "FUNCTION pg_catalog.pg_control_system()"
    await script(slimy_database, f"CREATE ROLE {name} LOGIN")
    own = settings(pool_size=1, pgbouncer=pgbouncer)
    dsn = slimy_database.replace("postgres@", f"{name}@", 1)
    if pgbouncer:  # of a pooler it is asked where there is a choice
        dsn = re.sub("host=([^&]+)", r"host=\1,\1", dsn)
    try:
        async with Pool.open(dsn, own) as pool:
            history = pool._hosts.history  # noqa: SLF001 -- nobody else shows it
            assert history is not None
            assert (bool(history.system), history.timeline >= 1) == (True, True)
            assert await pool.row(ONE, 1) == (1,)
            await script(slimy_database, f"REVOKE EXECUTE ON {ask} FROM PUBLIC")
            async with await pool._hosts.connect(total=3, each=3) as connection:  # noqa: SLF001
                assert connection.origin.system == 0
            assert "does not tell its timeline" in caplog.text
    finally:
        await script(slimy_database, f"GRANT EXECUTE ON {ask} TO PUBLIC")
        await script(slimy_database, f"DROP ROLE {name}")
