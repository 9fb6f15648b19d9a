"""Clients that are slow, greedy, or gone, against a service as a process of its own: what they cost the others."""

import asyncio
import gzip
import json
import os
import socket
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

import psycopg
import pytest
import pytest_asyncio
from pytest_postgresql.janitor import DatabaseJanitor

from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from slimy_dal.domain.stats import NewStat
from tests.logins import signed_in
from tests.service.processes import process
from tests.service.rawhttp import BODY, LIVE, Pulse, memory, put, said

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

MEGABYTES = 20
"""What hostile clients may cost a process that is warm."""
PULSE = 6.0
"""Seconds in which others get a small answer meanwhile, on busy machines too; alone it takes milliseconds."""


@dataclass
class Target:
    """A service, and what is known of it."""

    address: str
    pid: int
    key: str


SHORT = {
    "SLIMY_HEADER_TIMEOUT": "2",
    "SLIMY_REQUEST_TIMEOUT": "4",
    "SLIMY_READER_PATIENCE": "2",
    "SLIMY_MAX_EXPORTS": "20",
    "SLIMY_MAX_CONNECTIONS": "100",
    "SLIMY_STUCK_SHARE": "1",  # a request that is stuck is to keep its connection for a while
}
"""For a service whose patience one can wait for."""


@pytest.fixture(scope="module")
def module_url(
    template: str,
    address: Callable[[str], str],
    janitor: Callable[[str, str | None], DatabaseJanitor],
) -> Iterator[str]:
    maker = janitor("slimy_slow", template)
    maker.drop()
    with maker:
        yield address("slimy_slow")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target(module_url: str) -> AsyncIterator[Target]:
    """One service for all tests: starting it takes longer than they do."""
    given = {
        "DATABASE_URL": signed_in(module_url),
        "SLIMY_ACCESS_LOG": "0",
        "SLIMY_DRAIN_DELAY": "0",
    }
    async with Database.open(signed_in(module_url)) as db:
        key = (await db.api_keys.create("all", SCOPES)).key
        await db.stats.record_many([NewStat("a", os.urandom(3900).hex()) for _ in range(3000)])
    async with process(**given, **SHORT) as (running, address):
        made = Target(address, running.pid, key)
        warm = put(key) + b"Connection: close\r\nContent-Length: 13\r\n\r\n" + BODY
        for _ in range(200):
            assert (await said(address, warm)).statuses == [200]
        yield made
        assert running.returncode is None


@asynccontextmanager
async def costs_little(target: Target) -> AsyncIterator[None]:
    """Hold the block to memory and to the answers that others get meanwhile."""
    before = memory(target.pid)
    async with Pulse(target.address) as pulse:
        yield
    after = memory(target.pid)
    assert after - before < MEGABYTES, (before, after)
    assert max(pulse.seconds) < PULSE + 2 * pulse.late, max(pulse.seconds)


def zeros(window: int, size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


def bombs() -> Iterator[tuple[str, str, bytes, int, str]]:
    """Name, encoding, body, and what it is answered with."""
    good, large = gzip.compress(BODY), zeros(31, 1 << 30)
    yield "gzip of a gigabyte", "gzip", large, 413, "payload_too_large"
    yield "deflate of a gigabyte", "deflate", zeros(15, 1 << 30), 413, "payload_too_large"
    yield "bare deflate of a gigabyte", "deflate", zeros(-15, 1 << 30), 413, "payload_too_large"
    yield "a good member and a gigabyte", "gzip", good + large, 413, "payload_too_large"
    yield "just above", "gzip", gzip.compress(b" " * 131_073), 413, "payload_too_large"
    yield "too many members", "gzip", gzip.compress(b"") * 17, 400, "malformed_json"
    yield "twice packed", "gzip", gzip.compress(good), 400, "malformed_json"
    yield (
        "said to be twice packed",
        "gzip, gzip",
        gzip.compress(good),
        415,
        "unsupported_media_type",
    )
    yield "cut off", "gzip", good[:-9], 400, "malformed_json"
    yield "cut off in its checksum", "gzip", good[:-6], 400, "malformed_json"
    yield "a wrong checksum", "gzip", good[:-8] + bytes(4) + good[-4:], 400, "malformed_json"
    yield "a wrong length", "gzip", good[:-4] + bytes(4), 400, "malformed_json"
    yield "more behind its end", "gzip", good + b"more", 400, "malformed_json"
    yield "a wrong sum", "deflate", zlib.compress(BODY)[:-4] + bytes(4), 400, "malformed_json"
    yield "not packed", "gzip", BODY, 400, "malformed_json"


@pytest.mark.fault("V8")
async def test_compressed_bombs_cost_no_more_than_the_limit_of_a_body(target: Target) -> None:
    head = put(target.key) + b"Connection: close\r\nContent-Encoding: "
    packed = await asyncio.to_thread(lambda: [*bombs()])
    async with costs_little(target):
        for name, encoding, body, status, code in packed:
            start = head + encoding.encode() + b"\r\n"
            for framed in (
                b"Content-Length: %d\r\n\r\n" % len(body) + body,
                b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n",
            ):
                answer = await said(target.address, start + framed)
                assert (answer.statuses, answer.codes) == ([status], [code]), (name, answer)
    for coding, body in (
        (b"gzip", gzip.compress(BODY[:5]) + gzip.compress(BODY[5:])),
        (b"deflate", zlib.compress(BODY)),
        (b"deflate", zlib.compress(BODY)[2:-4]),
    ):
        sent = head + coding + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        assert (await said(target.address, sent)).statuses == [200]


@pytest.mark.fault("V8")
async def test_bombs_of_json_are_seen_before_anything_is_built(target: Target) -> None:
    most = 4 * 1024 * 1024 - 100
    head = put(target.key).replace(b"PUT /v1/guilds/5", b"POST /v1/stats:batch")
    pieces = (b"1,", b"[],", b"{},", b'"",', b"[" * 60 + b"]" * 60 + b",", b'"\\ud800",')
    bodies = [b'{"stats":[' + piece * (most // len(piece)) + b"1]}" for piece in pieces]
    bodies.append(b"{" + b",".join(b'"%x":1' % number for number in range(most // 11)) + b"}")
    async with Pulse(target.address) as pulse:
        for body in bodies:
            sent = head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            answer = await said(target.address, sent)
            assert answer.codes == ["unacceptable_json"], answer
            assert b"too_many_values" in answer.content
            assert len(answer.content) < 5000
    assert max(pulse.seconds) < PULSE + 2 * pulse.late, max(pulse.seconds)
    # Two megabytes of bodies come and go: what they take is given back, or used again.
    assert memory(target.pid) < 300


async def test_of_many_faults_of_a_body_the_first_hundred_are_named(target: Target) -> None:
    head = put(target.key).replace(b"PUT /v1/guilds/5", b"POST /v1/stats:batch")
    body = json.dumps({"stats": [{"a": 1}] * 10_000}).encode()
    sent = head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    answer = await said(target.address, sent)
    assert answer.codes == ["validation_failed"]
    assert len(answer.content) < 20_000
    assert b"and 29999 more" in answer.content


def connected(address: str, *, small: bool = False) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    made = socket.socket()
    if small:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect((host, int(port)))
    return made


@pytest.mark.fault("V8")
async def test_who_sends_a_byte_now_and_then_is_cut_off_in_time(target: Target) -> None:
    key = target.key
    async with costs_little(target):
        drops = [b"a"] * 100
        head = said(target.address, LIVE + b"X-A: ", *drops, pause=0.1)
        body = said(target.address, put(key) + b"Content-Length: 200\r\n\r\n", *drops, pause=0.1)
        chunk = b"Transfer-Encoding: chunked\r\n\r\nd;"
        chunks = said(target.address, put(key) + chunk, *drops, pause=0.1)
        started = time.monotonic()
        answers = await asyncio.gather(*(head, body, chunks), *(silent(target) for _ in range(50)))
        assert time.monotonic() - started < 14
        for answer in answers[:3]:
            assert answer is not None
            assert (answer.statuses, answer.closed) == ([408], True), answer
            assert answer.codes == ["request_timeout"]


async def silent(target: Target) -> None:
    """Connect and say nothing, until hung up."""
    loop = asyncio.get_running_loop()
    with connected(target.address) as raw:
        raw.settimeout(0)
        assert await asyncio.wait_for(loop.sock_recv(raw, 1), 10) == b""


@pytest.mark.fault("D17")
async def test_who_reads_nothing_is_cut_off_and_what_was_kept_for_him_is_freed(
    target: Target,
) -> None:
    await nobody_reads(target)  # the first time costs what a process keeps for good
    before = memory(target.pid)
    await nobody_reads(target)
    assert memory(target.pid) - before < 3 * MEGABYTES


async def nobody_reads(target: Target) -> None:
    """Ask for much, read none of it, and wait until hung up."""
    for path in ("/v1/exports/stats", "/v1/stats?limit=200"):
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {target.key}\r\n\r\n"
        async with Pulse(target.address) as pulse:
            with ExitStack() as stack:
                readers = [
                    stack.enter_context(connected(target.address, small=True)) for _ in range(16)
                ]
                for reader in readers:
                    # Ten answers in a row are more than the kernel keeps for somebody.
                    reader.sendall(head.encode() * (1 if "exports" in path else 10))
                await until_gone(target, readers)
        assert max(pulse.seconds) < PULSE + 2 * pulse.late


async def until_gone(target: Target, readers: list[socket.socket]) -> None:
    """Wait until the service holds on to none of them, but to who was refused at once, and may ask again."""
    most = 0
    for _ in range(300):
        held = await connections(target)
        most = max(most, held)
        told = sum(reader.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 503" for reader in readers)
        if most >= len(readers) and held <= 3 + told:
            assert told < len(readers)
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{held} connections are held, of {most}; {told} were refused")


async def connections(target: Target) -> int:
    asked = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    text = (await said(target.address, asked)).content.decode()
    return int(
        next(
            line for line in text.splitlines() if line.startswith("slimy_http_connections ")
        ).split()[1]
    )


@pytest.mark.parametrize("times", [1, 5])
async def test_who_closes_one_side_gets_all_answers(target: Target, times: int) -> None:
    one = put(target.key) + b"Content-Length: 13\r\n\r\n" + BODY
    listed = f"GET /v1/guilds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {target.key}\r\n\r\n"
    for sent in (LIVE + b"\r\n", one, listed.encode()):
        answer = await said(target.address, sent * times, eof=True)
        assert (answer.statuses, answer.closed) == ([200] * times, True)
    # Half a request has no answer, and is not waited for.
    for sent in (put(target.key) + b"Content-Length: 50\r\n\r\n{", LIVE, b""):
        answer = await said(target.address, sent, eof=True)
        assert (answer.statuses, answer.closed) == ([], True)


async def test_who_closes_one_side_is_told_of_a_change_however_long_it_takes(
    target: Target, module_url: str
) -> None:
    one = put(target.key) + b"Content-Length: 13\r\n\r\n" + BODY
    with psycopg.connect(module_url) as connection:
        connection.execute("LOCK TABLE slimy.guilds IN ACCESS EXCLUSIVE MODE")
        waiting = asyncio.create_task(said(target.address, one, eof=True))
        await asyncio.sleep(1.5)
        assert not waiting.done()
    assert (await waiting).statuses == [200]


async def test_thousands_of_idle_connections_keep_nobody_out(target: Target) -> None:
    async with costs_little(target):
        with ExitStack() as stack:
            kept = stack.enter_context(connected(target.address))
            for _ in range(40):
                for _ in range(50):
                    stack.enter_context(connected(target.address))
                # Who asks now and then keeps his connection, whoever comes and says nothing.
                kept.sendall(LIVE + b"\r\n")
                assert b"200 OK" in await asyncio.to_thread(kept.recv, 65536)
                assert await connections(target) <= 100
            for _ in range(300):
                half = stack.enter_context(connected(target.address))
                half.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
            assert (await said(target.address, LIVE + b"\r\n")).statuses == [200]


async def test_where_all_connections_are_at_work_the_next_one_is_told(
    target: Target, module_url: str
) -> None:
    one = put(target.key) + b"Content-Length: 13\r\n\r\n" + BODY
    with psycopg.connect(module_url) as connection:
        connection.execute("LOCK TABLE slimy.guilds IN ACCESS EXCLUSIVE MODE")
        waiting = [asyncio.create_task(said(target.address, one)) for _ in range(100)]
        for _ in range(8):
            # Until all of them have come there is room for one who says nothing.
            await asyncio.sleep(0.3)
            answer = await said(target.address, b"")
            if answer.statuses:
                break
        assert (answer.statuses, answer.codes, answer.closed) == ([503], ["overloaded"], True)
        assert b"Retry-After: 1" in answer.content
    # Some waited longer for their turn than they may; none is lost.
    assert {status for one in waiting for status in (await one).statuses} <= {200, 503}
    assert [len((await one).statuses) for one in waiting] == [1] * 100
    assert (await said(target.address, LIVE + b"\r\n")).statuses == [200]
