"""What a caller may already have, and how the rest travels: entity tags, conditions, compression (RFC 9110)."""

import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from service.principals import ACTING
from service.problems import Refusal, in_parameter
from service.routes import Call, Route
from slimy_dal.domain.versions import UNSTORED
from slimy_dal.engine.errors import StaleVersion
from slimy_dal.engine.types import UNSET, Unset

IF_MATCH = "If-Match"
IF_NONE_MATCH = "If-None-Match"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NOT_MODIFIED = 304
QUICK = 1
"""zlib's level: four fifths of what the best one saves, in a fifth of its time."""
GZIP = 31
"""zlib's window bits with a gzip header."""

_OURS = re.compile(r'"([0-9a-f]{1,14})\.[0-9a-f]{16}(?:-gzip)?"\Z')
_WEIGHT = re.compile(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*\Z", re.IGNORECASE)
_TAG = re.compile(r'\s*(W/)?("[!#-~]*")\s*(?:,|\Z)')


def tag(value: Any, body: bytes) -> str:
    """Return the strong entity tag of a body: the version of its row, where it is a row that changes, and a hash.

    The hash tells bodies of one version apart, which show counts or other rows too; the version is what SQL compares.
    """
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    updated = getattr(value, "updated_at", UNSET)
    if updated is UNSET:
        return f'"{digest}"'
    # What is not stored yet, because all of it is as it was in the beginning, is a version too.
    return f'"{((updated or UNSTORED) - EPOCH) // MICROSECOND:x}.{digest}"'


def expected(call: Call, route: Route) -> datetime | Unset:
    """Return the version that `If-Match` asks for, UNSET where any will do.

    Raises Refusal("invalid_header") for what is no tag, or a condition that cannot be honoured, and StaleVersion for a
    tag that no version has.
    """
    if route.method == "GET":
        return UNSET
    headers = call.request.headers
    if IF_NONE_MATCH in headers:
        raise _refused("is for reading; a change is made conditional by If-Match", IF_NONE_MATCH)
    sent = headers.getall(IF_MATCH, ())
    if not sent:
        return UNSET
    if not route.versioned:
        raise _refused("is not taken here: there is no version to compare with")
    text = ", ".join(sent).strip()
    if text == "*":
        return UNSET
    tags = _tags(text, IF_MATCH)
    if len(tags) != 1:
        raise _refused("must be one tag, as the ETag of an answer gives it")
    ours = _OURS.match(tags[0])
    if ours is None:
        raise StaleVersion("the tag is not one that this thing has or had")
    return EPOCH + int(ours[1], 16) * MICROSECOND


def finish(call: Call, response: web.StreamResponse, *, varies: bool) -> web.StreamResponse:
    """Return a response as its caller can use it best: nothing where it is known, smaller where that is worth it.

    `varies` says that the caller's preferences play a part.
    """
    if varies:
        _vary(response, "Prefer")
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response
    request = call.request
    if (known := response.headers.get("ETag")) is not None and request.method in {"GET", "HEAD"}:
        response.headers["Cache-Control"] = "private, no-cache"
        _vary(response, "Accept-Encoding", "Authorization", ACTING)
        if _knows(request, known):
            kept = {name: response.headers[name] for name in ("ETag", "Cache-Control", "Vary")}
            return web.Response(status=NOT_MODIFIED, headers=kept)
    if len(response.body) >= call.state.settings.compress_from and takes_gzip(
        request.headers.get("Accept-Encoding", "")
    ):
        _compress(response, response.body)
    return response


def takes_gzip(accepted: str) -> bool:
    """Say whether an Accept-Encoding header lets gzip through: named, or by `*`, and not with a weight of 0."""
    weights: dict[str, bool] = {}
    for entry in accepted.split(","):
        name, _, weight = entry.partition(";")
        weights[name.strip().lower()] = re.fullmatch(r"\s*q=0(\.0*)?\s*", weight) is None
    return weights.get("gzip", weights.get("*", False))


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """Return which of the media types offered an Accept header likes best, the first of equals; None for none."""
    weights = dict(_weights(accept or "*/*"))
    liked = []
    for place, media in enumerate(offered):
        names = (media, f"{media.partition('/')[0]}/*", "*/*")
        weight = next((weights[name] for name in names if name in weights), 0.0)
        liked.append((weight, -place, media))
    weight, _, best = max(liked)
    return best if weight else None


def _weights(accept: str) -> Iterator[tuple[str, float]]:
    for entry in accept.split(","):
        name, *parameters = entry.split(";")
        found = [match for one in parameters if (match := _WEIGHT.match(one))]
        yield name.strip().lower(), float(found[0][1]) if found else 1.0


def _knows(request: web.Request, known: str) -> bool:
    sent = request.headers.getall(IF_NONE_MATCH, ())
    if not sent:
        return False
    text = ", ".join(sent).strip()
    # The two bodies of one tag, plain and compressed, say the same: who has either knows it.
    return text == "*" or known in {
        one.replace('-gzip"', '"') for one in _tags(text, IF_NONE_MATCH)
    }


def _tags(text: str, header: str) -> list[str]:
    """Return the opaque tags of a list, marks of weakness dropped. Raises Refusal for what is none."""
    found, position = [], 0
    while position < len(text) or text[-1:] in {"", ","}:
        match = _TAG.match(text, position)
        if match is None:
            raise _refused(
                "must be tags in double quotes, as the ETag of an answer gives them", header
            )
        found.append(match[2])
        position = match.end()
    return found


def _vary(response: web.StreamResponse, *names: str) -> None:
    """Say that an answer depends on these headers of the request too."""
    said = [name for name in response.headers.get("Vary", "").split(", ") if name]
    response.headers["Vary"] = ", ".join(dict.fromkeys([*said, *names]))


def _compress(response: web.Response, body: bytes) -> None:
    packer = zlib.compressobj(QUICK, zlib.DEFLATED, GZIP)
    response.body = packer.compress(body) + packer.flush()
    response.headers["Content-Encoding"] = "gzip"
    _vary(response, "Accept-Encoding")
    if (plain := response.headers.get("ETag")) is not None:
        response.headers["ETag"] = f'{plain[:-1]}-gzip"'


def _refused(detail: str, header: str = IF_MATCH) -> Refusal:
    entry = in_parameter("header", header, "invalid_header", detail)
    return Refusal("invalid_header", f"{header} {detail}", [entry])
