"""A body on its way in: its headers, its length, its bytes as they were before any compression."""

from aiohttp import web

from service import encodings, faults
from service.problems import Refusal
from service.routes import Call

JSON = "application/json"


async def read(call: Call, limit: int) -> bytes:
    """Return the body as it was before any compression. Raises Refusal for what is not JSON or too much."""
    request = call.request
    _check_headers(request)
    if request.content_length is not None and request.content_length > limit:
        raise _too_large(limit)
    call.reading = True
    try:
        data = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _too_large(limit) from None
    except (web.RequestPayloadError, ConnectionError):
        detail = "the body does not arrive as its headers say: length or chunks"
        raise Refusal("malformed_json", detail) from None
    call.reading = False
    if len(data) > limit:
        raise _too_large(limit)
    try:
        return encodings.expand(data, _encoding(request), limit)
    except encodings.TooLong:
        raise _too_large(limit) from None


def _check_headers(request: web.Request) -> None:
    if request.headers.get("Transfer-Encoding", "chunked").lower() != "chunked":
        raise Refusal("unsupported_media_type", "send the body with no transfer coding but chunked")
    charset = (request.charset or "utf-8").lower()
    if request.content_type != JSON or charset not in {"utf-8", "utf8"}:
        raise Refusal(
            "unsupported_media_type", "send the body as application/json, encoded in UTF-8"
        )
    if _encoding(request) not in encodings.KNOWN:
        raise Refusal("unsupported_media_type", faults.ENCODING)


def _encoding(request: web.Request) -> str:
    return request.headers.get("Content-Encoding", "identity").lower()


def _too_large(limit: int) -> Refusal:
    return Refusal("payload_too_large", f"the body may have at most {limit} bytes here")
