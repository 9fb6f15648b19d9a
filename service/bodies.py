"""A body on its way in: its headers, its length, its bytes as they were before any compression."""

from aiohttp import web

from service import faults
from service.problems import Refusal
from service.routes import Call

JSON = "application/json"
ENCODINGS = frozenset({"identity", "gzip", "deflate"})


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
    except web.RequestPayloadError:
        detail = "the body does not arrive as its headers say: length, chunks or compression"
        raise Refusal("malformed_json", detail) from None
    call.reading = False
    if len(data) > limit:
        raise _too_large(limit)
    return data


def _check_headers(request: web.Request) -> None:
    charset = (request.charset or "utf-8").lower()
    if request.content_type != JSON or charset not in {"utf-8", "utf8"}:
        raise Refusal(
            "unsupported_media_type", "send the body as application/json, encoded in UTF-8"
        )
    if request.headers.get("Content-Encoding", "identity").lower() not in ENCODINGS:
        raise Refusal("unsupported_media_type", faults.ENCODING)


def _too_large(limit: int) -> Refusal:
    return Refusal("payload_too_large", f"the body may have at most {limit} bytes here")
