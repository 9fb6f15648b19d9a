"""TLS towards callers: by setting, renewed without a restart, and for known callers only where that is set."""

import asyncio
import shutil
import signal
import ssl
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from service.settings import Settings, SettingsError
from service.tls import context
from tests.authority import Authority
from tests.logins import signed_in
from tests.service.load import Tally, hammer
from tests.service.processes import process, refused

HOST = "127.0.0.1"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def trusting(authority: Authority, shown: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=str(authority.file))
    if shown:
        made.load_cert_chain(*shown)
    return made


async def asked(address: str, client: ssl.SSLContext) -> int:
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=client)) as session,
        session.get(f"{address}/health/ready") as answer,
    ):
        await answer.read()
        return answer.status


async def serial(address: str, client: ssl.SSLContext) -> Any:
    """Return the number of the certificate that a new connection is shown."""
    port = int(address.rpartition(":")[2])
    _, writer = await asyncio.open_connection(HOST, port, ssl=client)
    shown = writer.get_extra_info("peercert")["serialNumber"]
    writer.close()
    return shown


async def test_callers_are_served_over_tls_and_nothing_else(
    database_url: str, authority: Authority
) -> None:
    cert, key = authority.sign("server", hosts=(HOST,))
    variables = {"SLIMY_TLS_CERT": str(cert), "SLIMY_TLS_KEY": str(key)}
    async with process(
        DATABASE_URL=signed_in(database_url), SLIMY_DRAIN_DELAY="0", **variables
    ) as (
        _,
        address,
    ):
        assert address.startswith("https://")
        client = trusting(authority)
        assert await asked(address, client) == 200
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await asked(address, ssl.create_default_context())
        with pytest.raises(aiohttp.ClientError):
            await asked(address.replace("https", "http"), client)
        old = trusting(authority)
        old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.raises(aiohttp.ClientConnectorError):
            await asked(address, old)


async def test_only_callers_with_a_certificate_of_the_authority_are_let_in(
    database_url: str, authority: Authority, tmp_path: Path
) -> None:
    cert, key = authority.sign("server", hosts=(HOST,))
    (tmp_path / "others").mkdir()
    others = Authority(tmp_path / "others")
    async with process(
        DATABASE_URL=signed_in(database_url),
        SLIMY_DRAIN_DELAY="0",
        SLIMY_TLS_CERT=str(cert),
        SLIMY_TLS_KEY=str(key),
        SLIMY_TLS_CLIENT_CA=str(authority.file),
    ) as (_, address):
        assert await asked(address, trusting(authority, authority.sign("caller"))) == 200
        for shown in (None, others.sign("stranger")):
            with pytest.raises((aiohttp.ClientError, ssl.SSLError)):
                await asked(address, trusting(authority, shown))


@pytest.mark.fault("E3")
async def test_every_worker_takes_a_new_certificate_at_sighup_and_keeps_the_old_where_it_is_wrong(
    database_url: str, authority: Authority
) -> None:
    cert, key = authority.sign("server", hosts=(HOST,))
    client = trusting(authority)
    async with process(
        DATABASE_URL=signed_in(database_url),
        SLIMY_WORKERS="2",
        SLIMY_ACCESS_LOG="0",
        SLIMY_DRAIN_DELAY="0",
        SLIMY_TLS_CERT=str(cert),
        SLIMY_TLS_KEY=str(key),
    ) as (running, address):
        before = {await serial(address, client) for _ in range(8)}
        other, _ = authority.sign("other", hosts=(HOST,))
        shutil.copy(other, cert)
        running.send_signal(signal.SIGHUP)
        assert running.stderr is not None
        for _ in range(2):
            line = (await asyncio.wait_for(running.stderr.readline(), 10)).decode()
            assert "SLIMY_TLS_KEY: is not the key of the certificate" in line
        assert {await serial(address, client) for _ in range(8)} == before
        made = authority.sign("newer", hosts=(HOST,))
        for source, target in zip(made, (cert, key), strict=True):
            shutil.copy(source, target)
        running.send_signal(signal.SIGHUP)
        for _ in range(2):
            line = (await asyncio.wait_for(running.stderr.readline(), 10)).decode()
            assert "the certificate was read again" in line
        after = {await serial(address, client) for _ in range(8)}
        assert len(before) == len(after) == 1
        assert before != after
        assert await asked(address, client) == 200


@pytest.mark.fault("E1")
async def test_the_end_loses_no_request_over_tls(
    database_url: str, authority: Authority, key: str
) -> None:
    cert, private = authority.sign("server", hosts=(HOST,))
    client = trusting(authority)
    async with process(
        DATABASE_URL=signed_in(database_url),
        SLIMY_WORKERS="2",
        SLIMY_ACCESS_LOG="0",
        SLIMY_TLS_CERT=str(cert),
        SLIMY_TLS_KEY=str(private),
    ) as (running, address):
        tally = Tally()
        callers = [
            asyncio.create_task(
                hammer(address, "/v1/guilds", tally, key=key, keep=number % 2 == 0, tls=client)
            )
            for number in range(6)
        ]
        await asyncio.sleep(1)
        asked_at = time.monotonic()
        running.terminate()
        await asyncio.gather(*callers)
        assert await asyncio.wait_for(running.wait(), 15) == 0
    assert tally.complete, tally
    assert tally.refused is not None
    assert tally.refused > asked_at + 0.5
    assert set(tally.answered) == {200}


@pytest.mark.parametrize(
    ("cert", "key", "ca", "said"),
    [
        ("none.pem", "server.key", "", "SLIMY_TLS_CERT: cannot be read: No such file"),
        ("server.crt", "none.pem", "", "SLIMY_TLS_KEY: cannot be read: No such file"),
        ("server.key", "server.key", "", "SLIMY_TLS_CERT: is no certificate in PEM form"),
        ("server.crt", "server.crt", "", "SLIMY_TLS_KEY: is no private key in PEM form"),
        ("server.crt", "other.key", "", "SLIMY_TLS_KEY: is not the key of the certificate"),
        ("server.crt", "locked.key", "", "SLIMY_TLS_KEY: is encrypted"),
        ("server.crt", "server.key", "server.key", "SLIMY_TLS_CLIENT_CA: is no certificate"),
        ("server.crt", "server.key", "empty.pem", "SLIMY_TLS_CLIENT_CA: its certificates cannot"),
    ],
)
def test_files_that_cannot_be_used_are_named_by_their_variable(
    tmp_path: Path, authority: Authority, cert: str, key: str, ca: str, said: str
) -> None:
    authority.sign("server", hosts=(HOST,))
    authority.sign("other")
    authority.sign("locked", passphrase=b"secret")
    (tmp_path / "empty.pem").write_text(
        "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----"
    )
    settings = Settings(
        database_url="x",
        tls_cert=str(tmp_path / cert),
        tls_key=str(tmp_path / key),
        tls_client_ca=str(tmp_path / ca) if ca else "",
    )
    with pytest.raises(SettingsError) as raised:
        context(settings)
    assert said in str(raised.value)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_wrong_file_is_one_line_at_the_start(database_url: str, workers: str) -> None:
    code, said = await refused(
        DATABASE_URL=signed_in(database_url),
        SLIMY_PORT="0",
        SLIMY_WORKERS=workers,
        SLIMY_TLS_CERT="/none",
        SLIMY_TLS_KEY="/none",
    )
    assert code == 2
    assert said.count("SLIMY_TLS_CERT: cannot be read") == 1
    assert "Traceback" not in said


def test_settings_of_tls_belong_together() -> None:
    for given in ({"SLIMY_TLS_CERT": "x"}, {"SLIMY_TLS_KEY": "x"}, {"SLIMY_TLS_CLIENT_CA": "x"}):
        with pytest.raises(SettingsError, match="SLIMY_TLS_CERT and SLIMY_TLS_KEY"):
            Settings.from_environment({"DATABASE_URL": "x", **given})
