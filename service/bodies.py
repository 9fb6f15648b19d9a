"""A body on its way in: its headers, its length, its bytes as they were before any compression."""

from collections.abc import AsyncIterator

from aiohttp import web

from service import encodings, faults
from service.problems import Refusal
from service.routes import Call

JSON = "application/json"
NDJSON = "application/x-ndjson"


async def read(call: Call, limit: int, media: str = JSON) -> bytes:
    """Return the body as it was before any compression. Raises Refusal for what is not JSON or too much."""
    request = call.request
    _check_headers(request, media)
    if request.content_length is not None and request.content_length > limit:
        raise _too_large(limit)
    call.reading = True
    try:
        data = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _too_large(limit) from None
    except (web.RequestPayloadError, ConnectionError):
        raise _cut() from None
    call.reading = False
    if len(data) > limit:
        raise _too_large(limit)
    try:
        return encodings.expand(data, _encoding(request), limit)
    except encodings.TooLong:
        raise _too_large(limit) from None


async def lines(call: Call, limit: int) -> AsyncIterator[bytes]:
    """Yield the lines of a body as they arrive, none of them kept. Raises Refusal as `read` does."""
    request = call.request
    if request.content_type != NDJSON or _encoding(request) != "identity":
        for line in (await read(call, limit, NDJSON)).removesuffix(b"\n").split(b"\n"):
            yield line
        return
    _check_headers(request, NDJSON)
    if request.content_length is not None and request.content_length > limit:
        raise _too_large(limit)
    call.reading, taken, pending = True, 0, bytearray()
    try:
        async for piece in request.content.iter_any():
            taken += len(piece)
            if taken > limit:
                raise _too_large(limit)
            start = 0
            # Only what is new is searched: a line may come byte by byte.
            while (end := piece.find(b"\n", start)) >= 0:
                yield bytes(pending) + piece[start:end]
                pending.clear()
                start = end + 1
            pending += piece[start:]
    except (web.RequestPayloadError, ConnectionError):
        raise _cut() from None
    call.reading = False
    if pending:
        yield bytes(pending)


def _cut() -> Refusal:
    detail = "the body does not arrive as its headers say: length or chunks"
    return Refusal("malformed_json", detail)


def _check_headers(request: web.Request, media: str) -> None:
    if request.headers.get("Transfer-Encoding", "chunked").lower() != "chunked":
        raise Refusal("unsupported_media_type", "send the body with no transfer coding but chunked")
    charset = (request.charset or "utf-8").lower()
    if request.content_type != media or charset not in {"utf-8", "utf8"}:
        raise Refusal("unsupported_media_type", f"send the body as {media}, encoded in UTF-8")
    if _encoding(request) not in encodings.KNOWN:
        raise Refusal("unsupported_media_type", faults.ENCODING)


def _encoding(request: web.Request) -> str:
    return request.headers.get("Content-Encoding", "identity").lower()


def _too_large(limit: int) -> Refusal:
    return Refusal("payload_too_large", f"the body may have at most {limit} bytes here")
