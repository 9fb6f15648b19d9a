"""What is sent to be misread: each gets the right status, and the connection ends where it is no longer in step."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from service.settings import Settings
from slimy_dal.domain.database import Database
from tests.service.conftest import Caller
from tests.service.rawhttp import BODY, LIVE, problem, put, said

pytestmark = pytest.mark.slow

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
ONE = b"d\r\n" + BODY + b"\r\n"
END = b"0\r\n\r\n"
SECOND = LIVE + b"\r\n"
"""What an attacker wants to be taken for a request of its own."""

# Two ways to say where the body ends, or a way that others on the path may read otherwise.
FRAMING: dict[str, bytes] = {
    "CL and TE": b"Content-Length: 13\r\nTransfer-Encoding: chunked\r\n\r\n" + END,
    "TE and CL": b"Transfer-Encoding: chunked\r\nContent-Length: 13\r\n\r\n" + ONE + END,
    "CL twice": b"Content-Length: 13\r\nContent-Length: 13\r\n\r\n" + BODY,
    "CL twice, other": b"Content-Length: 13\r\nContent-Length: 0\r\n\r\n" + BODY,
    "CL list": b"Content-Length: 13, 13\r\n\r\n" + BODY,
    "CL signed": b"Content-Length: +13\r\n\r\n" + BODY,
    "CL negative": b"Content-Length: -1\r\n\r\n" + BODY,
    "CL hexadecimal": b"Content-Length: 0x0d\r\n\r\n" + BODY,
    "CL underscore": b"Content-Length: 1_3\r\n\r\n" + BODY,
    "CL beyond 64 bits": b"Content-Length: 99999999999999999999999\r\n\r\n" + BODY,
    "CL empty": b"Content-Length: \r\n\r\n" + BODY,
    "CL space": b"Content-Length : 13\r\n\r\n" + BODY,
    "TE twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + ONE + END,
    "TE space": b"Transfer-Encoding : chunked\r\n\r\n" + ONE + END,
    **{
        f"TE {name}": b"Transfer-Encoding: " + name.encode() + b"\r\n\r\n" + ONE + END
        for name in (
            *("chunked, chunked", "identity", "gzip", "chunked, identity", "xchunked", ""),
            *("chunked;q=1", "\x0bchunked", "chunked\t", '"chunked"', "chunked, gzip", ","),
        )
    },
    "chunk size negative": CHUNKED + b"-1\r\n" + BODY + b"\r\n" + END,
    "chunk size 0x": CHUNKED + b"0xd\r\n" + BODY + b"\r\n" + END,
    "chunk size beyond 64 bits": CHUNKED + b"ffffffffffffffffd\r\n" + BODY + b"\r\n" + END,
    "chunk size empty": CHUNKED + b"\r\n" + BODY + b"\r\n" + END,
    "chunk size space": CHUNKED + b"d \r\n" + BODY + b"\r\n" + END,
    "chunk size space before": CHUNKED + b" d\r\n" + BODY + b"\r\n" + END,
    "chunk without its end": CHUNKED + b"d\r\n" + BODY + END,
    "chunk longer than its size": CHUNKED + b"5\r\n" + BODY + b"\r\n" + END,
    "chunk extension with LF": CHUNKED + b"d;\n" + BODY + b"\r\n" + END,
    "chunks with LF": CHUNKED + b"d\n" + BODY + b"\n0\n\n",
    "chunks with CR": CHUNKED + b"d\r" + BODY + b"\r0\r\r",
    "trailer with CL": CHUNKED + ONE + b"0\r\nContent-Length: 5\r\n\r\n",
    "trailer without end": CHUNKED + ONE + b"0\r\nX: " + b"a" * 200_000,
    "trailers without end": CHUNKED + ONE + b"0\r\n" + b"X: a\r\n" * 5000 + b"\r\n",
}

HEADS: dict[str, bytes] = {
    "LF for CRLF": b"GET /health/live HTTP/1.1\nHost: x\n\n",
    "LF in a header": b"GET /health/live HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n",
    "CR in a header": b"GET /health/live HTTP/1.1\r\nHost: x\rX-A: b\r\n\r\n",
    "NUL in a value": LIVE + b"X-A: a\x00b\r\n\r\n",
    "NUL in a name": LIVE + b"X\x00A: b\r\n\r\n",
    "control character": LIVE + b"X-A: a\x01b\r\n\r\n",
    "folded": LIVE + b"X-A: a\r\n b\r\n\r\n",
    "folded at once": b"GET /health/live HTTP/1.1\r\n Host: x\r\n\r\n",
    "no colon": LIVE + b"X-A\r\n\r\n",
    "no name": LIVE + b": a\r\n\r\n",
    "space in a name": LIVE + b"X A: a\r\n\r\n",
    "space in the address": b"GET /health /live HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes in the address": b"GET /v1/\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "no address": b"GET * HTTP/1.1\r\nHost: x\r\n\r\n",
    "bad method": b"G<T / HTTP/1.1\r\nHost: x\r\n\r\n",
    "long method": b"A" * 100 + b" / HTTP/1.1\r\nHost: x\r\n\r\n",
    "small letters": b"get /health/live http/1.1\r\nhost: x\r\n\r\n",
    "no Host": b"GET /health/live HTTP/1.1\r\n\r\n",
    "Host twice": LIVE + b"Host: y\r\n\r\n",
    "Host twice the same": LIVE + b"Host: x\r\n\r\n",
    "HTTP/1.2": b"GET /health/live HTTP/1.2\r\nHost: x\r\n\r\n",
    "HTTP/3.0": b"GET /health/live HTTP/3.0\r\nHost: x\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 50,
    "HTTP/0.9": b"GET /health/live\r\n\r\n",
    "HTTP/0.9 by name": b"GET /health/live HTTP/0.9\r\nHost: x\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(range(200)),
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "nothing but letters": b"a" * 1_000_000,
}


@dataclass
class Place:
    """A service that others use too, and who may change guilds there."""

    caller: Caller
    key: str


@pytest.fixture
async def place(service: Caller, key: str) -> AsyncIterator[Place]:
    yield Place(service, key)
    assert (await service.get("/health/live")).status == 200


@pytest.mark.fault("V16")
async def test_a_body_whose_end_is_in_doubt_ends_the_connection(place: Place, db: Database) -> None:
    for name, rest in FRAMING.items():
        answer = await said(place.caller.address, put(place.key) + rest + SECOND)
        refused = (["bad_request"], ["malformed_json"], ["headers_too_large"])
        assert answer.codes in refused, (name, answer)
        assert (len(answer.statuses), answer.closed) == (1, True), name
    # Nothing of it was taken for a change either.
    assert not (await db.guilds.list()).items


@pytest.mark.fault("V16")
async def test_what_is_no_head_of_a_request_ends_the_connection(place: Place) -> None:
    for name, sent in HEADS.items():
        answer = await said(place.caller.address, sent)
        assert (answer.statuses, answer.codes) == ([400], ["bad_request"]), (name, answer)
        assert answer.closed, name
        assert b"X-Request-Id: " in answer.content, name


async def test_a_host_is_what_rfc_3986_lets_it_be_and_nothing_else(place: Place) -> None:
    for hosts, found in (
        (("", "a.example", "a_b:80", "[::1]:80", "127.0.0.1", "%41"), 200),
        (("a b", "a/b", "a@b", "[::1", "\xff", "a\\b", "http://a", "a:b", "a:123456", "[g]"), 400),
    ):
        for host in hosts:
            head = b"GET /health/live HTTP/1.1\r\nConnection: close\r\nHost: "
            answer = await said(place.caller.address, head + host.encode("latin-1") + b"\r\n\r\n")
            assert answer.statuses == [found], host


TOO_LONG: tuple[tuple[bytes, int, str], ...] = (
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"),
    (b"GET /v1/users?search=" + b"a" * 10_485_760, 414, "uri_too_long"),
    (LIVE + b"X-A: " + b"a" * 9000 + b"\r\n\r\n", 431, "headers_too_large"),
    (LIVE + b"X" * 9000 + b": a\r\n\r\n", 431, "headers_too_large"),
    (LIVE + b"X-A: " + b"a" * 10_485_760, 431, "headers_too_large"),
    (LIVE + b"X-A: a\r\n" * 1000 + b"\r\n", 431, "headers_too_large"),
    (LIVE + b"X-A: a\r\n" * 100_000 + b"\r\n", 431, "headers_too_large"),
)


async def test_what_is_too_long_is_told_which_it_was(place: Place) -> None:
    for sent, status, code in TOO_LONG:
        answer = await said(place.caller.address, sent)
        assert (answer.statuses, answer.codes, answer.closed) == ([status], [code], True)
        assert "8190" in problem(answer)["detail"] or "8192" in problem(answer)["detail"]


UPGRADES = (
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n",
    (
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    ),
    b"Upgrade: TLS/1.0, x\r\nConnection: Upgrade\r\n",
)


async def test_another_protocol_is_declined_and_what_follows_is_not_waited_for(
    place: Place,
) -> None:
    """The parser loses what stands behind such a request: who sent it would wait for ever."""
    for upgrade in UPGRADES:
        answer = await said(place.caller.address, LIVE + upgrade + b"\r\n" + SECOND)
        assert (answer.statuses, answer.closed) == ([200], True)
        body = b"Content-Length: 13\r\n\r\n" + BODY
        answer = await said(place.caller.address, put(place.key) + upgrade + body + SECOND)
        assert (answer.statuses, answer.closed) == ([200], True)


async def test_nobody_gets_a_tunnel_or_an_echo(place: Place) -> None:
    tunnel = b"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n"
    answer = await said(place.caller.address, tunnel + SECOND)
    assert (answer.statuses, answer.closed) == ([404], True)
    trace = b"TRACE /v1/users HTTP/1.1\r\nHost: x\r\nX-Secret: abc\r\n\r\n"
    answer = await said(place.caller.address, trace)
    assert answer.statuses == [405]
    assert b"abc" not in answer.content
    assert (await said(place.caller.address, trace.replace(b"TRACE", b"TRACK"))).statuses == [400]


async def test_the_host_of_an_absolute_address_decides_nothing(place: Place) -> None:
    for address in (b"http://x", b"http://evil.example", b"https://u:p@x:99"):
        head = b"GET " + address + b"/health/live HTTP/1.1\r\nHost: x\r\n\r\n"
        answer = await said(place.caller.address, head)
        assert answer.statuses == [200]
        assert b"evil" not in answer.content
    for path in (b"//evil.example/health/live", b"/docs/../health/live", b"/health/./live"):
        answer = await said(place.caller.address, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.codes == ["no_such_route"], path


async def test_chunks_may_be_written_oddly_and_stay_in_step(place: Place) -> None:
    for size in (b"d;a=b", b"d;" + b"a" * 20_000, b"0" * 20_000 + b"d", b"D"):
        sent = put(place.key) + CHUNKED + size + b"\r\n" + BODY + b"\r\n" + END + SECOND
        assert (await said(place.caller.address, sent)).statuses == [200, 200]
    trailer = put(place.key) + CHUNKED + ONE + b"0\r\nX-A: b\r\n\r\n" + SECOND
    assert (await said(place.caller.address, trailer)).statuses == [200, 200]


async def test_a_body_coded_in_a_way_not_known_here_is_not_read(place: Place) -> None:
    sent = put(place.key) + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + ONE + END
    answer = await said(place.caller.address, sent)
    assert (answer.statuses, answer.codes) == ([415], ["unsupported_media_type"])


async def test_requests_in_a_row_are_answered_in_a_row(place: Place, settings: Settings) -> None:
    one = put(place.key) + b"Content-Length: 13\r\n\r\n" + BODY
    missing = b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await said(place.caller.address, (one + SECOND + missing) * 40)
    assert answer.statuses == [200, 200, 404] * 40
    # A body on a GET belongs to it, and is not the next request.
    answer = await said(place.caller.address, LIVE + b"Content-Length: 5\r\n\r\nGET /" + SECOND)
    assert answer.statuses == [200, 200]
