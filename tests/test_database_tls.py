"""TLS to the database, in libpq's words: to that server and no other, with a real one and an authority of our own."""

import asyncio
import contextlib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from slimy_dal.engine import embedded
from slimy_dal.engine.errors import (
    ConnectionLost,
    InternalError,
    PermissionDenied,
    SlimyError,
    Unavailable,
)
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.schema import migrator
from slimy_dal.schema.migrator import MigrationError
from tests.ad_hoc import reads, writes
from tests.authority import Authority
from tests.conftest import MIGRATIONS
from tests.two_addresses import two_addresses

HANDSHAKE = 0x16
"""The first byte of what a client of TLS begins with."""

QUICK = PoolSettings(connect_timeout=5, host_timeout=3)
ENCRYPTED = reads("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


def with_ssl() -> int:
    """The major version of a server on this machine that can do TLS; the one in the wheel cannot."""
    for major in range(18, 13, -1):
        program = Path(f"/usr/lib/postgresql/{major}/bin/pg_config")
        if program.exists():
            said = subprocess.run([program, "--configure"], capture_output=True, check=True)
            if b"openssl" in said.stdout:
                return major
    pytest.skip("no PostgreSQL with TLS on this machine: install postgresql-15 or newer")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="slimy-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder)


@pytest.fixture(scope="module")
def port(folder: Path, authority: Authority) -> Iterator[int]:
    """A server that takes connections over TLS only, and user `known` by certificate only."""
    major = with_ssl()
    files = authority.sign("server", hosts=("localhost",))
    for file in files:
        if os.geteuid() == 0:
            shutil.chown(file, pwd.getpwnam("postgres").pw_uid)
    rules = folder / "pg_hba.conf"
    rules.write_text(
        "local all all trust\n"
        "hostssl all known all cert\n"
        "hostnossl all known all reject\n"
        "host all all all trust\n"
    )
    rules.chmod(0o644)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    settings = {
        "listen_addresses": "'127.0.0.1'",
        "port": str(number),
        "ssl": "on",
        "ssl_cert_file": f"'{files[0]}'",
        "ssl_key_file": f"'{files[1]}'",
        "ssl_ca_file": f"'{authority.file}'",
        "hba_file": f"'{rules}'",
    }
    with embedded.temporary(major, settings):
        yield number


async def encrypted(dsn: str) -> object:
    async with Pool.open(dsn, QUICK) as pool:
        row = await pool.row(ENCRYPTED)
        assert row is not None
        return row[0]


def dsn(port: int, host: str = "localhost", *, user: str = "postgres", **words: str | Path) -> str:
    query = "&".join(f"{name}={value}" for name, value in words.items())
    return f"postgresql://{user}@{host}:{port}/postgres?{query}"


@pytest.fixture
def strangers(tmp_path: Path) -> Authority:
    """An authority that nobody knows."""
    return Authority(tmp_path, "strangers")


async def test_the_pool_and_migrations_are_sure_of_the_server(
    port: int, authority: Authority
) -> None:
    sure = dsn(port, sslmode="verify-full", sslrootcert=authority.file)
    assert await encrypted(sure) is True
    assert not any(state.applied for state in migrator.status(sure, MIGRATIONS))


@pytest.mark.fault("B10")
async def test_another_name_or_another_authority_is_refused_at_once(
    port: int, authority: Authority, strangers: Authority
) -> None:
    elsewhere = dsn(port, "127.0.0.1", sslmode="verify-full", sslrootcert=authority.file)
    unknown = dsn(port, sslmode="verify-full", sslrootcert=strangers.file)
    for wrong in (elsewhere, unknown):
        with pytest.raises(InternalError, match="certificate is not to be trusted: check sslroot"):
            await encrypted(wrong)
        with pytest.raises(MigrationError):
            migrator.status(wrong, MIGRATIONS)
    assert await encrypted(elsewhere.replace("verify-full", "verify-ca")) is True


@pytest.mark.slow
@pytest.mark.fault("B11")
async def test_a_name_with_several_addresses_is_the_one_that_the_certificate_is_for(
    port: int, authority: Authority, tmp_path: Path
) -> None:
    sure = dsn(port, sslmode="verify-full", sslrootcert=authority.file)
    names = "127.0.0.2 localhost other", "127.0.0.1 localhost other"
    assert max(await two_addresses(tmp_path, sure, *names)) < 1.5
    with pytest.raises(AssertionError):
        await two_addresses(tmp_path, sure.replace("@localhost", "@other"), *names)


async def test_tls_is_demanded_or_tried_or_left_as_the_address_says(port: int) -> None:
    assert await encrypted(dsn(port, sslmode="require")) is True
    assert await encrypted(dsn(port)) is True
    assert await encrypted(dsn(port, sslmode="disable")) is False


async def test_a_server_may_ask_for_a_certificate(
    port: int, authority: Authority, strangers: Authority
) -> None:
    words = {"sslmode": "verify-full", "sslrootcert": str(authority.file)}
    async with Pool.open(dsn(port, **words), QUICK) as pool:
        await pool.execute(writes("CREATE ROLE known LOGIN"))
    cert, key = authority.sign("known")
    assert await encrypted(dsn(port, user="known", **words, sslcert=cert, sslkey=key)) is True
    with pytest.raises(PermissionDenied):
        await encrypted(dsn(port, user="known", **words))
    cert, key = strangers.sign("known")
    # The server's last word may be overtaken by the end of the connection.
    said = "refuses the certificate shown: check sslcert|the connection broke"
    with pytest.raises((InternalError, ConnectionLost), match=said):
        await encrypted(dsn(port, user="known", **words, sslcert=cert, sslkey=key))


@pytest.mark.parametrize("word", ["sslrootcert", "sslcert"])
async def test_a_file_that_is_not_there_is_named(
    port: int, authority: Authority, word: str
) -> None:
    words = {"sslmode": "verify-full", "sslrootcert": str(authority.file), word: "/none.pem"}
    with pytest.raises(InternalError, match=f"the file of {word} in DATABASE_URL cannot be read"):
        await encrypted(dsn(port, **words))


@pytest.mark.fault("B10")
async def test_a_server_without_tls_is_not_believed_where_it_is_demanded() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    settings = {"listen_addresses": "'127.0.0.1'", "port": str(number), "ssl": "off"}
    with embedded.temporary(18, settings):
        assert await encrypted(dsn(number)) is False
        with pytest.raises(InternalError, match="offers no TLS, which sslmode"):
            await encrypted(dsn(number, sslmode="require"))


@contextlib.asynccontextmanager
async def greeting_only(
    heard: bytearray, answer: Callable[[asyncio.StreamWriter], Awaitable[object]]
) -> AsyncIterator[int]:
    """A host that says it can do TLS, and what it then does; gives its port, and notes all it hears."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.readexactly(8))
        writer.write(b"S")
        await answer(writer)
        with contextlib.suppress(OSError):
            heard.extend(await reader.read(100_000))
        writer.transport.abort()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


@pytest.mark.fault("B10")
@pytest.mark.parametrize("mode", ["require", "verify-full"])
async def test_a_handshake_that_ends_in_the_middle_is_no_reason_to_speak_in_the_clear(
    authority: Authority, mode: str
) -> None:
    heard = bytearray()

    async def nothing(_: asyncio.StreamWriter) -> None:
        pass

    async with greeting_only(heard, nothing) as number:
        with pytest.raises((Unavailable, ConnectionLost)):
            await encrypted(dsn(number, sslmode=mode, sslrootcert=authority.file))
    assert heard[8] == HANDSHAKE
    assert len(heard) > 100
    assert b"user\0" not in heard
    assert b"postgres\0" not in heard


async def secured(context: ssl.SSLContext, writer: asyncio.StreamWriter) -> None:
    await writer.start_tls(context)


@pytest.mark.fault("B10")
async def test_a_certificate_that_is_out_of_date_is_refused(authority: Authority) -> None:
    old = authority.sign("old", hosts=("localhost",), valid=timedelta(minutes=-1))
    good = authority.sign("good", hosts=("localhost",))
    for files, error in (
        (old, "certificate is not to be trusted"),
        (good, "connection broke|reach"),
    ):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files)
        heard = bytearray()
        async with greeting_only(heard, partial(secured, context)) as number:
            with pytest.raises(SlimyError, match=error):
                await encrypted(dsn(number, sslmode="verify-full", sslrootcert=authority.file))
        # With the good one the client goes on to introduce itself, inside of the line it trusts.
        assert (b"user\0" in heard) is (files is good)


async def test_a_server_that_is_away_may_come_back(port: int) -> None:
    with pytest.raises(Unavailable):
        await encrypted(dsn(1, sslmode="require"))
